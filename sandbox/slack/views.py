"""Modals and Home: a stack of up to three views per person, hashes against lost updates, one Home each."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.blockkit.payloads import complaints_about_view, view_too_large
from sandbox.slack.blockkit.stored import with_ids
from sandbox.slack.errors import SlackError, invalid_arguments
from sandbox.slack.messages import parsed
from sandbox.slack.model import Json, View
from sandbox.slack.triggers import Trigger
from sandbox.slack.workspace import Workspace, new_id

DEEPEST_STACK = 3


def checked_view(value: Any, kind: str) -> Json:
    """The view's body with its ids filled in, or Slack's refusal."""
    view = parsed(value, "invalid_arguments")
    if isinstance(view, dict) and view_too_large(view):
        raise SlackError("view_too_large")
    complaints = complaints_about_view(view, "home" if kind == "home" else "modal")
    if complaints:
        raise invalid_arguments(*complaints)
    return {**view, "blocks": with_ids(view["blocks"])}


@dataclass
class Views:
    """`stacks` and `homes` by user id; the last view of a stack is the one the person sees."""

    workspace: Workspace
    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def top(self, user_id: str) -> View | None:
        stack = self.stacks.get(user_id)
        return stack[-1] if stack else None

    def find(self, matches: Callable[[View], bool]) -> View | None:
        """An open modal or a published Home."""
        opened = [view for stack in self.stacks.values() for view in stack]
        return next((v for v in [*opened, *self.homes.values()] if matches(v)), None)

    def open(self, trigger: Trigger, body: Json) -> View:
        """Start a new stack; a modal that was open is gone."""
        self._refuse_known_external_id(body)
        view = self._make(trigger.user, body)
        view.origin = trigger.channel
        self.stacks[trigger.user] = [view]
        self._tell(view)
        return view

    def push(self, trigger: Trigger, body: Json) -> View:
        """Only an interaction inside a modal may push onto it."""
        if trigger.from_home:
            raise invalid_arguments(
                "must match the `type` of the root view whose stack we're pushing onto"
                " [json-pointer:/view/type]"
            )
        stack = self.stacks.get(trigger.user, [])
        if not stack or stack[0].id != trigger.root_view:
            raise SlackError("not_found")
        return self.put_on_top(trigger.user, body)

    def put_on_top(self, user_id: str, body: Json) -> View:
        self._refuse_known_external_id(body)
        stack = self.stacks.get(user_id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST_STACK:
            raise SlackError("push_limit_reached")
        view = self._make(user_id, body)
        view.root_id, view.previous_id, view.origin = stack[0].id, stack[-1].id, stack[0].origin
        stack.append(view)
        self._tell(view)
        return view

    def update(self, view: View, body: Json, expected_hash: str | None = None) -> View:
        """Replace the content. What was typed stays where block_id, action_id and type stay."""
        if expected_hash is not None and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        if body["type"] != view.kind:
            raise invalid_arguments("must match the `type` of the view [json-pointer:/view/type]")
        self._refuse_known_external_id(body, view)
        view.body, view.hash = body, self._hash()
        self._tell(view)
        return view

    def publish(self, user_id: str, body: Json, expected_hash: str | None) -> View:
        existing = self.homes.get(user_id)
        if existing is not None:
            return self.update(existing, body, expected_hash)
        if expected_hash is not None:
            raise SlackError("hash_conflict")
        self._refuse_known_external_id(body)
        view = self._make(user_id, body)
        self.homes[user_id] = view
        self._tell(view)
        return view

    def close(self, view: View, *, whole_stack: bool = False) -> list[View]:
        """Take the view off its stack (or the whole stack); answer what was closed, top first."""
        stack = self.stacks.get(view.user, [])
        gone = list(stack) if whole_stack else [view]
        self.stacks[view.user] = [v for v in stack if v not in gone]
        self._tell(view)
        return gone[::-1]

    def _make(self, user_id: str, body: Json) -> View:
        view_id = new_id("V")
        return View(
            id=view_id,
            kind="home" if body["type"] == "home" else "modal",
            user=user_id,
            hash=self._hash(),
            body=body,
            root_id=view_id,
        )

    def _hash(self) -> str:
        return f"{int(self.workspace.world.clock.timestamp())}.{secrets.token_hex(4)}"

    def _refuse_known_external_id(self, body: Json, own: View | None = None) -> None:
        wanted = body.get("external_id")
        known = self.find(lambda v: bool(wanted) and v.body.get("external_id") == wanted)
        if known is not None and known is not own:
            raise SlackError("duplicate_external_id")

    def _tell(self, view: View) -> None:
        kind = "home" if view.kind == "home" else "view"
        self.workspace.changes.tell(view.user, kind)
