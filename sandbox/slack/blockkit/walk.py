"""Walking through blocks that have already been found valid."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.blockkit.tables import characters

#: These have documented totals of their own and do not count towards the total of the other blocks.
_COUNTED_ELSEWHERE = ("markdown", "table", "data_table", "data_visualization")


def all_blocks(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with its pointer, those inside containers and carousels included."""
    for index, block in enumerate(blocks):
        yield str(index), block
        for key in ("child_blocks", "elements") if _holds_blocks(block) else ():
            for inner, child in all_blocks(block.get(key, [])):
                yield f"{index}/{key}/{inner}", child


def _holds_blocks(block: dict[str, Any]) -> bool:
    return block["type"] in ("container", "carousel")


def elements(block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The interactive elements of one block, each with its pointer inside the block."""
    if block["type"] in ("actions", "context_actions"):
        for index, element in enumerate(block["elements"]):
            yield f"elements/{index}", element
    elif block["type"] == "card":
        for index, element in enumerate(block.get("actions") or []):
            yield f"actions/{index}", element
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict) and block[key]["type"] != "image":
            yield key, block[key]


def every_element(
    blocks: list[dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """All (block, element) pairs, in the order a reader meets them."""
    for _, block in all_blocks(blocks):
        for _, element in elements(block):
            yield block, element


def text_total(blocks: list[dict[str, Any]]) -> int:
    """Characters of text in all blocks that have no documented total of their own."""
    return sum(_text_in(block) for block in blocks if block["type"] not in _COUNTED_ELSEWHERE)


def table_total(blocks: list[dict[str, Any]]) -> int:
    return sum(characters(b["rows"]) for _, b in all_blocks(blocks) if b["type"] == "table")


def _text_in(value: Any) -> int:
    if isinstance(value, list):
        return sum(_text_in(entry) for entry in value)
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_text_in(entry) for entry in value.values())
    return 0
