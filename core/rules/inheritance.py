"""Whose history a device goes on from that came under a new id: its ages must not begin anew.

A device keeps its id when it moves between clients of one account. It gets a new one where the account is
renamed in the configuration, or where the client changes its RMM; then it is known by its name. Where its
agent was set up anew, at this client or another, it is known by its serial number.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import Device, DeviceId, History, LineHistory, ProductLine, RmmReading
from core.rules.serials import telling

#: What is remembered of one device.
Lines = Mapping[ProductLine, LineHistory]
_NEVER = datetime.min.replace(tzinfo=UTC)


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
    by_serial: Mapping[str, Lines],
) -> History:
    """The history with that of the newcomers added, where it can be told.

    `elsewhere` are other clients' histories; `before` shows the devices as they were last seen here, and
    `accounts` are the ones that are still configured here.
    """
    again = {
        device.id: by_serial[serial]
        for device in new
        if (serial := telling(device.serial)) is not None and serial in by_serial
    }
    moved = {
        device.id: other[device.id] for other in elsewhere for device in new if device.id in other
    }
    left = _left_behind(before, accounts)
    renamed = {
        device.id: history[left[name]]
        for device in new
        if (name := device.name.casefold()) in left and left[name] in history
    }
    return {**history, **renamed, **again, **moved}


def lines_by_serial(snapshots: Iterable[Snapshot]) -> Mapping[str, Lines]:
    """What is remembered of each serial number, by whichever listing saw it last; not where two share one."""
    seen: defaultdict[str, list[tuple[DeviceVerdict, Lines]]] = defaultdict(list)
    for snapshot in snapshots:
        for device in snapshot.patches.by_account() if snapshot.patches is not None else ():
            serial, lines = telling(device.serial), snapshot.history.get(device.device_id)
            if serial is not None and lines is not None:
                seen[serial].append((device, lines))
    return {
        serial: max(some, key=lambda one: one[0].last_seen or _NEVER)[1]
        for serial, some in seen.items()
        if len({device.name.casefold() for device, _ in some}) == 1
    }


def _left_behind(before: PatchSection | None, accounts: Collection[str]) -> Mapping[str, DeviceId]:
    """By name, devices of accounts that are configured here no more; not where two share a name."""
    if before is None:
        return {}
    gone = [device for device in before.by_account() if device.account not in accounts]
    names = Counter(device.name.casefold() for device in gone)
    return {d.name.casefold(): d.device_id for d in gone if names[d.name.casefold()] == 1}
