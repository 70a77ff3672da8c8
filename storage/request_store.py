"""Requests: each event goes on the record first, then its outcome into the store."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.events import Event
from core.domain.remediation import Request, RequestId
from core.domain.transitions import evolve
from core.errors import Conflict, ImpossibleTransition
from storage.atomic_file import Damaged
from storage.audit_entry import AuditEntry, Draft
from storage.codec import decode, decode_event, encode
from storage.finished_requests import FinishedRequests
from storage.ledger import Ledger
from storage.redaction import redact

_log = logging.getLogger(__name__)

KIND = "request."
TABLE = "open_requests"


class RequestStore:
    """Open requests in the database, finished ones in files of their own; the audit log can rebuild both."""

    def __init__(self, ledger: Ledger, finished: FinishedRequests, *, worker: str) -> None:
        self._ledger = ledger
        self._rows = ledger.database.rows(TABLE)
        self._finished = finished
        self._worker = worker
        #: What stands in the rows, decoded.
        self._known: dict[RequestId, Request] = {}

    def commit(self, request_id: RequestId, event: Event, *, expected: int) -> Request:
        """Apply an event to the request at version `expected` (0: it does not exist yet).

        Raises Conflict where the version differs, ImpossibleTransition, StorageFailed.
        """
        with self._ledger.lock:
            before = self.get(request_id)
            version = before.version if before else 0
            if version != expected:
                raise Conflict
            recorded = redact(encode(event))
            # What is applied is what was recorded, read back: a replay cannot come out differently.
            after = evolve(before, decode_event(recorded))
            if after.id != request_id:
                raise ImpossibleTransition(f"{event.type} of {after.id} was given to {request_id}")
            self._ledger.commit(
                _draft(after, version, recorded),
                lambda: self._put(after, event.at),
                is_stored=lambda: self._version(request_id) >= after.version,
            )
            return after

    def get(self, request_id: RequestId) -> Request | None:
        """One request, open or finished."""
        with self._ledger.lock:
            if request_id in self._finished:
                return self._get_finished(request_id)
            row = self._rows.raw().get(request_id)
            return self._decoded(row) if row else None

    def open(self) -> tuple[Request, ...]:
        """All requests that have not ended, oldest first."""
        with self._ledger.lock:
            rows = [row for key, row in self._rows.raw().items() if key not in self._finished]
            requests = [self._decoded(row) for row in rows]
        return tuple(sorted(requests, key=lambda request: (request.created_at, request.id)))

    def finished_since(self, since: datetime) -> tuple[Request, ...]:
        """Requests that ended at or after `since`, newest first."""
        found = (self.get(request_id) for request_id in self._finished.since(since))
        return tuple(request for request in found if request)

    def worker(self) -> str:
        """The name of this process; differs after every start."""
        return self._worker

    def is_dead(self, worker: str) -> bool:
        """True for every other name: only one process can hold the data directory's lock."""
        return worker != self._worker

    def replay(self, entry: AuditEntry) -> bool:
        """Take in an entry the store missed; False where it holds it already.

        Raises ImpossibleTransition where the entry does not follow what the store holds.
        """
        detail = entry.detail
        request_id = RequestId(detail["request"])
        before = self.get(request_id)
        version = before.version if before else 0
        if version >= detail["to"]:
            return False
        if version != detail["from"]:
            raise ImpossibleTransition(f"{request_id} is at {version}, not at {detail['from']}")
        event = decode_event(detail["event"])
        after = evolve(before, event)
        self._ledger.keep(lambda: self._put(after, event.at), entry.head)
        return True

    def sweep(self) -> None:
        """Drop rows of requests that have ended (the process died between file and row)."""
        self._rows.drop(*(key for key in self._rows.raw() if key in self._finished))

    def _put(self, request: Request, at: datetime) -> None:
        if request.state.final:
            self._finished.put(request, ended=request.ended_at or at)
            self._rows.drop(request.id)
            self._known.pop(request.id, None)
        else:
            self._rows.put(request.id, encode(request))

    def _decoded(self, row: Mapping[str, Any]) -> Request:
        known = self._known.get(row["id"])
        if known is None or known.version != row["version"]:
            known = self._known[row["id"]] = decode(Request, row)
        return known

    def _version(self, request_id: RequestId) -> int:
        request = self.get(request_id)
        return request.version if request else 0

    def _get_finished(self, request_id: RequestId) -> Request | None:
        try:
            return self._finished.get(request_id)
        except Damaged:
            _log.exception("the file of request %s is damaged; it is rebuilt", request_id)
            return self._rebuilt(request_id)

    def _rebuilt(self, request_id: RequestId) -> Request | None:
        request = None
        for entry in self._ledger.standing():
            if entry.kind.startswith(KIND) and entry.detail["request"] == request_id:
                request = evolve(request, decode_event(entry.detail["event"]))
        return request


def _draft(after: Request, version: int, event: dict[str, Any]) -> Draft:
    return Draft(
        kind=KIND + event["type"],
        actor=event.get("by") or "gatehouse",
        client=after.plan.client,
        detail={"request": after.id, "from": version, "to": after.version, "event": event},
    )
