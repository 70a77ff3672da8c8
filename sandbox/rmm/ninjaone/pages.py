"""NinjaOne's two ways of paging: lists go on after the last id, reports hand out a cursor."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.rows import Row

_DEFAULT_PAGE = 1000
_CURSOR_LIFE = timedelta(minutes=10)


def page_size(request: web.Request, default: int = _DEFAULT_PAGE) -> int:
    return whole_number(request, "pageSize", default, least=1)


def whole_number(request: web.Request, name: str, default: int, least: int = 0) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise RefusalError(400, f"Invalid value for parameter {name}: {text}")
    return int(text)


def after_page(request: web.Request, rows: list[Row]) -> list[Row]:
    """The rows after the id `after`; the list ends with a short or an empty page."""
    after = whole_number(request, "after", 0)
    later = sorted((row for row in rows if row["id"] > after), key=lambda row: int(row["id"]))
    return later[: page_size(request)]


@dataclass
class _Scan:
    rows: list[Row]
    offset: int
    expires_at: datetime


class Cursors:
    """Running scans over reports: what a scan found at its start, and how far it was read.

    The cursor's name stands for the whole scan and stays the same from page to page; the server
    remembers the position. A scan ends with an empty page.
    """

    def __init__(self) -> None:
        self._scans: dict[str, _Scan] = {}

    def page(self, request: web.Request, find: Callable[[], list[Row]], now: datetime) -> Row:
        """One page: of what is found now for a request without a cursor, else of the scan it names."""
        self._forget_expired(now)
        name = request.query.get("cursor") or self._start(find(), now)
        scan = self._scans.get(name)
        if scan is None:
            raise RefusalError(400, f"Cursor {name} is unknown or has expired")
        rows = scan.rows[scan.offset : scan.offset + page_size(request)]
        cursor = {
            "name": name,
            "offset": scan.offset,
            "count": len(rows),
            "expires": scan.expires_at.timestamp(),
        }
        scan.offset += len(rows)
        scan.expires_at = now + _CURSOR_LIFE
        return {"cursor": cursor, "results": rows}

    def _start(self, rows: list[Row], now: datetime) -> str:
        name = uuid.uuid4().hex
        self._scans[name] = _Scan(rows, 0, now + _CURSOR_LIFE)
        return name

    def _forget_expired(self, now: datetime) -> None:
        self._scans = {name: scan for name, scan in self._scans.items() if scan.expires_at > now}
