"""Tactical's words for what the estate holds."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of

#: The zone in which the server words its installation dates, whatever the agent's.
SERVER_TIME_ZONE: Final = "America/New_York"
_ZONE = ZoneInfo(SERVER_TIME_ZONE)

#: An agent that has not checked in for so long is overdue; before that it is offline.
_OVERDUE_AFTER = timedelta(minutes=30)

ACTIONS = {"approved": "approve", "failed": "approve", "pending": "nothing", "rejected": "ignore"}
STATES = {"approve": "approved", "nothing": "pending", "inherit": "pending", "ignore": "rejected"}

_SEVERITIES = {
    "critical": "Critical",
    "important": "Important",
    "moderate": "Moderate",
    "low": "Low",
}
#: The maker's classification: its name and its fixed id.
_CATEGORIES = {
    "cumulative": ("Security Updates", "0fa1201d-4330-4fa8-8ae9-b877473b6441"),
    "security": ("Security Updates", "0fa1201d-4330-4fa8-8ae9-b877473b6441"),
    "dotnet": ("Update Rollups", "28bc880e-0592-4cbf-8f95-c79b17911d5f"),
    "definition": ("Definition Updates", "e0789628-ce08-4437-be74-2495b842f43b"),
    "feature": ("Upgrades", "3689bdc8-b205-4af4-8d4a-a63924c5e9d5"),
}
_PRODUCT = ("Windows", "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d")


def agent_id(device: Device) -> str:
    """Forty characters, the same for ever."""
    return hashlib.sha256(device.uid.encode()).hexdigest()[:40]


def plat(device: Device) -> str:
    mac = system_of(device.os_name, device.os_build).style == "mac"
    return "darwin" if mac else "windows"


def operating_system(device: Device) -> str:
    """As agents put it: "Windows 11 Pro, 64 bit v25H2 (build 26200.7019)"."""
    system = system_of(device.os_name, device.os_build)
    if system.style == "mac":
        return f"{system.name}.1 arm64"
    build = system.build.removeprefix("10.0.").removeprefix("6.3.")
    release = f" v{system.release}" if system.release else ""
    return f"{system.name.removeprefix('Microsoft ')}, 64 bit{release} (build {build}.7019)"


def status(device: Device, now: datetime) -> str:
    if device.online:
        return "online"
    return "overdue" if now - device.last_seen > _OVERDUE_AFTER else "offline"


def severity(update: Update) -> str:
    """Empty for what the maker does not rate."""
    return _SEVERITIES.get(update.severity, "")


def categories(update: Update) -> tuple[list[str], list[str]]:
    """Names and ids, side by side."""
    name, number = _CATEGORIES[update.kind]
    return [name, _PRODUCT[0]], [number, _PRODUCT[1]]


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def installed_text(moment: datetime | None) -> str | None:
    """A text for people, in the server's own zone, without saying so."""
    return None if moment is None else f"{moment.astimezone(_ZONE):%m %d %Y %H:%M}"
