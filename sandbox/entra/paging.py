"""Paging as Graph does it: $top, @odata.nextLink and opaque skip tokens."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.entra.odata import Row, Test
from sandbox.entra.protocol import Answer, Call, Json, bad_request

Item = TypeVar("Item")


def page_size(call: Call, *, default: int, most: int, clip: bool = False) -> int:
    """The page size $top asks for; above `most` it is refused, or clipped where Graph clips."""
    text = call.query.get("$top")
    if text is None:
        return default
    size = int(text) if text.isdigit() else 0
    if size > most and clip:
        return most
    if not 1 <= size <= most:
        raise bad_request(
            f"Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive."
        )
    return size


def page(
    call: Call,
    items: Sequence[Item],
    render: Callable[[Item], Row],
    *,
    context: str,
    size: int,
    keep: Test | None = None,
    total: int | None = None,
) -> Answer:
    """One page of `items`, as `render` writes them, with the link to the next.

    `keep` is applied after the page was cut, so a page may be short or empty and still have a next
    one. A page that is exactly full links to an empty last one.
    """
    start = _offset(call)
    cut = items[start : start + size]
    body: Json = {"@odata.context": call.context(context)}
    if total is not None and start == 0:
        body["@odata.count"] = total
    if start + len(cut) < len(items) or len(cut) == size:
        body["@odata.nextLink"] = _next_link(call, start + size)
    rows = [render(item) for item in cut]
    body["value"] = [row for row in rows if keep is None or keep(row)]
    return Answer(body=body)


def _next_link(call: Call, offset: int) -> str:
    token = base64.urlsafe_b64encode(json.dumps({"o": offset}).encode()).decode().rstrip("=")
    query = {key: value for key, value in call.query.items() if key != "$skiptoken"}
    return f"{call.root}{call.path}?{urlencode({**query, '$skiptoken': token}, safe='$,')}"


def _offset(call: Call) -> int:
    token = call.query.get("$skiptoken")
    if token is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["o"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_request(
            "The specified skip token is not valid.", "Directory_ExpiredPageToken"
        ) from error
