"""Tables and charts, the blocks that carry data in rows and series."""

from typing import Any

from sandbox.slack.blockkit.objects import BLOCK_ID
from sandbox.slack.blockkit.richtext import RICH_TEXT
from sandbox.slack.blockkit.schema import (
    Check,
    Spot,
    anything,
    array,
    boolean,
    both,
    by_type,
    number,
    one_of,
    record,
    string,
)

TABLE_CHARACTERS = 10_000
DATA_TABLE_CHARACTERS = 20_000

_TYPE = {"type": anything}
_RAW_TEXT = record({**_TYPE, "text": string(1)})
_RAW_NUMBER = record({**_TYPE, "value": number(), "text": string(1)})
_CELL = by_type({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})


def characters(value: Any) -> int:
    """How many characters of text the cells of a table carry."""
    if isinstance(value, list):
        return sum(characters(entry) for entry in value)
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(characters(value[key]) for key in ("rows", "elements") if key in value)
    return 0


def _at_most(limit: int) -> Check:
    def check(spot: Spot, value: Any) -> None:
        if characters(value["rows"]) > limit:
            spot.complain(f"no more than {limit} characters allowed in a table")

    return check


def _same_width(spot: Spot, value: Any) -> None:
    if len({len(row) for row in value["rows"]}) > 1:
        spot.at("rows").complain("all rows must have the same number of cells")


def _plain_header(spot: Spot, value: Any) -> None:
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            spot.at("rows").at(0).at(index).complain("rich_text is not allowed in header cells")


_COLUMN = record(optional={"align": one_of("left", "center", "right"), "is_wrapped": boolean})
TABLE = both(
    record(
        {**_TYPE, "rows": array(array(_CELL, 1, 20), 1, 100)},
        {"block_id": BLOCK_ID, "column_settings": array(_COLUMN, 0, 20)},
    ),
    both(_same_width, _at_most(TABLE_CHARACTERS)),
)
DATA_TABLE = both(
    record(
        {**_TYPE, "rows": array(array(_CELL, 1, 20), 2, 201), "caption": string(1)},
        {
            "block_id": BLOCK_ID,
            "page_size": number(1, 100, whole=True),
            "row_header_column_index": number(0, 19, whole=True),
        },
    ),
    both(_same_width, both(_plain_header, _at_most(DATA_TABLE_CHARACTERS))),
)


def _above_zero(spot: Spot, value: Any) -> None:
    number()(spot, value)
    if isinstance(value, (int, float)) and value <= 0:
        spot.complain("must be greater than 0")


def _series_fit_axis(spot: Spot, chart: Any) -> None:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        spot.at("series").complain("series names must be unique")
    wanted = set(chart["axis_config"]["categories"])
    for index, series in enumerate(chart["series"]):
        if {point["label"] for point in series["data"]} != wanted:
            spot.at("series").at(index).complain("data labels must match the axis categories")


_NAME = string(1, 20)
_SEGMENT = record({"label": _NAME, "value": _above_zero})
_POINT = record({"label": _NAME, "value": number()})
_SERIES = record({"name": _NAME, "data": array(_POINT, 1, 20)})
_AXIS = record(
    {"categories": array(_NAME, 1, 20)}, {"x_label": string(0, 50), "y_label": string(0, 50)}
)
_PIE = record({**_TYPE, "segments": array(_SEGMENT, 1, 12)})
_PLOT = both(
    record({**_TYPE, "series": array(_SERIES, 1, 12), "axis_config": _AXIS}), _series_fit_axis
)
DATA_VISUALIZATION = record(
    {
        **_TYPE,
        "title": string(1, 50),
        "chart": by_type({"pie": _PIE, "bar": _PLOT, "line": _PLOT, "area": _PLOT}),
    },
    {"block_id": BLOCK_ID},
)
