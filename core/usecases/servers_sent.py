"""Which servers of a client were changed lately, or are being changed, over all its requests."""

from collections.abc import Iterator
from datetime import datetime

from core.domain.clients import ClientKey
from core.domain.remediation import Job, JobKind, Request, Step, StepState
from core.ports import Requests
from core.rules.nights import Sent


def servers_sent(requests: Requests, client: ClientKey, since: datetime) -> tuple[Sent, ...]:
    """Whatever was sent at or after `since`, and what was sent before and is not known to have ended."""
    recent = {r.id: r for r in (*requests.finished_since(since), *requests.open())}
    return tuple(
        item
        for request in recent.values()
        if request.plan.client == client
        for item in _of(request)
    )


def changes_devices(request: Request, job: Job) -> bool:
    """Whether a device may go down by it; a scan leaves it as it is."""
    return request.plan.action.on_devices and job.kind is not JobKind.SCAN


def _of(request: Request) -> Iterator[Sent]:
    for job in request.jobs:
        if job.dispatched_at is None or not changes_devices(request, job):
            continue
        for target in job.targets:
            ended = request.state.final or _has_ended(request.step(target))
            yield Sent(target=request.plan.target(target), at=job.dispatched_at, open=not ended)


def _has_ended(step: Step) -> bool:
    """A server that is offline still has not, whatever was last read of it."""
    known = step.state.final and step.state is not StepState.UNKNOWN
    return known and step.away_since is None
