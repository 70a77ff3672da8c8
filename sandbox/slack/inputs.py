"""What people put into inputs: Slack's `state.values` shapes, initial values, and what its client refuses to send."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.slack.blockkit.walk import every_element
from sandbox.slack.model import Json

Raw = str | list[str] | None
#: (block_id, action_id) -> state value
Typed = dict[tuple[str, str], Json]


class InputRefusedError(Exception):
    """The client would not take this value; the message is what it shows at the input."""


@dataclass(frozen=True)
class Lookup:
    """What ids and names a value may refer to. `offered` are options suggested for external selects."""

    user: Callable[[str], str | None]
    channel: Callable[[str], str | None]
    offered: Callable[[str, str], list[Json]]


@dataclass(frozen=True)
class Kind:
    """How one element type reports its value: the key, the initial field, and how a raw value is read."""

    key: str
    initial: str
    read: Callable[["Field", str], Any]
    many: bool = False


@dataclass(frozen=True)
class Field:
    block: Json
    element: Json
    lookup: Lookup

    @property
    def address(self) -> tuple[str, str]:
        return str(self.block["block_id"]), str(self.element["action_id"])

    @property
    def kind(self) -> Kind:
        return KINDS[self.element["type"]]


def _text(field: Field, raw: str) -> str:
    low, high = field.element.get("min_length", 0), field.element.get("max_length", 3000)
    if len(raw) < low:
        raise InputRefusedError(f"Must be at least {low} characters.")
    if len(raw) > high:
        raise InputRefusedError(f"Must be at most {high} characters.")
    return raw


def _number(field: Field, raw: str) -> str:
    decimal = field.element.get("is_decimal_allowed", False)
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", raw):
        raise InputRefusedError("Enter a number.")
    if float(raw) < float(field.element.get("min_value", raw)):
        raise InputRefusedError(f"Must be at least {field.element['min_value']}.")
    if float(raw) > float(field.element.get("max_value", raw)):
        raise InputRefusedError(f"Must be at most {field.element['max_value']}.")
    return raw


def _email(_field: Field, raw: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", raw):
        raise InputRefusedError("Enter a valid e-mail address.")
    return raw


def _url(_field: Field, raw: str) -> str:
    if not re.match(r"https?://\S+", raw):
        raise InputRefusedError("Enter a valid URL.")
    return raw


def _rich_text(_field: Field, raw: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": raw}]}
    return {"type": "rich_text", "elements": [section]}


def _date(_field: Field, raw: str) -> str:
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError as error:
        raise InputRefusedError("Enter a date as YYYY-MM-DD.") from error


def _time(_field: Field, raw: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", raw):
        raise InputRefusedError("Enter a time as HH:MM.")
    return raw


def _moment(_field: Field, raw: str) -> int:
    if not re.fullmatch(r"\d{10}", raw):
        raise InputRefusedError("Enter seconds since 1970.")
    return int(raw)


def options_of(element: Json) -> list[Json]:
    """The options written into the element, groups flattened."""
    grouped = [o for group in element.get("option_groups") or [] for o in group["options"]]
    return [*(element.get("options") or []), *grouped]


def _option(field: Field, raw: str) -> Json:
    offered = _offered(field) if "external" in field.element["type"] else []
    for option in [*options_of(field.element), *offered]:
        if option["value"] == raw:
            return dict(option)
    raise InputRefusedError(f"{raw!r} is not one of the options.")


def _offered(field: Field) -> list[Json]:
    """What the app has suggested, or chosen beforehand."""
    chosen = field.element.get(field.kind.initial) or []
    beforehand = chosen if isinstance(chosen, list) else [chosen]
    return [*field.lookup.offered(*field.address), *beforehand]


def _user(field: Field, raw: str) -> str:
    found = field.lookup.user(raw)
    if found is None:
        raise InputRefusedError(f"There is no person {raw!r}.")
    return found


def _conversation(field: Field, raw: str) -> str:
    found = field.lookup.channel(raw)
    if found is None:
        raise InputRefusedError(f"There is no conversation {raw!r}.")
    return found


KINDS: dict[str, Kind] = {
    "plain_text_input": Kind("value", "initial_value", _text),
    "number_input": Kind("value", "initial_value", _number),
    "email_text_input": Kind("value", "initial_value", _email),
    "url_text_input": Kind("value", "initial_value", _url),
    "rich_text_input": Kind("rich_text_value", "initial_value", _rich_text),
    "datepicker": Kind("selected_date", "initial_date", _date),
    "timepicker": Kind("selected_time", "initial_time", _time),
    "datetimepicker": Kind("selected_date_time", "initial_date_time", _moment),
    "static_select": Kind("selected_option", "initial_option", _option),
    "external_select": Kind("selected_option", "initial_option", _option),
    "radio_buttons": Kind("selected_option", "initial_option", _option),
    "overflow": Kind("selected_option", "", _option),
    "checkboxes": Kind("selected_options", "initial_options", _option, many=True),
    "multi_static_select": Kind("selected_options", "initial_options", _option, many=True),
    "multi_external_select": Kind("selected_options", "initial_options", _option, many=True),
    "users_select": Kind("selected_user", "initial_user", _user),
    "multi_users_select": Kind("selected_users", "initial_users", _user, many=True),
    "conversations_select": Kind("selected_conversation", "initial_conversation", _conversation),
    "multi_conversations_select": Kind(
        "selected_conversations", "initial_conversations", _conversation, many=True
    ),
    "channels_select": Kind("selected_channel", "initial_channel", _conversation),
    "multi_channels_select": Kind(
        "selected_channels", "initial_channels", _conversation, many=True
    ),
}
#: These report a choice but keep no state.
_STATELESS = ("overflow",)


def fields(blocks: Iterable[Json], lookup: Lookup) -> list[Field]:
    """Every element that keeps a value, in order."""
    return [
        Field(block, element, lookup)
        for block, element in every_element(list(blocks))
        if element["type"] in KINDS and element["type"] not in _STATELESS
    ]


def initial(field: Field) -> Json:
    """The state value before anyone touched the element."""
    fallback: Any = [] if field.kind.many else None
    value = field.element.get(field.kind.initial, fallback)
    return {"type": field.element["type"], field.kind.key: value}


def read(field: Field, raw: Raw) -> Json:
    """The state value for what the person gave; None empties the input. Raises InputRefusedError."""
    value = _read_many(field, raw) if field.kind.many else _read_one(field, raw)
    return {"type": field.element["type"], field.kind.key: value}


def _read_one(field: Field, raw: Raw) -> Any:
    if isinstance(raw, list):
        raise InputRefusedError("Takes a single value.")
    return None if raw in (None, "") else field.kind.read(field, str(raw))


def _read_many(field: Field, raw: Raw) -> list[Any]:
    given = [raw] if isinstance(raw, str) else (raw or [])
    most = field.element.get("max_selected_items")
    if most is not None and len(given) > most:
        raise InputRefusedError(f"Select at most {most}.")
    return [field.kind.read(field, entry) for entry in given]


def current(field: Field, typed: Typed) -> Json:
    """What was typed, unless the element under this address has become another one since."""
    value = typed.get(field.address)
    return value if value and value["type"] == field.element["type"] else initial(field)


def is_empty(field: Field, value: Json) -> bool:
    return value.get(field.kind.key) in (None, "", [])


def state_values(all_fields: Iterable[Field], typed: Typed) -> dict[str, dict[str, Json]]:
    """`state.values`: block_id -> action_id -> state value."""
    values: dict[str, dict[str, Json]] = {}
    for field in all_fields:
        block_id, action_id = field.address
        values.setdefault(block_id, {})[action_id] = current(field, typed)
    return values
