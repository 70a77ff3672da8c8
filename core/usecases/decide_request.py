"""An approver answers; the answer holds for exactly the plan they saw."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.events import Closed, Decided
from core.domain.people import ChatIdentity, Person
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Decision, Request, RequestId, RequestState, Verdict, When
from core.errors import Conflict, NotFound, Refused
from core.ports import Clock, Requests
from core.rules.approval_policy import may_decide
from core.rules.notice_period import last_close

#: How often a word on a request is judged anew because somebody else was quicker.
TRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class DecideRequest:
    """Approves or denies, at click time, against the identity just read."""

    requests: Requests
    policy: ApprovalPolicy
    clock: Clock

    def __call__(
        self,
        request_id: RequestId,
        verdict: Verdict,
        *,
        client: Client,
        person: Person,
        identity: ChatIdentity,
        reason: str = "",
    ) -> Request:
        """Commit the decision. Raises Refused or TooLate in the clicker's words."""

        def attempt() -> Request:
            request = find(self.requests, request_id)
            now = self.clock.now()
            if request.state is RequestState.PENDING and now >= request.expires_at:
                request = expire(self.requests, request, now)
            may_decide(
                request, person, identity, client, verdict=verdict, policy=self.policy, now=now
            )
            decision = _decision(request, person, verdict, reason=reason, at=now)
            event = self._event(request, client, decision)
            return self.requests.commit(request_id, event, expected=request.version)

        return whoever_is_quicker(attempt)

    def _event(self, request: Request, client: Client, decision: Decision) -> Decided:
        window = None
        valid_until = decision.at + timedelta(minutes=self.policy.approved_minutes)
        valid_until = max(valid_until, last_close(request.plan) or valid_until)
        in_window = request.plan.options.when is When.WINDOW
        if in_window and decision.verdict is Verdict.APPROVE:
            openings = _openings(request, client, decision.at)
            window, valid_until = openings[0], openings[-1][1]
        return Decided(
            at=decision.at,
            by=decision.by,
            decision=decision,
            valid_until=valid_until,
            window=window,
        )


def _decision(
    request: Request, person: Person, verdict: Verdict, *, reason: str, at: datetime
) -> Decision:
    return Decision(
        by=person.key,
        by_name=person.name,
        verdict=verdict,
        reason=reason.strip(),
        at=at,
        digest=request.digest,
    )


def _openings(
    request: Request, client: Client, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Those it may run in. Raise Refused where the window it was asked for is gone: it must not run at any other time."""
    if client.maintenance_window is None:
        raise Refused(
            f"{client.name} has no maintenance window in the configuration any more. "
            f"Deny {request.id} and have it asked for anew."
        )
    return client.maintenance_window.next_openings(now, request.plan.options.nights)


def whoever_is_quicker(attempt: Callable[[], Request]) -> Request:
    """Judge a word on a request anew while others are quicker; it may still count, or be too late by now.

    Raises Conflict where that does not end.
    """
    for _ in range(TRIES):
        with suppress(Conflict):
            return attempt()
    raise Conflict


def find(requests: Requests, request_id: RequestId) -> Request:
    """Raise NotFound with what to do."""
    request = requests.get(request_id)
    if request is None:
        raise NotFound(f"There is no request {request_id}. /gatehouse status lists the open ones.")
    return request


def expire(requests: Requests, request: Request, now: datetime) -> Request:
    """Close a pending request whose time is over; whoever was quicker wins."""
    minutes = round((request.expires_at - request.created_at).total_seconds() / 60)
    event = Closed(
        at=now, state=RequestState.EXPIRED, note=f"Nobody decided within {minutes} minutes."
    )
    try:
        return requests.commit(request.id, event, expected=request.version)
    except Conflict:
        return find(requests, request.id)
