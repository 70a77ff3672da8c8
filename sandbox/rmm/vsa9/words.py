"""VSA's words for what the estate holds."""

import zlib
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sandbox.estate.model import Company, Device, Update
from sandbox.estate.systems import system_of

#: The zone of the server's own clock, in which it words its times without saying so.
SERVER_TIME_ZONE: Final = "America/Chicago"
_ZONE = ZoneInfo(SERVER_TIME_ZONE)

#: Ids have more digits than a double holds.
_AGENTS_FROM = 980_000_000_000_000_000
_GROUPS_FROM = 610_000_000_000_000_000
_ORGS_FROM = 97_000_000_000_000_000

#: (kind, severity) comes first, then the kind alone.
_SECURITY = {"critical": 100, "important": 101, "moderate": 102, "low": 103}
_CLASSIFICATIONS = {"definition": 210, "dotnet": 120, "feature": 220}
_UNRATED_SECURITY, _UNCLASSIFIED = 104, 900
#: What Windows Update offers and classic Patch Management does not handle.
_NOT_HANDLED = frozenset({"driver", "firmware", "third_party"})


def agent_id(device: Device) -> str:
    return str(_AGENTS_FROM + device.number)


def org_id(company: Company) -> str:
    return str(_ORGS_FROM + company.rmm_number)


def group_id(company: Company) -> str:
    return str(_GROUPS_FROM + company.rmm_number)


def patch_data_id(update: Update) -> int:
    """One number per update, the same on every machine."""
    return 100 + zlib.crc32(update.id.encode()) % 9_000_000


def is_handled(update: Update) -> bool:
    return update.kind not in _NOT_HANDLED


def classification(update: Update) -> int:
    if update.kind in ("cumulative", "security"):
        return _SECURITY.get(update.severity, _UNRATED_SECURITY)
    return _CLASSIFICATIONS.get(update.kind, _UNCLASSIFIED)


def on_windows(device: Device) -> bool:
    return system_of(device.os_name, device.os_build).style != "mac"


def os_type(device: Device) -> str:
    """Its year for a server, its number for a workstation."""
    if not on_windows(device):
        return "Mac OS X"
    words = device.os_name.removeprefix("Microsoft ").removeprefix("Windows ").split()
    return words[1] if device.server else words[0]


def iso(moment: datetime | None) -> str | None:
    """The server's own time, to the second."""
    return None if moment is None else f"{moment.astimezone(_ZONE):%Y-%m-%dT%H:%M:%S}"


def iso_fine(moment: datetime | None) -> str:
    """The same to the millisecond, as SQL Server keeps it; the year 1900 for never."""
    if moment is None:
        return "1900-01-01T00:00:00"
    local = moment.astimezone(_ZONE)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03}"


def american(moment: datetime) -> str:
    return f"{moment.astimezone(_ZONE):%m/%d/%Y %I:%M:%S %p}"
