"""What a run of the update script came to, judged from its output and from the platform's own list; pure."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.events import StepResult
from core.domain.patching import Patch
from core.domain.remediation import RESTART_OWED, StepState
from integrations.rmm.asio.mapping import Counted, missing
from integrations.rmm.read_back import unsettled
from integrations.rmm.update_script import NoOutputError, Output, OutputError


def of_scan(target: str, output: Output | OutputError | None) -> StepResult:
    """A scan is verified by its own result; `output` is None where the task's id was lost."""
    if isinstance(output, OutputError):
        return _unusable(target, output)
    if output is None:
        return _result(target, StepState.DONE, "its result cannot be read without the task's id")
    return _result(target, StepState.VERIFIED, f"scanned: {output.remaining} missing")


def by_output(target: str, output: Output | OutputError | None) -> StepResult | None:
    """What the script itself says went wrong; None where it says nothing against the install."""
    if isinstance(output, OutputError):
        return None if isinstance(output, NoOutputError) else _unusable(target, output)
    if output is None:
        return None
    if output.failures:
        return _result(target, StepState.NOT_VERIFIED, output.failures)
    return _result(target, StepState.NOT_VERIFIED, RESTART_OWED) if output.reboot_required else None


def by_list(
    target: str,
    basis: frozenset[str] | None,
    found: Sequence[Patch],
    counts: Counted,
    *,
    output: Output | OutputError | None,
    sent: datetime | None,
) -> StepResult:
    """What the platform's own assessment says; one from before the script's end, or its sending, says nothing.

    `basis` are the keys that were approved.
    """
    ended = output if isinstance(output, Output) else None
    since = ended.finished_at if ended is not None else sent
    if since is None or counts.assessed is None or counts.assessed < since:
        return _result(target, StepState.DONE, "the device's next assessment is awaited")
    open_ = unsettled(basis, missing(found), ())
    if open_ is not None:
        return _result(target, open_.state, open_.reason)
    if counts.pending_reboot:
        return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
    words = ended.outcome if ended is not None else "nothing of it is missing any more"
    return _result(target, StepState.VERIFIED, words)


def awaited(target: str, output: Output | OutputError | None) -> StepResult:
    """Where the platform lists nothing at all for a device."""
    more = f": {output}" if isinstance(output, OutputError) else ""
    return _result(target, StepState.DONE, f"ConnectWise RMM lists no updates for it{more}")


def _unusable(target: str, output: OutputError) -> StepResult:
    """Output that may still come is waited for; output that breaks the contract leaves the step to a person."""
    state = StepState.DONE if isinstance(output, NoOutputError) else StepState.UNKNOWN
    return _result(target, state, f"the script's output cannot be used: {output}")


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
