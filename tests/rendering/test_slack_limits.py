"""The tests' own check of Slack's limits: its numbers against another table, its rules against planted faults."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rendering.slack_limits import (
    LIMITS,
    OUR_BLOCKS,
    complaints_about_message,
    complaints_about_view,
)

TABLE = Path(__file__).parents[3] / "shared" / "specs" / "slack" / "block-limits.json"


def test_the_numbers_agree_with_an_independent_table() -> None:
    if not TABLE.exists():
        pytest.skip("the table of Block Kit limits is not beside this checkout")
    table = json.loads(TABLE.read_text())
    differing = {}
    for path, number in LIMITS.items():
        value: Any = table
        for step in path.split("."):
            value = value[step]
        if value != number:
            differing[path] = (number, value)
    assert differing == {}


def text(words: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": words}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": text("Go", "plain_text")} | changes


GOOD = {"type": "section", "text": text("fine")}
FAULTS: dict[str, Any] = {
    "text too long": {"type": "section", "text": text("x" * 3_001)},
    "empty text": {"type": "section", "text": text("")},
    "header as mrkdwn": {"type": "header", "text": text("x")},
    "a ping": {"type": "section", "text": text("<!channel>")},
    "a link": {"type": "section", "text": text("<https://evil.example|click>")},
    "unknown block": {"type": "markdown", "text": "x"},
    "unknown key": {**GOOD, "colour": "red"},
    "an input in a message": {"type": "input", "label": text("x", "plain_text"), "element": {}},
    "eleven fields": {"type": "section", "fields": [text("x")] * 11},
    "a field too long": {"type": "section", "fields": [text("x" * 2_001)]},
    "a button value too long": {"type": "actions", "elements": [button(value="x" * 2_001)]},
    "a button text too long": {
        "type": "actions",
        "elements": [button(text=text("x" * 76, "plain_text"))],
    },
    "one action id twice": {"type": "actions", "elements": [button(), button()]},
    "no elements": {"type": "actions", "elements": []},
    "a wrong style": {"type": "actions", "elements": [button(style="green")]},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    assert complaints_about_message("hello", [GOOD]) == []
    assert complaints_about_message("hello", [GOOD, FAULTS[fault]])


def test_too_much_text_too_many_blocks_and_ids_used_twice_are_found() -> None:
    assert complaints_about_message("x" * 4_001, [GOOD])
    assert complaints_about_message("a <!here>", [GOOD])
    assert complaints_about_message("hello", [GOOD] * (OUR_BLOCKS + 1))
    assert complaints_about_message("hello", [{"type": "section", "text": text("x" * 2_900)}] * 3)
    assert complaints_about_message("hello", [{**GOOD, "block_id": "b"}, {**GOOD, "block_id": "b"}])


def test_a_faulty_form_is_found() -> None:
    view = {"type": "modal", "title": text("Deny", "plain_text"), "blocks": [GOOD]}
    assert complaints_about_view(view) == []
    assert complaints_about_view(view | {"title": text("x" * 25, "plain_text")})
    assert complaints_about_view(view | {"private_metadata": "x" * 3_001})
    asking = {
        "type": "input",
        "label": text("Why?", "plain_text"),
        "element": {"type": "plain_text_input", "action_id": "reason"},
    }
    assert complaints_about_view(view | {"blocks": [asking]}) == ["view: inputs without submit"]
