"""What holds work back: a freeze, a cancellation, windows and the hourly cap."""

from datetime import UTC, datetime

from core.domain.remediation import Action, JobKind, JobState, RequestState, StepState, When
from core.errors import (
    VendorDown,
)
from core.ports import Recheck, Report
from tests.usecases.requests_made import (
    DEVON,
    MAYA,
    TESS,
    Office,
    a_client,
    a_plan,
    an_account,
)


def test_nothing_is_sent_while_frozen_and_what_was_sent_is_followed() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)]
    office.approved(a_plan(2))
    office.vendor.rechecks = [
        Recheck(),
        Recheck(),
        Recheck(offline=frozenset({"ninja:2"})),
    ]
    office.client = a_client()
    office.freeze().freeze("stop", person=TESS, identity=an_account())

    assert office.advance(2).state is RequestState.APPROVED
    assert office.vendor.sent == []


def test_what_a_freeze_holds_back_says_so_until_it_is_over() -> None:
    office = Office()
    office.approved(a_plan(2))
    office.vendor.while_sending = [
        lambda: office.freeze().freeze("stop", person=TESS, identity=an_account())
    ]
    assert office.advance(2).step("ninja:2").reason == "waits, because Gatehouse is frozen"
    assert office.vendor.sent == [("ninja:1",)]

    for person in (MAYA, DEVON):
        office.freeze().unfreeze(person=person, identity=an_account())
    office.vendor.dispatch_errors = [VendorDown("Vendor")]
    assert "frozen" not in office.advance().step("ninja:2").reason
    office.clock.move(minutes=10)
    assert office.advance(3).state is RequestState.SUCCEEDED


def test_cancelling_sends_nothing_more_and_follows_what_was_sent() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING), Report(state=JobState.RUNNING)]
    waits = Recheck(offline=frozenset({"ninja:2"}))
    office.vendor.rechecks = [Recheck(), Recheck(), waits, waits]
    office.approved(a_plan(2, wait_for_offline=True))
    office.advance()

    office.cancel(MAYA)
    done = office.advance(3)

    assert office.vendor.sent == [("ninja:1",)]
    assert done.step("ninja:1").state is StepState.VERIFIED
    assert done.step("ninja:2").state is StepState.SKIPPED
    assert done.state is RequestState.PARTIAL


def test_an_approval_waits_for_the_window_and_runs_in_it() -> None:
    office = Office()
    scheduled = office.approved(a_plan(when=When.WINDOW))
    assert scheduled.state is RequestState.SCHEDULED
    assert office.advance().state is RequestState.SCHEDULED

    office.clock.time = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)

    assert office.advance(2).state is RequestState.SUCCEEDED


def test_a_window_that_ended_unserved_expires_the_request() -> None:
    office = Office()
    office.approved(a_plan(when=When.WINDOW))
    office.clock.time = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)

    ended = office.advance()

    assert ended.state is RequestState.EXPIRED
    assert "window" in ended.note
    assert office.vendor.sent == []


def test_the_hourly_cap_holds_back_the_rest_until_there_is_room() -> None:
    office = Office()
    office.ask(a_plan(3))
    office.decide(MAYA)
    office.policy = type(office.policy)(max_weight_per_hour=2)

    office.advance(2)
    assert len(office.vendor.sent) == 2

    office.clock.move(minutes=61)
    office.advance(2)
    assert len(office.vendor.sent) == 3


def test_restarts_count_under_the_hourly_cap_as_installs_do() -> None:
    office = Office()
    office.ask(a_plan(3, action=Action.RESTART_DEVICES))
    office.decide(MAYA)
    office.policy = type(office.policy)(max_weight_per_hour=2)

    office.advance(2)

    assert office.vendor.kinds == [JobKind.RESTART, JobKind.RESTART]


def test_what_waits_for_room_under_the_cap_says_so_once() -> None:
    office = Office()
    office.approved(a_plan(2))
    office.policy = type(office.policy)(max_weight_per_hour=1)

    office.advance(2)
    before = office.stored().version
    waiting = office.advance(5)

    assert waiting.step("ninja:2").reason == "waits for room under the hourly cap"
    assert waiting.version == before
