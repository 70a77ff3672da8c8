"""Slack's payloads, whatever their kind, as one shape that handlers can read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """One command, click, submission or event. Fields a payload lacks are None or empty."""

    kind: str
    user_id: str
    team_id: str | None
    enterprise_id: str | None = None
    channel_id: str | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    #: Slash command: the word with its slash, and what was typed behind it.
    command: str | None = None
    text: str = ""
    #: Action: its id, its stored value, and what was chosen in a menu.
    action_id: str | None = None
    value: str = ""
    selected: tuple[str, ...] = ()
    message_ts: str | None = None
    #: The message clicked in is one that only the clicker sees, and may be replaced.
    ephemeral: bool = False
    #: Submission or action in a view.
    view_id: str | None = None
    callback_id: str | None = None
    private_metadata: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def field_text(self, name: str) -> str:
        """What was typed or chosen in a single-valued field; "" where nothing was."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def field_list(self, name: str) -> tuple[str, ...]:
        """What was chosen in a many-valued field."""
        value = self.values.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, Sequence) else ()


def once_key(payload: Mapping[str, Any]) -> str:
    """The hash of a payload: the same for a redelivery, different for a second click."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def parse(payload: Mapping[str, Any]) -> Inbound:
    """Read a slash command, an interaction or an event callback. Raises KeyError on a malformed one."""
    if "command" in payload:
        return _command(payload)
    if "event" in payload:
        return _event(payload)
    return _interaction(payload)


def _command(payload: Mapping[str, Any]) -> Inbound:
    return Inbound(
        kind="command",
        user_id=payload["user_id"],
        team_id=payload.get("team_id"),
        enterprise_id=payload.get("enterprise_id"),
        channel_id=payload.get("channel_id"),
        trigger_id=payload.get("trigger_id"),
        response_url=payload.get("response_url"),
        command=payload["command"],
        text=payload.get("text", "").strip(),
    )


def _event(payload: Mapping[str, Any]) -> Inbound:
    event = payload["event"]
    return Inbound(
        kind=event["type"],
        user_id=event.get("user", ""),
        team_id=payload.get("team_id"),
        enterprise_id=payload.get("enterprise_id"),
        channel_id=event.get("channel"),
        text=event.get("text", ""),
        value=event.get("tab", ""),
    )


def _interaction(payload: Mapping[str, Any]) -> Inbound:
    user = payload["user"]
    view = payload.get("view") or {}
    action = (payload.get("actions") or [{}])[0]
    container = payload.get("container") or {}
    return Inbound(
        kind=payload["type"],
        user_id=user["id"],
        team_id=user.get("team_id") or (payload.get("team") or {}).get("id"),
        enterprise_id=(payload.get("enterprise") or {}).get("id"),
        channel_id=(payload.get("channel") or {}).get("id"),
        trigger_id=payload.get("trigger_id"),
        response_url=payload.get("response_url"),
        action_id=action.get("action_id") or payload.get("action_id"),
        value=action.get("value") or payload.get("value") or "",
        selected=_chosen(action),
        message_ts=container.get("message_ts"),
        ephemeral=bool(container.get("is_ephemeral")),
        view_id=view.get("id"),
        callback_id=view.get("callback_id"),
        private_metadata=view.get("private_metadata", ""),
        values=_state(view),
    )


def _state(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """A view's inputs by action id: a string, a list of strings, or None."""
    blocks = (view.get("state") or {}).get("values") or {}
    return {
        action_id: _input(element)
        for elements in blocks.values()
        for action_id, element in elements.items()
    }


def _input(element: Mapping[str, Any]) -> str | list[str] | None:
    if "selected_options" in element:
        return list(_chosen(element))
    chosen = _chosen(element)
    if chosen:
        return chosen[0]
    value = element.get("value", element.get("selected_date"))
    return value if isinstance(value, str) else None


def _chosen(element: Mapping[str, Any]) -> tuple[str, ...]:
    if element.get("selected_options"):
        return tuple(option["value"] for option in element["selected_options"])
    option = element.get("selected_option")
    return (option["value"],) if option else ()
