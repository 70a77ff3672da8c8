"""Ending the notice of people whom a policy left out: exactly they leave its exclusions, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.events import StepResult
from core.domain.identity import PolicyState
from core.domain.remediation import Job, JobState, StepState
from core.domain.tenant_change import EndNotice, Sample, TenantPolicy
from core.errors import VendorRefused
from core.ports import Evidence, Recheck, Report, Truth
from core.rules.policy_turns import STAY_OUT
from core.rules.tenant_offers import STATE_WORDS
from integrations.entra import tenant_settings
from integrations.entra.api import SOURCE, GraphApi, Json
from integrations.entra.change import Watch
from integrations.entra.one_policy import policy_path, read_policy
from integrations.entra.pacing import TenantPace
from integrations.entra.policy_proof import judged

_MARK = "excluded"
GONE = "the policy no longer exists"
_STILL = "still among its exclusions"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiftExclusions:
    """One job that takes its targets out of a policy's exclusions.

    Its mark says who of them stood there before the call: the others are not ours to have let in.
    """

    api: GraphApi
    pace: TenantPace
    watch: Watch
    job: Job
    change: EndNotice

    def mark(self) -> Mapping[str, str]:
        return {_MARK: ",".join(sorted(self._excluded(self._read())))}

    def dispatch(self) -> Report:
        """What others changed in the policy meanwhile stays as they left it."""
        row = self._read()
        why = self._why_not(row)
        if why is not None:
            raise VendorRefused(SOURCE, f"{why}; nothing was sent")
        if self._excluded(row):
            users = tenant_settings.excluding(row, drop=self.job.targets)
            path = policy_path(self.change.policy_id)
            self.api.write("PATCH", path, {"conditions": {"users": users}}, pace=self.pace.policies)
        return self.follow()

    def follow(self) -> Report:
        results = tuple(
            StepResult(
                target=target,
                state=StepState.DONE,
                reason="" if target in self._stood else "was not excluded any more",
                changed=target in self._stood,
            )
            for target in self.job.targets
        )
        return Report(state=JobState.DONE, results=results)

    def verify(self) -> tuple[StepResult, ...]:
        row = self._read()
        why, excluded = self._why_not(row), self._excluded(row)
        first, *others = (
            self._judged(target, why, excluded=target in excluded) for target in self.job.targets
        )
        if any(result.state is not StepState.VERIFIED for result in (first, *others)):
            return (first, *others)
        return (self._felt(first, row), *others)

    def reconcile(self) -> Evidence:
        """Nobody who stood there has left, when replicas agree: it was not sent."""

        def look() -> frozenset[str]:
            return self._stood - self._excluded(self._read())

        if self._stood and not self.watch.until_seen(self.job, self._stood, look):
            return Evidence(truth=Truth.NOT_SENT, detail="Entra still shows all the exclusions.")
        return Evidence(truth=Truth.SENT, detail="Entra shows the exclusions gone.")

    def _judged(self, target: str, why: str | None, *, excluded: bool) -> StepResult:
        if why is not None:
            return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=why)
        if excluded:
            return StepResult(target=target, state=StepState.DONE, reason=_STILL)
        return StepResult(
            target=target,
            state=StepState.VERIFIED,
            reason="no longer excluded, as read back",
            changed=target in self._stood,
        )

    def _felt(self, result: StepResult, row: Json) -> StepResult:
        """With what Entra's what-if says of this one of them."""
        sample = Sample(user_id=result.target, name="this account")
        state, words = judged(self.api, self.pace, row, PolicyState.ENABLED, sample)
        return replace(result, state=state, reason=f"no longer excluded; {words}")

    def _read(self) -> Json:
        return read_policy(self.api, self.pace, self.change.policy_id)

    def _why_not(self, row: Json) -> str | None:
        return why_not(tenant_settings.tenant_policy(row), self.change) if row else GONE

    def _excluded(self, row: Json) -> frozenset[str]:
        """Which of the job's targets the policy excludes by name."""
        named = tenant_settings.excluded_users(row)
        return frozenset(target for target in self.job.targets if target.lower() in named)

    @property
    def _stood(self) -> frozenset[str]:
        """Whom the call was to let in: some of the marked may have been skipped since."""
        return frozenset(self.job.mark.get(_MARK, "").split(",")) & frozenset(self.job.targets)


def recheck_notice(
    api: GraphApi, pace: TenantPace, change: EndNotice, targets: Sequence[str]
) -> Recheck:
    """Whether the policy still is what people were given notice of. Raises VendorError."""
    row = read_policy(api, pace, change.policy_id)
    if not row:
        return Recheck(gone=dict.fromkeys(targets, GONE))
    why = why_not(tenant_settings.tenant_policy(row), change)
    if why is None:
        return Recheck()
    return Recheck(gone=dict.fromkeys(targets, f"{why}; {STAY_OUT}"))


def why_not(item: TenantPolicy, change: EndNotice) -> str | None:
    """What a person changed that this call must not meet; other exclusions are theirs to choose."""
    if item.state is not PolicyState.ENABLED:
        return f"the policy is {STATE_WORDS[item.state]} since"
    if item.asks != change.asks:
        return "the policy was edited since and asks something else"
    return None
