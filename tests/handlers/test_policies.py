"""/mfa policy: one form for what is possible, a preview, a request; and Undo on a card finds its way here."""

import json
from dataclasses import replace
from typing import Any

from core.domain.events import StepResult
from core.domain.policy import RingPolicy
from core.domain.remediation import Action, JobState, Request, RequestId, StepState
from core.ports import Report
from core.usecases.advance_request import AdvanceRequest
from integrations.slack.rendering.ids import Act, Field, Form
from tests.fakes.tenant import a_policy
from tests.handlers.front import Front

CREATE = "create_policy:mfa_all_users"
ASKED = {Field.POLICY_CHANGE: CREATE, Field.REASON: "The insurer asks for it."}


def shown(front: Front) -> Any:
    return front.views("views.update")[-1]


def offered(view: Any) -> list[str]:
    block = next(b for b in view["blocks"] if b.get("block_id") == Field.POLICY_CHANGE)
    return [option["value"] for option in block["element"]["options"]]


def previewed(front: Front, values: Any = None) -> Any:
    front.submit("UTESS", Form.POLICY, values or ASKED, client="acme", channel="C1")
    return shown(front)


def test_the_form_lists_what_is_possible_and_why_the_rest_is_not(front: Front) -> None:
    front.command("UTESS", "/mfa policy acme")
    view = shown(front)
    assert view["callback_id"] == Form.POLICY
    assert CREATE in offered(view)
    assert "create_policy:resistant_admins" not in offered(view)
    assert "It would reach nobody" in json.dumps(view)


def test_the_button_opens_the_same_form(front: Front) -> None:
    front.click("UTESS", Act.POLICY_FORM, "acme")
    assert CREATE in offered(shown(front))


def test_without_a_client_it_says_how_to_ask(front: Front) -> None:
    front.command("UTESS", "/mfa policy")
    assert "/mfa policy acme" in front.told()


def test_where_nothing_is_possible_there_is_nothing_to_send(front: Front) -> None:
    front.acme = replace(front.acme, break_glass=())
    front.open()
    front.command("UTESS", "/mfa policy acme")
    assert shown(front)["callback_id"] == Form.NOTE
    assert "No break-glass accounts" in json.dumps(shown(front))


def test_a_tenant_that_cannot_be_reached_says_so_in_place_of_the_form(front: Front) -> None:
    front.directory.down = True
    front.command("UTESS", "/mfa policy acme")
    assert "could not be reached" in json.dumps(shown(front))


def test_a_viewer_gets_no_form(front: Front) -> None:
    front.command("UVIK", "/mfa policy acme")
    assert front.views("views.open") == []
    assert "you need the role technician" in front.told()


def test_a_form_without_a_reason_is_answered_at_once(front: Front) -> None:
    response = front.submit("UTESS", Form.POLICY, ASKED | {Field.REASON: " "}, client="acme")
    assert Field.REASON in json.loads(response.body)["errors"]


def test_a_confirmed_preview_becomes_a_request_with_the_exact_change(front: Front) -> None:
    view = previewed(front)
    assert "is created *report-only*" in json.dumps(view)
    front.submit("UTESS", Form.PREVIEW, {}, **json.loads(view["private_metadata"]))
    (request,) = front.requests.open()
    assert request.plan.action is Action.CREATE_POLICY
    assert request.plan.change is not None


def test_a_change_that_is_not_possible_any_more_is_refused_at_the_preview(front: Front) -> None:
    view = previewed(front, ASKED | {Field.POLICY_CHANGE: "security_defaults:"})
    assert "bg1@acme.example" not in json.dumps(view)
    front.directory.settings = replace(front.directory.settings, policies=None)
    assert "could not be read" in json.dumps(previewed(front))


def test_undo_on_the_card_plans_the_way_back(front: Front) -> None:
    done = carried_out(front)
    front.directory.settings = replace(front.directory.settings, policies=(a_policy(),))
    front.click("UTESS", Act.UNDO, done.id)
    view = shown(front)
    assert view["callback_id"] == Form.PREVIEW
    assert "lowers protection" in json.dumps(view)
    assert "*report-only* to *disabled*" in json.dumps(view)


def carried_out(front: Front) -> Request:
    """A policy that was asked for, approved and created."""
    view = previewed(front)
    front.submit("UTESS", Form.PREVIEW, {}, **json.loads(view["private_metadata"]))
    (request,) = front.requests.open()
    front.directory.report = Report(
        state=JobState.DONE,
        reference="policy-1",
        results=(StepResult(target="mfa_all_users", state=StepState.DONE, changed=True),),
    )
    front.click("UMAYA", Act.APPROVE, request.id)
    directory: Any = front.directory
    advance = AdvanceRequest(
        requests=front.requests,
        effectors={"entra": directory},
        rmms={},
        clients={front.acme.key: front.acme},
        switch=front.switch,
        policy=front.policy,
        rings=RingPolicy(),
        clock=front.clock,
    )
    advance(RequestId(request.id))
    return advance(RequestId(request.id))
