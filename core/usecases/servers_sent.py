"""Which servers of a client were changed lately, or are being changed, over all its requests."""

from collections.abc import Iterator
from datetime import datetime

from core.domain.clients import ClientKey
from core.domain.remediation import Job, JobKind, Request, StepState
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
            state = request.step(target).state
            ended = request.state.final or (state.final and state is not StepState.UNKNOWN)
            yield Sent(target=request.plan.target(target), at=job.dispatched_at, open=not ended)
