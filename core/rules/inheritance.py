"""Whose history a device goes on from that came under a new id: its ages must not begin anew.

A device keeps its id when it moves between clients of one account. It gets a new one where the account is
renamed in the configuration, or where the client changes its RMM; then it is known by its name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from core.domain.findings import PatchSection
from core.domain.patching import Device, DeviceId, History, RmmReading


def newcomers(history: History, readings: Iterable[RmmReading]) -> tuple[Device, ...]:
    """Devices of which nothing is remembered."""
    return tuple(d for reading in readings for d in reading.devices if d.id not in history)


def inherit(
    history: History,
    new: Sequence[Device],
    *,
    elsewhere: Iterable[History],
    before: PatchSection | None,
    accounts: Collection[str],
) -> History:
    """The history with that of the newcomers added, where it can be told.

    `elsewhere` are other clients' histories; `before` shows the devices as they were last seen here, and
    `accounts` are the ones that are still configured here.
    """
    moved = {
        device.id: other[device.id] for other in elsewhere for device in new if device.id in other
    }
    left = _left_behind(before, accounts)
    renamed = {
        device.id: history[left[name]]
        for device in new
        if (name := device.name.casefold()) in left and left[name] in history
    }
    return {**history, **renamed, **moved}


def _left_behind(before: PatchSection | None, accounts: Collection[str]) -> Mapping[str, DeviceId]:
    """By name, devices of accounts that are configured here no more; not where two share a name."""
    if before is None:
        return {}
    gone = [device for device in before.by_account() if device.account not in accounts]
    names = Counter(device.name.casefold() for device in gone)
    return {d.name.casefold(): d.device_id for d in gone if names[d.name.casefold()] == 1}
