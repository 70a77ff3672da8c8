"""What a request is after each of its events: `evolve(request, event)`, pure."""

from dataclasses import replace
from typing import assert_never

from core.domain.events import (
    CancelAsked,
    Closed,
    Decided,
    Event,
    Finished,
    JobDispatching,
    JobMoved,
    JobSplit,
    PersonNeeded,
    PersonRuled,
    Requested,
    RestStopped,
    ServersSeen,
    Started,
    StepResult,
    StepsMoved,
)
from core.domain.remediation import (
    Job,
    JobKind,
    JobState,
    Request,
    RequestState,
    Step,
    StepState,
    Verdict,
)
from core.errors import ImpossibleTransition

_BEFORE_WORK = (RequestState.PENDING, RequestState.APPROVED, RequestState.SCHEDULED)
_IN_FLIGHT = (RequestState.RUNNING, RequestState.CANCELLING, RequestState.NEEDS_PERSON)


def evolve(request: Request | None, event: Event) -> Request:
    """The request after the event, one version on.

    Raises ImpossibleTransition where the event cannot happen to a request in this state.
    """
    if isinstance(event, Requested):
        if request is not None:
            raise ImpossibleTransition(f"{event.request_id} exists already")
        return _new(event)
    if request is None:
        raise ImpossibleTransition(f"{event.type} needs a request")
    return replace(_apply(request, event), version=request.version + 1)


def _new(event: Requested) -> Request:
    return Request(
        id=event.request_id,
        version=1,
        state=RequestState.PENDING,
        plan=event.plan,
        digest=event.plan.digest,
        requester=event.by,
        requester_name=event.by_name,
        reason=event.reason,
        ticket=event.ticket,
        created_at=event.at,
        expires_at=event.expires_at,
        approvals_needed=event.approvals_needed,
        steps=tuple(Step(target=target.id) for target in event.plan.targets),
        jobs=event.jobs,
    )


def _apply(request: Request, event: Event) -> Request:  # noqa: C901, PLR0912 - one arm per event
    match event:
        case Decided():
            return _decided(request, event)
        case Closed():
            _must_be(request, event, *_BEFORE_WORK)
            return replace(request, state=event.state, note=event.note, ended_at=event.at)
        case Started():
            _must_be(request, event, RequestState.APPROVED, RequestState.SCHEDULED)
            return replace(request, state=RequestState.RUNNING, started_at=event.at)
        case JobDispatching():
            return _dispatching(request, event)
        case JobMoved():
            return _job_moved(request, event)
        case JobSplit():
            return _split(request, event)
        case StepsMoved():
            return _settled(_with_results(request, event.results, reopen=True))
        case ServersSeen():
            _must_be(request, event, *_IN_FLIGHT)
            return replace(request, steps=tuple(_seen(step, event) for step in request.steps))
        case RestStopped():
            _must_be(request, event, RequestState.RUNNING, RequestState.NEEDS_PERSON)
            return replace(request, stopped=event.reason, note=event.reason)
        case CancelAsked():
            _must_be(request, event, RequestState.RUNNING, RequestState.NEEDS_PERSON)
            return replace(request, state=RequestState.CANCELLING, note=event.note)
        case PersonNeeded():
            _must_be(request, event, RequestState.RUNNING, RequestState.CANCELLING)
            return replace(request, state=RequestState.NEEDS_PERSON, note=event.note)
        case PersonRuled():
            return _ruled(request, event)
        case Finished():
            _must_be(request, event, *_IN_FLIGHT)
            return replace(request, state=event.state, note=event.note, ended_at=event.at)
        case Requested():
            raise ImpossibleTransition(f"{request.id} exists already")
        case _:
            assert_never(event)


def _must_be(request: Request, event: Event, *states: RequestState) -> None:
    if request.state not in states:
        raise ImpossibleTransition(f"{event.type} cannot happen to {request.id}: {request.state}")


def _decided(request: Request, event: Decided) -> Request:
    _must_be(request, event, RequestState.PENDING)
    decision = event.decision
    if decision.digest != request.digest:
        raise ImpossibleTransition(f"the decision on {request.id} is for another plan")
    decided = replace(request, decisions=(*request.decisions, decision))
    if decision.verdict is Verdict.DENY:
        return replace(
            decided, state=RequestState.DENIED, note=decision.reason, ended_at=decision.at
        )
    if len(decided.approvals) < request.approvals_needed:
        return decided
    later = event.window is not None and event.window[0] > event.at
    return replace(
        decided,
        state=RequestState.SCHEDULED if later else RequestState.APPROVED,
        valid_until=event.valid_until,
        window=event.window,
    )


def _dispatching(request: Request, event: JobDispatching) -> Request:
    _must_be(request, event, RequestState.RUNNING)
    job = request.job(event.job_id)
    if job.state is not JobState.PLANNED:
        raise ImpossibleTransition(f"job {job.id} of {request.id} is already {job.state}")
    moved = replace(
        job,
        state=JobState.DISPATCHING,
        worker=event.worker,
        targets=event.targets,
        mark=event.mark,
        dispatched_at=event.at,
    )
    results = () if job.kind is JobKind.REVOKE_SESSIONS else _all(job, StepState.DISPATCHING)
    return _with_results(_with_job(request, moved), results)


def _job_moved(request: Request, event: JobMoved) -> Request:
    job = request.job(event.job_id)
    if job.state.final:
        raise ImpossibleTransition(f"job {job.id} of {request.id} has ended: {job.state}")
    not_sent = event.state is JobState.PLANNED
    moved = replace(
        job,
        state=event.state,
        reference=event.reference or job.reference,
        detail=event.detail or job.detail,
        cancellable=event.cancellable,
        ended_at=event.at if event.state.final else None,
        worker=None if not_sent else job.worker,
        dispatched_at=None if not_sent else job.dispatched_at,
    )
    return _with_results(_with_job(request, moved), event.results)


def _split(request: Request, event: JobSplit) -> Request:
    job = request.job(event.job_id)
    ended = replace(job, state=JobState.SKIPPED, detail=event.detail, ended_at=event.at)
    with_new = replace(
        _with_job(request, ended), jobs=(*_with_job(request, ended).jobs, *event.jobs)
    )
    return _with_results(with_new, event.results)


def _settled(request: Request) -> Request:
    """Where evidence has ended all that was unknown, no person is needed any more."""
    if request.state is not RequestState.NEEDS_PERSON or request.count(StepState.UNKNOWN):
        return request
    return replace(request, state=RequestState.RUNNING, note=request.stopped)


def _ruled(request: Request, event: PersonRuled) -> Request:
    settled = _with_results(request, event.results, reopen=True)
    if settled.state is RequestState.NEEDS_PERSON:
        return replace(settled, state=RequestState.RUNNING, note=event.note)
    return replace(settled, note=event.note)


def _all(job: Job, state: StepState) -> tuple[StepResult, ...]:
    return tuple(StepResult(target=target, state=state) for target in job.targets)


def _with_job(request: Request, job: Job) -> Request:
    return replace(request, jobs=tuple(job if old.id == job.id else old for old in request.jobs))


def _with_results(
    request: Request, results: tuple[StepResult, ...], *, reopen: bool = False
) -> Request:
    """Final steps stay as they are; only evidence or a person's word reopens an unknown one."""
    by_target = {result.target: result for result in results}
    return replace(
        request, steps=tuple(_moved(s, by_target.get(s.target), reopen) for s in request.steps)
    )


def _moved(step: Step, result: StepResult | None, reopen: bool) -> Step:
    settled = step.state.final and not (reopen and step.state is StepState.UNKNOWN)
    if result is None or settled:
        return step
    changed = step.changed if result.changed is None else result.changed
    return replace(step, state=result.state, reason=result.reason, changed=changed)


def _seen(step: Step, event: ServersSeen) -> Step:
    if step.target in event.back:
        return replace(step, away_since=None)
    return replace(step, away_since=event.at) if step.target in event.away else step
