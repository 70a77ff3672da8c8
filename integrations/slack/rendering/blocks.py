"""Tiny builders of Block Kit, and the limits that every message keeps."""

import re
from collections.abc import Sequence
from typing import Any

from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import escape, plain

#: Slack refuses about 10,000 characters of blocks; we stay well below.
MESSAGE_CHARACTERS = 7_500
MESSAGE_BLOCKS = 40
SECTION_CHARACTERS = 2_900
#: A message's plain text; chat.update takes no more than 4,000.
TEXT_CHARACTERS = 3_000
HEADER_CHARACTERS = 150
BUTTON_CHARACTERS = 75
OPTION_CHARACTERS = 75

Element = dict[str, Any]
CUT = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": "✂️ _The rest did not fit into one Slack message._"},
}
#: What a cut may not leave behind at the end: half a token, half an escaped character.
_TORN = re.compile(r"(<[^<>]*|&[a-z]{0,3})$")


def mrkdwn(text: str, limit: int = SECTION_CHARACTERS) -> Element:
    """Verbatim: Slack makes no links and mentions of its own."""
    return {"type": "mrkdwn", "text": shortened(text, limit), "verbatim": True}


def shortened(text: str, limit: int) -> str:
    """Cut at a line's end where possible, and never within a token."""
    if len(text) <= limit:
        return text
    start = text[: limit - 2]
    whole_lines = start.rpartition("\n")[0]
    return (whole_lines or _TORN.sub("", start)) + "\n…"


def plain_text(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": plain(text, limit) or "(no name)", "emoji": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_CHARACTERS)}


def section(text: str, *, accessory: Element | None = None) -> Block:
    block: dict[str, Any] = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(*pairs: tuple[str, str]) -> Block:
    """Two columns of label and value; at most ten."""
    return {
        "type": "section",
        "fields": [mrkdwn(f"*{label}*\n{value}", 1_900) for label, value in pairs[:10]],
    }


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, 1_900) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Element) -> Block:
    return {"type": "actions", "elements": list(elements[:25])}


def button(
    text: str,
    act: Act,
    value: str = "",
    *,
    style: str | None = None,
    confirm: Element | None = None,
    label: str | None = None,
) -> Element:
    """A button; `label` is what a screen reader says."""
    element: Element = {
        "type": "button",
        "text": plain_text(text, BUTTON_CHARACTERS),
        "action_id": act.value,
    }
    if value:
        element["value"] = value
    if style is not None:
        element["style"] = style
    if confirm is not None:
        element["confirm"] = confirm
    if label is not None:
        element["accessibility_label"] = plain(label, BUTTON_CHARACTERS)
    return element


def confirm(title: str, text: str, yes: str) -> Element:
    return {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text("Back", 30),
    }


def option(text: str, value: str, description: str = "") -> Element:
    chosen: Element = {"text": plain_text(text, OPTION_CHARACTERS), "value": value}
    if description:
        chosen["description"] = plain_text(description, OPTION_CHARACTERS)
    return chosen


def select(act: Act, placeholder: str, options: Sequence[Element], initial: Element) -> Element:
    return {
        "type": "static_select",
        "action_id": act.value,
        "placeholder": plain_text(placeholder, 150),
        "options": list(options),
        "initial_option": initial,
    }


def message(text: str, blocks: Sequence[Block]) -> Message:
    """A message within the limits. `text` is plain: notifications and screen readers get it, escaped."""
    return Message(text=escape(text, TEXT_CHARACTERS), blocks=tuple(_fitted(blocks)))


def _fitted(blocks: Sequence[Block]) -> list[Block]:
    """Buttons always stay; of the rest what comes first, and where it was cut."""
    buttons = [block for block in blocks if block["type"] == "actions"]
    room = MESSAGE_CHARACTERS - sum(map(_size, buttons))
    places = MESSAGE_BLOCKS - 1 - len(buttons)
    fitted: list[Block] = []
    cut = False
    for block in blocks:
        if block["type"] == "actions":
            fitted.append(block)
            continue
        room, places = room - _size(block), places - 1
        if not cut and (room < 0 or places < 0):
            cut = True
            fitted.append(CUT)
        if not cut:
            fitted.append(block)
    return fitted


def _size(part: object) -> int:
    """All characters of text that a block holds."""
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(_size(value) for value in part.values() if not isinstance(value, str))
    if isinstance(part, list):
        return sum(map(_size, part))
    return 0
