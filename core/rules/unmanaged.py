"""Users' computers that Entra knows and no RMM does: nobody patches them, and no list of patches shows them."""

from dataclasses import replace
from datetime import timedelta

from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceRegister, Snapshot
from core.domain.identity import DEVICE_REGISTER, DirectoryDevice, DirectoryReading

#: Who has not signed in for so long is taken to be out of use.
IN_USE = timedelta(days=30)
#: NetBIOS names are cut here, and an RMM may tell the longer one.
_TOLD_APART = 15
_COMPUTERS = ("windows", "mac")


def register_of(reading: DirectoryReading, before: DeviceRegister | None) -> DeviceRegister:
    """What Entra knows now; where it could not be read, what it knew before, with the reason."""
    lost = tuple(item for item in reading.coverage.unread if item.what == DEVICE_REGISTER)
    if not lost:
        return DeviceRegister(observed_at=reading.observed_at, devices=reading.devices)
    old = before or DeviceRegister()
    coverage = Coverage(unread=lost).since_first_missing(old.coverage)
    return replace(old, coverage=coverage)


def unmanaged(snapshot: Snapshot) -> tuple[DirectoryDevice, ...] | None:
    """Computers in use that no RMM of the client lists; None where either side was not read."""
    register, patches = snapshot.register, snapshot.patches
    if register is None or register.observed_at is None or patches is None:
        return None
    if not patches.coverage.covers("devices"):
        return None
    managed = {_name(device.name) for device in patches.by_account()}
    since = register.observed_at - IN_USE
    found = (
        device
        for device in register.devices
        if _is_ours(device)
        and (device.last_sign_in is None or device.last_sign_in >= since)
        and _name(device.name) not in managed
    )
    return tuple(sorted(found, key=lambda device: device.name.casefold()))


def _is_ours(device: DirectoryDevice) -> bool:
    """A computer that is joined, not somebody's own that was merely registered."""
    return (
        device.joined is not Fact.NO
        and device.enabled is not Fact.NO
        and device.os.casefold().startswith(_COMPUTERS)
    )


def _name(name: str) -> str:
    return name.casefold()[:_TOLD_APART]
