"""Whether a device has restarted since it was told to, by what it shows of itself; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.remediation import Job, JobState, StepState
from core.ports import Evidence, Report, Truth

NOT_OWED = "waits for no restart any more"
_BOOTED, _OWED = "booted", "restart owed"
#: Agents work their start out from how long they have been up, which comes out differently every time.
_WOBBLE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a device shows: whether it is there, when it last started, whether it waits for a restart."""

    online: Fact
    booted_at: datetime | None
    owed: Fact

    def mark(self) -> Mapping[str, str]:
        """What a later look is compared with, so that only the device's own clock counts."""
        booted = {} if self.booted_at is None else {_BOOTED: self.booted_at.isoformat()}
        return {**booted, _OWED: self.owed.value}

    def has_restarted(self, job: Job) -> bool:
        """Since the job's mark: it started later, or what it waited for has come."""
        return self._has_booted(job) or (
            self.owed is Fact.NO and job.mark.get(_OWED) == Fact.YES.value
        )

    def _has_booted(self, job: Job) -> bool:
        before = job.mark.get(_BOOTED)
        if before is None or self.booted_at is None:
            return False
        return self.booted_at > datetime.fromisoformat(before) + _WOBBLE

    def report(self, job: Job) -> Report:
        if self.online is Fact.NO:
            return Report(state=JobState.RUNNING, detail="offline; it may be restarting")
        if self.has_restarted(job):
            return Report(state=JobState.DONE, detail="restarted")
        if (
            job.state is JobState.RUNNING
        ):  # how it last started may be told later than that it is back
            return Report(state=JobState.RUNNING, detail="back, and not seen to have restarted yet")
        return Report(state=JobState.DISPATCHED, detail="not seen to restart yet")

    def verdict(self, job: Job) -> StepResult:
        """DONE, for "not yet visible", until it is back, has restarted and waits for no other restart."""
        (target,) = job.targets
        if self.online is not Fact.YES:
            return StepResult(target=target, state=StepState.DONE, reason="not seen online since")
        if not self.has_restarted(job):
            return StepResult(target=target, state=StepState.DONE, reason="not seen to restart")
        if self.owed is Fact.YES:
            words = "restarted, and waits for a restart again or still"
            return StepResult(target=target, state=StepState.DONE, reason=words)
        return StepResult(target=target, state=StepState.VERIFIED, reason="restarted")

    def evidence(self, job: Job) -> Evidence:
        """Never NOT_SENT: the order may still be on its way. Never SENT: a restart says not by whose order."""
        if self.has_restarted(job):
            words = (
                "the device has restarted since the call was cut off; by whose order is not told"
            )
        else:
            words = "the device was not seen to restart since the call was cut off; it still may"
        return Evidence(truth=Truth.UNKNOWN, detail=words)
