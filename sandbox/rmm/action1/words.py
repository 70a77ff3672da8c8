"""Action1's words for what the estate holds: packages and versions, systems, times."""

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of

_SEVERITIES = {
    "critical": "Critical",
    "important": "Important",
    "moderate": "Moderate",
    "low": "Low",
}
_CLASSIFICATIONS = {
    "cumulative": "Security Updates",
    "security": "Security Updates",
    "dotnet": "Update Rollups",
    "definition": "Definition Updates",
    "driver": "Drivers",
    "firmware": "Drivers",
    "feature": "Upgrades",
}


@dataclass(frozen=True)
class Package:
    """What an update is part of: a product of another maker with its versions, or an update by itself."""

    id: str
    name: str
    vendor: str
    version: str
    version_id: str


def package_of(update: Update) -> Package:
    if update.kind == "third_party":
        name, _, version = update.title.rpartition(" ")
        vendor = name.partition(" ")[0]
    else:
        name, version, vendor = update.title, f"{update.released:%Y.%m.%d}", "Microsoft Corporation"
    slug = re.sub(r"\W+", "_", f"{vendor}_{name}").strip("_")[:60]
    number = zlib.crc32(name.encode())
    released_ms = (
        int(datetime.combine(update.released, datetime.min.time(), UTC).timestamp()) * 1000
    )
    return Package(f"{slug}_{number}_builtin", name, vendor, version, f"{version}_{released_ms}")


def severity(update: Update) -> str:
    return _SEVERITIES.get(update.severity, "Unspecified")


def classification(update: Update) -> str:
    return _CLASSIFICATIONS.get(update.kind, "Software Updates")


def system_name(device: Device) -> str:
    """As the console puts it: "Windows 11 (24H2)", "Windows Server 2022"."""
    system = system_of(device.os_name, device.os_build)
    name = system.name.removeprefix("Microsoft ")
    return name if system.server or system.style == "mac" else f"{name} ({system.release})"


def platform(device: Device) -> str:
    mac = system_of(device.os_name, device.os_build).style == "mac"
    return "Mac" if mac else "Windows_64"


def unit(device: Device) -> str:
    """Where the directory keeps the device."""
    parts = ",".join(f"DC={part}" for part in device.dns_domain.split("."))
    return f"OU={'Servers' if device.server else 'Computers'},{parts}"


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d_%H-%M-%S}"
