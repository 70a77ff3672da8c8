"""Clicks and choices in messages, in modals and in Home: block_actions."""

from dataclasses import dataclass
from typing import Any

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.outcome import Outcome
from sandbox.slack.acts.payloads import action_hook, channel_ref, common
from sandbox.slack.blockkit.walk import every_element
from sandbox.slack.inputs import (
    KINDS,
    Field,
    InputRefusedError,
    Raw,
    Typed,
    fields,
    read,
    state_values,
)
from sandbox.slack.model import Channel, Json, Message, User, View
from sandbox.slack.service import Slack
from sandbox.slack.triggers import Trigger
from sandbox.slack.wire import message_json, view_json

#: Shown by the client next to what was clicked.
NOT_RESPONDING = "This app is not responding right now."


@dataclass(frozen=True)
class Place:
    """The element an act is about, and the block around it."""

    block: Json
    element: Json

    @property
    def address(self) -> tuple[str, str]:
        return str(self.block["block_id"]), str(self.element["action_id"])


@dataclass(frozen=True)
class Posted:
    """A message and the conversation it is in."""

    channel: Channel
    message: Message


def find_element(
    user: User, blocks: list[Json], action_id: str, block_id: str | None = None
) -> Place:
    """The one element with that action_id which this person can see."""
    found = [
        Place(block, element)
        for block, element in every_element(blocks)
        if element.get("action_id") == action_id
        and block_id in (None, block.get("block_id"))
        and user.id in element.get("visible_to_user_ids", [user.id])
    ]
    if not found:
        raise RefusedError(404, "action_not_found", f"There is nothing called {action_id!r} here.")
    if len(found) > 1:
        raise RefusedError(
            400, "action_ambiguous", f"{action_id!r} is here {len(found)} times: give block_id."
        )
    return found[0]


def chosen(slack: Slack, user: User, place: Place, selected: Any, typed: Typed) -> Json:
    """The `actions` entry. A button's value is the stored one; a choice must be on offer."""
    block_id, action_id = place.address
    element = place.element
    entry: Json = {
        "type": element["type"],
        "action_id": action_id,
        "block_id": block_id,
        "action_ts": slack.workspace.now_ts(),
    }
    if element["type"] in KINDS:
        value = _read(Field(place.block, element, slack.lookup(user.id)), selected)
        typed[place.address] = value
        return {**entry, **value}
    if element["type"] == "feedback_buttons":
        return entry | _feedback(element, selected)
    entry |= {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    return entry


def _read(field: Field, selected: Raw) -> Json:
    try:
        return read(field, selected)
    except InputRefusedError as refusal:
        raise RefusedError(400, "invalid_selection", str(refusal)) from refusal


def _feedback(element: Json, selected: Any) -> Json:
    for key in ("positive_button", "negative_button"):
        if element[key]["value"] == selected:
            return {"text": element[key]["text"], "value": selected}
    raise RefusedError(400, "invalid_selection", f"{selected!r} is not on offer.")


async def act_on_message(
    slack: Slack, user: User, posted: Posted, place: Place, selected: Raw
) -> Outcome:
    """Send block_actions for an element of a message the person sees."""
    channel, message = posted.channel, posted.message
    typed = message.chosen.setdefault(user.id, {})
    action = chosen(slack, user, place, selected, typed)
    if _kept_by_client(place):
        return _kept()
    trigger = Trigger(user=user.id, made_at=slack.now, channel=channel.id)
    payload = {
        **common(slack, user, "block_actions", trigger),
        "container": message_container(posted),
        "channel": channel_ref(channel),
        "state": {"values": state_values(fields(message.blocks, slack.lookup(user.id)), typed)},
        "response_url": action_hook(slack, user, channel, message),
        "actions": [action],
    }
    if not message.ephemeral:
        payload["message"] = message_json(slack, message)
    return await _send(slack, payload)


def _kept() -> Outcome:
    return Outcome(acked=None, ack_ms=None, status="not_dispatched")


def _kept_by_client(place: Place) -> bool:
    """An input block tells the app nothing before it is submitted, unless it sets `dispatch_action`."""
    return place.block["type"] == "input" and not place.block.get("dispatch_action", False)


def message_container(posted: Posted) -> Json:
    message = posted.message
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": posted.channel.id,
        "is_ephemeral": message.ephemeral,
    }
    if message.thread_ts not in (None, message.ts):
        container["thread_ts"] = message.thread_ts
    return container


async def act_on_view(slack: Slack, user: User, view: View, place: Place, selected: Raw) -> Outcome:
    """Send block_actions for an element of a modal or of Home."""
    action = chosen(slack, user, place, selected, view.typed)
    if _kept_by_client(place):
        return _kept()
    home = view.kind == "home"
    trigger = Trigger(
        user=user.id,
        made_at=slack.now,
        channel=view.origin,
        root_view=None if home else view.root_id,
        from_home=home,
    )
    shown = view_json(slack, view)
    payload = {
        **common(slack, user, "block_actions", trigger),
        "container": {"type": "view", "view_id": view.id},
        "view": shown,
        "actions": [action],
    }
    if home:
        payload["state"] = shown["state"]
    return await _send(slack, payload)


async def _send(slack: Slack, payload: Json) -> Outcome:
    outcome = Outcome.of(await slack.sockets.deliver("interactive", payload, accepts=True))
    if not outcome.acked:
        outcome.shown = NOT_RESPONDING
    return outcome
