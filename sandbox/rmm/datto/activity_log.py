"""The account's activity log: what was done when, read in pages that go on after a place in it."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.rmm.datto.errors import RefusalError
from sandbox.rmm.datto.oauth import API_KEY
from sandbox.rmm.datto.pages import Row, whole_number
from sandbox.rmm.fleet import Node

#: Without `from`, only the last quarter of an hour is answered.
_DEFAULT_SPAN = timedelta(minutes=15)
_DEFAULT_SIZE = 20


@dataclass(frozen=True)
class Entry:
    at: datetime
    row: Row

    @property
    def place(self) -> str:
        """Where an entry stands in the log: what `searchAfter` takes."""
        return f"{int(self.at.timestamp() * 1000)},{self.row['id']}"


class ActivityLog:
    """All entries, oldest first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, node: Node, action: str, details: str, at: datetime) -> None:
        row = {
            "id": str(uuid.uuid4()),
            "entity": "DEVICE",
            "category": "job",
            "action": action,
            "date": at.timestamp(),
            "site": {"id": node.company.rmm_number, "name": node.company.rmm_name},
            "deviceId": node.device.number,
            "hostname": node.device.name,
            "user": {"id": 1, "userName": API_KEY, "firstName": None, "lastName": None},
            "details": json.dumps({"text": details}),
            "hasStdOut": False,
            "hasStdErr": False,
        }
        self._entries.append(Entry(at, row))

    def page(self, request: web.Request, now: datetime) -> Row:
        """One page of what the request's filters leave, in the order it asks for."""
        entries = [entry for entry in self._within(request, now) if _wanted(request, entry.row)]
        if request.query.get("order") != "asc":
            entries.reverse()
        size = whole_number(request, "size", _DEFAULT_SIZE) or _DEFAULT_SIZE
        start = _start(request, entries, size)
        shown = entries[start : start + size]
        return {
            "pageDetails": {
                "count": len(shown),
                "totalCount": len(entries),
                "prevPageUrl": _address(request, shown[:1], "previous") if start else None,
                "nextPageUrl": _address(request, shown[-1:], "next")
                if start + size < len(entries)
                else None,
            },
            "activities": [entry.row for entry in shown],
        }

    def _within(self, request: web.Request, now: datetime) -> list[Entry]:
        begin = _moment(request, "from", now - _DEFAULT_SPAN)
        end = _moment(request, "until", now)
        return [entry for entry in self._entries if begin <= entry.at <= end]


def _wanted(request: web.Request, row: dict[str, Any]) -> bool:
    fields = {
        "entities": row["entity"].lower(),
        "categories": row["category"],
        "actions": row["action"],
        "siteIds": str(row["site"]["id"]),
    }
    asked = {name: request.query[name].split(",") for name in fields if name in request.query}
    return all(fields[name] in values for name, values in asked.items())


def _start(request: web.Request, entries: list[Entry], size: int) -> int:
    """The index a page begins at: after the place given, or as many before it."""
    place = request.query.get("searchAfter")
    if place is None:
        return 0
    index = next((i for i, entry in enumerate(entries) if entry.place == place), None)
    if index is None:
        raise RefusalError(400, "searchAfter names no entry of this search")
    return max(index - size, 0) if request.query.get("page") == "previous" else index + 1


def _address(request: web.Request, edge: list[Entry], direction: str) -> str | None:
    if not edge:
        return None
    return str(request.url.update_query({"searchAfter": edge[0].place, "page": direction}))


def _moment(request: web.Request, name: str, default: datetime) -> datetime:
    text = request.query.get(name)
    if text is None:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise RefusalError(400, f"{name} must be yyyy-MM-ddTHH:mm:ssZ") from None
