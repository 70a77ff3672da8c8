"""What lists take: $top, $skip, and a $filter for one agent. At most a hundred rows come at once."""

import re

from aiohttp import web

from sandbox.rmm.vsa9.envelope import RefusalError, wrapped
from sandbox.rmm.vsa9.rows import Row

#: Rows in an answer at most, whatever was asked for.
MOST = 100
_COMPARISON = re.compile(r"(\w+)\s+(eq|gt)\s+(?:'([^']*)'|(-?\d+)M?)")


def answer(request: web.Request, rows: list[Row]) -> web.Response:
    """The part of the rows that was asked for, and how many there are in all."""
    chosen = _chosen(rows, request.query.get("$filter", ""))
    top = min(_number(request, "$top", MOST), MOST)
    skip = _number(request, "$skip", 0)
    return wrapped(chosen[skip : skip + top], total=len(chosen))


def _chosen(rows: list[Row], condition: str) -> list[Row]:
    if not condition:
        return rows
    match = _COMPARISON.fullmatch(condition.strip())
    if match is None:
        raise RefusalError(400, f"The filter cannot be read: {condition}")
    field, sign, text, number = match.groups()
    if sign == "gt":
        return [row for row in rows if int(row.get(field) or 0) > int(number or 0)]
    return [row for row in rows if str(row.get(field)) == (text or number)]


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise RefusalError(400, f"{name} is not a number.")
    return int(text)
