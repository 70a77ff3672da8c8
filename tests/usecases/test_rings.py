"""Canary first: what is sent when, and what stops the rest."""

from dataclasses import replace

import pytest

from core.domain.events import StepResult
from core.domain.patching import Ring
from core.domain.people import People
from core.domain.remediation import JobState, Plan, Request, RequestState, StepState
from core.errors import OutcomeUnknown
from core.ports import Recheck, Report
from core.rules.notices import NoticeKind, notices
from tests.usecases.requests_made import DEVON, MAYA, TESS, Office, a_plan

FIRST = "ninja:1"


def ringed(count: int = 3, *, wait_for_offline: bool = False) -> Plan:
    """The first device is the canary."""
    plan = a_plan(count, wait_for_offline=wait_for_offline)
    first, *others = plan.targets
    return replace(plan, targets=(replace(first, ring=Ring.CANARY), *others))


def lagging(office: Office) -> None:
    office.vendor.verified = {FIRST: StepResult(target=FIRST, state=StepState.DONE)}


def test_the_rest_is_sent_once_what_goes_first_is_verified() -> None:
    office = Office()
    lagging(office)
    office.approved(ringed())

    waiting = office.advance(3)
    assert office.vendor.sent == [(FIRST,)]
    assert "waits until what goes first is verified: WS-1" in waiting.step("ninja:2").reason

    office.vendor.verified = {}
    done = office.advance(3)
    assert done.state is RequestState.SUCCEEDED
    assert office.vendor.sent == [(FIRST,), ("ninja:2",), ("ninja:3",)]


def test_waiting_for_what_goes_first_is_said_once() -> None:
    office = Office()
    lagging(office)
    office.approved(ringed())

    version = office.advance(2).version

    assert office.advance(5).version == version


def test_a_canary_that_fails_stops_the_rest_and_the_approvers_are_told() -> None:
    office = Office()
    broken = StepResult(target=FIRST, state=StepState.NOT_VERIFIED, reason="failed: KB5068861")
    office.vendor.verified = {FIRST: broken}
    office.approved(ringed())

    done = office.advance(4)

    assert done.state is RequestState.FAILED
    assert office.vendor.sent == [(FIRST,)]
    assert done.step("ninja:3").state is StepState.SKIPPED
    assert "WS-1 (failed: KB5068861)" in done.step("ninja:3").reason
    assert done.note == done.stopped
    assert "request.rest_stopped" in office.store.audit.kinds
    told = notices(done, People((TESS, MAYA, DEVON)))
    assert {n.to for n in told if n.kind is NoticeKind.REST_STOPPED} == {MAYA.key, DEVON.key}


@pytest.mark.parametrize("waits", [True, False])
def test_a_canary_that_is_offline_gives_its_turn_to_the_next(waits: bool) -> None:
    office = Office()
    gone = Recheck(offline=frozenset({FIRST}))
    office.vendor.rechecks = [Recheck(), gone]
    office.vendor.verified = {"ninja:2": StepResult(target="ninja:2", state=StepState.DONE)}
    office.approved(ringed(wait_for_offline=waits))

    office.advance()
    assert office.vendor.sent == [("ninja:2",)]

    office.vendor.verified = {}
    office.advance(3)
    assert sorted(office.vendor.sent[1:]) == ([(FIRST,)] if waits else []) + [("ninja:3",)]


def test_a_canary_nobody_can_tell_about_is_asked_about_before_the_rest_goes() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Vendor")]
    lagging(office)
    office.approved(ringed())

    asking = office.advance(3)
    assert asking.state is RequestState.NEEDS_PERSON
    assert "The rest waits for it." in asking.note

    office.vendor.verified = {}  # the source shows it after all
    done = office.advance(4)
    assert done.state is RequestState.SUCCEEDED
    assert done.note == ""
    assert len(office.vendor.sent) == 3


def test_an_approver_who_says_it_was_not_carried_out_stops_the_rest() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Vendor")]
    lagging(office)
    office.approved(ringed())
    office.advance(2)

    office.settle(DEVON, carried_out=False)

    assert office.advance(3).state is RequestState.FAILED
    assert office.vendor.sent == [(FIRST,)]


def test_the_rest_has_its_own_time_from_the_end_of_what_went_first() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 2
    office.approved(ringed())
    office.advance(2)
    office.clock.move(minutes=office.policy.approved_minutes - 10)
    lagging(office)
    office.advance()  # the vendor is done, the source lags behind
    office.clock.move(minutes=20)
    assert office.advance().step("ninja:2").state is StepState.PLANNED

    office.vendor.verified = {}

    assert office.advance(3).state is RequestState.SUCCEEDED
    assert office.vendor.sent == [(FIRST,), ("ninja:2",), ("ninja:3",)]


def test_the_time_of_the_rest_ends_too() -> None:
    office = Office()
    office.approved(ringed())
    lagging(office)
    office.advance()
    office.clock.move(minutes=office.policy.approved_minutes + 1)
    office.vendor.verified = {}

    ended = office.advance(3)

    assert ended.state is RequestState.PARTIAL
    assert "the approval's time ended" in ended.step("ninja:2").reason
    assert office.vendor.sent == [(FIRST,)]


def two_canaries(office: Office, count: int) -> Request:
    """The second of them is offline as the first is sent, which keeps the vendor busy."""
    office.policy = replace(office.policy, approved_minutes=60)
    plan = ringed(count, wait_for_offline=True)
    second = replace(plan.targets[1], ring=Ring.CANARY)
    away = Recheck(offline=frozenset({"ninja:2", "ninja:3"}))
    office.vendor.rechecks = [Recheck(), Recheck(), *[away] * (count - 1)]
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 2
    office.approved(replace(plan, targets=(plan.targets[0], second, *plan.targets[2:])))
    return office.advance()


def test_a_device_that_comes_online_late_is_not_sent_in_a_time_that_nobody_has_won_yet() -> None:
    office = Office()
    two_canaries(office, 2)
    office.clock.move(minutes=61)

    assert office.advance().step("ninja:2").state is StepState.WAITING
    assert office.vendor.sent == [(FIRST,)]

    assert office.advance(3).state is RequestState.SUCCEEDED
    assert office.vendor.sent == [(FIRST,), ("ninja:2",)]


def test_what_is_sent_in_won_time_wins_no_more() -> None:
    office = Office()
    two_canaries(office, 3)
    office.clock.move(minutes=30)
    office.vendor.reports = []
    office.vendor.rechecks = [Recheck(offline=frozenset({"ninja:2", "ninja:3"}))] * 2
    office.advance()  # the first one has ended: the others have until an hour from now
    office.clock.move(minutes=50)
    office.vendor.reports = [Report(state=JobState.RUNNING)]
    assert office.advance().step("ninja:2").state is StepState.RUNNING
    office.clock.move(minutes=11)

    ended = office.advance(3)

    assert office.vendor.sent == [(FIRST,), ("ninja:2",)]
    assert "the approval's time ended" in ended.step("ninja:3").reason


def test_after_a_restart_the_rest_still_waits_for_what_went_first() -> None:
    office = Office()
    lagging(office)
    office.approved(ringed())
    office.advance(2)

    office.restart()
    office.advance(3)

    assert office.vendor.sent == [(FIRST,)]
