"""What happens elsewhere while a call is under way: nothing known is lost, nothing late is sent."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier

import pytest

from core.domain.policy import ApprovalPolicy
from core.domain.remediation import (
    Action,
    JobState,
    RequestId,
    RequestState,
    StepState,
    Verdict,
    When,
)
from core.errors import (
    GatehouseError,
    MalformedAnswer,
    NotAllowed,
    Refused,
    StorageFailed,
    VendorBusy,
    VendorError,
)
from core.ports import Evidence, Recheck, Report, Truth
from core.usecases.advance_request import AdvanceRequest
from core.usecases.decide_request import DecideRequest
from tests.fakes.effector import FakeEffector
from tests.patience import PATIENCE_S
from tests.usecases.requests_made import (
    ACME,
    DEVON,
    MAYA,
    REQUEST,
    TESS,
    Office,
    a_client,
    a_person,
    a_plan,
    an_account,
)


def freeze(office: Office) -> None:
    office.freeze().freeze("odd clicks", person=TESS, identity=an_account())


# A call under way.


def test_cancelled_while_a_call_is_under_way_its_outcome_is_kept() -> None:
    office = Office()
    office.vendor.while_sending = [lambda: office.cancel(TESS)]
    office.approved(a_plan(2))

    office.advance()
    sent, unsent = office.stored().jobs
    assert (sent.state, sent.reference) == (JobState.DONE, "ref-1")

    done = office.advance(3)
    assert office.vendor.sent == [("ninja:1",)]
    assert done.step("ninja:1").state is StepState.VERIFIED
    assert done.step("ninja:2").state is StepState.SKIPPED
    assert done.state is RequestState.PARTIAL
    assert unsent.targets == ("ninja:2",)


def test_cancelled_while_a_call_fails_its_failure_is_kept() -> None:
    office = Office()
    office.vendor.while_sending = [lambda: office.cancel(TESS)]
    office.vendor.dispatch_errors = [VendorBusy("Vendor")]
    office.approved()

    done = office.advance(2)

    assert done.state is RequestState.CANCELLED
    assert len(office.vendor.sent) == 1


def test_a_full_disk_after_a_call_loses_nothing_once_there_is_room() -> None:
    office = Office()

    def fill() -> None:
        office.store.kept.full = True

    office.vendor.while_sending = [fill]
    office.vendor.evidence = Evidence(truth=Truth.SENT, reference="found", detail="seen")
    office.approved()
    with pytest.raises(StorageFailed):
        office.advance()
    office.store.kept.full = False

    done = office.advance(3)

    assert len(office.vendor.sent) == 1
    assert done.state is RequestState.SUCCEEDED


@pytest.mark.parametrize("error", [MalformedAnswer("Vendor"), VendorError("Vendor", "odd")])
def test_an_error_that_tells_nothing_about_the_call_is_looked_into(error: Exception) -> None:
    office = Office()
    office.vendor.dispatch_errors = [error]
    office.vendor.evidence = Evidence(truth=Truth.SENT, detail="seen at the source")
    office.approved()

    assert office.advance(3).state is RequestState.SUCCEEDED
    assert len(office.vendor.sent) == 1


def test_a_fault_of_ours_during_a_call_is_looked_into_with_the_next_pass() -> None:
    office = Office()
    office.vendor.dispatch_errors = [ValueError("a fault of ours")]
    office.vendor.evidence = Evidence(truth=Truth.SENT, detail="seen at the source")
    office.approved()
    with pytest.raises(ValueError, match="of ours"):
        office.advance()

    assert office.advance(3).state is RequestState.SUCCEEDED
    assert len(office.vendor.sent) == 1


# The last moment before a call.


def test_frozen_while_the_source_is_read_nothing_is_sent() -> None:
    office = Office()
    office.vendor.while_rechecking = [lambda: None, lambda: freeze(office)]
    office.approved()

    office.advance(3)

    assert office.vendor.sent == []
    assert office.stored().step("ninja:1").state is StepState.PLANNED


def test_frozen_between_two_calls_the_second_is_not_made() -> None:
    office = Office()
    office.vendor.while_sending = [lambda: freeze(office)]
    office.approved(a_plan(2))

    office.advance(3)

    assert office.vendor.sent == [("ninja:1",)]


def test_no_call_is_made_after_the_window_ended_while_earlier_ones_were() -> None:
    office = Office()
    office.approved(a_plan(5, when=When.WINDOW))
    office.clock.time = datetime(2026, 11, 29, 1, 57, tzinfo=UTC)
    office.vendor.while_sending = [lambda: office.clock.move(minutes=1)] * 5

    done = office.advance(3)

    assert len(office.vendor.sent) == 3
    assert done.count(StepState.SKIPPED) == 2
    assert "window ended" in done.steps[4].reason


def test_a_window_that_was_taken_out_of_the_configuration_is_not_used() -> None:
    office = Office()
    office.approved(a_plan(when=When.WINDOW))
    office.client = a_client(maintenance_window=None)
    office.clock.time = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)

    assert office.advance(2).state is RequestState.SCHEDULED
    assert office.vendor.sent == []


def test_what_was_asked_for_in_a_window_is_not_approved_once_there_is_none() -> None:
    office = Office()
    office.ask(a_plan(when=When.WINDOW))
    office.client = a_client(maintenance_window=None)

    with pytest.raises(Refused, match="no maintenance window"):
        office.decide(MAYA)

    assert office.stored().state is RequestState.PENDING


def test_nothing_is_asked_for_in_a_window_that_does_not_exist() -> None:
    office = Office(client=a_client(maintenance_window=None))

    with pytest.raises(Refused, match="no maintenance window"):
        office.ask(a_plan(when=When.WINDOW))


# The caps.


def test_a_call_that_was_not_carried_out_does_not_count_against_the_cap() -> None:
    office = Office(policy=ApprovalPolicy(max_weight_per_hour=3))
    office.vendor.dispatch_errors = [VendorBusy("Vendor")]
    office.approved(a_plan(3))

    assert office.advance(3).state is RequestState.SUCCEEDED


def test_two_requests_at_once_do_not_share_the_last_room_under_the_cap() -> None:
    office = Office(policy=ApprovalPolicy(max_weight_per_hour=1))
    ids = [RequestId("R00001"), RequestId("R00002")]
    decide = DecideRequest(requests=office.store.requests, policy=office.policy, clock=office.clock)
    for request_id in ids:
        office.ask(a_plan(), request_id=request_id)
        account = an_account()
        decide(request_id, Verdict.APPROVE, client=office.client, person=MAYA, identity=account)
    both = Barrier(2, timeout=PATIENCE_S)
    vendors = [FakeEffector(), FakeEffector()]
    for vendor in vendors:
        vendor.while_rechecking = [lambda: None, both.wait]

    def advance(n: int) -> None:
        AdvanceRequest(
            requests=office.store.requests,
            effectors={"ninja": vendors[n]},
            rmms={},
            clients={ACME: office.client},
            switch=office.store.switch,
            policy=office.policy,
            rings=office.rings,
            clock=office.clock,
        )(ids[n])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(advance, range(2)))

    assert len(vendors[0].sent) + len(vendors[1].sent) <= 1


# Two people at once.


def test_two_approvers_in_the_same_second_both_count_where_two_are_needed() -> None:
    office = Office()
    office.ask(a_plan(action=Action.UNDO_ENFORCE_MFA))
    both = Barrier(2, timeout=PATIENCE_S)
    read = office.store.requests.get
    late = iter([True, True])

    def get(request_id: RequestId) -> object:
        request = read(request_id)
        if next(late, False):
            both.wait()
        return request

    office.store.requests.get = get  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(office.decide, (MAYA, DEVON)))

    assert office.stored().state is RequestState.APPROVED
    assert {decision.by for decision in office.stored().approvals} == {"maya", "devon"}


def test_a_cancel_holds_although_the_request_moved_on_meanwhile() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)]
    waits = Recheck(offline=frozenset({"ninja:2"}))
    office.vendor.rechecks = [Recheck(), Recheck(), waits]
    office.approved(a_plan(2, wait_for_offline=True))
    read = office.store.requests.get
    moved: list[object] = []

    def get(request_id: RequestId) -> object:
        request = read(request_id)
        if not moved:
            moved.append(True)
            office.advance()
        return request

    office.store.requests.get = get  # type: ignore[method-assign, assignment]
    office.cancel(TESS)

    assert office.stored().state is RequestState.CANCELLING


def test_outsiders_are_not_told_how_a_request_ended() -> None:
    office = Office()
    office.approved()
    office.advance(2)

    with pytest.raises(NotAllowed):
        office.cancel(replace(a_person("eve", TESS.roles["*"]), roles={}))  # type: ignore[index]


def test_an_id_that_is_taken_is_not_mistaken_for_the_same_request() -> None:
    office = Office()
    office.ask(a_plan(1))

    with pytest.raises(Refused, match="another request"):
        office.ask(a_plan(2), person=DEVON, request_id=REQUEST)
    with pytest.raises(GatehouseError):
        office.ask(a_plan(2))
