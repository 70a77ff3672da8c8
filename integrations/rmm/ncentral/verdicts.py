"""What a run of the update script at N-central came to, judged from its output alone; pure.

N-central's own word on a device's updates says neither how many are missing nor which. The script looks
for updates anew when it has installed, so its output is what is read back.
"""

from collections.abc import Collection

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.remediation import RESTART_OWED, StepState
from integrations.rmm.update_script import NoOutputError, Output, OutputError

_NAMED = 3


def of_scan(target: str, output: Output | OutputError) -> StepResult:
    """A scan is verified by its own result."""
    if isinstance(output, OutputError):
        return _unusable(target, output)
    return _result(target, StepState.VERIFIED, f"scanned: {output.remaining} missing")


def of_install(
    target: str, output: Output | OutputError, *, online: Fact, named: Collection[str] = ()
) -> StepResult:
    """An install: what went wrong, what the script still found missing, whether a restart is owed.

    `named` are the updates it was to take, and no others; none: whatever was approved.
    """
    if isinstance(output, OutputError):
        return _unusable(target, output)
    if output.failures:
        return _result(target, StepState.NOT_VERIFIED, output.failures)
    if output.reboot_required:
        return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
    if online is Fact.NO:
        return _result(target, StepState.DONE, "offline since; nothing can be read back")
    left = [
        item.kb or item.title
        for item in output.missing
        if (item.kb in named if named else item.approved)
    ]
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        words = f"still missing: {', '.join(left[:_NAMED])}{more}"
        return _result(target, StepState.NOT_VERIFIED, words)
    return _result(target, StepState.VERIFIED, output.outcome)


def _unusable(target: str, output: OutputError) -> StepResult:
    """Output that may still come is waited for; output that breaks the contract leaves the step to a person."""
    state = StepState.DONE if isinstance(output, NoOutputError) else StepState.UNKNOWN
    return _result(target, state, f"the script's output cannot be used: {output}")


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
