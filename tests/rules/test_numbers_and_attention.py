"""The headline numbers, and the few items that need a person first."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from core.domain.clients import Client, ClientKey
from core.domain.digest import Attention, AttentionKind, Numbers
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, MfaSection, PatchSection, Snapshot
from core.domain.identity import DirectoryUser
from core.domain.patching import Device, DeviceId, DeviceKind, Patch, PatchState
from core.domain.policy import MfaPolicy, OverduePolicy
from core.domain.remediation import RequestState
from core.rules.attention import needs_person_first
from core.rules.mfa_gaps import judge_mfa
from core.rules.numbers import numbers_of, troubles_of
from core.rules.overdue_patches import judge_patches
from tests.rendering import making as make
from tests.rules.fleets import cumulative, device, patch
from tests.rules.fleets import reading as fleet_reading
from tests.rules.requests import request
from tests.rules.tenants import (
    GLOBAL_ADMIN,
    NOW,
    client,
    guest,
    policy,
    reading,
    user,
    without_method,
)

OLD = date(2026, 1, 1)
ACME = client()


def mfa(*users: DirectoryUser, of: Client = ACME, **facts: Any) -> MfaSection:
    return judge_mfa(reading(*users, **facts), of, MfaPolicy(), now=NOW)


def patches(devices: list[Device], rows: list[Patch], of: Client = ACME) -> PatchSection:
    fresh = {"last_scan": NOW - timedelta(hours=1), "last_seen": NOW}
    scanned = [
        device(
            id=d.id, name=d.name, kind=d.kind, os=d.os, online=d.online, domain=d.domain, **fresh
        )
        for d in devices
    ]
    section, _ = judge_patches(
        [fleet_reading(NOW, scanned, rows)], {}, of, OverduePolicy(), now=NOW
    )
    return section


def box(number: int, kind: DeviceKind = DeviceKind.WORKSTATION, **facts: Any) -> Device:
    return device(id=DeviceId(f"ninja:{number}"), name=f"BOX-{number}", kind=kind, **facts)


def old_update(number: int) -> Patch:
    return patch("Adobe Acrobat Reader 26.1", device_id=DeviceId(f"ninja:{number}"), released=OLD)


def first(*snapshots: tuple[Client, Snapshot], **facts: Any) -> tuple[Attention, ...]:
    return needs_person_first(snapshots, facts.pop("requests", ()), **facts)


def shown(items: tuple[Attention, ...]) -> list[tuple[AttentionKind, str]]:
    return [(item.kind, item.subject) for item in items]


def snapshot(**sections: Any) -> Snapshot:
    return Snapshot(client=ACME.key, **sections)


def test_what_was_never_read_has_no_numbers() -> None:
    assert numbers_of(snapshot()) == Numbers()


def test_the_numbers_are_those_of_the_lists() -> None:
    accounts = mfa(
        user("bg"),
        user("ann"),
        user("bob"),
        user("cyd", enabled=Fact.UNKNOWN),
        policies=(policy(),),
        registrations=without_method("ann", "cyd") | {},
        role_holders={GLOBAL_ADMIN: frozenset({"ann"})},
    )
    machines = patches(
        [box(1), box(2), box(3, online=Fact.NO), box(4, os="Windows 7 Professional")],
        [old_update(1)],
    )
    assert numbers_of(snapshot(mfa=accounts, patches=machines)) == Numbers(
        mfa_gaps=1,
        mfa_unknown=2,
        admins_without_mfa=1,
        accounts=4,
        exempt=0,
        overdue_devices=1,
        unknown_devices=1,
        troubled_devices=1,
        devices=4,
    )


def test_an_invited_administrator_whom_nothing_asks_counts_although_guests_are_no_gaps() -> None:
    section = mfa(guest(), role_holders={GLOBAL_ADMIN: frozenset({"gus"})})
    assert section.gaps() == ()
    assert numbers_of(snapshot(mfa=section)).admins_without_mfa == 1


def test_a_break_glass_administrator_is_not_an_administrator_without_mfa() -> None:
    section = mfa(user("bg"), role_holders={GLOBAL_ADMIN: frozenset({"bg"})})
    assert numbers_of(snapshot(mfa=section)).admins_without_mfa == 0


def test_the_most_urgent_kinds_lead_and_only_three_items_are_named() -> None:
    accounts = mfa(
        user("bg"),
        user("ann"),
        user("bob"),
        user("al"),
        role_holders={GLOBAL_ADMIN: frozenset({"bob"})},
        scoped_holders={GLOBAL_ADMIN: frozenset({"al"})},
    )
    machines = patches([box(1), box(2, DeviceKind.SERVER)], [old_update(1), old_update(2)])
    full = (ACME, snapshot(mfa=accounts, patches=machines))
    assert shown(first(full)) == [
        (AttentionKind.ADMIN_WITHOUT_MFA, "bob@acme.example"),
        (AttentionKind.PART_ADMIN_WITHOUT_MFA, "al@acme.example"),
        (AttentionKind.SERVER_OVERDUE, "BOX-2"),
    ]
    assert shown(first(full, most=9))[3:] == [
        (AttentionKind.USER_UNCOVERED, "ann@acme.example"),
        (AttentionKind.DEVICE_OVERDUE, "BOX-1"),
    ]


def test_a_request_that_waits_for_a_person_is_named_to_its_own_client_only() -> None:
    stuck = request(state=RequestState.NEEDS_PERSON, note="1 target is unknown")
    fine = request(state=RequestState.RUNNING)
    clean = snapshot(mfa=mfa(user("bg")))
    assert shown(first((ACME, clean), requests=[stuck, fine])) == [
        (AttentionKind.NEEDS_PERSON, "R1")
    ]
    other = client(key=ClientKey("other"))
    assert first((other, clean), requests=[stuck]) == ()


def test_an_unknown_kind_of_device_is_treated_as_a_server() -> None:
    machines = patches([box(1, DeviceKind.UNKNOWN)], [old_update(1)])
    assert shown(first((ACME, snapshot(patches=machines)))) == [
        (AttentionKind.SERVER_OVERDUE, "BOX-1")
    ]


def test_an_overdue_item_says_what_how_old_and_how_old_it_may_be() -> None:
    machines = patches([box(1)], [old_update(1)])
    (item,) = first((ACME, snapshot(patches=machines)))
    assert item.detail == "Adobe Acrobat Reader: 326 days old, 14 allowed"


def test_a_wrong_binding_an_ended_system_and_a_failed_install_are_named() -> None:
    failed = cumulative("2026-11", state=PatchState.FAILED, device_id=DeviceId("ninja:2"))
    machines = patches(
        [box(1, os="Windows Server 2012 R2"), box(2, domain="kestrel.example")], [failed]
    )
    accounts = mfa(user("bg"), policies=(policy(),), domains=("acme.example",))
    found = first((ACME, snapshot(mfa=accounts, patches=machines)))
    assert shown(found) == [
        (AttentionKind.WRONG_BINDING, "Acme Dental"),
        (AttentionKind.END_OF_LIFE, "BOX-1"),
        (AttentionKind.INSTALL_FAILED, "BOX-2"),
    ]


def test_troubles_are_counted_by_kind_the_most_frequent_first() -> None:
    late, failed = DeviceTrouble.NO_RECENT_SCAN, DeviceTrouble.INSTALL_FAILED
    section = patches([box(n) for n in range(3)], [])
    told = ({failed, late}, {late}, set[DeviceTrouble]())
    pairs = zip(section.devices, told, strict=True)
    machines = tuple(replace(device, troubles=frozenset(some)) for device, some in pairs)
    assert list(troubles_of(replace(section, devices=machines)).items()) == [(late, 2), (failed, 1)]


def test_updates_that_will_not_come_by_themselves_are_named_after_those_that_failed() -> None:
    told = (DeviceTrouble.SUPERSEDED, DeviceTrouble.STUCK, DeviceTrouble.INSTALL_FAILED)
    section = patches([box(n) for n in range(3)], [])
    pairs = zip(section.devices, told, strict=True)
    machines = tuple(replace(device, troubles=frozenset({trouble})) for device, trouble in pairs)
    found = first((ACME, snapshot(patches=replace(section, devices=machines))))
    assert shown(found) == [
        (AttentionKind.INSTALL_FAILED, "BOX-2"),
        (AttentionKind.INSTALL_STUCK, "BOX-1"),
        (AttentionKind.APPROVAL_SUPERSEDED, "BOX-0"),
    ]


def test_a_break_glass_list_that_is_empty_or_broken_needs_a_person() -> None:
    empty = client(break_glass=())
    assert shown(first((empty, snapshot(mfa=mfa(of=empty))))) == [
        (AttentionKind.BREAK_GLASS, "Acme Dental")
    ]
    listed = client(break_glass=("gone", "off", "bare", "fine"))
    accounts = mfa(
        user("off", enabled=Fact.NO),
        user("bare"),
        user("fine"),
        of=listed,
        registrations=without_method("bare"),
    )
    found = first((listed, snapshot(mfa=accounts)))
    assert [(item.subject, item.detail) for item in found] == [
        ("gone", "this break-glass account does not exist"),
        ("off@acme.example", "this break-glass account is disabled"),
        ("bare@acme.example", "this break-glass account has no method"),
    ]


def test_break_glass_accounts_are_not_called_missing_when_the_users_were_not_read() -> None:
    assert first((ACME, snapshot(mfa=mfa(unread=["users"])))) == ()


def test_accounts_held_out_are_gaps_in_the_list_but_do_not_lead_the_digest() -> None:
    scanner = user("scanner", licensed=Fact.NO)
    section = mfa(user("bg"), scanner)
    assert len(section.gaps()) == 1
    assert first((ACME, snapshot(mfa=section))) == ()


def test_a_machine_that_two_clients_list_is_told_only_where_both_may_be_known() -> None:
    beta = client(key=ClientKey("beta"), name="Beta Law")
    twice = make.device("WS-014", overdue=Fact.NO, also_under=(beta.key,))
    ours = (ACME, snapshot(patches=make.patches(twice)))
    theirs = (beta, Snapshot(client=beta.key))
    assert first(ours) == ()
    (told,) = first(ours, theirs)
    assert (told.kind, told.subject) == (AttentionKind.LISTED_TWICE, "WS-014")
    assert told.detail == "listed under Beta Law, too"
