"""Composition objects: text, options, confirmations, image sources."""

from typing import Any

from sandbox.slack.blockkit.schema import (
    Check,
    Spot,
    anything,
    array,
    boolean,
    both,
    by_type,
    exactly_one,
    one_of,
    record,
    string,
)

BLOCK_ID = string(1, 255)
ACTION_ID = string(1, 255)
URL = string(1, 3000)


def plain(high: int, low: int = 1) -> Check:
    """A plain_text object."""
    return by_type({"plain_text": _plain_fields(low, high)})


def rich(high: int) -> Check:
    """A plain_text or mrkdwn object."""
    return by_type(
        {
            "plain_text": _plain_fields(1, high),
            "mrkdwn": record({"type": anything, "text": string(1, high)}, {"verbatim": boolean}),
        }
    )


def _plain_fields(low: int, high: int) -> Check:
    return record({"type": anything, "text": string(low, high)}, {"emoji": boolean})


CONFIRM = record(
    {"title": plain(100), "text": rich(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(text: Check, *, with_url: bool = False) -> Check:
    """`url` belongs to overflow menus only; radio buttons and checkboxes may have mrkdwn."""
    extra = {"url": URL} if with_url else {}
    return record({"text": text, "value": string(1, 150)}, {"description": rich(75), **extra})


OPTION = option(plain(75))
RICH_OPTION = option(rich(75))
OVERFLOW_OPTION = option(plain(75), with_url=True)
OPTION_GROUP = record({"label": plain(75), "options": array(OPTION, 1, 100)})
OPTIONS = array(OPTION, 1, 100)
OPTION_GROUPS = array(OPTION_GROUP, 1, 100)

SLACK_FILE = both(record(optional={"id": string(1), "url": URL}), exactly_one("id", "url"))
IMAGE_SOURCE = exactly_one("image_url", "slack_file")
IMAGE_ELEMENT = both(
    record(
        {"type": anything, "alt_text": string(0, 2000)},
        {"image_url": URL, "slack_file": SLACK_FILE},
    ),
    IMAGE_SOURCE,
)

DISPATCH_CONFIG = record(
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
)
CONVERSATION_FILTER = record(
    optional={
        "include": array(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)


def suggestions(spot: Spot, value: Any) -> None:
    """The answer to a block_suggestion: up to 100 options, or up to 100 groups of up to 100."""
    both(
        record(
            optional={
                "options": array(OPTION, 0, 100),
                "option_groups": array(OPTION_GROUP, 0, 100),
            }
        ),
        exactly_one("options", "option_groups"),
    )(spot, value)
