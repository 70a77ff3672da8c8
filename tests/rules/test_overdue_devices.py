"""What is said of a device: overdue, not overdue, not known, and the states that are not fine."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.findings import AgeBasis, DeviceTrouble
from core.domain.patching import (
    CountStatus,
    DeviceId,
    DeviceKind,
    PatchState,
    RmmReading,
)
from core.rules.overdue_patches import COUNTED
from tests.rules.fleets import (
    START,
    Fleet,
    counts,
    cumulative,
    day,
    device,
    installed,
    patch,
    reading,
    unread,
)

DRIVER = "Intel - System - 10.1.2"


def test_a_device_read_well_and_missing_nothing_is_fine() -> None:
    verdict = Fleet().scan(START)
    assert (verdict.overdue, verdict.troubles, verdict.fine) == (Fact.NO, frozenset(), True)


@pytest.mark.parametrize(
    ("facts", "known", "trouble"),
    [
        ({}, False, DeviceTrouble.NOT_READ),
        ({"online": Fact.NO}, True, DeviceTrouble.NOT_READ),
        ({"online": Fact.UNKNOWN}, True, DeviceTrouble.NOT_READ),
        ({"last_scan": None}, True, DeviceTrouble.NO_RECENT_SCAN),
        ({"last_scan": START - timedelta(hours=73)}, True, DeviceTrouble.NO_RECENT_SCAN),
        ({"has_policy": Fact.NO}, True, DeviceTrouble.NO_POLICY),
    ],
)
def test_no_rows_from_a_device_not_read_well_is_unknown_and_never_patched(
    facts: dict[str, Any], known: bool, trouble: DeviceTrouble
) -> None:
    verdict = Fleet().scan(START, known=known, **facts)
    assert verdict.overdue is Fact.UNKNOWN
    assert trouble in verdict.troubles
    assert not verdict.fine


@pytest.mark.parametrize(
    ("kind", "hours", "stale"),
    [
        (DeviceKind.SERVER, 47, False),
        (DeviceKind.SERVER, 49, True),
        (DeviceKind.WORKSTATION, 71, False),
        (DeviceKind.WORKSTATION, 73, True),
        (DeviceKind.UNKNOWN, 49, True),
    ],
)
def test_a_scan_stays_recent_for_its_kinds_hours(kind: DeviceKind, hours: int, stale: bool) -> None:
    verdict = Fleet().scan(START, kind=kind, last_scan=START - timedelta(hours=hours))
    assert (DeviceTrouble.NO_RECENT_SCAN in verdict.troubles) is stale


def test_an_old_scan_may_prove_overdue_but_never_the_contrary() -> None:
    week_ago = START - timedelta(days=7)
    overdue = patch("Adobe Acrobat Reader 26.1", released=date(2026, 1, 1))
    recent = patch("Adobe Acrobat Reader 26.2", released=START.date())
    assert Fleet().scan(START, overdue, last_scan=week_ago).overdue is Fact.YES
    assert Fleet().scan(START, recent, last_scan=week_ago).overdue is Fact.UNKNOWN


def test_a_laptop_closed_an_hour_ago_is_judged_by_the_rows_it_left() -> None:
    recent = patch("Adobe Acrobat Reader 26.2", released=START.date())
    before = installed(patch("Adobe Acrobat Reader 26.1"), START - timedelta(days=9))
    assert Fleet().scan(START, recent, before, online=Fact.NO).overdue is Fact.NO


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        (PatchState.FAILED, DeviceTrouble.INSTALL_FAILED),
        (PatchState.REJECTED, DeviceTrouble.REJECTED),
    ],
)
def test_failed_and_rejected_updates_are_states_of_their_own_and_still_missing(
    state: PatchState, trouble: DeviceTrouble
) -> None:
    verdict = Fleet().scan(day(9, 30), cumulative("2026-08", state=state))
    assert trouble in verdict.troubles
    assert verdict.overdue is Fact.YES


def test_an_update_in_a_state_not_understood_is_missing() -> None:
    verdict = Fleet().scan(day(9, 30), cumulative("2026-08", state=PatchState.UNKNOWN))
    assert verdict.overdue is Fact.YES


def test_a_rejected_update_keeps_its_line_ageing() -> None:
    fleet = Fleet()
    fleet.every_day(day(8, 12), day(9, 8), cumulative("2026-08", state=PatchState.REJECTED))
    verdict = fleet.scan(day(9, 9), cumulative("2026-09"))
    assert verdict.lines[0].since == date(2026, 8, 11)


def test_a_rejected_definition_troubles_nobody() -> None:
    definition = patch("Definition Update for Windows Defender", state=PatchState.REJECTED)
    assert Fleet().scan(START, definition).fine


def test_a_device_waiting_for_its_reboot_is_not_fine() -> None:
    verdict = Fleet().scan(START, reboot_needed=Fact.YES)
    assert verdict.troubles == {DeviceTrouble.WAITING_FOR_REBOOT}
    assert not verdict.fine


def test_an_ended_system_is_not_fine_although_nothing_is_offered_to_it() -> None:
    verdict = Fleet().scan(START, os="Microsoft Windows Server 2012 R2 Standard")
    assert verdict.troubles == {DeviceTrouble.END_OF_LIFE}
    assert not verdict.fine


@pytest.mark.parametrize(
    ("facts", "entry", "protected"),
    [
        ({}, "acme-ws-001", True),
        ({}, "1", True),
        ({}, "ninja:1", True),
        ({"tags": frozenset({"Protected"})}, "other", True),
        ({}, "other", False),
    ],
)
def test_protected_devices_are_known_by_name_id_or_tag(
    facts: dict[str, Any], entry: str, protected: bool
) -> None:
    fleet = Fleet(device(**facts), protected_devices=frozenset({entry}))
    assert fleet.scan(START).protected is protected


# Vendors that only count.


def counted(status: CountStatus, **facts: Any) -> Fleet:
    return Fleet(device(counts=counts(status, **facts)))


def test_a_counted_device_is_never_fine_even_when_its_vendor_is_content() -> None:
    verdict = counted(CountStatus.FULLY_PATCHED).scan(START, known=False)
    assert (verdict.overdue, verdict.troubles) == (
        Fact.NO,
        frozenset({DeviceTrouble.COUNTS_ONLY}),
    )
    assert not verdict.fine


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (CountStatus.INSTALL_ERROR, DeviceTrouble.INSTALL_FAILED),
        (CountStatus.REBOOT_NEEDED, DeviceTrouble.WAITING_FOR_REBOOT),
        (CountStatus.NO_POLICY, DeviceTrouble.NO_POLICY),
        (CountStatus.NO_DATA, DeviceTrouble.NOT_READ),
        (CountStatus.UNKNOWN, DeviceTrouble.NOT_READ),
    ],
)
def test_the_one_word_of_a_counting_vendor_becomes_a_state(
    status: CountStatus, trouble: DeviceTrouble
) -> None:
    verdict = counted(status).scan(START, known=False)
    assert verdict.troubles == {trouble, DeviceTrouble.COUNTS_ONLY}
    assert verdict.overdue is Fact.UNKNOWN


def test_counted_updates_age_from_our_own_first_sight() -> None:
    fleet = counted(CountStatus.MISSING, approved=4)
    first = fleet.scan(day(8, 1), known=False)
    (line,) = first.lines
    assert (line.line, line.title, line.basis) == (
        COUNTED,
        "4 approved updates",
        AgeBasis.WATCHING,
    )
    assert first.overdue is Fact.UNKNOWN
    assert fleet.scan(day(8, 31), known=False).overdue is Fact.UNKNOWN
    assert fleet.scan(day(9, 1), known=False).overdue is Fact.YES


def test_counted_updates_that_appear_under_our_eyes_are_dated_by_the_last_clean_day() -> None:
    fleet = counted(CountStatus.FULLY_PATCHED)
    for offset in range(6):
        fleet.scan(day(8, 1 + offset), known=False)
    verdict = fleet.scan(day(8, 7), known=False, counts=counts(CountStatus.MISSING))
    assert (verdict.lines[0].since, verdict.lines[0].basis) == (
        date(2026, 8, 6),
        AgeBasis.LAST_CLEAN,
    )
    assert verdict.overdue is Fact.NO


def test_a_moment_of_content_between_two_months_does_not_make_counted_updates_younger() -> None:
    fleet = counted(CountStatus.MISSING)
    fleet.scan(day(8, 1), known=False)
    doubtful = fleet.scan(day(8, 20), known=False, counts=counts(CountStatus.FULLY_PATCHED))
    assert doubtful.overdue is Fact.UNKNOWN
    assert fleet.scan(day(9, 5), known=False).overdue is Fact.YES


def test_a_counted_device_not_heard_of_for_days_has_no_recent_scan() -> None:
    verdict = counted(CountStatus.FULLY_PATCHED).scan(
        START, known=False, last_scan=None, last_seen=START - timedelta(days=4)
    )
    assert DeviceTrouble.NO_RECENT_SCAN in verdict.troubles
    assert verdict.overdue is Fact.UNKNOWN


def test_rows_go_before_counts_where_a_vendor_gives_both() -> None:
    fleet = counted(CountStatus.MISSING, approved=9)
    verdict = fleet.scan(START, known=True)
    assert (verdict.lines, verdict.fine) == ((), True)


# The section.


def two(first: str | None, second: str | None, third: str | None) -> RmmReading:
    names = enumerate((first, second, third), 1)
    devices = [device(id=DeviceId(f"ninja:{n}"), name=f"D{n}", domain=d) for n, d in names]
    return reading(START, devices)


@pytest.mark.parametrize(
    ("domains", "main"),
    [
        (("acme.example", "ACME.example", "other.example"), "acme.example"),
        (("acme.example", "other.example", None), None),
        (("WORKGROUP", "WORKGROUP", "acme.example"), "acme.example"),
        ((None, None, None), None),
    ],
)
def test_the_main_domain_is_that_of_most_devices(
    domains: tuple[str | None, str | None, str | None], main: str | None
) -> None:
    assert Fleet().judge([two(*domains)], START).main_domain == main


def test_several_readings_make_one_section_as_old_as_the_oldest_of_them() -> None:
    early = reading(START, [device()], coverage=unread("installs"))
    late = reading(START + timedelta(hours=2), [device(id=DeviceId("datto:9"))])
    section = Fleet().judge([late, early], START + timedelta(hours=2))
    assert section.observed_at == START
    assert len(section.devices) == 2
    assert not section.coverage.covers("installs")


def test_overdue_devices_come_first_the_oldest_leading_and_doubtful_ones_next() -> None:
    ids = [DeviceId(f"ninja:{n}") for n in range(4)]
    devices = [device(id=i, name=i, last_scan=START) for i in ids]
    rows = [
        patch("Adobe Acrobat Reader 26.1", device_id=ids[1], released=date(2026, 7, 1)),
        patch("Adobe Acrobat Reader 26.1", device_id=ids[2], released=date(2026, 5, 1)),
        patch("Adobe Acrobat Reader 26.1", device_id=ids[3], released=START.date()),
    ]
    section = Fleet().judge([reading(START, devices, rows)], START)
    assert [d.device_id for d in section.devices] == [ids[2], ids[1], ids[3], ids[0]]


def test_vulnerabilities_are_those_of_all_that_is_missing_of_a_line_newest_first() -> None:
    older = cumulative("2026-09", cves=("CVE-2026-9999", "CVE-2025-50000"))
    newer = cumulative("2026-10", cves=("CVE-2026-12345", "CVE-2026-9999"))
    other = patch("Servicing Stack Update")
    lines = {line.title: line.cves for line in Fleet().scan(START, older, newer, other).lines}
    assert lines == {
        newer.title: ("CVE-2026-12345", "CVE-2026-9999", "CVE-2025-50000"),
        other.title: (),
    }


def test_judging_the_same_reading_twice_changes_nothing() -> None:
    fleet = Fleet()
    rows = (cumulative("2026-08"), installed(cumulative("2026-07"), day(7, 20)))
    once = fleet.scan(day(8, 20), *rows)
    history = fleet.history
    assert fleet.scan(day(8, 20), *rows) == once
    assert fleet.history == history
