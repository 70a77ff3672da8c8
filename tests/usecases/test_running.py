"""Once, and what was approved: dispatch, follow-up, verification, crashes, freezes and windows."""

from datetime import UTC, datetime

import pytest

from core.domain.events import StepResult
from core.domain.remediation import Action, JobKind, JobState, RequestState, StepState, When
from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    StorageFailed,
    VendorBusy,
    VendorDown,
    VendorNotFound,
    VendorRefused,
)
from core.ports import Evidence, Recheck, Report, Truth
from tests.usecases.requests_made import (
    DEVON,
    MAYA,
    TESS,
    Office,
    a_client,
    a_plan,
    an_account,
)


def test_approved_work_is_sent_followed_and_verified() -> None:
    office = Office()
    office.approved(a_plan(3))

    done = office.advance(2)

    assert done.state is RequestState.SUCCEEDED
    assert office.vendor.sent == [("ninja:1",), ("ninja:2",), ("ninja:3",)]
    assert {step.state for step in done.steps} == {StepState.VERIFIED}


def test_nothing_is_sent_before_it_is_approved() -> None:
    office = Office()
    office.ask(a_plan())

    assert office.advance(3).state is RequestState.PENDING
    assert office.vendor.sent == []


def test_intent_is_on_the_record_before_the_call_and_the_outcome_after() -> None:
    office = Office()
    office.approved()
    office.advance(2)

    kinds = office.store.audit.kinds

    assert kinds.index("request.started") < kinds.index("request.job_dispatching")
    assert kinds.index("request.job_dispatching") < kinds.index("request.job_moved")


def test_no_record_no_call() -> None:
    office = Office()
    office.approved()
    office.store.kept.full = True

    with pytest.raises(StorageFailed):
        office.advance()

    assert office.vendor.sent == []


@pytest.mark.parametrize("error", [VendorBusy("Vendor"), VendorDown("Vendor")])
def test_a_call_that_was_surely_not_carried_out_is_tried_again(error: Exception) -> None:
    office = Office()
    office.vendor.dispatch_errors = [error]
    office.approved()

    assert office.advance().step("ninja:1").state is StepState.PLANNED
    assert office.advance(2).state is RequestState.SUCCEEDED
    assert len(office.vendor.sent) == 2


def test_a_refused_call_fails_the_step_with_the_vendors_reason() -> None:
    office = Office()
    office.vendor.dispatch_errors = [VendorRefused("Vendor", "wrong class of device")]
    office.approved()

    done = office.advance()

    assert done.state is RequestState.FAILED
    assert done.step("ninja:1").reason == "wrong class of device"


def test_a_lost_answer_is_never_sent_again_and_needs_a_person() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Vendor")]
    office.vendor.verified = {
        "ninja:1": StepResult(target="ninja:1", state=StepState.DONE, reason="not visible yet")
    }
    office.approved()

    stuck = office.advance(4)

    assert stuck.state is RequestState.NEEDS_PERSON
    assert stuck.step("ninja:1").state is StepState.UNKNOWN
    assert len(office.vendor.sent) == 1


def test_later_evidence_ends_an_unknown_step() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Vendor")]
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.DONE)}
    office.approved()
    office.advance(2)

    office.vendor.verified = {}

    assert office.advance().state is RequestState.SUCCEEDED


def test_a_named_persons_word_ends_an_unknown_step() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Vendor")]
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.DONE)}
    office.approved()
    office.advance()

    office.settle(DEVON, carried_out=False)

    done = office.advance()
    assert done.state is RequestState.FAILED
    assert "Devon" in done.step("ninja:1").reason


@pytest.mark.parametrize(
    ("truth", "calls", "state"),
    [
        (Truth.NOT_SENT, 1, RequestState.SUCCEEDED),
        (Truth.SENT, 0, RequestState.SUCCEEDED),
    ],
)
def test_a_crash_between_call_and_answer_is_reconciled_without_a_second_call(
    truth: Truth, calls: int, state: RequestState
) -> None:
    office = Office()
    office.vendor.dispatch_errors = [KeyboardInterrupt()]  # type: ignore[list-item]
    office.approved()
    with pytest.raises(KeyboardInterrupt):
        office.advance()
    assert office.stored().jobs[0].state is JobState.DISPATCHING
    office.vendor.sent.clear()

    office.restart()
    office.vendor.evidence = Evidence(truth=truth, detail="seen at the source")
    done = office.advance(3)

    assert len(office.vendor.sent) == calls
    assert done.state is state


def test_a_call_in_flight_in_this_process_is_left_alone() -> None:
    office = Office()
    office.approved()
    seen: list[JobState] = []

    def another_pass() -> None:
        office.advance(3)
        seen.append(office.stored().jobs[0].state)

    office.vendor.while_sending = [another_pass]
    done = office.advance(2)

    assert seen == [JobState.DISPATCHING]
    assert len(office.vendor.sent) == 1
    assert done.state is RequestState.SUCCEEDED


def test_what_would_do_more_than_was_approved_is_superseded() -> None:
    office = Office()
    office.vendor.rechecks = [Recheck(wider="a new driver is approved")]
    office.approved()

    ended = office.advance()

    assert ended.state is RequestState.SUPERSEDED
    assert "driver" in ended.note
    assert office.vendor.sent == []


def test_targets_that_are_gone_are_skipped_and_named() -> None:
    office = Office()
    office.vendor.rechecks = [Recheck(), Recheck(gone={"ninja:1": "no longer known"})]
    office.approved(a_plan(2))

    done = office.advance(2)

    assert done.state is RequestState.PARTIAL
    assert done.step("ninja:1").reason == "no longer known"
    assert office.vendor.sent == [("ninja:2",)]


def test_devices_protected_since_are_skipped() -> None:
    office = Office()
    office.approved()
    office.client = a_client(protected_devices=frozenset({"ninja:1"}))

    done = office.advance()

    assert office.vendor.sent == []
    assert "protected" in done.step("ninja:1").reason


def test_devices_protected_by_name_since_are_skipped() -> None:
    office = Office()
    office.approved()
    office.client = a_client(protected_devices=frozenset({"ws-1"}))

    office.advance()

    assert office.vendor.sent == []


def test_offline_devices_are_skipped_or_waited_for_as_was_chosen() -> None:
    offline = Recheck(offline=frozenset({"ninja:1"}))
    skipping, waiting = Office(), Office()
    for office in (skipping, waiting):
        office.vendor.rechecks = [offline, offline]
    skipping.approved(a_plan())
    waiting.approved(a_plan(wait_for_offline=True))

    assert skipping.advance().step("ninja:1").state is StepState.SKIPPED
    assert waiting.advance().step("ninja:1").state is StepState.WAITING
    assert waiting.advance(2).state is RequestState.SUCCEEDED


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


def test_a_job_without_an_end_is_unknown_after_its_time() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 3
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.DONE)}
    office.approved()
    office.advance()

    office.clock.move(minutes=241)
    stuck = office.advance()

    assert stuck.state is RequestState.NEEDS_PERSON
    assert stuck.step("ninja:1").state is StepState.UNKNOWN


def test_what_does_not_show_at_the_source_in_time_is_not_verified() -> None:
    office = Office()
    lagging = StepResult(target="ninja:1", state=StepState.DONE, reason="rescan awaited")
    office.vendor.verified = {"ninja:1": lagging}
    office.approved()
    assert office.advance(2).step("ninja:1").state is StepState.DONE

    office.clock.move(minutes=61)
    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.step("ninja:1").reason == "rescan awaited"
    assert done.state is RequestState.FAILED


def test_a_device_that_cannot_be_read_back_does_not_hold_up_the_others() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": MalformedAnswer("Vendor")}
    office.approved(a_plan(3))

    open_still = office.advance(2)

    states = [step.state for step in open_still.steps]
    assert states == [StepState.DONE, StepState.VERIFIED, StepState.VERIFIED]
    office.vendor.unreadable = {}
    assert office.advance().state is RequestState.SUCCEEDED


def test_a_device_that_stays_unreadable_while_others_are_read_ends_with_the_reason() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": MalformedAnswer("Vendor")}
    office.vendor.verified = {"ninja:2": StepResult(target="ninja:2", state=StepState.DONE)}
    office.approved(a_plan(2))
    office.advance(2)

    office.clock.move(minutes=61)
    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.step("ninja:1").reason.startswith("could not be read back: ")


def test_a_single_device_that_stays_unreadable_ends_too() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": VendorNotFound("Vendor", "HTTP 404")}
    office.approved(a_plan())
    office.advance(2)
    office.clock.move(minutes=61)

    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.state is RequestState.FAILED


def test_many_devices_that_cannot_be_read_back_do_not_hide_the_others_for_good() -> None:
    office = Office()
    gone = [f"ninja:{n}" for n in range(1, 8)]
    office.vendor.unreadable = dict.fromkeys(gone, MalformedAnswer("Vendor"))
    office.vendor.verified = {"ninja:9": StepResult(target="ninja:9", state=StepState.DONE)}
    office.approved(a_plan(9))
    for _ in range(9):
        office.advance()
        office.clock.move(minutes=1)
    assert office.stored().step("ninja:8").state is StepState.VERIFIED

    office.clock.move(minutes=61)
    for _ in range(9):
        office.clock.move(minutes=1)
        done = office.advance()
    assert {done.step(device).state for device in gone} == {StepState.NOT_VERIFIED}
    assert done.state.final


def test_a_vendor_of_which_nothing_can_be_read_is_waited_for_and_not_asked_about_everything() -> (
    None
):
    office = Office()
    down = VendorDown("Vendor")
    office.vendor.unreadable = {f"ninja:{n}": down for n in range(1, 9)}
    office.approved(a_plan(8))
    office.advance()
    office.clock.move(minutes=600)
    asked = len(office.vendor.asked_back)

    waiting = office.advance()

    assert {step.state for step in waiting.steps} == {StepState.DONE}
    assert len(office.vendor.asked_back) == asked + 5
    office.vendor.unreadable = {}
    assert office.advance().state is RequestState.SUCCEEDED


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


def test_a_call_that_keeps_failing_is_tried_less_and_less_often_and_says_why() -> None:
    office = Office()
    office.vendor.dispatch_errors = [VendorDown("Vendor")] * 1000
    office.approved()
    for _ in range(4 * 60):
        office.advance()
        office.clock.move(seconds=15)

    assert len(office.vendor.sent) <= 15
    assert office.stored().step("ninja:1").reason.startswith("not sent yet: Vendor:")

    office.vendor.dispatch_errors.clear()
    office.clock.move(minutes=10)
    assert office.advance(2).state is RequestState.SUCCEEDED
