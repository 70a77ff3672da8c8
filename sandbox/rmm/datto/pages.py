"""Datto's pages: numbered from 0, with absolute addresses of the next and the previous one."""

from typing import Any

from aiohttp import web

from sandbox.rmm.datto.errors import RefusalError

Row = dict[str, Any]

#: Default and maximum of every list but alerts.
PAGE_MAX = 250


def page_of(request: web.Request, name: str, rows: list[Row], most: int = PAGE_MAX) -> Row:
    """One page of `rows` under `name`, as `page` and `max` ask for it."""
    page = whole_number(request, "page", 0)
    size = min(whole_number(request, "max", most) or most, most)
    shown = rows[page * size : (page + 1) * size]
    return {
        "pageDetails": {
            "count": len(shown),
            "totalCount": len(rows),
            "prevPageUrl": _address(request, page=page - 1, max=size) if page else None,
            "nextPageUrl": _address(request, page=page + 1, max=size)
            if (page + 1) * size < len(rows)
            else None,
        },
        name: shown,
    }


def whole_number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise RefusalError(400, f"{name} must be a number")
    return int(text)


def _address(request: web.Request, **changed: int) -> str:
    return str(request.url.update_query({key: str(value) for key, value in changed.items()}))
