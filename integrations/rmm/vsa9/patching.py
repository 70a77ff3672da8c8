"""What each agent's patching has come to: when it was scanned, what it lacks, and what went in lately."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from core.domain.facts import Fact
from core.domain.patching import Device, Patch
from integrations.rmm.read_back import counts
from integrations.rmm.rows import Row
from integrations.rmm.vsa9 import mapping
from integrations.rmm.vsa9.api import Vsa9Api

#: Older installs tell nothing of what is missing now.
INSTALLED_DAYS = timedelta(days=200)


@dataclass(frozen=True, kw_only=True)
class Patching:
    """One agent's status and updates. `scanned`: it was ever scanned, so that its list means something."""

    status: Row
    missing: Sequence[Patch] = ()
    installed: Sequence[Patch] = ()
    scanned: bool = False

    def is_known(self, device: Device) -> bool:
        """What an offline machine's last scan found is missing; that it found nothing proves nothing."""
        return self.scanned and (device.online is Fact.YES or bool(self.missing))


def patching_of(
    api: Vsa9Api, account: str, now: datetime, zone: tzinfo | None
) -> Callable[[str], Patching]:
    """Reads one agent's patching by its id. Raises VendorError.

    The history is asked only where nothing that counts is missing: what went in shows the line to be clean.
    """

    def read(agent_id: str) -> Patching:
        status = api.patch_status(agent_id)
        if mapping.last_scan(status, zone) is None:
            return Patching(status=status)
        missing = missing_on(api, account, agent_id)
        quiet = not any(counts(item) for item in missing)
        return Patching(
            status=status,
            missing=missing,
            installed=_installed(api, account, agent_id, now, zone) if quiet else (),
            scanned=True,
        )

    return read


def missing_on(api: Vsa9Api, account: str, agent_id: str) -> list[Patch]:
    """What an agent lacks, as patches. Raises VendorError."""
    return judged(api, account, agent_id, api.missing(agent_id, hide_denied=False))


def judged(api: Vsa9Api, account: str, agent_id: str, rows: Sequence[Row]) -> list[Patch]:
    """The rows as patches; approved is what is left once VSA hides what was denied. Raises VendorError."""
    source = api.source
    shown = api.missing(agent_id, hide_denied=True) if rows else []
    approved = {mapping.patch_id(source, row) for row in shown}
    return [
        mapping.patch(
            account, source, agent_id, row, approved=mapping.patch_id(source, row) in approved
        )
        for row in rows
    ]


def _installed(
    api: Vsa9Api, account: str, agent_id: str, now: datetime, zone: tzinfo | None
) -> list[Patch]:
    told = (mapping.installed(account, agent_id, row, zone=zone) for row in api.history(agent_id))
    return [
        item
        for item in told
        if item is not None
        and item.installed_at is not None
        and now - item.installed_at < INSTALLED_DAYS
    ]
