"""Words on a request, by button and by command: decided on the server, refusals told and recorded."""

import json

import pytest

from core.domain.events import JobDispatching, JobMoved, PersonNeeded, Started, StepResult
from core.domain.people import People
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import JobState, RequestState, StepState
from integrations.slack.rendering.ids import Act, Field, Form
from tests.handlers.front import Front
from tests.handlers.staff import DEVON, MAYA, TESS
from tests.patience import PATIENCE_S
from tests.usecases.requests_made import REQUEST


@pytest.fixture
def waiting(front: Front) -> Front:
    """A request of Tess waits for a decision."""
    front.asked_for()
    return front


def unknown(front: Front) -> None:
    """The request was approved, and nobody knows what became of its one call."""
    front.click("UMAYA", Act.APPROVE, REQUEST)
    (job,) = front.stored().jobs
    now = front.clock.now()
    for event in (
        Started(at=now),
        JobDispatching(at=now, job_id=job.id, worker="dead", targets=job.targets),
        JobMoved(
            at=now,
            job_id=job.id,
            state=JobState.UNKNOWN,
            results=(StepResult(target=job.targets[0], state=StepState.UNKNOWN),),
        ),
        PersonNeeded(at=now, note="look at the source"),
    ):
        front.requests.commit(REQUEST, event, expected=front.stored().version)


# Approving.


def test_an_approver_approves_with_one_click(waiting: Front) -> None:
    assert waiting.click("UMAYA", Act.APPROVE, REQUEST).status == 200

    assert waiting.stored().state is RequestState.APPROVED
    assert waiting.stored().decisions[0].by == "maya"


def test_the_value_of_the_button_is_all_that_counts(waiting: Front) -> None:
    waiting.click("UMAYA", Act.APPROVE, "R99999")

    assert waiting.stored().decisions == ()
    assert "There is no request R99999" in waiting.told()
    assert waiting.refused() == [("UMAYA", "action:approve", "R99999")]


@pytest.mark.parametrize(
    "user", ["UTESS", "UVIK", "UBO", "UEVE", "UGUEST", "UGONE", "UBOT", "UFAR"]
)
@pytest.mark.parametrize("way", ["button", "command"])
def test_nobody_else_approves_and_each_try_is_told_and_recorded(
    waiting: Front, user: str, way: str
) -> None:
    if way == "button":
        waiting.click(user, Act.APPROVE, REQUEST)
    else:
        waiting.command(user, f"/gatehouse approve {REQUEST.lower()}")

    assert waiting.stored().decisions == ()
    assert len(waiting.web.responses) == 1
    ((actor, _, of),) = waiting.refused()
    assert actor == user
    assert REQUEST in of.upper()


def test_the_requester_approves_by_none_of_their_accounts() -> None:
    front = Front(people=People((MAYA, DEVON, TESS)))
    front.asked_for(by=MAYA)

    for user in ("UMAYA", "UMAYA2"):
        front.click(user, Act.APPROVE, REQUEST)

    assert front.stored().decisions == ()
    assert "someone else has to decide" in front.told()
    front.executor.drain(PATIENCE_S)


def test_clicking_twice_decides_once_and_the_second_click_is_told_so(waiting: Front) -> None:
    waiting.click("UMAYA", Act.APPROVE, REQUEST)
    waiting.click("UDEVON", Act.APPROVE, REQUEST)

    assert len(waiting.stored().decisions) == 1
    assert "already approved by Maya" in waiting.told()


def test_a_click_after_its_time_is_refused(waiting: Front) -> None:
    waiting.clock.move(minutes=61)
    waiting.click("UMAYA", Act.APPROVE, REQUEST)

    assert waiting.stored().state is RequestState.EXPIRED
    assert len(waiting.refused()) == 1


def test_while_slack_cannot_say_who_clicked_nothing_is_decided(waiting: Front) -> None:
    waiting.web.refuse["users.info"] = "internal_error"
    waiting.click("UMAYA", Act.APPROVE, REQUEST)

    assert waiting.stored().decisions == ()
    assert "Slack: refused with internal_error" in waiting.told()


def test_a_fault_of_ours_is_told_with_a_reference_only(
    waiting: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr(type(waiting.desk.chat), "who", fail)
    waiting.click("UMAYA", Act.APPROVE, REQUEST)

    assert "Tell its owner: reference" in waiting.told()
    assert "secret detail" not in waiting.told()


# Denying.


def test_a_decision_by_word_is_answered_with_how_the_request_stands(waiting: Front) -> None:
    waiting.command("UMAYA", f"/gatehouse approve {REQUEST}")
    assert f"You approved it. {REQUEST}: Approved, about to start." in waiting.told()
    waiting.command("UTESS", f"/gatehouse cancel {REQUEST}")
    assert f"{REQUEST}: Withdrawn, nothing was done." in waiting.told()


def test_one_of_two_approvals_is_told_as_such() -> None:
    front = Front(policy=ApprovalPolicy(approvals_raise=2, approvals_lower=2))
    front.asked_for()
    front.command("UMAYA", f"/gatehouse approve {REQUEST}")
    assert f"{REQUEST}: Waiting for approval, 1 of 2 so far." in front.told()


def test_denying_takes_a_reason(waiting: Front) -> None:
    waiting.click("UMAYA", Act.DENY, REQUEST)
    (form,) = waiting.views("views.open")
    assert json.loads(form["private_metadata"])["request"] == REQUEST

    refused = waiting.submit("UMAYA", Form.DENY, {Field.REASON: "  "}, request=REQUEST)
    assert json.loads(refused.body)["response_action"] == "errors"
    waiting.submit("UMAYA", Form.DENY, {Field.REASON: "Wrong weekend."}, request=REQUEST)

    assert waiting.stored().state is RequestState.DENIED
    assert waiting.stored().note == "Wrong weekend."


def test_denying_by_command_takes_a_reason_too(waiting: Front) -> None:
    waiting.command("UMAYA", f"/gatehouse deny {REQUEST}")
    assert "Say why" in waiting.told()
    assert waiting.refused() == []

    waiting.command("UMAYA", f"/gatehouse deny {REQUEST} wrong weekend")
    assert waiting.stored().note == "wrong weekend"


@pytest.mark.parametrize("act", [Act.DENY, Act.SETTLE])
@pytest.mark.parametrize("user", ["UBO", "UEVE", "UGUEST", "UVIK", "UTESS"])
def test_forms_about_a_request_open_only_for_those_who_may_send_them(
    waiting: Front, act: Act, user: str
) -> None:
    waiting.click(user, act, REQUEST)

    assert waiting.views("views.open") == []
    assert [actor for actor, _, _ in waiting.refused()] == [user]


def test_a_form_that_names_another_request_decides_only_what_its_sender_may(waiting: Front) -> None:
    waiting.submit("UBO", Form.DENY, {Field.REASON: "No."}, request=REQUEST)

    assert waiting.stored().decisions == ()
    assert len(waiting.refused()) == 1


def test_a_form_that_took_too_long_to_open_says_so(waiting: Front) -> None:
    waiting.web.refuse["views.open"] = "expired_trigger_id"
    waiting.click("UMAYA", Act.DENY, REQUEST)

    assert "Please try once more" in waiting.told()


# Cancelling.


@pytest.mark.parametrize("user", ["UTESS", "UMAYA"])
def test_the_requester_and_technicians_withdraw(waiting: Front, user: str) -> None:
    waiting.click(user, Act.CANCEL, REQUEST)

    assert waiting.stored().state is RequestState.WITHDRAWN


@pytest.mark.parametrize("user", ["UVIK", "UBO", "UEVE"])
def test_others_do_not(waiting: Front, user: str) -> None:
    waiting.command(user, f"/gatehouse cancel {REQUEST}")

    assert waiting.stored().state is RequestState.PENDING
    assert len(waiting.refused()) == 1


# Settling.


def test_an_approver_settles_what_is_unknown(waiting: Front) -> None:
    unknown(waiting)
    said = {Field.CARRIED_OUT: "no", Field.REASON: "It is not there."}
    waiting.submit("UDEVON", Form.SETTLE, said, request=REQUEST)

    assert waiting.stored().steps[0].state is StepState.FAILED
    assert "Devon" in waiting.stored().steps[0].reason


@pytest.mark.parametrize("seen", [None, "", "perhaps"])
def test_no_word_is_taken_for_somebody_who_did_not_say_it(waiting: Front, seen: str | None) -> None:
    unknown(waiting)
    said = {Field.CARRIED_OUT: seen, Field.REASON: "It is not there."}
    waiting.submit("UDEVON", Form.SETTLE, said, request=REQUEST)

    assert waiting.stored().steps[0].state is StepState.UNKNOWN


@pytest.mark.parametrize("user", ["UTESS", "UVIK", "UBO"])
def test_only_approvers_other_than_the_requester_settle(waiting: Front, user: str) -> None:
    unknown(waiting)
    said = {Field.CARRIED_OUT: "yes", Field.REASON: "I looked."}
    waiting.submit(user, Form.SETTLE, said, request=REQUEST)

    assert waiting.stored().steps[0].state is StepState.UNKNOWN
    assert len(waiting.refused()) == 1
