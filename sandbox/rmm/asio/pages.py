"""Pages by cursor and limit; where there is a next page, a Link header gives its address."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from sandbox.rmm.asio.errors import bad_request, not_found
from sandbox.rmm.fleet import Node

LIMIT_MAX = 500
_LIMIT = 50

Row = dict[str, Any]


def page(
    request: web.Request, field: str, nodes: Sequence[Node], row: Callable[[Node], Row]
) -> web.Response:
    """One page of rows, grouped by company and site under `field`. Raises RefusalError 404 for none."""
    limit = _number(request, "limit", _LIMIT, most=LIMIT_MAX)
    cursor = _number(request, "cursor", 0)
    chosen = nodes[cursor : cursor + limit]
    if not chosen:
        raise not_found()
    groups = [
        {"companyID": uid, "siteID": site_id(uid), "endpoints": [row(node) for node in some]}
        for uid, some in itertools.groupby(chosen, lambda node: node.company.rmm_uid)
    ]
    following = cursor + limit
    headers = {"Link": _link(request, following)} if following < len(nodes) else {}
    return web.json_response({field: groups}, headers=headers)


def site_id(company_uid: str) -> str:
    """Each company has one site."""
    return f"{company_uid[:-4]}0001"


def _link(request: web.Request, cursor: int) -> str:
    url = request.url.update_query({"cursor": str(cursor)})
    return f'<{url}>; rel="next"'


def _number(request: web.Request, name: str, default: int, *, most: int | None = None) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or (most is not None and not 0 < int(text) <= most):
        raise bad_request(f"invalid {name}")
    return int(text)
