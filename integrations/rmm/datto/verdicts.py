"""What a run of the component came to, judged from its output and the device's counts; pure."""

from datetime import datetime

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, PatchCounts
from core.domain.remediation import RESTART_OWED, StepState
from integrations.rmm.update_script import NoOutputError, Output, OutputError


def of_scan(target: str, output: Output | OutputError | None) -> StepResult:
    """A scan is verified by its own result; `output` is None where the job's uid was lost."""
    if isinstance(output, OutputError):
        return unusable(target, output)
    if output is None:
        return _result(target, StepState.DONE, "its result cannot be read without the job's uid")
    return _result(target, StepState.VERIFIED, f"scanned: {output.remaining} missing")


def of_install(
    target: str, output: Output | OutputError | None, device: Device, *, since: datetime | None
) -> StepResult:
    """An install: what the component says went wrong, else what the device's counts say.

    `since` is when the job was sent. Counts are those of the last audit: an older one says nothing.
    """
    if isinstance(output, OutputError):
        return unusable(target, output)
    if output is not None and output.failures:
        return _result(target, StepState.NOT_VERIFIED, output.failures)
    if output is not None and output.reboot_required:
        return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
    if device.online is Fact.NO:
        return _result(target, StepState.DONE, "offline since; nothing can be read back")
    ended = output.finished_at if output is not None else since
    if ended is None or device.last_scan is None or device.last_scan < ended:
        return _result(target, StepState.DONE, "the device's next audit is awaited")
    return _by_counts(target, device.counts, output)


def unusable(target: str, output: OutputError) -> StepResult:
    """Output that may still come is waited for; output that breaks the contract leaves the step to a person."""
    state = StepState.DONE if isinstance(output, NoOutputError) else StepState.UNKNOWN
    return _result(target, state, f"the component's output cannot be used: {output}")


def _by_counts(target: str, counts: PatchCounts | None, output: Output | None) -> StepResult:
    """What the script leaves alone (a driver, a feature update) may be approved in Datto all the same."""
    left = output.remaining if output is not None else 0
    if counts is None or counts.approved is None:
        return _result(target, StepState.DONE, "Datto RMM gives no counts for it")
    if counts.status is CountStatus.REBOOT_NEEDED:
        return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
    if counts.status is CountStatus.INSTALL_ERROR:
        return _result(target, StepState.NOT_VERIFIED, "Datto RMM shows an install error")
    if counts.approved > left:
        words = f"{counts.approved} approved updates are still missing"
        return _result(target, StepState.NOT_VERIFIED, words)
    if output is None:
        return _result(target, StepState.VERIFIED, "nothing approved is missing any more")
    return _result(target, StepState.VERIFIED, output.outcome)


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
