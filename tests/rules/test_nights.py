"""Which servers never go in one night."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clients import Client, GroupKind, MaintenanceWindow, ServerGroup
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict
from core.domain.patching import DeviceId, DeviceKind, ServerRole
from core.domain.remediation import Target
from core.rules.nights import (
    NIGHT,
    Sent,
    acts_as_server,
    apart,
    in_the_way,
    is_critical,
    nights_of,
    roles_of,
)
from tests.rules.requests import ACME, NOW

NAMES = ("dc01", "dc02", "hv01", "hv02", "fs01", "sql01", "sql02")
CONTROLLERS = ServerGroup(kind=GroupKind.DOMAIN_CONTROLLERS, devices=frozenset({"dc01", "ninja:2"}))
CLUSTER = ServerGroup(kind=GroupKind.CLUSTER, devices=frozenset({"sql01", "sql02"}))
HOSTING = ServerGroup(
    kind=GroupKind.HOST_AND_GUESTS, host="hv01", devices=frozenset({"dc01", "fs01"})
)
OTHER_HOST = ServerGroup(
    kind=GroupKind.HOST_AND_GUESTS, host="hv02", devices=frozenset({"ninja:2"})
)
ALONE = ServerGroup(kind=GroupKind.INDEPENDENT, devices=frozenset({"print"}))


def client(*groups: ServerGroup) -> Client:
    return Client(
        key=ACME,
        name="Acme Dental",
        channel="acme",
        time_zone="Europe/London",
        digest_at=time(7),
        server_groups=groups,
        maintenance_window=MaintenanceWindow(
            days=frozenset({0, 1}), start=time(6), minutes=23 * 60, time_zone="Europe/London"
        ),
    )


def server(name: str, *roles: ServerRole, id: str | None = None) -> Target:  # noqa: A002 - the field's name
    return Target(
        id=id or f"ninja:{name}", name=name.upper(), is_server=True, roles=frozenset(roles)
    )


def pc(name: str, **more: Any) -> DeviceVerdict:
    """What its RMM calls a workstation."""
    facts: dict[str, Any] = {"kind": DeviceKind.WORKSTATION, "device_id": DeviceId(f"ninja:{name}")}
    return DeviceVerdict(
        account="ninja", name=name.upper(), os="Windows", online=Fact.YES, last_seen=None,
        last_scan=None, overdue=Fact.NO, **(facts | more),
    )  # fmt: skip


ALL = client(CONTROLLERS, CLUSTER, HOSTING, OTHER_HOST, ALONE)
DC01, DC02 = server("dc01"), server("dc02", id="ninja:2")
HV01, HV02, FS01, PRINT = server("hv01"), server("hv02"), server("fs01"), server("print")
SQL01, SQL02, ODD = server("sql01"), server("sql02"), server("odd")


@pytest.mark.parametrize(
    ("device", "is_one"),
    [
        (pc("ws-1"), False),
        (pc("ws-1", kind=DeviceKind.SERVER), True),
        (pc("ws-1", kind=DeviceKind.UNKNOWN), True),
        (pc("ws-1", roles=frozenset({ServerRole.INDEPENDENT})), True),
        (pc("dc01"), True),
        (pc("hv01"), True),
        (pc("dc02", device_id=DeviceId("ninja:2")), True),
        (pc("ws-1", device_id=DeviceId("other:2")), False),
    ],
)
def test_what_a_tag_or_the_configuration_calls_a_server_is_one(
    device: DeviceVerdict, is_one: bool
) -> None:
    assert acts_as_server(device, ALL) is is_one


@pytest.mark.parametrize(
    ("one", "other", "are_apart"),
    [
        (DC01, DC02, True),
        (SQL01, SQL02, True),
        (HV01, FS01, True),
        (HV02, FS01, False),
        (DC01, FS01, False),
        (DC01, SQL01, False),
        (PRINT, DC01, False),
        (ODD, DC01, True),
        (ODD, FS01, True),
        (ODD, server("odd2"), True),
        (ODD, PRINT, False),
        (ODD, Target(id="ninja:ws", name="WS"), False),
        (DC01, DC01, False),
    ],
)
def test_servers_are_kept_apart_as_the_configuration_says(
    one: Target, other: Target, are_apart: bool
) -> None:
    assert apart(one, other, ALL) is are_apart


def test_tags_say_what_a_server_does_where_the_configuration_does_not() -> None:
    plain = client()
    one, two = (server(n, *roles_of(["Domain-Controller", "hyper-v-guest"])) for n in "ab")
    host = server("h", *roles_of(["hyper-v-host"]))
    free, other = (server(n, *roles_of(["independent"])) for n in "xy")

    assert apart(one, two, plain)
    assert apart(host, one, plain)
    assert not apart(free, other, plain)
    assert not apart(host, free, plain)


def test_a_controller_known_by_its_tag_is_kept_from_one_that_is_configured() -> None:
    tagged = server("dc09", ServerRole.DOMAIN_CONTROLLER)

    assert apart(tagged, DC01, ALL)


def test_being_listed_as_a_guest_does_not_make_a_controller_harmless() -> None:
    hosting = ServerGroup(
        kind=GroupKind.HOST_AND_GUESTS, host="hv01", devices=frozenset({"a", "b"})
    )
    one, two = (server(n, ServerRole.DOMAIN_CONTROLLER) for n in "ab")

    assert apart(one, two, client(hosting))


def test_a_server_of_which_nobody_has_said_what_it_does_is_critical() -> None:
    assert is_critical(ODD, ALL)
    assert not is_critical(DC01, ALL)
    assert not is_critical(server("t", ServerRole.GUEST), ALL)
    assert not is_critical(Target(id="ninja:ws", name="WS"), ALL)


# The night.


def sent(target: Target, *, ago: timedelta, ended: bool = True) -> Sent:
    return Sent(target=target, at=NOW - ago, open=not ended)


def test_a_night_lasts_as_long_as_the_opening_and_never_less_than_half_a_day() -> None:
    shut = client(CONTROLLERS)
    morning = NOW  # a Monday at noon, six hours into the opening
    late = NOW + timedelta(hours=16)
    first = Sent(target=DC01, at=morning, open=False)

    assert in_the_way(DC02, [first], shut, morning + NIGHT - timedelta(minutes=1))
    assert in_the_way(DC02, [first], shut, late) == (DC01,)
    assert in_the_way(DC02, [first], shut, NOW + timedelta(hours=20)) == ()


def test_a_server_whose_end_is_not_known_stands_in_the_way_for_as_long_as_it_takes() -> None:
    days = timedelta(days=3)

    assert in_the_way(DC02, [sent(DC01, ago=days, ended=False)], ALL, NOW) == (DC01,)
    assert in_the_way(DC02, [sent(DC01, ago=days)], ALL, NOW) == ()


# Whatever the servers are.

ROLES = st.frozensets(st.sampled_from(list(ServerRole)), max_size=2)
SERVERS = st.lists(
    st.builds(server, st.sampled_from(NAMES)).flatmap(
        lambda t: ROLES.map(lambda roles: Target(id=t.id, name=t.name, is_server=True, roles=roles))
    ),
    min_size=2,
    max_size=8,
    unique_by=lambda target: target.id,
)
GROUPS = st.lists(
    st.sampled_from([CONTROLLERS, CLUSTER, HOSTING, OTHER_HOST, ALONE]), max_size=4, unique=True
)


@given(SERVERS, GROUPS)
def test_being_apart_holds_both_ways(servers: list[Target], groups: list[ServerGroup]) -> None:
    of = client(*groups)
    assert all(apart(a, b, of) is apart(b, a, of) for a in servers for b in servers)


@given(SERVERS, GROUPS)
def test_no_night_of_a_plan_holds_two_that_are_kept_apart(
    servers: list[Target], groups: list[ServerGroup]
) -> None:
    of = client(*groups)
    nights = nights_of(servers, of)

    assert all(nights[a.id] != nights[b.id] for a in servers for b in servers if apart(a, b, of))
    assert set(nights.values()) == set(range(max(nights.values()) + 1))
