"""Read back at the source what became of the targets whose jobs have ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Request, StepState
from core.domain.transitions import StepResult, StepsMoved
from core.errors import VendorError
from core.ports import Effector
from core.rules.outcome import not_signed_out
from core.usecases.job_record import JobRecord


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
        seen: dict[str, list[StepResult]] = {target: [] for target in open_targets}
        for job in request.jobs:
            if open_targets.isdisjoint(job.targets) or job.dispatched_at is None:
                continue
            try:
                results = self.effector.verify(self.client, job, request.plan)
            except VendorError:
                return request
            for result in results:
                if result.target in seen:
                    seen[result.target].append(result)
        return self._judge(request, seen)

    def _judge(self, request: Request, seen: Mapping[str, list[StepResult]]) -> Request:
        moved = tuple(
            result
            for target, results in seen.items()
            if (result := self._settled(request, target, results)) is not None
        )
        if not moved:
            return request
        return self.record.commit(request, StepsMoved(at=self.record.clock.now(), results=moved))

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
        ended = max(
            (job.ended_at for job in request.jobs_of(target) if job.ended_at is not None),
            default=request.created_at,
        )
        if self.record.clock.now() < ended + timedelta(minutes=self.policy.verify_minutes):
            return None
        why = next((r.reason for r in results if r.state is StepState.DONE and r.reason), "")
        reason = why or f"did not show at the source within {self.policy.verify_minutes} minutes"
        return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=reason)
