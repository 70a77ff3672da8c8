"""Pages of a list: counted off by `from` and `limit`, and named by the page before."""

from typing import Any

from aiohttp import web

from sandbox.rmm.action1.errors import invalid

Row = dict[str, Any]
_LIMIT = 50
#: What a page holds at most, whatever was asked for.
MOST = 500


def page(request: web.Request, rows: list[Row]) -> web.Response:
    """One page. Numbers are spelt as text in some places; users have seen both."""
    start = _number(request, "from", 0)
    limit = min(_number(request, "limit", _LIMIT, least=1), MOST)
    body: Row = {
        "id": "1",
        "type": "ResultPage",
        "self": str(request.url),
        "items": rows[start : start + limit],
        "total_items": str(len(rows)),
        "limit": str(limit),
    }
    if start + limit < len(rows):
        body["next_page"] = str(request.url.update_query({"from": start + limit, "limit": limit}))
    return web.json_response(body)


def _number(request: web.Request, name: str, default: int, *, least: int = 0) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise invalid(f"Invalid value of parameter {name}.")
    return int(text)
