"""A technician asks for a plan; from here on it is a request that others decide on."""

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.events import Requested
from core.domain.people import ChatIdentity, Person
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import JobId, Plan, Request, RequestId, When
from core.errors import BadInput, Frozen, Refused
from core.ports import Clock, Requests, Switch
from core.rules.approval_policy import approvals_needed, may_request
from core.rules.jobs import jobs_of
from core.rules.notice_period import waits_for_notice
from core.rules.openings import first_opening
from core.usecases.blast_radius import weight_since


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestPlan:
    """Turns a previewed plan into a pending request."""

    requests: Requests
    switch: Switch
    policy: ApprovalPolicy
    clock: Clock

    def __call__(
        self,
        request_id: RequestId,
        plan: Plan,
        *,
        client: Client,
        person: Person,
        identity: ChatIdentity,
        reason: str,
        ticket: str | None,
    ) -> Request:
        """Commit the request, once: asking again for the same id gives the one that is there.

        Raises Refused (not allowed, caps, frozen) or BadInput.
        """
        standing = self.requests.get(request_id)
        if standing is not None:
            return _same(standing, plan, person)
        now = self.clock.now()
        self._check_frozen()
        check_words(client, reason, ticket)
        check_window(client, plan.options.when)
        may_request(
            person,
            identity,
            client,
            plan,
            policy=self.policy,
            pending_of_person=self._pending_of(person, now),
            weight_last_hour=weight_since(self.requests, now - timedelta(hours=1)),
        )
        # a preview may have stood open until that window was over
        plan = replace(plan, opening=first_opening(client, plan.options, now))
        event = self._event(request_id, plan, person, now=now)
        asked = replace(event, reason=reason.strip(), ticket=(ticket or "").strip() or None)
        return self.requests.commit(request_id, asked, expected=0)

    def _check_frozen(self) -> None:
        freeze = self.switch.frozen()
        if freeze is not None:
            raise Frozen(
                f"Gatehouse is frozen by {freeze.by_name} ({freeze.why}); nothing can be requested until it is unfrozen."
            )

    def _pending_of(self, person: Person, now: datetime) -> int:
        """What only waits for the end of a notice keeps nobody from asking for more."""
        mine = (r for r in self.requests.open() if r.requester == person.key)
        return sum(not (r.state.in_flight and waits_for_notice(r, now)) for r in mine)

    def _event(
        self, request_id: RequestId, plan: Plan, person: Person, *, now: datetime
    ) -> Requested:
        numbers = itertools.count(1)
        return Requested(
            at=now,
            by=person.key,
            by_name=person.name,
            request_id=request_id,
            plan=plan,
            jobs=jobs_of(plan, lambda: JobId(f"{request_id}-{next(numbers)}")),
            reason="",
            ticket=None,
            expires_at=now + timedelta(minutes=self.policy.pending_minutes),
            approvals_needed=approvals_needed(plan, self.policy),
        )


def check_words(client: Client, reason: str, ticket: str | None) -> None:
    """Raise BadInput where the reason or a needed ticket number is missing."""
    if not reason.strip():
        raise BadInput("Say why in one sentence: the approver decides on it.")
    if client.needs_ticket and not (ticket or "").strip():
        raise BadInput(f"{client.name} wants a ticket number with every request.")


def check_window(client: Client, when: When) -> None:
    """Raise Refused where the window something is wanted in does not exist: it would run at any time."""
    if when is When.WINDOW and client.maintenance_window is None:
        raise Refused(
            f"{client.name} has no maintenance window in the configuration. Choose another time."
        )


def _same(standing: Request, plan: Plan, person: Person) -> Request:
    """Ids are short: what stands under one may be somebody else's request, which answers nothing."""
    if standing.requester != person.key or standing.digest != plan.digest:
        raise Refused(f"{standing.id} is another request already. Please start again.")
    return standing
