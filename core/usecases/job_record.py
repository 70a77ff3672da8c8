"""Put on the record what became of a job, once, also where its request has changed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.events import Event, JobMoved, StepResult
from core.domain.remediation import Job, JobKind, JobState, Request, StepState
from core.errors import Conflict
from core.ports import Clock, Report, Requests
from core.usecases.decide_request import find

_STEP_STATES: Mapping[JobState, StepState] = {
    JobState.DISPATCHED: StepState.DISPATCHED,
    JobState.RUNNING: StepState.RUNNING,
    JobState.DONE: StepState.DONE,
    JobState.FAILED: StepState.FAILED,
    JobState.UNKNOWN: StepState.UNKNOWN,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRecord:
    """Commits what is known of the jobs of one request."""

    requests: Requests
    clock: Clock

    def reported(self, request: Request, job: Job, report: Report) -> Request:
        """Commit a report, unless it says nothing new."""
        results = report.results or self.results(
            job, _STEP_STATES.get(report.state, StepState.PLANNED), report.detail
        )
        if job.kind is JobKind.REVOKE_SESSIONS:
            results = tuple(_sign_out_result(result) for result in results)
        steps = {step.target: step for step in request.steps}
        news = any(
            r.state is not steps[r.target].state or r.reason != steps[r.target].reason
            for r in results
        )
        reference = report.reference or job.reference
        if report.state is job.state and reference == job.reference and not news:
            return request
        event = JobMoved(
            at=self.clock.now(),
            job_id=job.id,
            state=report.state,
            reference=report.reference,
            detail=report.detail,
            cancellable=report.cancellable,
            results=results,
        )
        return self._keep(request, event)

    def results(self, job: Job, state: StepState, reason: str) -> tuple[StepResult, ...]:
        """The same for each of a job's targets."""
        if job.kind is JobKind.REVOKE_SESSIONS and state is not StepState.FAILED:
            state = StepState.DONE if state is not StepState.UNKNOWN else StepState.UNKNOWN
        return tuple(StepResult(target=t, state=state, reason=reason) for t in job.targets)

    def moved(
        self,
        request: Request,
        job: Job,
        state: JobState,
        detail: str,
        results: tuple[StepResult, ...] = (),
    ) -> Request:
        """Commit where a job stands, and with it its targets."""
        if job.kind is JobKind.REVOKE_SESSIONS:
            results = tuple(_sign_out_result(result) for result in results)
        event = JobMoved(
            at=self.clock.now(), job_id=job.id, state=state, detail=detail, results=results
        )
        return self._keep(request, event)

    def back_to_planned(self, request: Request, job: Job, detail: str) -> Request:
        """Commit that a call was surely not carried out: it may be made with a later pass."""
        results = self.results(job, StepState.PLANNED, f"not sent yet: {detail}")
        return self.moved(request, job, JobState.PLANNED, detail, results)

    def _keep(self, request: Request, event: JobMoved) -> Request:
        """Commit what became of a job, also where its request has changed meanwhile (by a cancel).

        Raises Conflict only where somebody else has told something about this very job.
        """
        seen = request.job(event.job_id).state
        while True:
            try:
                return self.commit(request, event)
            except Conflict:
                request = find(self.requests, request.id)
                if request.job(event.job_id).state is not seen:
                    raise

    def commit(self, request: Request, event: Event) -> Request:
        """Commit on top of the version in hand. Raises Conflict where somebody was quicker."""
        return self.requests.commit(request.id, event, expected=request.version)


def _sign_out_result(result: StepResult) -> StepResult:
    """Signing out comes after the change itself, so its failure does not undo what was done."""
    if result.state is not StepState.FAILED:
        return result
    return StepResult(
        target=result.target,
        state=StepState.NOT_VERIFIED,
        reason=f"enforced, but not signed out: {result.reason}",
    )
