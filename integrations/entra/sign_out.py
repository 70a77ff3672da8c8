"""Ending users' sessions, so that a new requirement is felt at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.events import StepResult
from core.domain.remediation import Job, StepState
from core.errors import OutcomeUnknown, VendorError, VendorNotFound
from core.ports import Evidence, Report
from integrations.entra.api import GraphApi
from integrations.entra.batch import Batches, Outcome
from integrations.entra.change import Watch, evidence, report
from integrations.entra.mapping import moment

_STAMP = "signInSessionsValidFromDateTime"

#: How far Entra's clock may be behind ours where no stamp from before the call is known.
_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOut:
    """One job. Its mark holds per target since when sessions counted as valid before the call."""

    api: GraphApi
    job: Job
    watch: Watch

    def mark(self) -> Mapping[str, str]:
        return {target: stamp.isoformat() for target, stamp in self._stamps().items()}

    def dispatch(self) -> Report:
        urls = {target: f"/users/{target}/revokeSignInSessions" for target in self.job.targets}
        ended = Batches(api=self.api).post(urls)
        lost = frozenset(t for t, end in ended.items() if isinstance(end, OutcomeUnknown))
        seen = self._look_for(lost)
        return report(tuple(_result(target, end, seen) for target, end in ended.items()))

    def follow(self) -> Report:
        results = (StepResult(target=t, state=StepState.DONE) for t in self.job.targets)
        return report(tuple(results))

    def verify(self) -> tuple[StepResult, ...]:
        seen = self._moved()
        return tuple(
            StepResult(target=target, state=StepState.VERIFIED, reason="signed out")
            if target in seen
            else StepResult(target=target, state=StepState.DONE, reason="sign-out not yet visible")
            for target in self.job.targets
        )

    def reconcile(self) -> Evidence:
        wanted = frozenset(self.job.targets)
        seen = self.watch.until_seen(self.job, wanted, self._moved)
        return evidence(seen, wanted, "signed out")

    def _look_for(self, lost: frozenset[str]) -> frozenset[str] | None:
        """Which of the lost ones were signed out after all; None where looking fails too."""
        if not lost:
            return lost
        try:
            return self.watch.until_seen(self.job, lost, self._moved)
        except VendorError:
            return None

    def _moved(self) -> frozenset[str]:
        return frozenset(t for t, stamp in self._stamps().items() if self._is_later(t, stamp))

    def _is_later(self, target: str, stamp: datetime) -> bool:
        before = moment(self.job.mark.get(target))
        if before is not None:
            return stamp > before
        sent = self.job.dispatched_at
        return sent is not None and stamp >= sent - _SKEW

    def _stamps(self) -> dict[str, datetime]:
        """Accounts that are gone are left out. Raises VendorError where one cannot be read."""
        urls = {t: f"/users/{t}?$select=id,{_STAMP}" for t in self.job.targets}
        stamps: dict[str, datetime] = {}
        for target, end in Batches(api=self.api).get(urls).items():
            if isinstance(end, VendorNotFound):
                continue
            if isinstance(end, VendorError):
                raise end
            stamp = moment(end.get(_STAMP))
            if stamp is not None:
                stamps[target] = stamp
        return stamps


def _result(target: str, end: Outcome, seen: frozenset[str] | None) -> StepResult:
    if isinstance(end, OutcomeUnknown):
        return _lost(target, end, seen)
    if isinstance(end, VendorNotFound):
        return _failed(target, "the account no longer exists")
    if isinstance(end, VendorError):
        return _failed(target, end.reason)
    return StepResult(target=target, state=StepState.DONE)


def _lost(target: str, end: OutcomeUnknown, seen: frozenset[str] | None) -> StepResult:
    if seen is None:
        return StepResult(target=target, state=StepState.UNKNOWN, reason=end.reason)
    if target in seen:
        return StepResult(target=target, state=StepState.DONE)
    return _failed(target, end.reason)


def _failed(target: str, reason: str) -> StepResult:
    return StepResult(target=target, state=StepState.FAILED, reason=reason)
