"""What is approved and does not help: it was replaced by what is not approved, or it never gets installed."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict
from core.domain.patching import CountStatus, Patch, PatchClass, PatchState
from core.rules.approved_lines import superseded
from tests.rules.fleets import START, Fleet, counts, cumulative, day, device, installed, patch

APPROVED, PENDING = PatchState.APPROVED, PatchState.PENDING
REJECTED, FAILED, UNKNOWN = PatchState.REJECTED, PatchState.FAILED, PatchState.UNKNOWN
#: One more than the policy allows, counted from and with the first.
ALLOWED = timedelta(days=14)
FIRST = day(8, 12)


def firefox(version: str, state: PatchState) -> Patch:
    return patch(f"Mozilla Firefox {version}", state=state)


# Superseded.


@pytest.mark.parametrize(
    ("older", "newer", "found"),
    [
        (APPROVED, PENDING, True),
        (APPROVED, REJECTED, True),
        (FAILED, PENDING, True),
        (APPROVED, APPROVED, False),
        (APPROVED, FAILED, False),
        (PENDING, APPROVED, False),
        (PENDING, PENDING, False),
        (REJECTED, REJECTED, False),
        # Not understood is not the same as not approved.
        (APPROVED, UNKNOWN, False),
    ],
)
def test_an_approval_is_superseded_when_only_an_older_release_is_approved(
    older: PatchState, newer: PatchState, found: bool
) -> None:
    listed = (cumulative("2026-07", state=older), cumulative("2026-08", state=newer))
    assert superseded(listed) is found
    assert superseded(listed[::-1]) is found


def test_an_approval_that_takes_the_newest_of_three_is_not_superseded() -> None:
    months = ((7, APPROVED), (8, PENDING), (9, APPROVED))
    assert not superseded([cumulative(f"2026-{n:02}", state=state) for n, state in months])


def test_versions_are_compared_as_numbers() -> None:
    assert superseded([firefox("140.9.0", APPROVED), firefox("140.10.0", PENDING)])
    assert not superseded([firefox("140.10.0", APPROVED), firefox("140.9.0", PENDING)])


def test_release_dates_decide_within_a_month_and_where_titles_tell_no_order() -> None:
    def listed(title: str, *days: tuple[int, PatchState]) -> list[Patch]:
        return [patch(title, released=date(2026, 8, n), state=state) for n, state in days]

    assert superseded(listed("2026-08 Cumulative Update", (11, APPROVED), (25, PENDING)))
    assert superseded(listed("Zoom", (11, APPROVED), (25, PENDING)))
    assert not superseded(listed("Zoom", (25, APPROVED), (11, PENDING)))


def test_what_tells_neither_order_nor_date_is_not_called_newer() -> None:
    assert not superseded([patch("Zoom", state=APPROVED), patch("Zoom", state=PENDING)])


def test_a_device_whose_approval_is_superseded_is_in_a_state_of_its_own() -> None:
    rows = (cumulative("2026-07"), cumulative("2026-08", state=REJECTED))
    verdict = Fleet().scan(day(8, 20), *rows)
    assert verdict.lines[0].superseded
    assert verdict.problems == {DeviceTrouble.SUPERSEDED, DeviceTrouble.REJECTED}


@pytest.mark.parametrize(
    "rows",
    [
        # Two products, each with a release of its own.
        (cumulative("2026-07"), firefox("141.0", PENDING)),
        # A preview is optional.
        (
            cumulative("2026-07"),
            patch("2026-08 Cumulative Update Preview for Windows 11 Version 24H2", state=PENDING),
        ),
        # Drivers are listed, and nobody owes them.
        tuple(
            patch(f"Intel - System - 10.1.{n}", patch_class=PatchClass.DRIVER, state=state)
            for n, state in ((2, APPROVED), (3, PENDING))
        ),
    ],
)
def test_other_lines_previews_and_drivers_supersede_nothing(rows: tuple[Patch, ...]) -> None:
    assert DeviceTrouble.SUPERSEDED not in Fleet().scan(day(8, 20), *rows).troubles


def test_an_installed_newer_release_leaves_nothing_to_supersede() -> None:
    rows = (cumulative("2026-07"), installed(cumulative("2026-08"), day(8, 15)))
    assert Fleet().scan(day(8, 20), *rows).fine


# Stuck.


def stuck(verdict: DeviceVerdict) -> bool:
    return DeviceTrouble.STUCK in verdict.troubles


def test_an_approved_update_is_stuck_after_more_days_online_than_policy_allows() -> None:
    fleet = Fleet()
    assert not stuck(
        fleet.every_day(FIRST, FIRST + ALLOWED - timedelta(days=1), cumulative("2026-08"))
    )
    verdict = fleet.scan(FIRST + ALLOWED, cumulative("2026-08"))
    assert verdict.problems == {DeviceTrouble.STUCK}
    assert verdict.lines[0].stuck_days == 15


def test_policy_says_how_many_days_that_are() -> None:
    fleet = Fleet()
    fleet.policy = type(fleet.policy)(stuck_days=2)
    assert not stuck(fleet.every_day(FIRST, FIRST + timedelta(days=1), cumulative("2026-08")))
    assert stuck(fleet.scan(FIRST + timedelta(days=2), cumulative("2026-08")))


@pytest.mark.parametrize(
    "facts",
    [
        {"online": Fact.NO},
        {"online": Fact.UNKNOWN},
        {"has_policy": Fact.NO},
        {"last_scan": FIRST - timedelta(days=9)},
    ],
)
def test_days_on_which_a_device_could_not_install_do_not_count(facts: dict[str, Any]) -> None:
    fleet = Fleet()
    for offset in range(40):
        assert not stuck(fleet.scan(FIRST + timedelta(days=offset), cumulative("2026-08"), **facts))


def test_a_device_that_is_seldom_online_is_stuck_after_as_many_of_its_own_days() -> None:
    fleet, verdicts = Fleet(), []
    for offset in range(30):
        online = Fact.of(offset % 2 == 0)
        at = FIRST + timedelta(days=offset)
        verdicts.append(fleet.scan(at, cumulative("2026-08"), online=online))
    assert [stuck(verdict) for verdict in verdicts] == [False] * 28 + [True] * 2


def test_many_scans_of_one_day_count_once() -> None:
    fleet = Fleet()
    for minute in range(0, 600, 30):
        verdict = fleet.scan(FIRST + timedelta(minutes=minute), cumulative("2026-08"))
    assert not stuck(verdict)


def test_the_next_months_release_goes_on_counting_where_the_last_never_went_in() -> None:
    fleet = Fleet()
    fleet.every_day(day(8, 31), day(9, 8), cumulative("2026-08"))
    assert stuck(fleet.every_day(day(9, 9), day(9, 14), cumulative("2026-09")))


def test_an_install_begins_the_count_anew() -> None:
    fleet = Fleet()
    fleet.every_day(FIRST, day(9, 8), cumulative("2026-08"))
    went_in = installed(cumulative("2026-08"), day(9, 8, 20))
    verdict = fleet.every_day(day(9, 9), day(9, 20), cumulative("2026-09"), went_in)
    assert not stuck(verdict)
    assert stuck(fleet.every_day(day(9, 21), day(9, 23), cumulative("2026-09"), went_in))


@pytest.mark.parametrize("state", [PENDING, REJECTED, FAILED, UNKNOWN])
def test_what_is_not_approved_is_not_stuck_but_held_back_or_failed(state: PatchState) -> None:
    rows = cumulative("2026-08", state=state)
    assert not stuck(Fleet().every_day(FIRST, FIRST + 2 * ALLOWED, rows))


def test_an_approval_that_was_taken_back_is_stuck_no_more() -> None:
    fleet = Fleet()
    assert stuck(fleet.every_day(FIRST, FIRST + ALLOWED, cumulative("2026-08")))
    taken_back = cumulative("2026-08", state=REJECTED)
    assert not stuck(fleet.scan(FIRST + ALLOWED + timedelta(days=1), taken_back))


def test_a_vendor_that_only_counts_cannot_tell_that_anything_is_stuck() -> None:
    fleet = Fleet(device(counts=counts(CountStatus.MISSING, approved=4)))
    for offset in range(40):
        at: datetime = START + timedelta(days=offset)
        assert not stuck(fleet.scan(at, known=False))
