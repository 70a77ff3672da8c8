"""What Slack takes, as numbers and rules: written from Slack's documents, knowing nothing of the product.

Only the blocks and elements that Gatehouse uses are known here; any other is a complaint.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]
Json = Mapping[str, Any]

#: Where Slack's limits stand in a table of numbers (thing -> ... -> bound), and what they are.
LIMITS: Mapping[str, int] = {
    "text.max_length": 3_000,
    "action_id.max_length": 255,
    "block_id.max_length": 255,
    "button.text.max_length": 75,
    "button.value.max_length": 2_000,
    "button.accessibility_label.max_length": 75,
    "confirmation.title.max_length": 100,
    "confirmation.text.max_length": 300,
    "confirmation.confirm.max_length": 30,
    "confirmation.deny.max_length": 30,
    "option.text.max_length": 75,
    "option.value.max_length": 150,
    "option.description.max_length": 75,
    "select.placeholder.max_length": 150,
    "select.options.max_items": 100,
    "checkboxes.options.max_items": 10,
    "radio_buttons.options.max_items": 10,
    "plain_text_input.max_length.max": 3_000,
    "actions.elements.max_items": 25,
    "context.elements.max_items": 10,
    "header.text.max_length": 150,
    "input.label.max_length": 2_000,
    "section.text.max_length": 3_000,
    "section.fields.max_items": 10,
    "section.fields.item_max_length": 2_000,
    "view.blocks.max_items": 100,
    "view.private_metadata.max_length": 3_000,
    "view.callback_id.max_length": 255,
    "view.title.max_length": 24,
    "view.close.max_length": 24,
    "view.submit.max_length": 24,
}
#: Slack's chat.update takes so much text; blocks beyond about 9,600 characters were seen to be refused.
UPDATE_TEXT = 4_000
VIEW_BYTES = 250 * 1024
#: What Gatehouse promises to stay within.
OUR_BLOCKS, OUR_CHARACTERS = 40, 8_000
#: The only things between angle brackets that a message of ours may hold.
_OWN_TOKENS = re.compile(r"<!date\^\d+\^[^<>|]+\|[^<>]+>|<#[CG][A-Z0-9]+>")


def complaints_about_message(text: str, blocks: Sequence[Json]) -> list[str]:
    """Everything Slack, or our own promise, has against a message."""
    found = list(_complaints_about_blocks(blocks, "message"))
    if not text.strip():
        found.append("text: empty")
    if len(text) > UPDATE_TEXT:
        found.append(f"text: {len(text)} characters")
    if "<" in text or ">" in text:
        found.append("text: holds an unescaped control character")
    if len(blocks) > OUR_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if characters(blocks) >= OUR_CHARACTERS:
        found.append(f"{characters(blocks)} characters in all blocks")
    return found


def complaints_about_view(view: Json) -> list[str]:
    """Everything Slack has against a modal or a Home tab."""
    kind = view.get("type")
    keys = {"type", "blocks", "private_metadata", "callback_id"}
    keys |= {"title", "submit", "close"} if kind == "modal" else set()
    found = [f"view: unknown key {key}" for key in sorted(set(view) - keys)]
    if kind not in ("modal", "home"):
        return [*found, f"view: type {kind}"]
    found += _string("view.private_metadata", view.get("private_metadata", ""), least=0)
    found += _string("view.callback_id", view.get("callback_id", ""), least=0)
    for part in ("title", "submit", "close"):
        if part in view:
            found += _text(f"view.{part}", view[part], only_plain=True)
    if kind == "modal" and "title" not in view:
        found.append("view: no title")
    found += _complaints_about_blocks(view["blocks"], "modal" if kind == "modal" else "home")
    asks = any(block["type"] == "input" for block in view["blocks"])
    if kind == "modal" and asks and "submit" not in view:
        found.append("view: inputs without submit")
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        found.append("view: too large")
    return found


def characters(part: Any) -> int:
    """All text in blocks."""
    if isinstance(part, Mapping):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(characters(value) for value in part.values())
    if isinstance(part, Sequence) and not isinstance(part, str):
        return sum(characters(entry) for entry in part)
    return 0


def _complaints_about_blocks(blocks: Sequence[Json], surface: Surface) -> Iterator[str]:
    most = 50 if surface == "message" else LIMITS["view.blocks.max_items"]
    if not 1 <= len(blocks) <= most:
        yield f"{len(blocks)} blocks on a {surface}"
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    yield from (
        f"block_id {name} is used {count} times" for name, count in ids.items() if count > 1
    )
    for place, block in enumerate(blocks):
        check = _BLOCKS.get(block.get("type", ""))
        if check is None or (block["type"] == "input" and surface == "message"):
            yield f"{place}: {block.get('type')} is not for a {surface}"
            continue
        if "block_id" in block:
            yield from _string("block_id", block["block_id"])
        yield from (f"{place} {block['type']}: {words}" for words in check(block))


# Blocks.


def _section(block: Json) -> Iterator[str]:
    yield from _keys(block, "text", "fields", "accessory")
    if "text" not in block and "fields" not in block:
        yield "neither text nor fields"
    if "text" in block:
        yield from _text("section.text", block["text"])
    fields = block.get("fields", [])
    if len(fields) > LIMITS["section.fields.max_items"] or (fields == [] and "fields" in block):
        yield f"{len(fields)} fields"
    for field in fields:
        yield from _text("section.fields", field, bound="item_max_length")
    if "accessory" in block:
        yield from _element(block["accessory"], ("button", "static_select"))


def _header(block: Json) -> Iterator[str]:
    yield from _keys(block, "text")
    yield from _text("header.text", block["text"], only_plain=True)


def _context(block: Json) -> Iterator[str]:
    yield from _keys(block, "elements")
    if not 1 <= len(block["elements"]) <= LIMITS["context.elements.max_items"]:
        yield f"{len(block['elements'])} elements"
    for text in block["elements"]:
        # Older documents say 2,000 here, so that is what we keep to.
        yield from _text("section.fields", text, bound="item_max_length")


def _actions(block: Json) -> Iterator[str]:
    yield from _keys(block, "elements")
    elements = block["elements"]
    if not 1 <= len(elements) <= LIMITS["actions.elements.max_items"]:
        yield f"{len(elements)} elements"
    used = Counter(element.get("action_id") for element in elements)
    yield from (f"action_id {name} twice" for name, count in used.items() if count > 1)
    for element in elements:
        yield from _element(element, ("button", "static_select"))


def _input(block: Json) -> Iterator[str]:
    yield from _keys(block, "label", "element", "optional", "hint")
    yield from _text("input.label", block["label"], only_plain=True)
    kinds = ("multi_external_select", "radio_buttons", "checkboxes", "plain_text_input")
    yield from _element(block["element"], (*kinds, "datepicker"))


def _divider(block: Json) -> Iterator[str]:
    yield from _keys(block)


_BLOCKS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "divider": _divider,
}


# Elements.


def _element(element: Json, kinds: Sequence[str]) -> Iterator[str]:
    kind = element.get("type", "")
    if kind not in kinds:
        yield f"{kind} does not go here"
        return
    yield from _string("action_id", element.get("action_id", ""))
    yield from _ELEMENTS[kind](element)


def _button(element: Json) -> Iterator[str]:
    yield from _keys(
        element, "action_id", "text", "value", "style", "confirm", "accessibility_label"
    )
    yield from _text("button.text", element["text"], only_plain=True)
    if "value" in element:
        yield from _string("button.value", element["value"])
    if "accessibility_label" in element:
        yield from _string("button.accessibility_label", element["accessibility_label"])
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"style {element['style']}"
    if "confirm" in element:
        yield from _confirm(element["confirm"])


def _confirm(dialog: Json) -> Iterator[str]:
    if set(dialog) != {"title", "text", "confirm", "deny"}:
        yield f"a confirmation of {sorted(dialog)}"
    for part in dialog:
        yield from _text(f"confirmation.{part}", dialog[part], only_plain=part != "text")


def _select(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "placeholder", "options", "initial_option")
    yield from _text("select.placeholder", element["placeholder"], only_plain=True)
    yield from _options(element, "select")
    if element["initial_option"] not in element["options"]:
        yield "the initial option is none of the options"


def _external(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "placeholder", "min_query_length", "initial_options")
    yield from _text("select.placeholder", element["placeholder"], only_plain=True)
    if "initial_options" in element:
        yield from _options({"options": element["initial_options"]}, "select")


def _radio(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "options", "initial_option")
    yield from _options(element, "radio_buttons")
    if element.get("initial_option", element["options"][0]) not in element["options"]:
        yield "the initial option is none of the options"


def _checkboxes(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "options", "initial_options")
    yield from _options(element, "checkboxes")
    if any(one not in element["options"] for one in element.get("initial_options", ())):
        yield "an initial option is none of the options"


def _datepicker(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "initial_date")
    try:
        date.fromisoformat(element.get("initial_date", "2026-01-01"))
    except ValueError:
        yield "the initial date is no date"


def _typed(element: Json) -> Iterator[str]:
    yield from _keys(element, "action_id", "multiline", "max_length", "placeholder")
    if "placeholder" in element:
        yield from _text("select.placeholder", element["placeholder"], only_plain=True)
    if not 1 <= element.get("max_length", 1) <= LIMITS["plain_text_input.max_length.max"]:
        yield f"max_length {element['max_length']}"


def _options(element: Json, where: str) -> Iterator[str]:
    options = element["options"]
    if not 1 <= len(options) <= LIMITS[f"{where}.options.max_items"]:
        yield f"{len(options)} options"
    for option in options:
        yield from _option(option)
    values = Counter(option["value"] for option in options)
    yield from (f"two options of value {value}" for value, count in values.items() if count > 1)


def _option(option: Json) -> Iterator[str]:
    if not {"text", "value"} <= set(option) <= {"text", "value", "description"}:
        yield f"an option of {sorted(option)}"
    yield from _text("option.text", option["text"], only_plain=True)
    yield from _string("option.value", option["value"])
    if "description" in option:
        yield from _text("option.description", option["description"], only_plain=True)


_ELEMENTS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "button": _button,
    "static_select": _select,
    "multi_external_select": _external,
    "radio_buttons": _radio,
    "checkboxes": _checkboxes,
    "datepicker": _datepicker,
    "plain_text_input": _typed,
}


def complaints_about_options(options: Sequence[Json]) -> list[str]:
    """What Slack has against the answer to a menu's question."""
    if len(options) > LIMITS["select.options.max_items"]:
        return [f"{len(options)} options"]
    return [words for option in options for words in _option(option)]


# Texts.


def _text(
    where: str, text: Json, *, only_plain: bool = False, bound: str = "max_length"
) -> Iterator[str]:
    kind = text.get("type")
    known = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}.get(str(kind))
    if known is None or (only_plain and kind != "plain_text"):
        yield f"{where}: {kind}"
        return
    if not set(text) <= {"type", "text", *known}:
        yield f"{where}: keys {sorted(text)}"
    yield from _string(where, text["text"], bound=bound)
    if kind == "mrkdwn":
        foreign = _OWN_TOKENS.sub("", text["text"])
        if "<" in foreign or ">" in foreign:
            yield f"{where}: a token that is not ours in {text['text'][:80]!r}"


def _string(
    where: str, value: object, *, least: int = 1, bound: str = "max_length"
) -> Iterator[str]:
    most = LIMITS[f"{where}.{bound}"]
    if not isinstance(value, str) or not least <= len(value) <= most:
        yield f"{where}: {value!r:.60} ({len(str(value))} of {most})"


def _keys(part: Json, *known: str) -> Iterator[str]:
    unknown = set(part) - {"type", "block_id", *known}
    if unknown:
        yield f"unknown keys {sorted(unknown)}"
