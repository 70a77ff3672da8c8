"""Once, and what was approved: dispatch, crashes, and what changed since the approval."""

import pytest

from core.domain.events import StepResult
from core.domain.remediation import JobState, RequestState, StepState
from core.errors import (
    OutcomeUnknown,
    StorageFailed,
    VendorBusy,
    VendorDown,
    VendorRefused,
)
from core.ports import Evidence, Recheck, Truth
from tests.usecases.requests_made import (
    DEVON,
    Office,
    a_client,
    a_plan,
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
