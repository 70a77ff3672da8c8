"""Find out what became of the calls of one request; nothing is sent."""

from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Job, JobState, Request, StepState
from core.errors import VendorError
from core.ports import Effector, Evidence, Report, Truth
from core.usecases.calls import Calls
from core.usecases.job_record import JobRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFollower:
    """Settles calls that were cut off, and follows the others to their end."""

    record: JobRecord
    effector: Effector
    client: Client
    policy: ApprovalPolicy
    calls: Calls

    # After a call that was cut off.

    def reconcile_cut_off(self, request: Request) -> Request:
        """Settle calls that nobody is making any more; nothing is sent."""
        for job in request.jobs:
            if job.state is JobState.DISPATCHING and self._is_cut_off(job):
                request = self.reconcile(request, job)
        return request

    def _is_cut_off(self, job: Job) -> bool:
        """Its process died, or is this one and could not keep the outcome (its disk was full)."""
        if job.worker == self.record.requests.worker():
            return not self.calls.under_way(job.id)
        return job.worker is not None and self.record.requests.is_dead(job.worker)

    def reconcile(self, request: Request, job: Job) -> Request:
        """Settle one call by what the source shows; what it cannot show ends unknown."""
        try:
            evidence = self.effector.reconcile(self.client, job, request.id)
        except VendorError as error:
            evidence = Evidence(truth=Truth.UNKNOWN, detail=f"could not be looked up: {error}")
        match evidence.truth:
            case Truth.NOT_SENT:
                return self.record.back_to_planned(request, job, evidence.detail)
            case Truth.SENT:
                report = Report(
                    state=JobState.DISPATCHED,
                    reference=evidence.reference,
                    detail=evidence.detail,
                    results=self.record.results(job, StepState.DISPATCHED, evidence.detail),
                )
                return self.record.reported(request, job, report)
            case Truth.UNKNOWN:
                results = self.record.results(job, StepState.UNKNOWN, evidence.detail)
                return self.record.moved(request, job, JobState.UNKNOWN, evidence.detail, results)

    # Following.

    def follow(self, request: Request) -> Request:
        """Ask the vendor about every job it has; what takes too long ends unknown."""
        for job in request.jobs:
            if job.state in (JobState.DISPATCHED, JobState.RUNNING):
                request = self._follow_one(request, job)
        return request

    def _follow_one(self, request: Request, job: Job) -> Request:
        try:
            report = self.effector.follow(self.client, job)
        except VendorError:
            report = None
        if report is not None and (report.state.final or not self._too_long(job)):
            return self.record.reported(request, job, report)
        if self._too_long(job):
            reason = f"no end was seen within {self.policy.job_minutes} minutes"
            results = self.record.results(job, StepState.UNKNOWN, reason)
            return self.record.moved(request, job, JobState.UNKNOWN, reason, results)
        return request

    def _too_long(self, job: Job) -> bool:
        limit = timedelta(minutes=self.policy.job_minutes)
        return job.dispatched_at is not None and self.record.clock.now() > job.dispatched_at + limit
