"""Every limit and rule of Block Kit, at its edge and one step over it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack.blockkit.payloads import (
    complaints_about_blocks,
    complaints_about_view,
    too_long,
    view_too_large,
)
from tests.sandbox.slack.samples import (
    actions,
    button,
    home,
    input_block,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    select,
    text_input,
)

Json = dict[str, Any]
LIMITS_FILE = Path(__file__).parents[4] / "shared" / "specs" / "slack" / "block-limits.json"


def chars(count: int) -> str:
    return "x" * count


def options(count: int) -> list[Json]:
    return [option(value=str(number)) for number in range(count)]


def accessory(element: Json) -> Json:
    return section(accessory=element)


def confirm(**more: Any) -> Json:
    whole = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain(), **more}
    return actions(button(confirm=whole))


def overflow(count: int) -> Json:
    return {"type": "overflow", "action_id": "more", "options": options(count)}


def choices(kind: str, count: int) -> Json:
    return {"type": kind, "action_id": "tick", "options": options(count)}


def cells(rows: int, columns: int, text: str = "x") -> list[list[Json]]:
    return [[{"type": "raw_text", "text": text} for _ in range(columns)] for _ in range(rows)]


def table(rows: int, columns: int = 1, text: str = "x") -> Json:
    return {"type": "table", "rows": cells(rows, columns, text)}


def data_table(rows: int, columns: int = 1, **more: Any) -> Json:
    return {"type": "data_table", "caption": "Devices", "rows": cells(rows, columns), **more}


def pie(count: int = 1, **more: Any) -> Json:
    segments = [{"label": f"s{number}", "value": 1} for number in range(count)]
    chart = {"type": "pie", "segments": segments}
    return {"type": "data_visualization", "title": "Gaps", "chart": chart, **more}


def plot(series: int = 1, points: int = 1, **axis: Any) -> Json:
    labels = [f"p{number}" for number in range(points)]
    data = [{"label": label, "value": -1} for label in labels]
    rows = [{"name": f"n{number}", "data": data} for number in range(series)]
    chart = {"type": "bar", "series": rows, "axis_config": {"categories": labels, **axis}}
    return {"type": "data_visualization", "title": "Trend", "chart": chart}


def card(**more: Any) -> Json:
    return {"type": "card", "title": mrkdwn(), **more}


def container(count: int) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": [section()] * count}


def task(status: str = "complete") -> Json:
    return {"type": "task_card", "task_id": "t1", "title": "Patch", "status": status}


def plan(count: int) -> Json:
    return {"type": "plan", "title": "Plan", "tasks": [task("pending") for _ in range(count)]}


def picture(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://x.example/p.png", "alt_text": "A", **more}


def video(**more: Any) -> Json:
    urls = {"thumbnail_url": "https://x.example/t", "video_url": "https://x.example/v"}
    return {"type": "video", "alt_text": "A", "title": plain(), **urls, **more}


def context(count: int, text: str = "Text") -> Json:
    return {"type": "context", "elements": [mrkdwn(text) for _ in range(count)]}


#: name, the largest that is accepted, the smallest that is not
EDGES: list[tuple[str, Json, Json]] = [
    ("section text", section(chars(3000)), section(chars(3001))),
    ("section fields", section(fields=[mrkdwn()] * 10), section(fields=[mrkdwn()] * 11)),
    ("field text", section(fields=[mrkdwn(chars(2000))]), section(fields=[mrkdwn(chars(2001))])),
    ("header", {"type": "header", "text": plain(chars(150))}, {"type": "header", "text": plain(chars(151))}),
    ("actions", actions(*[button(action_id=str(n)) for n in range(25)]), actions(*[button(action_id=str(n)) for n in range(26)])),
    ("context elements", context(10), context(11)),
    ("context text", context(1, chars(2000)), context(1, chars(2001))),
    ("block_id", section(block_id=chars(255)), section(block_id=chars(256))),
    ("action_id", actions(button(action_id=chars(255))), actions(button(action_id=chars(256)))),
    ("button text", actions(button(chars(75))), actions(button(chars(76)))),
    ("button value", actions(button(value=chars(2000))), actions(button(value=chars(2001)))),
    ("button url", actions(button(url=chars(3000))), actions(button(url=chars(3001)))),
    ("button label", actions(button(accessibility_label=chars(75))), actions(button(accessibility_label=chars(76)))),
    ("confirm title", confirm(title=plain(chars(100))), confirm(title=plain(chars(101)))),
    ("confirm text", confirm(text=mrkdwn(chars(300))), confirm(text=mrkdwn(chars(301)))),
    ("confirm yes", confirm(confirm=plain(chars(30))), confirm(confirm=plain(chars(31)))),
    ("confirm no", confirm(deny=plain(chars(30))), confirm(deny=plain(chars(31)))),
    ("option text", accessory(select(options=[option(chars(75))])), accessory(select(options=[option(chars(76))]))),
    ("option value", accessory(select(options=[option(value=chars(150))])), accessory(select(options=[option(value=chars(151))]))),
    ("option description", accessory(select(options=[option(description=plain(chars(75)))])), accessory(select(options=[option(description=plain(chars(76)))]))),
    ("options", accessory(select(options=options(100))), accessory(select(options=options(101)))),
    ("placeholder", accessory(select(placeholder=plain(chars(150)))), accessory(select(placeholder=plain(chars(151))))),
    ("overflow", accessory(overflow(5)), accessory(overflow(6))),
    ("overflow at least", accessory(overflow(1)), accessory(overflow(0))),
    ("checkboxes", accessory(choices("checkboxes", 10)), accessory(choices("checkboxes", 11))),
    ("radio buttons", accessory(choices("radio_buttons", 10)), accessory(choices("radio_buttons", 11))),
    ("input label", input_block(text_input(), label=plain(chars(2000))), input_block(text_input(), label=plain(chars(2001)))),
    ("input hint", input_block(text_input(), hint=plain(chars(2000))), input_block(text_input(), hint=plain(chars(2001)))),
    ("max_length", input_block(text_input(max_length=3000)), input_block(text_input(max_length=3001))),
    ("image url", picture(image_url=chars(3000)), picture(image_url=chars(3001))),
    ("image alt", picture(alt_text=chars(2000)), picture(alt_text=chars(2001))),
    ("image title", picture(title=plain(chars(2000))), picture(title=plain(chars(2001)))),
    ("markdown", {"type": "markdown", "text": chars(12_000)}, {"type": "markdown", "text": chars(12_001)}),
    ("table rows", table(100), table(101)),
    ("table columns", table(1, 20), table(1, 21)),
    ("table characters", table(100, 10, chars(10)), table(100, 11, chars(10))),
    ("data table rows", data_table(201), data_table(202)),
    ("data table at least", data_table(2), data_table(1)),
    ("data table columns", data_table(2, 20), data_table(2, 21)),
    ("page size", data_table(2, page_size=100), data_table(2, page_size=101)),
    ("chart title", pie(title=chars(50)), pie(title=chars(51))),
    ("segments", pie(12), pie(13)),
    ("series", plot(12), plot(13)),
    ("points", plot(1, 20), plot(1, 21)),
    ("axis label", plot(x_label=chars(50)), plot(x_label=chars(51))),
    ("card title", card(title=mrkdwn(chars(150))), card(title=mrkdwn(chars(151)))),
    ("card body", card(body=mrkdwn(chars(200))), card(body=mrkdwn(chars(201)))),
    ("card actions", card(actions=[button(action_id=str(n)) for n in range(3)]), card(actions=[button(action_id=str(n)) for n in range(4)])),
    ("carousel", {"type": "carousel", "elements": [card()] * 10}, {"type": "carousel", "elements": [card()] * 11}),
    ("container", container(10), container(11)),
    ("plan", plan(50), plan(51)),
    ("video title", video(title=plain(chars(200))), video(title=plain(chars(201)))),
    ("video author", video(author_name=chars(50)), video(author_name=chars(51))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("largest", "over"), [edge[1:] for edge in EDGES], ids=[e[0] for e in EDGES]
)
def test_the_largest_block_is_accepted_and_the_next_one_refused(largest: Json, over: Json) -> None:
    assert complaints_about_blocks([largest], "message") == []
    assert complaints_about_blocks([over], "message") != []


BROKEN: list[tuple[str, Json, str]] = [
    ("empty text", section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("no text at all", {"type": "section"}, "must define at least one of: text, fields [json-pointer:/blocks/0]"),
    ("unknown block", {"type": "sektion"}, "unsupported type: sektion [json-pointer:/blocks/0/type]"),
    ("no type", {}, "missing required field: type [json-pointer:/blocks/0]"),
    ("unknown key", section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    ("mrkdwn header", {"type": "header", "text": mrkdwn()}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ("mrkdwn button", actions({**button(), "text": mrkdwn()}), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"),
    ("text input in actions", actions(text_input()), "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    ("button in input", input_block(button()), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ("wrong style", actions(button(style="green")), "value must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    ("no actions", actions(), "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
    ("image without source", {"type": "image", "alt_text": "A"}, "must define exactly one of: image_url, slack_file [json-pointer:/blocks/0]"),
    ("image without alt", {"type": "image", "image_url": "https://x.example"}, "missing required field: alt_text [json-pointer:/blocks/0]"),
    ("options and groups", accessory(select(option_groups=[{"label": plain(), "options": [option()]}])), "must define exactly one of: options, option_groups [json-pointer:/blocks/0/accessory]"),
    ("initial option not listed", accessory(select(initial_option=option(value="9"))), "initial option must be one of the options [json-pointer:/blocks/0/accessory]"),
    ("empty cell", table(1, 1, ""), "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"),
    ("ragged table", {"type": "table", "rows": [*cells(1, 2), *cells(1, 1)]}, "all rows must have the same number of cells [json-pointer:/blocks/0/rows]"),
    ("table without caption", {"type": "data_table", "rows": cells(2, 1)}, "missing required field: caption [json-pointer:/blocks/0]"),
    ("negative segment", {"type": "data_visualization", "title": "T", "chart": {"type": "pie", "segments": [{"label": "a", "value": 0}]}}, "must be greater than 0 [json-pointer:/blocks/0/chart/segments/0/value]"),
    ("pending task alone", task("pending"), "value must be one of: in_progress, complete, error [json-pointer:/blocks/0/status]"),
    ("min above max", input_block(text_input(min_length=5, max_length=4)), "min_length must not be greater than max_length [json-pointer:/blocks/0/element]"),
    ("alert in a message", {"type": "alert", "text": plain()}, "unsupported type: alert [json-pointer:/blocks/0/type]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("block", "complaint"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_a_malformed_block_is_refused_with_its_place(block: Json, complaint: str) -> None:
    assert complaint in complaints_about_blocks([block], "message")


def test_fifty_blocks_fit_a_message_and_a_hundred_a_view() -> None:
    assert complaints_about_blocks([section()] * 50, "message") == []
    assert complaints_about_blocks([section()] * 51, "message") == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]
    assert complaints_about_view(modal(*[section()] * 100), "modal") == []
    assert complaints_about_view(modal(*[section()] * 101), "modal") != []
    assert complaints_about_view(home(*[section()] * 101), "home") != []


def test_block_ids_are_unique_in_a_message() -> None:
    twice = [section(block_id="same"), section(block_id="same")]
    assert complaints_about_blocks(twice, "message") == [
        '`block_id` "same" already exists [json-pointer:/blocks/1/block_id]'
    ]


def test_action_ids_are_unique_in_a_block_but_not_across_blocks() -> None:
    assert complaints_about_blocks([actions(button()), actions(button())], "message") == []
    assert complaints_about_blocks([actions(button(), button())], "message") == [
        '`action_id` "press" already exists [json-pointer:/blocks/0/elements/1/action_id]'
    ]


def test_only_one_element_may_take_the_focus() -> None:
    fields = [
        input_block(text_input(focus_on_load=True), block_id=str(number)) for number in range(2)
    ]
    assert complaints_about_view(modal(fields[0]), "modal") == []
    assert complaints_about_view(modal(*fields), "modal") != []


def test_tables_markdown_and_charts_have_totals_per_message() -> None:
    half = table(50, 10, chars(10))
    assert complaints_about_blocks([half, half], "message") == []
    assert complaints_about_blocks([half, half, table(1)], "message") != []
    markdown = {"type": "markdown", "text": chars(6000)}
    assert complaints_about_blocks([markdown, markdown], "message") == []
    assert complaints_about_blocks([markdown] * 3, "message") != []
    assert complaints_about_blocks([pie(), pie()], "message") == []
    assert complaints_about_blocks([pie()] * 3, "message") != []


def test_a_message_of_blocks_is_too_long_above_9600_characters() -> None:
    full = [section(chars(2400)) for _ in range(4)]
    assert not too_long(full)
    assert too_long([*full, section("x")])
    buttons = [actions(button(chars(75), str(n))) for n in range(20)]
    assert too_long([section(chars(2800))] * 3 + buttons), "every text counts, not only sections"


SURFACES = {
    "message": {"markdown", "plan", "context_actions", "data_visualization", "carousel"},
    "modal": {"alert"},
    "home": {"table", "data_table", "container"},
}
ONLY_SOMEWHERE: dict[str, Json] = {
    "markdown": {"type": "markdown", "text": "x"},
    "plan": plan(1),
    "context_actions": {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]},
    "data_visualization": pie(),
    "carousel": {"type": "carousel", "elements": [card()]},
    "alert": {"type": "alert", "text": plain()},
    "table": table(1),
    "data_table": data_table(2),
    "container": container(1),
}  # fmt: skip


@pytest.mark.parametrize("kind", ONLY_SOMEWHERE)
def test_a_block_is_taken_only_where_slack_shows_it(kind: str) -> None:
    block = ONLY_SOMEWHERE[kind]
    in_message = kind in SURFACES["message"] | SURFACES["home"]
    assert (complaints_about_blocks([block], "message") == []) is in_message
    assert (complaints_about_view(modal(block), "modal") == []) is (kind in SURFACES["modal"])
    assert (complaints_about_view(home(block), "home") == []) is (kind in SURFACES["home"])


VIEW_EDGES: list[tuple[str, Json, Json]] = [
    ("title", modal(title=plain(chars(24))), modal(title=plain(chars(25)))),
    ("submit", modal(submit=plain(chars(24))), modal(submit=plain(chars(25)))),
    ("close", modal(close=plain(chars(24))), modal(close=plain(chars(25)))),
    ("private_metadata", modal(private_metadata=chars(3000)), modal(private_metadata=chars(3001))),
    ("callback_id", modal(callback_id=chars(255)), modal(callback_id=chars(256))),
    ("external_id", modal(external_id=chars(255)), modal(external_id=chars(256))),
    ("alert text", modal({"type": "alert", "text": plain(chars(200))}), modal({"type": "alert", "text": plain(chars(201))})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("largest", "over"), [edge[1:] for edge in VIEW_EDGES], ids=[e[0] for e in VIEW_EDGES]
)
def test_the_largest_view_is_accepted_and_the_next_one_refused(largest: Json, over: Json) -> None:
    assert complaints_about_view(largest, "modal") == []
    assert complaints_about_view(over, "modal") != []


def test_a_title_too_long_is_named_in_slacks_words() -> None:
    assert complaints_about_view(modal(title=plain(chars(25))), "modal") == [
        "must be less than 25 characters [json-pointer:/view/title/text]"
    ]


def test_an_input_needs_a_submit_button() -> None:
    without = modal(input_block(text_input()), submit=None)
    assert complaints_about_view(without, "modal") == [
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"
    ]


def test_a_modal_needs_a_title_and_blocks() -> None:
    assert "missing required field: title [json-pointer:/view]" in complaints_about_view(
        {"type": "modal", "blocks": [section()]}, "modal"
    )
    assert complaints_about_view(modal() | {"blocks": []}, "modal") != []


def test_a_view_is_too_large_above_250_kilobytes() -> None:
    fat = [section(chars(2900)) for _ in range(85)]
    assert not view_too_large(modal(*fat))
    assert view_too_large(modal(*fat, *fat[:5]))


@pytest.mark.skipif(not LIMITS_FILE.exists(), reason="the independent table of limits is not here")
@pytest.mark.parametrize(
    ("path", "build"),
    [
        ("section text", section),
        ("header text", lambda t: {"type": "header", "text": plain(t)}),
        ("button text", lambda t: actions(button(t))),
        ("button value", lambda t: actions(button(value=t))),
        ("option value", lambda t: accessory(select(options=[option(value=t)]))),
        ("image alt_text", lambda t: picture(alt_text=t)),
        ("confirmation text", lambda t: confirm(text=mrkdwn(t))),
        ("card body", lambda t: card(body=mrkdwn(t))),
        ("data_visualization title", lambda t: pie(title=t)),
        ("markdown text", lambda t: {"type": "markdown", "text": t}),
    ],
)
def test_numbers_agree_with_an_independent_table(path: str, build: Callable[[str], Json]) -> None:
    limit: Any = json.loads(LIMITS_FILE.read_text())
    for key in [*path.split(), "max_length"]:
        limit = limit[key]
    assert complaints_about_blocks([build(chars(limit))], "message") == []
    assert complaints_about_blocks([build(chars(limit + 1))], "message") != []
