"""Make the outside calls of one request, each at most once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client
from core.domain.events import JobDispatching, StepResult, StepsMoved
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import (
    Job,
    JobKind,
    JobState,
    Request,
    RequestState,
    StepState,
)
from core.errors import (
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Effector, Recheck
from core.rules.notice_period import is_late
from core.rules.policy_turns import unsent
from core.rules.protection import is_protected
from core.usecases.blast_radius import weight_sent, weight_since
from core.usecases.calls import Calls
from core.usecases.follow_jobs import JobFollower
from core.usecases.job_record import JobRecord
from core.usecases.turns import Turns

#: Surely not carried out: the job goes back to where it was and is tried with a later pass.
NOT_SENT = (VendorBusy, VendorDown, VendorAuthError, VendorForbidden)
#: What the caps per hour do not count.
UNCAPPED = (JobKind.SCAN, JobKind.REVOKE_SESSIONS)


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRunner:
    """Runs the jobs of one request for one client through one effector."""

    record: JobRecord
    follower: JobFollower
    effector: Effector
    client: Client
    policy: ApprovalPolicy
    #: Whether anything may be sent now (not frozen, in time); asked right before each call.
    may_send: Callable[[Request], bool]
    turns: Turns
    calls: Calls

    def dispatch(self, request: Request, looked: Recheck | None = None) -> Request:
        """Send every planned job whose turn it is. `looked` was found just now, for one job."""
        for job in request.jobs:
            if request.state is not RequestState.RUNNING or not self.may_send(request):
                return request
            if self.turns.why_held(request, job) is not None:
                continue
            if not self._has_room(request, job):
                return self._waits(request, job, "waits for room under the hourly cap")
            request = self._dispatch_one(request, job, looked)
            looked = None
        return self.turns.say_why(request)

    def drop_unserved(self, request: Request, reason: str) -> Request:
        """Skip what was not sent in time, naming what each device waited for."""
        for job in request.jobs:
            if job.state is JobState.PLANNED:
                steps = [request.step(target) for target in job.targets]
                why = unsent(request, job, reason)
                whys = {s.target: f"{why}; {s.reason}" if s.reason else why for s in steps}
                results = self._skipped(request, job, whys)
                request = self.record.moved(request, job, JobState.SKIPPED, reason, results)
        return request

    def drop_planned(self, request: Request, reason: str) -> Request:
        """Skip whatever was not sent yet."""
        return self._drop(request, request.jobs, reason)

    def drop_late(self, request: Request) -> Request:
        """Skip what was not sent in its own time, and leave the rest its."""
        now, minutes = self.record.clock.now(), self.policy.approved_minutes
        late = [j for j in request.jobs if is_late(request, j, now, approved_minutes=minutes)]
        return self._drop(request, late, "its time ended before it was sent")

    def _drop(self, request: Request, jobs: Iterable[Job], reason: str) -> Request:
        for job in jobs:
            if job.state is JobState.PLANNED:
                why = unsent(request, job, reason)
                results = self._skipped(request, job, dict.fromkeys(job.targets, why))
                request = self.record.moved(request, job, JobState.SKIPPED, why, results)
        return request

    def _dispatch_one(self, request: Request, job: Job, looked: Recheck | None) -> Request:
        job = request.job(job.id)
        if job.state is not JobState.PLANNED or not self._is_its_turn(request, job):
            return request
        if not self.calls.may_try(job.id, self.record.clock.now()):
            return request
        targets = self._still_wanted(request, job)
        if not targets:
            return self.record.moved(
                request, job, JobState.SKIPPED, self._why_unwanted(request, job)
            )
        try:
            recheck = looked or self.effector.recheck(self.client, request.plan, targets)
        except VendorError:
            return request
        request = self._note_changes(request, job, targets, recheck)
        ready = tuple(t for t in self._still_wanted(request, job) if t not in recheck.offline)
        return self._send(request, request.job(job.id), ready) if ready else request

    def _is_its_turn(self, request: Request, job: Job) -> bool:
        """Signing out waits until the same targets' other jobs have ended."""
        if job.kind is not JobKind.REVOKE_SESSIONS:
            return True
        others = (j for t in job.targets for j in request.jobs_of(t) if j.kind is not job.kind)
        return all(other.state.final for other in others)

    def _still_wanted(self, request: Request, job: Job) -> tuple[str, ...]:
        if job.kind is JobKind.REVOKE_SESSIONS:
            done = (t for t in job.targets if request.step(t).state is StepState.DONE)
            return tuple(t for t in done if not self._is_protected(request, t))
        wanted = (StepState.PLANNED, StepState.WAITING)
        return tuple(target for target in job.targets if request.step(target).state in wanted)

    def _why_unwanted(self, request: Request, job: Job) -> str:
        if any(request.step(target).state is StepState.UNKNOWN for target in job.targets):
            return "it was not known whether the change before it was made"
        if any(self._is_protected(request, target) for target in job.targets):
            return "protected since it was requested"
        return "nothing left to do"

    def _has_room(self, request: Request, job: Job) -> bool:
        """Whether the hourly cap leaves room for this job."""
        if job.kind in UNCAPPED or job.state is not JobState.PLANNED:
            return True
        weight = weight_sent(request.plan, job.targets)
        return self._weight_of_the_hour() + weight <= self.policy.max_weight_per_hour

    def _waits(self, request: Request, job: Job, why: str) -> Request:
        """Say on the card why nothing happens."""
        steps = [request.step(target) for target in job.targets]
        results = tuple(
            StepResult(target=step.target, state=StepState.PLANNED, reason=why)
            for step in steps
            if step.state is StepState.PLANNED and step.reason != why
        )
        if not results:
            return request
        return self.record.commit(request, StepsMoved(at=self.record.clock.now(), results=results))

    def _weight_of_the_hour(self) -> int:
        return weight_since(self.record.requests, self.record.clock.now() - timedelta(hours=1))

    def _note_changes(
        self, request: Request, job: Job, targets: tuple[str, ...], recheck: Recheck
    ) -> Request:
        """Skip, and name, what is gone, protected or offline since; let the rest wait or go on."""
        reasons = {**self._protected(request, targets), **recheck.gone}
        if recheck.wider is not None:
            reasons = dict.fromkeys(targets, f"superseded: {recheck.wider}")
        waits = request.plan.options.wait_for_offline
        offline = [t for t in targets if t in recheck.offline and t not in reasons]
        if not waits:
            reasons |= dict.fromkeys(offline, "offline when its turn came")
        waiting = tuple(
            StepResult(target=t, state=StepState.WAITING, reason="waiting for it to come online")
            for t in offline
            if waits and request.step(t).state is not StepState.WAITING
        )
        results = (*self._skipped(request, job, reasons), *waiting)
        if not results:
            return request
        return self.record.commit(request, StepsMoved(at=self.record.clock.now(), results=results))

    def _protected(self, request: Request, targets: tuple[str, ...]) -> Mapping[str, str]:
        held = (target for target in targets if self._is_protected(request, target))
        return dict.fromkeys(held, "protected since it was requested")

    def _is_protected(self, request: Request, target: str) -> bool:
        return is_protected(request.plan.target(target), request.plan, self.client)

    def _skipped(
        self, request: Request, job: Job, reasons: Mapping[str, str]
    ) -> tuple[StepResult, ...]:
        """Results that skip targets. A step already carried out is not skipped by a later job."""
        if job.kind is JobKind.REVOKE_SESSIONS:
            return ()
        return tuple(
            StepResult(target=target, state=StepState.SKIPPED, reason=reason)
            for target, reason in reasons.items()
            if not request.step(target).state.final
        )

    def _send(self, request: Request, job: Job, targets: tuple[str, ...]) -> Request:
        try:
            mark = self.effector.mark(self.client, job)
        except VendorError:
            return request
        if not self.may_send(request):
            return request  # it was frozen, or its time ended, while the source was read
        intent = JobDispatching(
            at=self.record.clock.now(),
            job_id=job.id,
            worker=self.record.requests.worker(),
            targets=targets,
            mark=mark,
        )
        with self.calls.making(job.id):
            request = self.record.commit(request, intent)
            return self._call(request, request.job(job.id))

    def _call(self, request: Request, job: Job) -> Request:
        """The intent counts already, so two requests cannot both take the last room or the same night."""
        held = self._why_not_after_all(request, job)
        if held is not None:
            return self.record.back_to_planned(request, job, held)
        try:
            report = self.effector.dispatch(self.client, job, request.id)
        except NOT_SENT as error:
            self.calls.not_carried_out(job.id, self.record.clock.now())
            return self.record.back_to_planned(request, job, error.sentence)
        except VendorRefused as error:
            results = self.record.results(job, StepState.FAILED, error.reason)
            return self.record.moved(request, job, JobState.FAILED, error.sentence, results)
        except VendorError:  # OutcomeUnknown, or an error that says nothing about what was done
            return self.follower.reconcile(request, job)
        self.calls.answered(job.id)
        return self.record.reported(request, job, report)

    def _why_not_after_all(self, request: Request, job: Job) -> str | None:
        over = self._weight_of_the_hour() > self.policy.max_weight_per_hour
        if over and job.kind not in UNCAPPED:
            return "the hourly cap is reached"
        return self.turns.why_not_tonight(request, job)
