"""What every list takes: condition, ids, orderBy, page and pageSize. The answer is a bare array."""

from aiohttp import web

from sandbox.rmm.automate.conditions import Row, condition, field_of
from sandbox.rmm.automate.errors import RefusalError

#: Rows in a page at most, whatever was asked for.
MOST = 1000
_DEFAULT = 50


def answer(request: web.Request, rows: list[Row]) -> web.Response:
    """The page of the rows that was asked for. Raise RefusalError 400 for a query that cannot be read."""
    return web.json_response(_page(request, _ordered(request, _chosen(request, rows))))


def _chosen(request: web.Request, rows: list[Row]) -> list[Row]:
    matches = condition(request.query.get("condition"))
    ids = {part.strip() for part in request.query.get("ids", "").split(",") if part.strip()}
    return [row for row in rows if matches(row) and (not ids or str(row.get("Id")) in ids)]


def _ordered(request: web.Request, rows: list[Row]) -> list[Row]:
    for part in reversed([p.strip() for p in request.query.get("orderBy", "").split(",") if p]):
        name, _, direction = part.partition(" ")
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise RefusalError(400, f"orderBy could not be parsed: {part}")
        backwards = direction.strip().lower() == "desc"
        rows = sorted(rows, key=lambda row: _rank(field_of(row, name)), reverse=backwards)
    return rows


def _rank(value: object) -> tuple[int, float, str]:
    """Nothing first, numbers (and ids, which are texts of digits) by size, words by spelling."""
    text = str(value)
    if value is None:
        return (0, 0.0, "")
    return (1, float(text), "") if text.isdecimal() else (2, 0.0, text)


def _page(request: web.Request, rows: list[Row]) -> list[Row]:
    size = min(_number(request, "pageSize", _DEFAULT), MOST)
    first = (_number(request, "page", 1) - 1) * size
    return rows[first : first + size]


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise RefusalError(400, f"The value '{text}' is not valid for {name}.")
    return int(text)
