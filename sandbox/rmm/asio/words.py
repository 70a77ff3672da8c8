"""The platform's words for what the estate holds."""

from datetime import datetime

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of

_CLASSIFICATIONS = {
    "cumulative": "Security Updates",
    "security": "Security Updates",
    "dotnet": "Update Rollups",
    "definition": "Definition Updates",
    "driver": "Drivers",
    "firmware": "Drivers",
    "feature": "Upgrades",
}
_SEVERITIES = {
    "critical": "Critical", "important": "Important", "moderate": "Moderate", "low": "Low",
}  # fmt: skip
_APPROVALS = {"pending": "Pending", "rejected": "Rejected"}
#: Described as a number and nothing else; these hold for this stand-in alone.
_STATUSES = {"installed": 1, "failed": 3}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def on_windows(device: Device) -> bool:
    return system_of(device.os_name, device.os_build).style != "mac"


def endpoint_type(device: Device) -> str:
    if device.server:
        return "Server"
    return "Laptop" if device.laptop else "Desktop"


def classification(update: Update) -> str:
    return _CLASSIFICATIONS[update.kind]


def severity(update: Update) -> str | None:
    return _SEVERITIES.get(update.severity)


def approval(update: Update) -> str:
    """What failed was approved once."""
    return _APPROVALS.get(update.state, "Approved")


def status(update: Update) -> int:
    return _STATUSES.get(update.state, 2)
