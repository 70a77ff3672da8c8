"""A request whose client has left the configuration ends all the same, and says what nobody knows."""

from core.domain.events import StepResult
from core.domain.remediation import JobState, RequestState, StepState
from core.ports import Recheck, Report
from tests.usecases.requests_made import MAYA, TESS, Office, a_plan


def half_sent() -> Office:
    """One job runs at the vendor, the other waits for its device."""
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)]
    waits = Recheck(offline=frozenset({"ninja:2"}))
    office.vendor.rechecks = [Recheck(), Recheck(), waits]
    office.approved(a_plan(2, wait_for_offline=True))
    office.advance()
    office.restart()
    office.client_left = True
    return office


def test_what_was_sent_is_unknown_and_what_was_not_is_skipped() -> None:
    office = half_sent()

    stuck = office.advance(2)

    assert stuck.state is RequestState.NEEDS_PERSON
    assert stuck.step("ninja:1").state is StepState.UNKNOWN
    assert stuck.step("ninja:2").state is StepState.SKIPPED
    assert "no longer in the configuration" in stuck.step("ninja:2").reason


def test_a_named_persons_word_ends_it() -> None:
    office = half_sent()
    office.advance()

    office.settle(MAYA, carried_out=True)

    assert office.advance().state.final


def test_cancelling_does_not_hide_what_is_unknown() -> None:
    office = half_sent()
    office.cancel(TESS)

    assert office.advance().state is RequestState.NEEDS_PERSON


def test_what_was_carried_out_and_not_read_back_is_not_verified() -> None:
    office = Office()
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.DONE)}
    office.approved()
    office.advance()
    office.client_left = True

    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.state is RequestState.FAILED


def test_a_client_that_comes_back_lets_evidence_settle_what_was_unknown() -> None:
    office = half_sent()
    office.advance()
    office.restart()
    office.client_left = False

    done = office.advance()

    assert done.step("ninja:1").state is StepState.VERIFIED
    assert done.state is RequestState.PARTIAL


def test_a_client_that_left_before_the_start_supersedes_the_request() -> None:
    office = Office()
    office.approved()
    office.client_left = True

    assert office.advance().state is RequestState.SUPERSEDED
    assert office.vendor.sent == []
