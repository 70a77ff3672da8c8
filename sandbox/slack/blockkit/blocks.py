"""All blocks, and which surface takes which."""

from typing import Any, Literal

from sandbox.slack.blockkit.elements import (
    ACCESSORY,
    ACTION_ELEMENT,
    CARD_ACTION,
    CONTEXT_ACTION,
    CONTEXT_ELEMENT,
    INPUT_ELEMENT,
)
from sandbox.slack.blockkit.objects import (
    BLOCK_ID,
    IMAGE_ELEMENT,
    IMAGE_SOURCE,
    SLACK_FILE,
    URL,
    plain,
    rich,
)
from sandbox.slack.blockkit.richtext import RICH_TEXT
from sandbox.slack.blockkit.schema import (
    Check,
    Spot,
    anything,
    array,
    at_least_one,
    boolean,
    both,
    by_type,
    number,
    one_of,
    record,
    string,
)
from sandbox.slack.blockkit.tables import DATA_TABLE, DATA_VISUALIZATION, TABLE

Surface = Literal["message", "modal", "home"]

_BASE: dict[str, Check] = {"block_id": BLOCK_ID}
_TYPE: dict[str, Check] = {"type": anything}


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({**_TYPE, **required}, {**_BASE, **(optional or {})})


_SECTION = both(
    _block(
        {},
        {
            "text": rich(3000),
            "fields": array(rich(2000), 1, 10),
            "accessory": ACCESSORY,
            "expand": boolean,
        },
    ),
    at_least_one("text", "fields"),
)
_IMAGE = both(
    _block(
        {"alt_text": string(0, 2000)},
        {"image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
    ),
    IMAGE_SOURCE,
)
_INPUT = _block(
    {"label": plain(2000), "element": INPUT_ELEMENT},
    {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
)
_VIDEO = _block(
    {
        "alt_text": string(1, 200),
        "title": plain(200),
        "thumbnail_url": URL,
        "video_url": URL,
    },
    {
        "title_url": URL,
        "description": plain(200),
        "provider_icon_url": URL,
        "provider_name": string(0, 50),
        "author_name": string(0, 50),
    },
)
_CARD = both(
    _block(
        {},
        {
            "hero_image": IMAGE_ELEMENT,
            "icon": IMAGE_ELEMENT,
            "slack_icon": anything,
            "title": rich(150),
            "subtitle": rich(150),
            "body": rich(200),
            "subtext": rich(200),
            "actions": array(CARD_ACTION, 1, 3),
        },
    ),
    at_least_one("hero_image", "title", "actions", "body"),
)
_SOURCE = record({**_TYPE, "url": URL, "text": string(1)})


def _task(*statuses: str) -> Check:
    return _block(
        {"task_id": string(1), "title": string(1), "status": one_of(*statuses)},
        {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(_SOURCE)},
    )


_PLANNED_TASK = by_type({"task_card": _task("pending", "in_progress", "complete", "error")})

_EVERYWHERE: dict[str, Check] = {
    "actions": _block({"elements": array(ACTION_ELEMENT, 1, 25)}),
    "card": _CARD,
    "context": _block({"elements": array(CONTEXT_ELEMENT, 1, 10)}),
    "divider": _block({}),
    "header": _block({"text": plain(150)}, {"level": number(1, 6, whole=True)}),
    "image": _IMAGE,
    "input": _INPUT,
    "rich_text": RICH_TEXT,
    "section": _SECTION,
    "video": _VIDEO,
}
_TABLES: dict[str, Check] = {"table": TABLE, "data_table": DATA_TABLE}


def _children(spot: Spot, value: Any) -> None:
    by_type({**_EVERYWHERE, **_TABLES})(spot, value)


_CONTAINER = both(
    _block(
        {"child_blocks": array(_children, 1, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": rich(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": IMAGE_ELEMENT,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    at_least_one("title", "rich_text_title"),
)

BLOCKS: dict[Surface, dict[str, Check]] = {
    "message": {
        **_EVERYWHERE,
        **_TABLES,
        "carousel": _block({"elements": array(by_type({"card": _CARD}), 1, 10)}),
        "container": _CONTAINER,
        "context_actions": _block({"elements": array(CONTEXT_ACTION, 1, 5)}),
        "data_visualization": DATA_VISUALIZATION,
        "file": _block({"external_id": string(1), "source": one_of("remote")}),
        "markdown": _block({"text": string(1, 12_000)}),
        "plan": _block({"title": string(1)}, {"tasks": array(_PLANNED_TASK, 0, 50)}),
        # A task outside a plan has begun by definition.
        "task_card": _task("in_progress", "complete", "error"),
    },
    "modal": {
        **_EVERYWHERE,
        "alert": _block(
            {"text": rich(200)},
            {"level": one_of("default", "info", "warning", "error", "success")},
        ),
    },
    "home": {**_EVERYWHERE, **_TABLES, "container": _CONTAINER},
}
BLOCK: dict[Surface, Check] = {surface: by_type(kinds) for surface, kinds in BLOCKS.items()}
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
