"""Switching the older per-user MFA state of accounts on and off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.events import StepResult
from core.domain.identity import PerUserState
from core.domain.remediation import Job, JobKind, StepState
from core.errors import OutcomeUnknown, VendorError, VendorNotFound
from core.ports import Evidence, Report
from integrations.entra import mapping
from integrations.entra.api import GraphApi
from integrations.entra.batch import Batches, Outcome
from integrations.entra.change import Watch, evidence, report

#: Enabling somebody who has a method enforces at once, so both mean that it was switched on.
_SHOWS: Mapping[JobKind, frozenset[PerUserState]] = {
    JobKind.ENABLE_PER_USER: frozenset({PerUserState.ENABLED, PerUserState.ENFORCED}),
    JobKind.DISABLE_PER_USER: frozenset({PerUserState.DISABLED}),
}
_SENT: Mapping[JobKind, str] = {
    JobKind.ENABLE_PER_USER: "enabled",
    JobKind.DISABLE_PER_USER: "disabled",
}


def read_states(api: GraphApi, users: Sequence[str]) -> dict[str, PerUserState]:
    """Accounts that are gone are left out. Raises VendorError where one cannot be read."""
    states: dict[str, PerUserState] = {}
    for user, end in Batches(api=api, version="beta").get(_urls(users)).items():
        if isinstance(end, VendorNotFound):
            continue
        if isinstance(end, VendorError):
            raise end
        states[user] = mapping.per_user_state(end)
    return states


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchPerUser:
    """One job. Its mark holds every target's state before the call."""

    api: GraphApi
    job: Job
    watch: Watch

    def mark(self) -> Mapping[str, str]:
        return {user: str(state) for user, state in self._states().items()}

    def dispatch(self) -> Report:
        wanted = [target for target in self.job.targets if target not in self._before]
        body = {"perUserMfaState": _SENT[self.job.kind]}
        ended = Batches(api=self.api, version="beta").patch(_urls(wanted), body) if wanted else {}
        lost = frozenset(t for t, end in ended.items() if isinstance(end, OutcomeUnknown))
        seen = self._look_for(lost)
        return report(tuple(self._result(target, ended, seen) for target in self.job.targets))

    def follow(self) -> Report:
        return report(tuple(self._done(target) for target in self.job.targets))

    def verify(self) -> tuple[StepResult, ...]:
        states = self._states()
        return tuple(self._verified(target, states.get(target)) for target in self.job.targets)

    def reconcile(self) -> Evidence:
        wanted = frozenset(self.job.targets) - self._before
        seen = self.watch.until_seen(self.job, wanted, self._switched)
        return evidence(seen, wanted, f"per-user MFA {_SENT[self.job.kind]}")

    @property
    def _before(self) -> frozenset[str]:
        """Who was so before the call."""
        return frozenset(t for t, state in self.job.mark.items() if state in self._shows)

    @property
    def _shows(self) -> frozenset[PerUserState]:
        return _SHOWS[self.job.kind]

    def _states(self) -> dict[str, PerUserState]:
        return read_states(self.api, self.job.targets)

    def _switched(self) -> frozenset[str]:
        return frozenset(t for t, state in self._states().items() if state in self._shows)

    def _look_for(self, lost: frozenset[str]) -> frozenset[str] | None:
        """Which of the lost ones were switched after all; None where looking fails too."""
        if not lost:
            return lost
        try:
            return self.watch.until_seen(self.job, lost, self._switched)
        except VendorError:
            return None

    def _result(
        self, target: str, ended: Mapping[str, Outcome], seen: frozenset[str] | None
    ) -> StepResult:
        end = ended.get(target)
        if isinstance(end, OutcomeUnknown) and (seen is None or target not in seen):
            state = StepState.UNKNOWN if seen is None else StepState.FAILED
            return StepResult(target=target, state=state, reason=end.reason)
        if isinstance(end, VendorNotFound):
            return StepResult(
                target=target, state=StepState.FAILED, reason="the account no longer exists"
            )
        if isinstance(end, VendorError) and not isinstance(end, OutcomeUnknown):
            return StepResult(target=target, state=StepState.FAILED, reason=end.reason)
        return self._done(target)

    def _done(self, target: str) -> StepResult:
        return StepResult(target=target, state=StepState.DONE, changed=target not in self._before)

    def _verified(self, target: str, state: PerUserState | None) -> StepResult:
        if state in self._shows:
            return StepResult(
                target=target, state=StepState.VERIFIED, reason=f"per-user MFA is {state}"
            )
        return StepResult(target=target, state=StepState.DONE, reason="not yet visible")


def _urls(users: Sequence[str]) -> dict[str, str]:
    return {user: f"/users/{user}/authentication/requirements" for user in users}
