"""What an install at Action1 came to, judged from its run and from what the device misses still; pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Patch, PatchState
from core.domain.remediation import RESTART_OWED, JobState, StepState
from integrations.rmm.read_back import counts, unsettled


def of_install(
    basis: frozenset[str] | None,
    ordered: frozenset[str],
    missing: Sequence[Patch],
    *,
    state: JobState | None,
    reboot_needed: Fact,
) -> StepResult:
    """Failed, still missing, a restart owed, or verified. The result's target is empty.

    `basis` are the keys that were approved, `ordered` what the run was asked for. A run does not say which
    of its updates failed: after one that did, what is missing still has.
    """
    ours = ordered if basis is None else basis
    still = [patch for patch in missing if counts(patch)]
    tried = (
        [replace(patch, state=PatchState.FAILED) for patch in still if patch.key in ordered]
        if state is JobState.FAILED
        else []
    )
    open_ = unsettled(ours, still, tried)
    if open_ is not None:
        return open_
    if reboot_needed is Fact.YES:
        return result("", StepState.NOT_VERIFIED, RESTART_OWED)
    gone = len(ours - {patch.key for patch in still})
    return result("", StepState.VERIFIED, f"{gone} installed")


def result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
