"""What modals are built of: inputs, the words every ask needs, and the frame around them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.slack.rendering.blocks import Element, plain_text
from integrations.slack.rendering.ids import Field, Form
from integrations.slack.rendering.message import Block, View

TITLE_CHARACTERS = 24
REASON_CHARACTERS, TICKET_CHARACTERS = 500, 50


def ask_view(
    form: Form, name: str, submit: str, blocks: Sequence[Block], **held: str | None
) -> View:
    """A modal that is sent off; `held` comes back with it."""
    return frame(form, name, blocks) | {
        "submit": plain_text(submit, TITLE_CHARACTERS),
        "private_metadata": _kept(held),
    }


def _kept(held: Mapping[str, str | None]) -> str:
    """What comes back with the submission, at most 3,000 characters: never with every letter spelt out."""
    given = {key: value for key, value in held.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"))


def frame(form: Form, name: str, blocks: Sequence[Block]) -> View:
    """A modal as such, with nothing to send."""
    return {
        "type": "modal",
        "callback_id": form.value,
        "title": plain_text(name, TITLE_CHARACTERS),
        "close": plain_text("Close", TITLE_CHARACTERS),
        "blocks": list(blocks),
    }


def entry(field: Field, label: str, element: Element, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": field.value,
        "label": plain_text(label, 2_000),
        "element": {"action_id": field.value, **element},
        "optional": optional,
    }


def pick_many(field: Field, label: str, hint: str, chosen: Sequence[Element]) -> Block:
    element: dict[str, Any] = {
        "type": "multi_external_select",
        "min_query_length": 0,
        "placeholder": plain_text(hint, 150),
    }
    if chosen:
        element["initial_options"] = list(chosen)
    return entry(field, label, element)


def pick_one(field: Field, label: str, options: Sequence[Element]) -> Block:
    radios = {"type": "radio_buttons", "options": list(options), "initial_option": options[0]}
    return entry(field, label, radios)


def ticks(
    field: Field, label: str, options: Sequence[Element], ticked: Sequence[Element] = ()
) -> Block:
    """`ticked` are those of the options that are so from the start."""
    element: Element = {"type": "checkboxes", "options": list(options)}
    if ticked:
        element["initial_options"] = list(ticked)
    return entry(field, label, element, optional=True)


def why_entries(*, needs_ticket: bool) -> list[Block]:
    """What every ask has to say: the reason, and a ticket number where the client wants one."""
    ticket = {"type": "plain_text_input", "max_length": TICKET_CHARACTERS}
    return [
        reason_entry("Why?"),
        entry(Field.TICKET, "Ticket number", ticket, optional=not needs_ticket),
    ]


def reason_entry(label: str) -> Block:
    element = {
        "type": "plain_text_input",
        "multiline": True,
        "max_length": REASON_CHARACTERS,
        "placeholder": plain_text("One sentence for whoever decides and whoever audits", 150),
    }
    return entry(Field.REASON, label, element)
