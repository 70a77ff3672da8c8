"""Carry a request one pass further: expire, start, dispatch, follow, verify, finish.

Called again and again, by any process, at any moment. Every change goes through `Requests.commit`, so a
pass that lost a race or died leaves nothing behind that the next pass cannot go on from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.clients import Client, ClientKey
from core.domain.events import Closed, Event, Finished, PersonNeeded, Started
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import Request, RequestId, RequestState, StepState
from core.errors import Conflict, VendorError
from core.ports import Clock, Effector, Recheck, Requests, Rmm, Switch
from core.rules.local_times import local, local_span
from core.rules.outcome import outcome
from core.rules.policy_turns import asks as asks_first
from core.rules.rings import Gate, canary, may_have_more_time, sent_until
from core.usecases.calls import Calls
from core.usecases.decide_request import expire, find
from core.usecases.follow_jobs import JobFollower
from core.usecases.job_record import JobRecord
from core.usecases.run_jobs import JobRunner
from core.usecases.strand_request import strand
from core.usecases.turns import Turns
from core.usecases.verify_steps import VerifySteps
from core.usecases.watch_servers import WatchServers


@dataclass(frozen=True, kw_only=True, slots=True)
class AdvanceRequest:
    """One pass over one request. Effectors are found by the plan's account."""

    requests: Requests
    effectors: Mapping[str, Effector]
    rmms: Mapping[str, Rmm]
    clients: Mapping[ClientKey, Client]
    switch: Switch
    policy: ApprovalPolicy
    rings: RingPolicy
    clock: Clock
    calls: Calls = field(default_factory=Calls)

    def __call__(self, request_id: RequestId) -> Request:
        """The request as it stands after this pass."""
        request = find(self.requests, request_id)
        try:
            return self._advance(request)
        except Conflict:
            return find(self.requests, request_id)

    def _advance(self, request: Request) -> Request:
        now = self.clock.now()
        match request.state:
            case RequestState.PENDING:
                return expire(self.requests, request, now) if now >= request.expires_at else request
            case RequestState.APPROVED | RequestState.SCHEDULED:
                return self._start(request, now)
            case RequestState.RUNNING | RequestState.CANCELLING | RequestState.NEEDS_PERSON:
                return self._work(request)
            case _:
                return request

    # Before the first dispatch.

    def _start(self, request: Request, now: datetime) -> Request:
        if request.window is not None and now < request.window[0]:
            return request
        if request.valid_until is not None and now >= request.valid_until:
            return self._close(request, RequestState.EXPIRED, self._unserved(request))
        client = self.clients.get(request.plan.client)
        if client is None:
            note = f"{request.plan.client_name} is no longer in the configuration."
            return self._close(request, RequestState.SUPERSEDED, note)
        if not self._may_send(request, client):
            return request
        return self._recheck_and_start(request, client)

    def _may_send(self, request: Request, client: Client) -> bool:
        """Not frozen, the approval still holds, and a window that was chosen is open by today's rules."""
        window = client.maintenance_window
        is_open = window is not None and window.opening_on(self.clock.now()) is not None
        in_window = request.window is None or is_open
        return self._in_time(request) and in_window and self.switch.frozen() is None

    def _in_time(self, request: Request) -> bool:
        until = sent_until(request, self.policy.approved_minutes)
        return until is None or self.clock.now() < until

    def _recheck_and_start(self, request: Request, client: Client) -> Request:
        effector = self.effectors.get(request.plan.account)
        if effector is None:
            note = f"The account {request.plan.account} is no longer in the configuration."
            return self._close(request, RequestState.SUPERSEDED, note)
        try:
            recheck = effector.recheck(
                client, request.plan, [target.id for target in request.plan.targets]
            )
        except VendorError:
            return request  # tried again with the next pass, until the approval's time is over
        if recheck.wider is not None:
            note = f"Not run, because it would do more than was approved: {recheck.wider}"
            return self._close(request, RequestState.SUPERSEDED, note)
        request = self._commit(request, Started(at=self.clock.now()))
        # a tenant's policies are read a second apart, and its one job needs no second look
        return self._work(request, recheck if request.plan.action.on_tenant else None)

    def _unserved(self, request: Request) -> str:
        if request.window is None:
            return "It was approved, but could not start in time."
        client = self.clients.get(request.plan.client)
        zone = client.time_zone if client is not None else "UTC"
        if request.plan.options.nights > 1 and request.valid_until is not None:
            since, until = local(request.window[0], zone), local(request.valid_until, zone)
            return f"The maintenance windows from {since} to {until} ended before it ran."
        return f"The maintenance window {local_span(*request.window, zone)} ended before it ran."

    def _close(self, request: Request, state: RequestState, note: str) -> Request:
        return self._commit(request, Closed(at=self.clock.now(), state=state, note=note))

    # With work at the vendor.

    def _work(self, request: Request, looked: Recheck | None = None) -> Request:
        client = self.clients.get(request.plan.client)
        effector = self.effectors.get(request.plan.account)
        if client is None or effector is None:
            return self._finish(strand(self.requests, request, self.clock.now()))
        record = JobRecord(requests=self.requests, clock=self.clock)
        follower = JobFollower(
            record=record, effector=effector, client=client, policy=self.policy, calls=self.calls
        )
        runner = JobRunner(
            record=record,
            follower=follower,
            effector=effector,
            client=client,
            policy=self.policy,
            may_send=lambda latest: self._may_send(latest, client),
            turns=Turns(record=record, client=client, policy=self.rings),
            calls=self.calls,
        )
        verify = VerifySteps(record=record, effector=effector, client=client, policy=self.policy)
        request = follower.reconcile_cut_off(request)
        request = self._watch(request, record, client)
        request = self._dispatch_or_drop(request, runner, looked)
        request = follower.follow(request)
        return self._finish(verify(request))

    def _watch(self, request: Request, record: JobRecord, client: Client) -> Request:
        rmm = self.rmms.get(request.plan.account)
        if rmm is None:
            return request
        return WatchServers(record=record, rmm=rmm, client=client, calls=self.calls)(request)

    def _dispatch_or_drop(
        self, request: Request, runner: JobRunner, looked: Recheck | None
    ) -> Request:
        """Dispatch what may still be dispatched; skip what may never be."""
        if request.state is RequestState.CANCELLING:
            return runner.drop_planned(request, "cancelled before it was sent")
        if not self._in_time(request) and not may_have_more_time(request):
            why = "the maintenance window ended" if request.window else "the approval's time ended"
            return runner.drop_unserved(request, f"{why} before it was sent")
        request = runner.turns.stop_where_due(runner.drop_late(request))
        if request.stopped:
            return runner.drop_planned(request, request.stopped)
        if self.switch.frozen() is not None:
            return runner.turns.say_frozen(request)
        return runner.dispatch(runner.turns.say_when_shut(request), looked)

    # The end.

    def _finish(self, request: Request) -> Request:
        if not all(step.state.final for step in request.steps):
            asks = canary(request, self.rings).gate is Gate.ASKS or asks_first(request)
            note = f"{unknown_note(request)} The rest waits for it."
            return self._need(request, note) if asks else request
        if any(job.state.at_vendor for job in request.jobs):
            return request
        if request.count(StepState.UNKNOWN):
            return self._need(request, unknown_note(request))
        state = outcome(request)
        return self._commit(request, Finished(at=self.clock.now(), state=state, note=request.note))

    def _need(self, request: Request, note: str) -> Request:
        if request.state is RequestState.NEEDS_PERSON:
            return request
        return self._commit(request, PersonNeeded(at=self.clock.now(), note=note))

    def _commit(self, request: Request, event: Event) -> Request:
        return self.requests.commit(request.id, event, expected=request.version)


def unknown_note(request: Request) -> str:
    """What a person has to settle."""
    count = request.count(StepState.UNKNOWN)
    what = "target is" if count == 1 else "targets are"
    return f"{count} {what} unknown: look at the source, then settle it here. It is not sent again."
