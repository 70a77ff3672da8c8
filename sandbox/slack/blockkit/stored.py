"""Blocks as Slack keeps them: every block and every interactive element has an id."""

import secrets
from typing import Any

Json = dict[str, Any]


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which missing block_ids and action_ids are made up, as Slack does on storing."""
    return [_block(block) for block in blocks]


def _made_up() -> str:
    return secrets.token_urlsafe(4)


def _block(block: Json) -> Json:
    kept = {"block_id": _made_up(), **block}
    kind = block["type"]
    if kind in ("actions", "context_actions"):
        kept["elements"] = [_element(element) for element in block["elements"]]
    elif kind == "carousel":
        kept["elements"] = with_ids(block["elements"])
    elif kind == "container":
        kept["child_blocks"] = with_ids(block["child_blocks"])
    elif block.get("actions"):
        kept["actions"] = [_element(element) for element in block["actions"]]
    for key in ("accessory", "element"):
        if block.get(key):
            kept[key] = _element(block[key])
    return kept


def _element(element: Json) -> Json:
    return element if element["type"] == "image" else {"action_id": _made_up(), **element}
