"""Computers that Entra knows and no RMM does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import DeviceRegister, Snapshot
from core.domain.identity import DEVICE_REGISTER, DirectoryDevice, DirectoryReading
from core.rules.numbers import numbers_of
from core.rules.unmanaged import register_of, unmanaged
from tests.rendering import making as make
from tests.rendering.making import NOW

LOST = Coverage(unread=(Unread(source="Entra", what=DEVICE_REGISTER, reason="403", since=NOW),))


def computer(name: str = "ACME-NEW-01", **changes: Any) -> DirectoryDevice:
    facts: dict[str, Any] = {
        "id": f"id of {name}",
        "name": name,
        "os": "Windows",
        "joined": Fact.YES,
        "enabled": Fact.YES,
        "last_sign_in": NOW - timedelta(days=2),
    }
    return DirectoryDevice(**(facts | changes))


def snapshot(*known: DirectoryDevice, **patches: Any) -> Snapshot:
    section = make.patches(make.device("WS-014"), make.device("ACME-RECEPTION-EAST"), **patches)
    register = DeviceRegister(observed_at=NOW, devices=known)
    return make.snapshot(patches=section, register=register)


def names(shot: Snapshot) -> list[str] | None:
    found = unmanaged(shot)
    return None if found is None else [device.name for device in found]


def test_a_computer_that_no_rmm_lists_is_found() -> None:
    shot = snapshot(computer(), computer("Mini", os="MacMDM"), computer("ws-014"))
    assert names(shot) == ["ACME-NEW-01", "Mini"]
    assert numbers_of(shot).unmanaged_devices == 2


def test_a_name_cut_to_netbios_length_is_the_same_computer() -> None:
    assert names(snapshot(computer("ACME-RECEPTION-"))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"joined": Fact.NO},
        {"enabled": Fact.NO},
        {"os": "iOS"},
        {"last_sign_in": NOW - timedelta(days=31)},
    ],
    ids=["somebody's own", "disabled", "a phone", "out of use"],
)
def test_what_is_not_a_computer_in_use_is_not(changes: dict[str, Any]) -> None:
    assert names(snapshot(computer(**changes))) == []


def test_what_is_not_known_of_a_computer_does_not_hide_it() -> None:
    shy = computer(joined=Fact.UNKNOWN, enabled=Fact.UNKNOWN, last_sign_in=None)
    assert names(snapshot(shy)) == ["ACME-NEW-01"]


def test_where_either_side_was_not_read_nothing_is_claimed() -> None:
    whole = snapshot(computer())
    unread = Coverage(unread=(replace(LOST.unread[0], what="devices"),))
    assert names(replace(whole, patches=None)) is None
    assert names(replace(whole, register=None)) is None
    assert names(replace(whole, register=DeviceRegister(coverage=LOST))) is None
    assert names(snapshot(computer(), coverage=unread)) is None
    assert numbers_of(replace(whole, register=None)).unmanaged_devices is None


def test_a_failed_read_keeps_what_was_known_and_says_since_when() -> None:
    def read(coverage: Coverage, *devices: DirectoryDevice, days: int) -> DirectoryReading:
        return DirectoryReading(
            tenant_id="t",
            devices=devices,
            coverage=coverage,
            observed_at=NOW + timedelta(days=days),
        )

    first = register_of(read(Coverage(), computer(), days=0), None)
    lost = register_of(read(LOST, days=1), first)
    later = Coverage(unread=(replace(LOST.unread[0], since=NOW + timedelta(days=2)),))
    still = register_of(read(later, days=2), lost)
    assert (still.devices, still.observed_at) == (first.devices, NOW)
    assert still.coverage.unread[0].since == NOW
    assert register_of(read(Coverage(), days=3), still).coverage.complete
