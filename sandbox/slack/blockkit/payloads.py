"""Whole messages and whole views: rules that concern more than one block."""

import json
from collections import Counter
from typing import Any

from sandbox.slack.blockkit.blocks import BLOCK, MOST_BLOCKS, Surface
from sandbox.slack.blockkit.objects import plain
from sandbox.slack.blockkit.schema import (
    Check,
    Spot,
    anything,
    array,
    boolean,
    by_type,
    record,
    string,
)
from sandbox.slack.blockkit.tables import TABLE_CHARACTERS
from sandbox.slack.blockkit.walk import all_blocks, elements, every_element, table_total, text_total

#: No document gives it; 9,597 characters were accepted and 11,341 refused (bolt-js issue 2867).
MESSAGE_CHARACTERS = 9_600
MARKDOWN_CHARACTERS = 12_000
MOST_CHARTS = 2
VIEW_BYTES = 250 * 1024


def complaints_about_blocks(blocks: Any, surface: Surface, path: str = "/blocks") -> list[str]:
    """Every complaint in Slack's words, with its JSON pointer; empty when the blocks are fine."""
    spot = Spot(path)
    least = 0 if surface == "message" else 1
    array(BLOCK[surface], least, MOST_BLOCKS[surface])(spot, blocks)
    if not spot.complaints:
        _no_duplicates(spot, blocks)
        _totals(spot, blocks)
        _one_focus(spot, blocks)
    return spot.complaints


def too_long(blocks: list[dict[str, Any]]) -> bool:
    """True where Slack answers msg_blocks_too_long. The blocks have been found valid before."""
    return text_total(blocks) > MESSAGE_CHARACTERS


def _no_duplicates(spot: Spot, blocks: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for pointer, block in all_blocks(blocks):
        if block.get("block_id") in seen:
            spot.at(pointer).at("block_id").complain(
                f'`block_id` "{block["block_id"]}" already exists'
            )
        seen |= {block["block_id"]} if block.get("block_id") else set()
        _no_duplicate_actions(spot.at(pointer), block)


def _no_duplicate_actions(spot: Spot, block: dict[str, Any]) -> None:
    seen: set[str] = set()
    for pointer, element in elements(block):
        action_id = element.get("action_id")
        if action_id in seen:
            spot.at(pointer).at("action_id").complain(f'`action_id` "{action_id}" already exists')
        seen |= {action_id} if action_id else set()


def _totals(spot: Spot, blocks: list[dict[str, Any]]) -> None:
    kinds = Counter(block["type"] for _, block in all_blocks(blocks))
    if kinds["data_visualization"] > MOST_CHARTS:
        spot.complain(f"no more than {MOST_CHARTS} data_visualization blocks allowed")
    if table_total(blocks) > TABLE_CHARACTERS:
        spot.complain(f"no more than {TABLE_CHARACTERS} characters allowed in all tables")
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        spot.complain(
            f"no more than {MARKDOWN_CHARACTERS} characters allowed in all markdown blocks"
        )


def _one_focus(spot: Spot, blocks: list[dict[str, Any]]) -> None:
    focused = [element for _, element in every_element(blocks) if element.get("focus_on_load")]
    if len(focused) > 1:
        spot.complain("only one element may set `focus_on_load`")


_SHARED: dict[str, Check] = {
    "private_metadata": string(0, 3000),
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
}
_MODAL = record(
    {"type": anything, "title": plain(24), "blocks": anything},
    {
        **_SHARED,
        "close": plain(24),
        "submit": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = record({"type": anything, "blocks": anything}, _SHARED)


def complaints_about_view(view: Any, kind: Surface) -> list[str]:
    """Complaints about a modal or a Home view; `kind` is the type the method takes."""
    spot = Spot("/view")
    by_type({"modal": _MODAL} if kind == "modal" else {"home": _HOME})(spot, view)
    if not isinstance(view, dict) or "blocks" not in view:
        return spot.complaints
    spot.complaints.extend(complaints_about_blocks(view["blocks"], kind, "/view/blocks"))
    if not spot.complaints and kind == "modal":
        _inputs_need_submit(spot.at("blocks"), view)
    return spot.complaints


def _inputs_need_submit(spot: Spot, view: dict[str, Any]) -> None:
    if view.get("submit") is not None:
        return
    for index, block in enumerate(view["blocks"]):
        if block["type"] == "input":
            spot.at(index).at("input").complain(
                "must define `submit` to use an `input` block in modals"
            )


def view_too_large(view: dict[str, Any]) -> bool:
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES
