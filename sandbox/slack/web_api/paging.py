"""Cursors: opaque to the caller, the number of rows already given to us."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.slack.errors import SlackError
from sandbox.slack.web_api.method import Call

Row = TypeVar("Row")
MOST = 1000


def page(call: Call, rows: Sequence[Row], usual: int = 100) -> tuple[list[Row], str]:
    """The asked-for page and the next cursor, empty on the last page."""
    limit = call.number("limit", "invalid_limit") or usual
    if not 1 <= limit <= MOST:
        raise SlackError("invalid_limit")
    start = _start(call.text("cursor"))
    end = start + limit
    cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(rows) else ""
    return list(rows[start:end]), cursor


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next" and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    raise SlackError("invalid_cursor")
