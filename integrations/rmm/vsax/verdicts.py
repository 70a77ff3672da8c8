"""What a run of the update script came to, judged from its output and the device's counts; pure."""

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import PatchCounts
from core.domain.remediation import RESTART_OWED, JobKind, StepState
from integrations.rmm.update_script import NoOutputError, Output, OutputError

_NOT_OURS = " by a run that was there already"


def of_scan(target: str, output: Output | OutputError) -> StepResult:
    """A scan is verified by its own result; any run ends with one."""
    if isinstance(output, OutputError):
        return unusable(target, output)
    return _result(target, StepState.VERIFIED, f"scanned: {output.remaining} missing")


def of_install(
    target: str,
    output: Output | OutputError,
    counts: PatchCounts | None,
    *,
    before: int | None,
    online: Fact,
    ours: bool,
) -> StepResult:
    """An install: what the script says went wrong, else whether VSA X's own counts agree with it.

    Nothing tells how old those are. They are believed once they have fallen to what the script left, or by
    what it installed from `before`, the count of the plan.
    """
    if isinstance(output, OutputError):
        return unusable(target, output)
    if output.kind is JobKind.SCAN:
        return _result(target, StepState.NOT_VERIFIED, "the run that was there only scanned")
    if output.failures:
        return _result(target, StepState.NOT_VERIFIED, output.failures)
    if output.reboot_required:
        return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
    if online is Fact.NO:
        return _result(target, StepState.DONE, "offline since; nothing can be read back")
    return _by_counts(target, output, counts, before, ours=ours)


def _by_counts(
    target: str, output: Output, counts: PatchCounts | None, before: int | None, *, ours: bool
) -> StepResult:
    missing = counts.at_most if counts is not None else None
    if missing is None:
        return _result(target, StepState.DONE, "Kaseya VSA X gives no counts for it")
    believed = max(output.remaining, (before or 0) - output.installed)
    if missing > believed:
        words = f"Kaseya VSA X still counts {missing} missing; its next count is awaited"
        return _result(target, StepState.DONE, words)
    words = f"{output.outcome}{'' if ours else _NOT_OURS}"
    return _result(target, StepState.VERIFIED, words)


def unusable(target: str, output: OutputError) -> StepResult:
    """Output that may still come is waited for; output that breaks the contract leaves the step to a person."""
    state = StepState.DONE if isinstance(output, NoOutputError) else StepState.UNKNOWN
    return _result(target, state, f"the script's output cannot be used: {output}")


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
