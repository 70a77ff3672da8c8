"""Automate's words for what the estate holds."""

from datetime import datetime

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of

NEVER = "0001-01-01T00:00:00Z"

_CATEGORIES = {
    "cumulative": "Security Updates",
    "security": "Security Updates",
    "dotnet": "Update Rollups",
    "definition": "Definition Updates",
    "driver": "Drivers",
    "firmware": "Drivers",
    "feature": "Upgrades",
}
#: Microsoft's own grades; what it does not grade is "Unspecified".
_SEVERITIES = {
    "critical": "Critical", "important": "Important", "moderate": "Moderate", "low": "Low",
}  # fmt: skip
_SCORES = {"critical": 8.8, "important": 7.3, "moderate": 5.4, "low": 3.1}
_APPROVALS = {"pending": (0, "Not Set"), "rejected": (3, "Ignore")}


def stamp(moment: datetime | None) -> str:
    """UTC to the second; the year 1 for never."""
    return NEVER if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def on_windows(device: Device) -> bool:
    return system_of(device.os_name, device.os_build).style != "mac"


def category(update: Update) -> str:
    return _CATEGORIES[update.kind]


def severity(update: Update) -> str:
    return _SEVERITIES.get(update.severity, "Unspecified")


def cvss(update: Update) -> float:
    """0 for what has no score."""
    return _SCORES.get(update.severity, 0.0)


def approval(update: Update) -> dict[str, object]:
    number, name = _APPROVALS.get(update.state, (2, "Approve"))
    return {"Id": number, "Name": name}


def article(update: Update) -> int:
    """The KB number without its letters; 0 for what has none."""
    return int(update.kb.removeprefix("KB")) if update.kb else 0
