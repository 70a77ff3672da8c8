"""Grows the whole fictional estate: the same for the same seed and moment."""

from datetime import datetime, time
from random import Random
from zoneinfo import ZoneInfo

from sandbox.estate import names
from sandbox.estate.companies import HAND_MADE, Outline
from sandbox.estate.devices import grow_devices
from sandbox.estate.ids import stable_id
from sandbox.estate.model import Company, Estate
from sandbox.estate.registered import registered_devices
from sandbox.estate.tenants import grow_tenant

_DIGEST_AT = time(7, 30)
_NEARLY_MIDNIGHT = time(23, 50)
_TIME_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Sydney",
)


def grow(seed: int, now: datetime, clients: int = len(HAND_MADE)) -> Estate:
    """Grow the MSP (always first) and its clients, `clients` companies in all, the hand-made ones first.

    `now` is aware; every time in the estate is relative to it. Raises ValueError for less than one
    company.
    """
    if clients < 1:
        raise ValueError("an estate has at least one company, the MSP")
    outlines = [*HAND_MADE, *grown_outlines(seed, clients - len(HAND_MADE))][:clients]
    made = [grow_company(outline, seed, now, number) for number, outline in enumerate(outlines, 1)]
    return Estate(seed=seed, made_at=now, companies=made)


def grow_company(outline: Outline, seed: int, now: datetime, number: int) -> Company:
    """Grow one company; `number` is its place in the estate and its number in the RMM."""
    devices = grow_devices(outline, Random(f"{seed}/{outline.key}/devices"), now)
    tenant = grow_tenant(outline, seed, now)
    tenant.devices = registered_devices(outline, devices, seed, now)
    return Company(
        key=outline.key,
        name=outline.name,
        domain=outline.domain,
        channel=outline.channel,
        time_zone=outline.time_zone,
        digest_at=_digest_at(outline.time_zone, now),
        tenant=tenant,
        rmm=outline.rmm,
        rmm_number=number,
        rmm_uid=stable_id(seed, outline.key, "rmm"),
        rmm_name=outline.name,
        is_msp=outline.is_msp,
        devices=devices,
    )


def grown_outlines(seed: int, count: int) -> list[Outline]:
    """Outlines of invented companies beyond the hand-made ones; none for a count below one."""
    invented = names.companies(Random(f"{seed}/companies"), max(count, 0))
    return [_outline(seed, name) for name in invented]


def _outline(seed: int, name: str) -> Outline:
    key = name.lower().replace(" ", "-")
    rng = Random(f"{seed}/{key}/outline")
    return Outline(
        key=key,
        name=name,
        domain=f"{key.replace('-', '')}.example",
        channel=key,
        time_zone=rng.choice(_TIME_ZONES),
        users=rng.randint(30, 70),
        workstations=rng.randint(20, 55),
        servers=rng.randint(1, 4),
        rmm=rng.choice(("ninjaone", "datto")),
        licence=rng.choice(("p1", "p1", "p1", "p2", "free")),
    )


def _digest_at(time_zone: str, now: datetime) -> str:
    """A local time that is past already, so that a fresh estate has a digest due whatever the hour.

    Shortly before midnight the bot may only be there on the next day.
    """
    local = now.astimezone(ZoneInfo(time_zone)).time()
    return f"{_DIGEST_AT:%H:%M}" if _DIGEST_AT <= local < _NEARLY_MIDNIGHT else "00:00"
