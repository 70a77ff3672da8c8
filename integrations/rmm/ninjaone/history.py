"""What NinjaOne's history of installs tells, and how much of it counts; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.domain.patching import DeviceId, Patch, PatchClass, PatchState
from integrations.rmm.ninjaone.mapping import moment, patch_class
from integrations.rmm.rows import Row, count, text

_CHANGING = re.compile(r"^\d{4}-\d\d|\([^)]*\)")


def still_failed(failed: Iterable[Row], health: Mapping[int, Row], since: datetime) -> list[Row]:
    """Failures that can count.

    One from before `since` does not where NinjaOne says that nothing of the device has failed: what was
    installed after it lies too far back for us to see.
    """
    return [
        row
        for row in failed
        if _is_since(row, since)
        or count(health.get(row.get("deviceId", 0), {}).get("failedOSPatchesCount")) != 0
    ]


def is_lasting(row: Row) -> bool:
    """Whether an install is worth remembering: definitions, which come daily, are most of the history."""
    kind = patch_class(text(row.get("type")), text(row.get("name")))
    return kind is not PatchClass.DEFINITION


def behind(missing: Iterable[Patch], attempts: Iterable[Patch]) -> set[DeviceId]:
    """Devices that miss a cumulative update of which no earlier release is among the installs."""
    installed = {(p.device_id, _line(p.title)) for p in attempts if p.state is PatchState.INSTALLED}
    return {
        patch.device_id
        for patch in missing
        if patch.patch_class is PatchClass.CUMULATIVE
        and (patch.device_id, _line(patch.title)) not in installed
    }


def _is_since(row: Row, since: datetime) -> bool:
    at = moment(row.get("installedAt"))
    return at is not None and at >= since


def _line(title: str) -> str:
    """A monthly update's title without what changes from month to month: the month, numbers in brackets."""
    return _CHANGING.sub(" ", title).strip().casefold()
