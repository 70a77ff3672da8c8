"""Carry open requests on: expiry, windows, dispatch, follow-up, verification."""

import logging
from dataclasses import dataclass

from core.domain.remediation import Request, RequestId, RequestState
from core.errors import GatehouseError
from core.ports import Requests
from core.usecases.advance_request import AdvanceRequest
from engine.executor import Executor

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Asked every few seconds and after every decision; each request has its own lane."""

    requests: Requests
    advance: AdvanceRequest
    executor: Executor

    def advance_open(self) -> None:
        """Carry every open request one pass further."""
        for request in self.requests.open():
            self.soon(request.id)

    def soon(self, request_id: RequestId) -> None:
        self.executor.submit(f"request:{request_id}", lambda: self._one(request_id))

    def _one(self, request_id: RequestId) -> None:
        try:
            self.advance(request_id)
        except GatehouseError:
            log.exception("Request %s could not be carried on", request_id)


def wakes(request: Request) -> bool:
    """Whether a change to a request calls for a pass at once, rather than with the next tick."""
    return request.state in (RequestState.APPROVED, RequestState.CANCELLING)
