"""NinjaOne's words for what the estate holds."""

from datetime import datetime

from sandbox.estate.model import Company, Device, Update
from sandbox.estate.systems import System, system_of

#: What the patch reports call a state; `failed` and `installed` live in the install history alone.
STATUS = {
    "approved": "APPROVED",
    "pending": "MANUAL",
    "rejected": "REJECTED",
    "failed": "FAILED",
    "installed": "INSTALLED",
}
LISTED = frozenset({"approved", "pending", "rejected"})
ATTEMPTED = frozenset({"failed", "installed"})

_TYPES = {
    "cumulative": "SECURITY_UPDATES",
    "security": "SECURITY_UPDATES",
    "dotnet": "UPDATE_ROLLUPS",
    "definition": "DEFINITION_UPDATES",
    "driver": "DRIVER_UPDATES",
    "firmware": "DRIVER_UPDATES",
    "feature": "FEATURE_PACKS",
}
#: The feed mixes the maker's upper-case grades with the agent's own lower-case words.
_ENGINE_WORDS = {"driver": "recommended", "firmware": "unknown", "feature": "optional"}
_IMPACTS = {"critical": "critical", "important": "security", "moderate": "recommended"}


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def system(device: Device) -> System:
    return system_of(device.os_name, device.os_build)


def node_class(device: Device) -> str:
    if system(device).style == "mac":
        return "MAC"
    return "WINDOWS_SERVER" if device.server else "WINDOWS_WORKSTATION"


def location_id(company: Company) -> int:
    return company.rmm_number * 10 + 1


def patch_type(update: Update) -> str:
    return _TYPES[update.kind]


def severity(update: Update) -> str:
    return _ENGINE_WORDS.get(update.kind, update.severity.upper())


def impact(update: Update) -> str:
    """Third-party updates are graded by impact, in the agent's words."""
    return _IMPACTS.get(update.severity, "optional")


def has_rows(device: Device) -> bool:
    """Offline devices, and those nobody patches or scanned, report no current patches at all."""
    return device.online and device.patch_policy and device.last_scan is not None
