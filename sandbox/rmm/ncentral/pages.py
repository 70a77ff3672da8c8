"""Pages of a list: numbered from 1, at most 200 rows each."""

from typing import Any

from aiohttp import web

from sandbox.rmm.ncentral.errors import RefusalError

Row = dict[str, Any]
_DEFAULT, _MOST = 50, 200


def page(request: web.Request, rows: list[Row]) -> web.Response:
    number, size = _number(request, "pageNumber", 1), _number(request, "pageSize", _DEFAULT)
    if size > _MOST:
        raise RefusalError(400, f"pageSize must not be greater than {_MOST}.")
    shown = rows[(number - 1) * size : number * size]
    return web.json_response(
        {
            "data": shown,
            "totalItems": len(rows),
            "itemCount": len(shown),
            "pageNumber": number,
            "pageSize": size,
            "totalPages": -(-len(rows) // size),
            "_links": {},
        }
    )


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise RefusalError(400, f"{name} must be a positive number.")
    return int(text)
