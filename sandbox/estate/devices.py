"""The devices of one company: mostly in order, and among them every case that is not."""

import random
import uuid
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.estate.cases import (
    HOSTILE_NAMES,
    ORDINARY,
    SERVER_ROSTER,
    WORKSTATION_CASES,
    Case,
    Role,
    keep_at_last_month,
)
from sandbox.estate.companies import HAND_MADE, Outline
from sandbox.estate.model import Device
from sandbox.estate.systems import WINDOWS_11_24H2, WINDOWS_11_25H2, System
from sandbox.estate.updates import grow_updates

_LAPTOPS = 0.4


def grow_devices(outline: Outline, rng: random.Random, now: datetime) -> list[Device]:
    """Grow one company's devices as of `now` (aware, UTC): servers first, then workstations.

    Deterministic for the same arguments. Device numbers are distinct over all hand-made companies
    and, but for a crc32 collision, over all grown ones.
    """
    first = _first_number(outline)
    servers = [
        _server(outline, role, number=first + place, rng=rng, now=now)
        for place, role in enumerate(_roster(outline.servers))
    ]
    cases = _deal(WORKSTATION_CASES, outline.workstations, rng)
    workstations = [
        _workstation(outline, case, place, number=first + 100 + place, rng=rng, now=now)
        for place, case in enumerate(cases, 1)
    ]
    _give_shared_names(outline, workstations)
    _keep_one_at_last_month(workstations, now)
    return servers + workstations


def _first_number(outline: Outline) -> int:
    keys = [company.key for company in HAND_MADE]
    if outline.key in keys:
        return (keys.index(outline.key) + 1) * 1_000 + 1
    return 100_001 + zlib.crc32(outline.key.encode()) % 1_000_000 * 1_000


def _prefix(outline: Outline) -> str:
    return outline.name.split()[0].upper()[:8]


def _roster(count: int) -> list[Role]:
    """The first `count` servers; beyond the named ones, more application servers."""
    named = list(SERVER_ROSTER[:count])
    spare = SERVER_ROSTER[-1]
    return named + [spare.numbered(number) for number in range(2, 2 + count - len(named))]


def _deal(cases: Sequence[Case], count: int, rng: random.Random) -> list[Case]:
    """Spread the cases over `count` places in random order; the rest is ordinary."""
    dealt = [case for case in cases for _ in range(case.how_many(count))][:count]
    dealt += [ORDINARY] * (count - len(dealt))
    rng.shuffle(dealt)
    return dealt


def _server(outline: Outline, role: Role, number: int, rng: random.Random, now: datetime) -> Device:
    system = rng.choice(role.systems)
    device = _device(
        outline, f"{_prefix(outline)}-{role.suffix}", system, number=number, rng=rng, now=now
    )
    device.server = True
    device.tags = list(role.tags)
    device.updates = grow_updates(system, role.case.lag, rng, now)
    role.case.touch(device, rng, now)
    return device


def _workstation(
    outline: Outline, case: Case, place: int, *, number: int, rng: random.Random, now: datetime
) -> Device:
    laptop = case.laptop if case.laptop is not None else rng.random() < _LAPTOPS
    system = rng.choice(case.systems or (WINDOWS_11_25H2,) * 5 + (WINDOWS_11_24H2,))
    name = f"{_prefix(outline)}-{'LT' if laptop else 'WS'}-{place:03}"
    device = _device(outline, name, system, number=number, rng=rng, now=now)
    device.laptop = laptop
    device.updates = grow_updates(system, case.lag, rng, now)
    case.touch(device, rng, now)
    return device


def _keep_one_at_last_month(workstations: list[Device], now: datetime) -> None:
    """The last that can be."""
    for device in reversed(workstations):
        if _quiet(device, now) and keep_at_last_month(device):
            return


def _quiet(device: Device, now: datetime) -> bool:
    """In order, as far as anybody can see."""
    lately = device.last_scan is not None and now - device.last_scan < timedelta(days=1)
    free = device.user is None and not device.tags and not device.reboot_needed
    return device.online and device.patch_policy and lately and free


def _device(
    outline: Outline, name: str, system: System, *, number: int, rng: random.Random, now: datetime
) -> Device:
    return Device(
        number=number,
        uid=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        name=name,
        os_name=system.name,
        os_build=system.build,
        last_seen=now - timedelta(seconds=rng.uniform(5, 280)),
        last_boot=now - timedelta(days=rng.uniform(0.3, 9)),
        last_scan=now - timedelta(hours=rng.uniform(1, 20)),
        end_of_life=now.date() > system.supported_until,
        dns_domain=outline.domain,
    )


def _give_shared_names(outline: Outline, workstations: list[Device]) -> None:
    """Every client has a reception and names that PC alike; one device each has a hostile name."""
    if len(workstations) < 2:
        return
    workstations[1].name = "RECEPTION-PC"
    hostile = HOSTILE_NAMES[_first_number(outline) // 1_000 % len(HOSTILE_NAMES)]
    workstations[0].name = hostile.format(prefix=_prefix(outline))
