"""Fictional MSPs of the sizes that are measured: many tenants, one large tenant, one large fleet."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.estate import policies
from sandbox.estate.companies import Outline
from sandbox.estate.grow import grow_company, grown_outlines
from sandbox.estate.ids import stable_id
from sandbox.estate.model import Estate, RmmVendor

#: As sandbox.app.Options.grow: seed, moment, number of clients.
Grow = Callable[[int, datetime, int], Estate]

_DEVICES_EACH = 200
_SERVERS_EACH = 8

_LARGE = Outline(
    key="quarry-hill-trust",
    name="Quarry Hill Trust",
    domain="quarryhill.example",
    channel="quarry-hill-trust",
    time_zone="Europe/London",
    users=0,
    workstations=0,
    servers=0,
    rmm="datto",
    licence="p1",
)


def one_tenant(users: int) -> Grow:
    """A single licensed tenant, with a policy for everyone but its break-glass accounts."""

    def grow(seed: int, now: datetime, _clients: int) -> Estate:
        company = grow_company(replace(_LARGE, users=users), seed, now, 1)
        for_all = policies.policy(
            stable_id(seed, _LARGE.key, "policy", "MFA for everyone"),
            "MFA for everyone",
            policies.require("mfa"),
            policies.conditions(policies.everyone(without_users=company.tenant.break_glass_ids)),
            created=now,
        )
        company.tenant.policies.append(for_all)
        return Estate(seed=seed, made_at=now, companies=[company])

    return grow


def many_tenants(users: int) -> Grow:
    """As many tenants as there are clients, some of them without a premium licence, each of one size."""
    return _of(
        lambda seed, clients: [
            replace(outline, users=users, workstations=0, servers=0)
            for outline in grown_outlines(seed, clients)
        ]
    )


def fleet(vendor: RmmVendor, devices: int) -> Grow:
    """Companies of at most 200 devices each, all of them at one vendor. For half a day nothing changes by itself."""

    def outlines(seed: int, _clients: int) -> Iterable[Outline]:
        sizes = [_DEVICES_EACH] * (devices // _DEVICES_EACH) + [devices % _DEVICES_EACH]
        for size, outline in zip(
            filter(None, sizes), grown_outlines(seed, len(sizes)), strict=False
        ):
            servers = min(size, _SERVERS_EACH)
            yield replace(
                outline, rmm=vendor, users=20, servers=servers, workstations=size - servers
            )

    return _of(outlines, quiet=timedelta(hours=12))


def _of(
    outlines: Callable[[int, int], Iterable[Outline]], *, quiet: timedelta = timedelta(0)
) -> Grow:
    def grow(seed: int, now: datetime, clients: int) -> Estate:
        companies = [
            grow_company(outline, seed, now, number)
            for number, outline in enumerate(outlines(seed, clients), 1)
        ]
        return Estate(seed=seed, made_at=now + quiet, companies=companies)

    return grow
