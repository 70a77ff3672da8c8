"""Read back at the source what became of the targets whose jobs have ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from core.domain.clients import Client
from core.domain.events import StepResult, StepsMoved
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Job, JobId, Request, StepState
from core.errors import (
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorForbidden,
)
from core.ports import Effector
from core.rules.outcome import not_signed_out
from core.usecases.job_record import JobRecord

#: After so many jobs that could not be read the rest waits for the next pass: the vendor is in trouble.
GIVE_UP_AFTER = 5
#: They say something of the vendor, and nothing of the device that was asked about.
_AWAY = (VendorAuthError, VendorBusy, VendorDown, VendorForbidden)


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifySteps:
    """Gives the steps of one request their end states."""

    record: JobRecord
    effector: Effector
    client: Client
    policy: ApprovalPolicy

    def __call__(self, request: Request) -> Request:
        """Read back every target whose jobs have all ended, and every one that is unknown."""
        open_targets = {
            step.target
            for step in request.steps
            if step.state in (StepState.DONE, StepState.UNKNOWN)
            and all(job.state.final for job in request.jobs_of(step.target))
        }
        if not open_targets:
            return request
        return self._judge(request, self._read_back(request, open_targets))

    def _read_back(self, request: Request, targets: set[str]) -> "_ReadBack":
        """Ask about job after job: where one cannot be read, the others still are."""
        back = _ReadBack(results={target: [] for target in targets})
        told: dict[JobId, Sequence[StepResult]] = {}
        for job in self._in_turn(request, targets):
            if back.failures >= GIVE_UP_AFTER:
                back.forget(job.targets)
                continue
            try:
                told[job.id] = self.effector.verify(self.client, job, request.plan)
            except VendorError as failure:
                back.failures += 1
                back.unread.update(dict.fromkeys(job.targets, failure))
        back.answered = bool(told)
        for job in request.jobs:
            back.add(told.get(job.id, ()))
        return back

    def _in_turn(self, request: Request, targets: set[str]) -> Sequence[Job]:
        """Beginning with another one every minute, so that a few that cannot be read never hide the rest."""
        jobs = [
            job
            for job in request.jobs
            if job.dispatched_at is not None and not targets.isdisjoint(job.targets)
        ]
        first = int(self.record.clock.now().timestamp() // 60) % max(len(jobs), 1)
        return (*jobs[first:], *jobs[:first])

    def _judge(self, request: Request, back: "_ReadBack") -> Request:
        moved = tuple(
            result
            for target in back.results
            if (result := self._judged(request, target, back)) is not None
        )
        if not moved:
            return request
        return self.record.commit(request, StepsMoved(at=self.record.clock.now(), results=moved))

    def _judged(self, request: Request, target: str, back: "_ReadBack") -> StepResult | None:
        """A target that stays unreadable has its end; a vendor that answers for none is waited for."""
        if target not in back.unread:
            return self._settled(request, target, back.results[target])
        known = request.step(target).state is not StepState.UNKNOWN
        answers = back.answered or not isinstance(back.unread[target], _AWAY)
        if not (known and answers and self._is_late(request, target)):
            return None
        reason = f"could not be read back: {back.unread[target]}"
        return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=reason)

    def _settled(
        self, request: Request, target: str, results: list[StepResult]
    ) -> StepResult | None:
        """The end state of one target, or None where there is nothing new to say yet."""
        step = request.step(target)
        undone = not_signed_out(request, target)
        if results and all(r.state is StepState.VERIFIED for r in results):
            if undone is not None:
                return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=undone)
            reason = "; ".join(dict.fromkeys(r.reason for r in results if r.reason))
            changed = next((r.changed for r in results if r.changed is not None), None)
            return StepResult(
                target=target, state=StepState.VERIFIED, reason=reason, changed=changed
            )
        if step.state is StepState.UNKNOWN:
            return None
        worse = next(
            (r for r in results if r.state not in (StepState.VERIFIED, StepState.DONE)), None
        )
        if worse is not None:
            return worse
        return self._lagging(request, target, results)

    def _lagging(
        self, request: Request, target: str, results: list[StepResult]
    ) -> StepResult | None:
        if not self._is_late(request, target):
            return None
        why = next((r.reason for r in results if r.state is StepState.DONE and r.reason), "")
        reason = why or f"did not show at the source within {self.policy.verify_minutes} minutes"
        return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=reason)

    def _is_late(self, request: Request, target: str) -> bool:
        """The time is over in which a change has to show at the source."""
        ended = max(
            (job.ended_at for job in request.jobs_of(target) if job.ended_at is not None),
            default=request.created_at,
        )
        return self.record.clock.now() >= ended + timedelta(minutes=self.policy.verify_minutes)


@dataclass(kw_only=True, slots=True)
class _ReadBack:
    """What one pass saw of each target, and why of some it saw nothing."""

    results: dict[str, list[StepResult]]
    unread: dict[str, VendorError] = field(default_factory=dict)
    answered: bool = False
    failures: int = 0

    def add(self, results: Sequence[StepResult]) -> None:
        for result in results:
            if result.target in self.results:
                self.results[result.target].append(result)

    def forget(self, targets: Iterable[str]) -> None:
        """They were not asked about in full: nothing can be said of them yet."""
        for target in targets:
            self.results.pop(target, None)
