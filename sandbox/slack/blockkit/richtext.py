"""The rich_text block: sections, lists, quotes and preformatted text."""

from sandbox.slack.blockkit.objects import BLOCK_ID, URL
from sandbox.slack.blockkit.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    number,
    one_of,
    record,
    string,
)

_FLAGS = (
    "bold",
    "italic",
    "strike",
    "code",
    "underline",
    "highlight",
    "client_highlight",
    "unlink",
)
_STYLE = record(optional=dict.fromkeys(_FLAGS, boolean))


def _part(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": anything, **required}, {"style": _STYLE, **(optional or {})})


_PARTS: dict[str, Check] = {
    "text": _part({"text": string(1)}),
    "link": _part({"url": URL}, {"text": string(), "unsafe": boolean}),
    "emoji": _part(
        {"name": string(1)}, {"unicode": string(), "skin_tone": number(1, 6, whole=True)}
    ),
    "user": _part({"user_id": string(1)}),
    "channel": _part({"channel_id": string(1)}),
    "usergroup": _part({"usergroup_id": string(1)}),
    "team": _part({"team_id": string(1)}),
    "broadcast": _part({"range": one_of("here", "channel", "everyone")}),
    "date": _part(
        {"timestamp": number(whole=True), "format": string(1)}, {"url": URL, "fallback": string()}
    ),
    "color": _part({"value": string(1)}),
}
_SECTION = record({"type": anything, "elements": array(by_type(_PARTS))})
_BORDERED = record(
    {"type": anything, "elements": array(by_type(_PARTS))},
    {"border": number(0, 1, whole=True), "language": string()},
)
_LIST = record(
    {
        "type": anything,
        "style": one_of("bullet", "ordered"),
        "elements": array(by_type({"rich_text_section": _SECTION}), 1),
    },
    {
        "indent": number(0, 8, whole=True),
        "offset": number(0, whole=True),
        "border": number(0, 1, whole=True),
    },
)
RICH_TEXT = record(
    {
        "type": anything,
        "elements": array(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": _BORDERED,
                    "rich_text_preformatted": _BORDERED,
                }
            ),
            1,
        ),
    },
    {"block_id": BLOCK_ID},
)
