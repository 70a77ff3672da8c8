"""Interactive elements and the blocks that may hold them."""

from typing import Any

from sandbox.slack.blockkit.objects import (
    ACTION_ID,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    IMAGE_ELEMENT,
    OPTION,
    OPTION_GROUPS,
    OPTIONS,
    OVERFLOW_OPTION,
    RICH_OPTION,
    URL,
    plain,
    rich,
)
from sandbox.slack.blockkit.schema import (
    Check,
    Spot,
    anything,
    array,
    boolean,
    both,
    by_type,
    exactly_one,
    number,
    one_of,
    record,
    string,
)

_LABEL = string(1, 75)
_COMMON = {"action_id": ACTION_ID}
_FOCUS = {**_COMMON, "focus_on_load": boolean}
_PICKER = {**_FOCUS, "placeholder": plain(150), "confirm": CONFIRM}
_MULTI = {"max_selected_items": number(1, whole=True)}
_CHOICES = exactly_one("options", "option_groups")
_DATE = string(10, 10)
_TYPE = {"type": anything}
_VISIBLE_TO = array(string(1), 1, 10)

_BUTTON = record(
    {**_TYPE, "text": plain(75)},
    {
        **_COMMON,
        "url": URL,
        "value": string(0, 2000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": _LABEL,
        "visible_to_user_ids": _VISIBLE_TO,
        "agent_prompt": string(0, 4000),
        "agent_prompt_display": anything,
    },
)
_WORKFLOW_BUTTON = record(
    {**_TYPE, "text": plain(75), "workflow": anything},
    {**_COMMON, "style": one_of("primary", "danger"), "accessibility_label": _LABEL},
)
_ICON_BUTTON = record(
    {**_TYPE, "icon": one_of("trash"), "text": plain(75)},
    {
        **_COMMON,
        "value": string(0, 2000),
        "confirm": CONFIRM,
        "accessibility_label": _LABEL,
        "visible_to_user_ids": _VISIBLE_TO,
    },
)
_FEEDBACK = record({"text": plain(75), "value": string(1, 2000)}, {"accessibility_label": _LABEL})
_FEEDBACK_BUTTONS = record(
    {**_TYPE, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _COMMON
)


def _select(options: dict[str, Check], initial: dict[str, Check]) -> Check:
    return record(_TYPE, {**_PICKER, **options, **initial})


def _listed(initial: dict[str, Check]) -> Check:
    return both(
        _select({"options": OPTIONS, "option_groups": OPTION_GROUPS}, initial),
        both(_CHOICES, _initial_is_listed),
    )


def _few(options: Check, initial: dict[str, Check]) -> Check:
    fields = {**_FOCUS, "confirm": CONFIRM, **initial}
    return both(record({**_TYPE, "options": options}, fields), _initial_is_listed)


def _initial_is_listed(spot: Spot, value: Any) -> None:
    groups = value.get("option_groups") or [{"options": value.get("options") or []}]
    known = {entry["value"] for group in groups for entry in group["options"]}
    chosen = value.get("initial_options") or [value.get("initial_option") or {}]
    if any("value" in entry and entry["value"] not in known for entry in chosen):
        spot.complain("initial option must be one of the options")


_OPTIONS_OF = {"initial_options": array(OPTION, 1, 100), **_MULTI}
_QUERY = {"min_query_length": number(0, whole=True)}
_ONE = string(1)
_MANY = array(string(1), 1)
_CONVERSATION = {"default_to_current_conversation": boolean, "filter": CONVERSATION_FILTER}
_RESPONSE_URL = {"response_url_enabled": boolean}
_TEXT_INPUT = {**_FOCUS, "placeholder": plain(150), "dispatch_action_config": DISPATCH_CONFIG}


def _lengths_in_order(spot: Spot, value: Any) -> None:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        spot.complain("min_length must not be greater than max_length")


_PLAIN_TEXT_INPUT = both(
    record(
        _TYPE,
        {
            **_TEXT_INPUT,
            "initial_value": string(0, 3000),
            "multiline": boolean,
            "min_length": number(0, 3000, whole=True),
            "max_length": number(1, 3000, whole=True),
        },
    ),
    _lengths_in_order,
)

SELECTS: dict[str, Check] = {
    "static_select": _listed({"initial_option": OPTION}),
    "external_select": _select(_QUERY, {"initial_option": OPTION}),
    "users_select": _select({}, {"initial_user": _ONE}),
    "conversations_select": _select(_CONVERSATION, {"initial_conversation": _ONE, **_RESPONSE_URL}),
    "channels_select": _select({}, {"initial_channel": _ONE, **_RESPONSE_URL}),
}
MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": _listed(_OPTIONS_OF),
    "multi_external_select": _select(_QUERY, _OPTIONS_OF),
    "multi_users_select": _select({}, {"initial_users": _MANY, **_MULTI}),
    "multi_conversations_select": _select(
        _CONVERSATION, {"initial_conversations": _MANY, **_MULTI}
    ),
    "multi_channels_select": _select({}, {"initial_channels": _MANY, **_MULTI}),
}
CHOICES: dict[str, Check] = {
    "checkboxes": _few(array(RICH_OPTION, 1, 10), {"initial_options": array(RICH_OPTION, 1, 10)}),
    "radio_buttons": _few(array(RICH_OPTION, 1, 10), {"initial_option": RICH_OPTION}),
    "datepicker": _select({}, {"initial_date": _DATE}),
    "timepicker": _select({}, {"initial_time": string(5, 5), "timezone": string(1)}),
}
_DATETIME = record(
    _TYPE,
    {**_FOCUS, "confirm": CONFIRM, "initial_date_time": number(10**9, 10**10 - 1, whole=True)},
)
BUTTONS: dict[str, Check] = {"button": _BUTTON, "workflow_button": _WORKFLOW_BUTTON}
_OVERFLOW = record(
    {**_TYPE, "options": array(OVERFLOW_OPTION, 1, 5)}, {**_COMMON, "confirm": CONFIRM}
)
_NUMBER_INPUT = record(
    {**_TYPE, "is_decimal_allowed": boolean},
    {**_TEXT_INPUT, "initial_value": string(), "min_value": string(1), "max_value": string(1)},
)
_LINE_INPUT = record(_TYPE, {**_TEXT_INPUT, "initial_value": string()})
_RICH_TEXT_INPUT = record(
    _TYPE,
    {
        **_TEXT_INPUT,
        "initial_value": anything,
        "min_lines": number(1, whole=True),
        "max_lines": number(1, whole=True),
    },
)
_FILE_INPUT = record(
    _TYPE, {**_COMMON, "filetypes": array(string(1), 1), "max_files": number(1, 10, whole=True)}
)

IN_ACTIONS: dict[str, Check] = {
    **BUTTONS,
    **SELECTS,
    **CHOICES,
    "datetimepicker": _DATETIME,
    "overflow": _OVERFLOW,
}
IN_SECTION: dict[str, Check] = {
    **BUTTONS,
    **SELECTS,
    **MULTI_SELECTS,
    **CHOICES,
    "overflow": _OVERFLOW,
    "image": IMAGE_ELEMENT,
}
IN_INPUT: dict[str, Check] = {
    **SELECTS,
    **MULTI_SELECTS,
    **CHOICES,
    "datetimepicker": _DATETIME,
    "plain_text_input": _PLAIN_TEXT_INPUT,
    "number_input": _NUMBER_INPUT,
    "email_text_input": _LINE_INPUT,
    "url_text_input": _LINE_INPUT,
    "rich_text_input": _RICH_TEXT_INPUT,
    "file_input": _FILE_INPUT,
}
IN_CONTEXT_ACTIONS: dict[str, Check] = {
    "feedback_buttons": _FEEDBACK_BUTTONS,
    "icon_button": _ICON_BUTTON,
}

ACTION_ELEMENT = by_type(IN_ACTIONS)
ACCESSORY = by_type(IN_SECTION)
INPUT_ELEMENT = by_type(IN_INPUT)
CONTEXT_ACTION = by_type(IN_CONTEXT_ACTIONS)
CARD_ACTION = by_type(BUTTONS)
#: A context text has no limit of its own in the newest documents; the older, smaller one is kept.
CONTEXT_ELEMENT = by_type({"image": IMAGE_ELEMENT, "plain_text": rich(2000), "mrkdwn": rich(2000)})
