"""What scans, installs and reboots do to a device."""

import re
from datetime import datetime

from sandbox.estate.model import Device, Update

#: What an install run attempts: the approved updates, and once more those that failed before.
WAITING = frozenset({"approved", "failed"})
#: Listed as missing and never attempted, or attempted in vain.
MISSING = WAITING | {"pending", "rejected"}

_NUMBERS = re.compile(r"\(KB\d+\)|[\d.]+|-")


def waiting(device: Device, *, software: bool = False) -> list[Update]:
    """What an install run would attempt: the system's updates, or those of other makers' software."""
    return [
        update
        for update in device.updates
        if update.state in WAITING and (update.kind == "third_party") == software
    ]


def attempt(device: Device, update: Update, at: datetime) -> bool:
    """Try to install one update; say whether it went in."""
    if update.fails:
        update.state, update.failed_at = "failed", at
        return False
    update.state, update.installed_at = "installed", at
    device.reboot_needed = device.reboot_needed or update.needs_reboot
    supersede(device, update)
    return True


def supersede(device: Device, newer: Update) -> None:
    """Strike the older releases of the same line off the missing list."""
    for update in device.updates:
        older = update.released < newer.released and same_line(update, newer)
        if older and update.state in MISSING:
            update.state = "superseded"


def same_line(one: Update, other: Update) -> bool:
    """Releases of one line differ in nothing but numbers."""
    return one.kind == other.kind and _line(one) == _line(other)


def _line(update: Update) -> str:
    return " ".join(_NUMBERS.sub(" ", update.title).split())


def scan(device: Device, at: datetime) -> None:
    device.last_scan = at
    device.last_seen = at


def reboot(device: Device, at: datetime) -> None:
    device.online = True
    device.reboot_needed = False
    device.last_boot = at
    device.last_seen = at
