"""What Syncro knows of a device's updates: what its agent last found available, and what went in of late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of
from sandbox.rmm.installs import MISSING

Row = dict[str, Any]

_CATEGORIES = {
    "cumulative": "Security Updates",
    "security": "Security Updates",
    "dotnet": "Update Rollups",
    "definition": "Definition Updates",
    "driver": "Drivers",
    "firmware": "Drivers",
    "feature": "Upgrades",
}
#: Approved or not: what is not rejected and did not fail is missing.
_STATUSES = {"failed": "Failed Patches", "rejected": "Rejected Patches"}
_INSTALLED = "Recently Installed"
_RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Evaluation:
    """One look of the agent at a device's updates."""

    available: tuple[Row, ...] = ()
    installed: tuple[Row, ...] = ()


def evaluate(device: Device) -> Evaluation:
    """Nothing at all for a device that was never scanned, that no policy covers, or that does not run Windows."""
    at = device.last_scan
    if at is None or not device.patch_policy or not on_windows(device):
        return Evaluation()
    updates = [update for update in device.updates if update.kind != "third_party"]
    return Evaluation(
        available=tuple(_available(update, at) for update in updates if update.state in MISSING),
        installed=tuple(
            _row(update, _INSTALLED) | {"installed_at": stamp(update.installed_at)}
            for update in updates
            if update.installed_at is not None and at - update.installed_at < _RECENT
        ),
    )


def on_windows(device: Device) -> bool:
    return system_of(device.os_name, device.os_build).style != "mac"


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _available(update: Update, at: datetime) -> Row:
    row = _row(update, _STATUSES.get(update.state, "Missing Patches"))
    if update.state == "failed":
        return row | {"attempted_installation": stamp(update.failed_at or at)}
    if update.state == "rejected":
        return row | {"rejected_at": stamp(update.seen_at)}
    return row | {"evaluated_at": stamp(at)}


def _row(update: Update, status: str) -> Row:
    return {
        "kb": update.kb,
        "title": update.title,
        "category": _CATEGORIES[update.kind],
        "status": status,
    }
