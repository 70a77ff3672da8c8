"""Which devices the sandbox has: the same seed grows the same estate, so a story can name them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from sandbox.estate.companies import HAND_MADE
from sandbox.estate.grow import grow_company
from sandbox.estate.model import Company, Device, RmmVendor, Update
from tests.noon import NOON
from tests.stories.programs import CLIENTS, SEED

#: The first patch day of a story.
PATCH_DAY = date(2026, 12, 8)
_PLAIN = re.compile(r"[A-Z0-9-]+")

Wanted = Callable[[Device], bool]


@cache
def company(key: str) -> Company:
    """Any of those made by hand; to look at, not to change."""
    number, outline = next((n, o) for n, o in enumerate(HAND_MADE, 1) if o.key == key)
    return grow_company(outline, SEED, NOON, number)


def devices(key: str, wanted: Wanted) -> list[str]:
    """Names of a client's devices that are wanted, the plainly named ones only."""
    return [d.name for d in company(key).devices if _PLAIN.fullmatch(d.name) and wanted(d)]


def one(key: str, wanted: Wanted) -> str:
    """The first of them; fails where the estate has none."""
    return devices(key, wanted)[0]


def anywhere(vendor: RmmVendor, wanted: Wanted) -> tuple[str, str]:
    """The key of the first client of a vendor that has such a device, and the device's name."""
    keys = [outline.key for outline in HAND_MADE[:CLIENTS] if outline.rmm == vendor]
    return next((key, name) for key in keys for name in devices(key, wanted))


def approved(device: Device) -> list[Update]:
    """What an install of the system's updates would take."""
    return [
        update
        for update in device.updates
        if update.state in ("approved", "failed")
        and update.kind not in ("definition", "third_party")
    ]


def one_call(device: Device) -> bool:
    """Nothing of other makers' software waits for an install, which would be a call of its own."""
    return not any(u.kind == "third_party" and u.state == "approved" for u in device.updates)


def in_order(device: Device) -> bool:
    """Online, nobody's business but ours, and its last scan not long ago."""
    return (
        device.online
        and one_call(device)
        and device.patch_policy
        and device.user is None
        and not device.reboot_needed
        and not device.end_of_life
        and "protected" not in device.tags
        and device.last_scan is not None
        and NOON - device.last_scan < timedelta(hours=40)
    )


def fit(device: Device) -> bool:
    """A workstation on which everything approved goes in; a restart troubles nobody."""
    todo = approved(device)
    return bool(todo) and not device.server and in_order(device) and not any(u.fails for u in todo)


def fit_without_restart(device: Device) -> bool:
    return fit(device) and not any(update.needs_reboot for update in approved(device))


def failing(device: Device) -> bool:
    """An approved update will not go in, whatever is tried."""
    todo = [update for update in approved(device) if update.state == "approved"]
    return not device.server and in_order(device) and any(update.fails for update in todo)


def in_use(device: Device) -> bool:
    """Somebody works on it, so the restart that an install needs stays owed."""
    todo = approved(device)
    return (
        device.online
        and device.user is not None
        and not device.server
        and one_call(device)
        and any(update.needs_reboot for update in todo)
    )


def left_behind(device: Device) -> bool:
    """It has missed releases for months and never installs anything by itself."""
    return any(update.state == "superseded" for update in device.updates)


def waiting(device: Device) -> bool:
    """Online, and nothing but a restart is missing to what was installed."""
    return device.online and device.reboot_needed and "protected" not in device.tags


def server(device: Device) -> bool:
    return device.server and in_order(device) and bool(approved(device))


def asleep(device: Device) -> bool:
    """A laptop that was closed days ago, with updates waiting for it."""
    return not device.online and bool(approved(device)) and "protected" not in device.tags


def back_soon(device: Device) -> bool:
    """A laptop that is opened again within hours."""
    return asleep(device) and NOON - device.last_seen < timedelta(days=4)
