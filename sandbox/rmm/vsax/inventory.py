"""What VSA X knows of a device's updates: how many of each severity the last scan found missing, and nothing else."""

from collections import Counter

from sandbox.estate.model import Device
from sandbox.estate.systems import system_of
from sandbox.rmm.installs import MISSING

Counts = dict[str, int]

SEVERITIES = ("Critical", "Important", "Moderate", "Low", "Unspecified")
#: Definitions install themselves, and other makers' software is not Windows Update's.
_NOT_COUNTED = frozenset({"definition", "third_party"})


def updates(device: Device) -> Counts | None:
    """Look at a device now; None for one that was never scanned or does not run Windows."""
    system = system_of(device.os_name, device.os_build)
    if device.last_scan is None or system.style == "mac":
        return None
    missing = [u for u in device.updates if u.state in MISSING and u.kind not in _NOT_COUNTED]
    counted = Counter(_severity(update.severity) for update in missing)
    return {word: counted[word] for word in SEVERITIES}


def _severity(word: str) -> str:
    return word.capitalize() if word.capitalize() in SEVERITIES else "Unspecified"
