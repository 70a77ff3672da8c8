"""Submitting and closing modals: view_submission with its response actions, view_closed."""

from typing import Any

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.outcome import Outcome
from sandbox.slack.acts.payloads import common
from sandbox.slack.errors import SlackError
from sandbox.slack.hooks import Hook
from sandbox.slack.inputs import Field, InputRefusedError, Raw, current, fields, is_empty, read
from sandbox.slack.model import Json, User, View
from sandbox.slack.service import Slack
from sandbox.slack.triggers import Trigger
from sandbox.slack.views import checked_view
from sandbox.slack.wire import view_json

TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."


def fill(slack: Slack, user: User, view: View, values: dict[str, Raw]) -> dict[str, str]:
    """Type into the view; answer what the client complains about, by block_id. Unnamed inputs keep their value."""
    known = fields(view.blocks, slack.lookup(user.id))
    complaints = {}
    for name, raw in values.items():
        field = _named(known, name)
        try:
            view.typed[field.address] = read(field, raw)
        except InputRefusedError as refusal:
            complaints[field.address[0]] = str(refusal)
    return complaints


def _named(known: list[Field], name: str) -> Field:
    """By action_id, or by "block_id/action_id" where one action_id is there twice."""
    found = [f for f in known if name in (f.address[1], "/".join(f.address))]
    if not found:
        raise RefusedError(404, "action_not_found", f"There is no input {name!r} in this view.")
    if len(found) > 1:
        raise RefusedError(
            400, "action_ambiguous", f"{name!r} is there twice: use block_id/action_id."
        )
    return found[0]


def _left_empty(slack: Slack, view: View) -> dict[str, str]:
    return {
        field.address[0]: REQUIRED
        for field in fields(view.blocks, slack.lookup(view.user))
        if field.block["type"] == "input"
        and not field.block.get("optional", False)
        and is_empty(field, current(field, view.typed))
    }


async def submit(slack: Slack, user: User, view: View, values: dict[str, Raw]) -> Outcome:
    """Press Submit. What the client refuses is never sent: status "incomplete", with errors by block_id."""
    if view.body.get("submit") is None:
        raise RefusedError(400, "no_submit", "This view has no submit button.")
    complaints = _left_empty_after(slack, user, view, values)
    if complaints:
        return Outcome(acked=None, ack_ms=None, status="incomplete", errors=complaints)
    trigger = Trigger(user=user.id, made_at=slack.now, channel=view.origin, root_view=view.root_id)
    payload = {
        **common(slack, user, "view_submission", trigger),
        "view": view_json(slack, view),
        "response_urls": _response_urls(slack, user, view),
    }
    ack = await slack.sockets.deliver("interactive", payload, accepts=True)
    outcome = Outcome.of(ack)
    if not ack.acked:
        outcome.shown = TROUBLE
        return outcome
    _obey(slack, view, ack.payload or {}, outcome)
    return outcome


def _left_empty_after(
    slack: Slack, user: User, view: View, values: dict[str, Raw]
) -> dict[str, str]:
    refused = fill(slack, user, view, values)
    return {**_left_empty(slack, view), **refused}


def _response_urls(slack: Slack, user: User, view: View) -> list[Json]:
    """One for each conversation chosen in an input that sets `response_url_enabled`."""
    urls = []
    for field in fields(view.blocks, slack.lookup(user.id)):
        channel_id = current(field, view.typed).get(field.kind.key)
        if not field.element.get("response_url_enabled") or not isinstance(channel_id, str):
            continue
        hook = Hook(user=user.id, channel=channel_id, made_at=slack.now)
        urls.append(
            {
                "block_id": field.address[0],
                "action_id": field.address[1],
                "channel_id": channel_id,
                "response_url": slack.hooks.make("app", hook),
            }
        )
    return urls


def _obey(slack: Slack, view: View, answer: Json, outcome: Outcome) -> None:
    """Do what the ack says; an ack Slack cannot make sense of shows as trouble."""
    try:
        outcome.status = _carry_out(slack, view, answer, outcome)
    except SlackError as refusal:
        outcome.status = "invalid_response"
        outcome.shown = TROUBLE
        outcome.errors = {"response": "; ".join([refusal.code, *refusal.messages])}


def _carry_out(slack: Slack, view: View, answer: Json, outcome: Outcome) -> str:
    action = answer.get("response_action")
    if action is None and answer:
        raise SlackError("unknown_response_action")
    if action == "errors":
        outcome.errors = _field_errors(view, answer.get("errors"))
    elif action == "update":
        slack.views.update(view, checked_view(answer.get("view"), "modal"))
    elif action == "push":
        slack.views.put_on_top(view.user, checked_view(answer.get("view"), "modal"))
    elif action == "clear":
        slack.views.close(view, whole_stack=True)
    elif action is None:
        slack.views.close(view)
    else:
        raise SlackError("unknown_response_action")
    return action or "closed"


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    """Errors belong to the block_ids of input blocks of this view."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors", ["errors must name block_ids of input blocks"])
    return {str(key): str(value) for key, value in errors.items()}


async def close(slack: Slack, user: User, view: View, *, whole_stack: bool) -> Outcome:
    """Leave the top view, or all of them; views that asked for it send view_closed."""
    cleared = whole_stack or bool(view.body.get("clear_on_close", False))
    gone = slack.views.close(view, whole_stack=cleared)
    told = [v for v in gone if v.body.get("notify_on_close")]
    outcome = Outcome(acked=None, ack_ms=None, status="closed")
    for closed in told:
        payload = {
            **common(slack, user, "view_closed"),
            "view": view_json(slack, closed),
            "is_cleared": cleared,
        }
        ack = await slack.sockets.deliver("interactive", payload)
        outcome.acked, outcome.ack_ms = ack.acked, ack.ms
        outcome.status = "closed" if ack.acked else ack.status
    return outcome
