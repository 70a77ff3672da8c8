"""The part of OData the API speaks: $top, $skip, $filter (comparisons joined by "and"), $orderby."""

import operator
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.rmm.vsax.envelope import RefusalError, answer

Row = dict[str, Any]

#: Default and maximum of $top.
PAGE_MAX = 100

_TERM = re.compile(r"\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|[^\s']+)\s*")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_WORDS = {"true": True, "false": False, "null": None}


def page(request: web.Request, rows: list[Row]) -> web.Response:
    """The page of `rows` that the request's options ask for; the total is that of all the filter leaves."""
    wanted = _filtered(request.query.get("$filter"), rows)
    wanted = _ordered(request.query.get("$orderby"), wanted, rows)
    top = _number(request, "$top", PAGE_MAX, least=1, most=PAGE_MAX)
    skip = _number(request, "$skip", 0, least=0)
    return answer(wanted[skip : skip + top], total=len(wanted))


def _filtered(text: str | None, rows: list[Row]) -> list[Row]:
    if text is None:
        return rows
    fields = _fields(rows)
    terms = [_term(part, fields) for part in text.split(" and ")]
    return [row for row in rows if all(term(row) for term in terms)]


def _term(text: str, fields: set[str]) -> Callable[[Row], bool]:
    match = _TERM.fullmatch(text)
    if match is None:
        raise RefusalError(400, f"Syntax error in the filter at '{text}'.")
    name, word, literal = match.groups()
    if fields and name not in fields:
        raise RefusalError(400, f"Could not find a property named '{name}'.")
    compare, value = _COMPARE[word], _value(literal)
    return lambda row: _holds(compare, row[name], value)


def _holds(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """Times are compared as the text they are; different kinds of values are never the same."""
    try:
        return compare(left, right)
    except TypeError:
        return False


def _value(literal: str) -> Any:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    if literal in _WORDS:
        return _WORDS[literal]
    return int(literal) if literal.isdecimal() else literal


def _ordered(text: str | None, wanted: list[Row], rows: list[Row]) -> list[Row]:
    if text is None:
        return wanted
    name, _, direction = text.partition(" ")
    fields = _fields(rows)
    if (fields and name not in fields) or direction not in ("", "asc", "desc"):
        raise RefusalError(400, f"Cannot order by '{text}'.")
    return sorted(wanted, key=lambda row: str(row[name]), reverse=direction == "desc")


def _fields(rows: list[Row]) -> set[str]:
    return {name for row in rows for name in row}


def _number(
    request: web.Request, name: str, default: int, *, least: int, most: int | None = None
) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    value = int(text) if text.isdecimal() else -1
    if value < least or (most is not None and value > most):
        raise RefusalError(400, f"The value of {name} is not valid.")
    return value
