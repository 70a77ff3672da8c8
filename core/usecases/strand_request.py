"""End the work of a request whose client or account has left the configuration: nobody can send or look there."""

from datetime import datetime

from core.domain.events import JobMoved, StepResult, StepsMoved
from core.domain.remediation import Job, JobState, Request, Step, StepState
from core.ports import Requests
from core.rules.policy_turns import unsent

WHY = "its client or account is no longer in the configuration"
_UNSENT = (StepState.PLANNED, StepState.WAITING)


def strand(requests: Requests, request: Request, now: datetime) -> Request:
    """What was not sent is skipped, what is at the vendor is unknown, what was carried out is not verified."""
    for job in request.jobs:
        if not job.state.final:
            request = requests.commit(request.id, _ended(job, now), expected=request.version)
    results = tuple(_result(request, step) for step in request.steps if not step.state.final)
    if not results:
        return request
    event = StepsMoved(at=now, results=results)
    return requests.commit(request.id, event, expected=request.version)


def _ended(job: Job, now: datetime) -> JobMoved:
    state = JobState.UNKNOWN if job.state.at_vendor else JobState.SKIPPED
    return JobMoved(at=now, job_id=job.id, state=state, detail=WHY)


def _result(request: Request, step: Step) -> StepResult:
    if step.state in _UNSENT:
        job = next(iter(request.jobs_of(step.target)), None)
        why = WHY if job is None else unsent(request, job, WHY)
        return StepResult(target=step.target, state=StepState.SKIPPED, reason=why)
    if step.state is StepState.DONE:
        words = f"carried out, but not read back: {WHY}"
        return StepResult(target=step.target, state=StepState.NOT_VERIFIED, reason=words)
    return StepResult(target=step.target, state=StepState.UNKNOWN, reason=WHY)
