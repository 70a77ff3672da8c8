"""Work that waits for the maintenance window, and goes on over several of its openings."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from core.domain.clients import MaintenanceWindow
from core.domain.patching import Ring
from core.domain.remediation import JobState, Plan, RequestState, StepState, When
from core.ports import Recheck, Report
from tests.usecases.requests_made import MAYA, Office, a_client, a_plan

FIRST, REST = ("ninja:1",), [("ninja:2",), ("ninja:3",)]


def night(day: int, hour: int = 22, minute: int = 30) -> datetime:
    """In November 2026, when London keeps UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def an_office(*days: int) -> Office:
    """The window is open from 22:00 to 02:00 on these days of the week; Tuesdays and Thursdays."""
    window = MaintenanceWindow(
        days=frozenset(days or (1, 3)), start=time(22), minutes=240, time_zone="Europe/London"
    )
    return Office(client=a_client(maintenance_window=window))


def over(nights: int, *, wait_for_offline: bool = False) -> Plan:
    """Three devices, the first of which goes first."""
    plan = a_plan(3, when=When.WINDOW, nights=nights, wait_for_offline=wait_for_offline)
    first, *others = plan.targets
    return replace(plan, targets=(replace(first, ring=Ring.CANARY), *others))


def approved(office: Office, plan: Plan) -> None:
    office.ask(plan)
    office.decide(MAYA)


def slow(office: Office) -> None:
    """The first install runs past the end of the opening."""
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 3


def test_a_request_tells_the_opening_it_would_run_in_as_of_when_it_was_asked_for() -> None:
    office = an_office()
    office.clock.time = night(25, 2, 10)
    asked = office.ask(
        replace(a_plan(when=When.WINDOW), opening=(night(24, 22, 0), night(25, 2, 0)))
    )
    assert asked.plan.opening == (night(26, 22, 0), night(27, 2, 0))


def test_the_rest_goes_in_the_next_window_and_the_card_says_when() -> None:
    office = an_office()
    approved(office, over(2))
    slow(office)
    office.clock.time = night(25, 1, 50)
    assert office.advance().step("ninja:2").reason.startswith("waits until what goes first")

    office.clock.time = night(25, 2, 10)
    between = office.advance(4)
    assert between.state is RequestState.RUNNING
    assert between.step("ninja:1").state is StepState.VERIFIED
    assert between.step("ninja:2").reason == "continues Thu 26 Nov 22:00 (Europe/London)"
    assert office.vendor.sent == [FIRST]
    assert office.advance(5).version == between.version

    office.clock.time = night(26)
    assert office.advance(3).state is RequestState.SUCCEEDED
    assert office.vendor.sent == [FIRST, *REST]


def test_without_more_nights_the_rest_is_skipped_and_named_when_the_window_ends() -> None:
    office = an_office()
    approved(office, over(1))
    slow(office)
    office.clock.time = night(25, 1, 50)
    office.advance()

    office.clock.time = night(25, 2, 10)
    done = office.advance(4)

    assert done.state is RequestState.PARTIAL
    assert "the maintenance window ended before it was sent" in done.step("ninja:3").reason
    assert office.vendor.sent == [FIRST]


def test_after_the_last_night_nothing_more_is_sent() -> None:
    office = an_office()
    office.vendor.rechecks = [Recheck(), *[Recheck(offline=frozenset({"ninja:1"}))] * 9]
    approved(office, replace(a_plan(when=When.WINDOW, nights=2, wait_for_offline=True)))
    for at in (night(24), night(26)):
        office.clock.time = at
        assert office.advance().step("ninja:1").state is StepState.WAITING

    office.clock.time = night(27, 2, 10)
    done = office.advance()

    assert done.state is RequestState.FAILED
    assert done.step("ninja:1").state is StepState.SKIPPED
    assert done.step("ninja:1").reason.endswith("waiting for it to come online")


def test_a_device_that_is_back_in_a_later_window_is_caught_up() -> None:
    office = an_office()
    office.vendor.rechecks = [Recheck(), Recheck(offline=frozenset({"ninja:1"}))]
    approved(office, a_plan(when=When.WINDOW, nights=2, wait_for_offline=True))
    office.clock.time = night(24)
    assert office.advance().step("ninja:1").state is StepState.WAITING
    office.clock.time = night(25, 12)
    office.advance()
    assert office.vendor.sent == []

    office.clock.time = night(26)
    assert office.advance(2).state is RequestState.SUCCEEDED


def test_a_first_night_that_was_missed_is_made_up_for_in_the_second() -> None:
    office = an_office()
    approved(office, over(2))

    office.clock.time = night(25, 12)
    assert office.advance().state is RequestState.SCHEDULED
    office.clock.time = night(26)
    assert office.advance(4).state is RequestState.SUCCEEDED


@pytest.mark.parametrize(
    ("nights", "after", "words"),
    [
        (1, night(25, 3), "window Tue 24 Nov 22:00 to 02:00 (Europe/London) ended"),
        (2, night(27, 3), "windows from Tue 24 Nov 22:00 (Europe/London) to Fri 27 Nov 02:00"),
    ],
)
def test_what_was_never_served_expires_with_its_last_window(
    nights: int, after: datetime, words: str
) -> None:
    office = an_office()
    approved(office, over(nights))
    office.clock.time = after

    ended = office.advance()

    assert ended.state is RequestState.EXPIRED
    assert words in ended.note


def test_a_window_taken_out_of_the_configuration_holds_the_rest_and_says_so() -> None:
    office = an_office()
    approved(office, over(2))
    slow(office)
    office.clock.time = night(25, 1, 50)
    office.advance()

    office.client = a_client(maintenance_window=None)
    held = office.advance(4)

    assert held.step("ninja:2").reason.endswith("none is configured any more")
    assert office.vendor.sent == [FIRST]
