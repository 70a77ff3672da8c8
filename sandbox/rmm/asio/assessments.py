"""What the platform knows of a device's updates: the rows of the agent's last assessment, and counts of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.estate.model import Device, Update
from sandbox.rmm.asio import words
from sandbox.rmm.installs import MISSING

Row = dict[str, Any]
_INSTALLED_AS = "NT AUTHORITY\\SYSTEM"


@dataclass(frozen=True)
class Assessment:
    """One look of the agent at a device; `pending_reboot` counts the updates that wait for a restart."""

    at: datetime
    rows: tuple[Row, ...]
    pending_reboot: int
    out_of_support: bool

    @property
    def installed(self) -> int:
        return sum(row["installedDate"] is not None for row in self.rows)

    @property
    def missing(self) -> int:
        return len(self.rows) - self.installed

    @property
    def compliance(self) -> float:
        return round(100 * self.installed / len(self.rows), 1) if self.rows else 100.0


def assess(device: Device) -> Assessment | None:
    """None for a device that was never assessed, that no policy covers, or that does not run Windows."""
    if device.last_scan is None or not device.patch_policy or not words.on_windows(device):
        return None
    return Assessment(
        at=device.last_scan,
        rows=tuple(_row(update) for update in device.updates if _is_listed(update)),
        pending_reboot=_pending_reboot(device),
        out_of_support=device.end_of_life,
    )


def _is_listed(update: Update) -> bool:
    """Other makers' software has calls of its own."""
    listed = update.state == "installed" or update.state in MISSING
    return listed and update.kind != "third_party"


def _pending_reboot(device: Device) -> int:
    if not device.reboot_needed:
        return 0
    since = device.last_boot
    fresh = [u for u in device.updates if u.installed_at is not None and u.installed_at > since]
    return max(1, sum(update.needs_reboot for update in fresh))


def _row(update: Update) -> Row:
    at = update.installed_at if update.state == "installed" else None
    article = (update.kb or "").removeprefix("KB") or None
    return {
        "updateID": update.id,
        "kbArticleID": article,
        "status": words.status(update),
        "classification": words.classification(update),
        "msrcSeverity": words.severity(update),
        "msrcID": None,
        "rebootBehavior": "CanRequestReboot" if update.needs_reboot else "NeverReboots",
        "nocTestingStatus": "Approved",
        "partnerApprovalStatus": words.approval(update),
        "size": "104857600",
        "moreInformationLink": f"https://support.microsoft.com/help/{article}" if article else None,
        "policyMatch": True,
        "installedBy": _INSTALLED_AS if at else None,
        "installedDate": words.stamp(at) if at else None,
    }
