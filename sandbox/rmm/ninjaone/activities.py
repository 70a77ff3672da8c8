"""The activity log: ids rise with time, and answers come newest first."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.estate.model import Device, Update
from sandbox.rmm.ninjaone.rows import Row

_FIRST_ID = 1_000_001
_HISTORY = timedelta(days=30)
#: Scans older than this are left out of the history made up at the start.
_SCAN_HISTORY = timedelta(days=3)

_TYPE_TEXTS = {
    "PATCH_MANAGEMENT": "Patch Management",
    "SOFTWARE_PATCH_MANAGEMENT": "Software Patch Management",
    "SYSTEM": "System",
    "SCRIPTING": "Scripting",
}


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One line of the log. `series` is the job's uid where a job caused it."""

    at: datetime
    device: Device
    type: str
    code: str
    message: str
    result: str | None = "SUCCESS"
    series: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Activities:
    """All activities so far, oldest first."""

    def __init__(self, devices: Collection[Device], made_at: datetime) -> None:
        past = [line for device in devices for line in _history(device, made_at)]
        self._lines = sorted(past, key=lambda line: line.at)

    @property
    def last_id(self) -> int:
        return _FIRST_ID + len(self._lines) - 1

    def add(self, activity: Activity) -> None:
        self._lines.append(activity)

    def newest_first(
        self, newer_than: int | None, older_than: int | None
    ) -> list[tuple[int, Activity]]:
        """Activities with their ids, strictly between the two ids."""
        low = 0 if newer_than is None else max(newer_than + 1 - _FIRST_ID, 0)
        high = len(self._lines) if older_than is None else max(older_than - _FIRST_ID, 0)
        numbered = list(enumerate(self._lines[low:high], _FIRST_ID + low))
        return numbered[::-1]


def patch_attempt(
    device: Device, update: Update, installed: bool, at: datetime, series: str | None = None
) -> Activity:
    family = "SOFTWARE_PATCH_MANAGEMENT" if update.kind == "third_party" else "PATCH_MANAGEMENT"
    outcome = "was installed" if installed else "could not be installed"
    return Activity(
        at=at,
        device=device,
        type=family,
        code=f"{family}_INSTALLED" if installed else f"{family}_INSTALL_FAILED",
        message=f"Patch {update.title} {outcome}",
        result="SUCCESS" if installed else "FAILURE",
        series=series,
        data={"patchId": update.id, "kbNumber": update.kb},
    )


def scan_line(device: Device, at: datetime, stage: str) -> Activity:
    return Activity(
        at=at, device=device, type="PATCH_MANAGEMENT", code=f"PATCH_MANAGEMENT_SCAN_{stage}",
        message=f"Patch scan {stage.lower()}", series=None,
        result="SUCCESS" if stage == "COMPLETED" else None,
    )  # fmt: skip


def activity_row(number: int, line: Activity) -> Row:
    return {
        "id": number,
        "activityTime": line.at.timestamp(),
        "deviceId": line.device.number,
        "severity": "NONE",
        "priority": "NONE",
        "seriesUid": line.series,
        "activityType": line.type,
        "statusCode": line.code,
        "status": line.code.removeprefix(f"{line.type}_").replace("_", " ").capitalize(),
        "activityResult": line.result,
        "subject": None,
        "userId": None,
        "message": line.message,
        "type": _TYPE_TEXTS[line.type],
        "data": line.data,
    }


def _history(device: Device, made_at: datetime) -> list[Activity]:
    """What the log holds of a device before the sandbox began: its last scans, a month of installs."""
    lines = []
    if device.last_scan is not None and device.patch_policy:
        for at in (device.last_scan - _SCAN_HISTORY, device.last_scan):
            lines.append(scan_line(device, at - timedelta(seconds=40), "STARTED"))
            lines.append(scan_line(device, at, "COMPLETED"))
    for update in device.updates:
        tried_at = update.installed_at or update.failed_at
        if tried_at and made_at - tried_at < _HISTORY and update.kind != "definition":
            lines.append(patch_attempt(device, update, update.installed_at is not None, tried_at))
    return lines
