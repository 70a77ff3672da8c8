"""What an install at Tactical RMM came to, judged from the device's rows; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain.events import StepResult
from core.domain.patching import Patch, PatchState
from core.domain.remediation import StepState
from integrations.rmm.read_back import counts, unsettled
from integrations.rmm.tactical.runs import changes

_NOTHING_KNOWN = "Tactical RMM knew no update that this could install"


def of_install(
    basis: frozenset[str] | None, mark: Mapping[str, str], now: Mapping[int, Patch]
) -> StepResult | None:
    """Why an install is not, or not yet, what was approved; None where nothing speaks against it.

    `basis` are the keys that were approved; None stands for what the mark says was taken. A row that is gone
    was found superseded. The result's target is empty.
    """
    if basis is None and not mark:
        return result("", StepState.NOT_VERIFIED, _NOTHING_KNOWN)
    failed = changes(mark, now).failed
    tried = [patch for row_id, patch in now.items() if row_id in failed]
    ours = basis if basis is not None else _keys(now, mark)
    missing = [
        # One that failed before and is listed as failed now may yet be tried again.
        replace(patch, state=PatchState.APPROVED) if patch.state is PatchState.FAILED else patch
        for patch in now.values()
        if patch.state is not PatchState.INSTALLED and counts(patch)
    ]
    return unsettled(ours, missing, tried)


def installed(mark: Mapping[str, str], now: Mapping[int, Patch]) -> str:
    """How much of what was taken went in, in words."""
    taken = [now.get(int(row_id)) for row_id in mark]
    there = sum(p is not None and p.state is PatchState.INSTALLED and counts(p) for p in taken)
    gone = sum(patch is None for patch in taken)
    words = f"{there} installed"
    return f"{words}, {gone} no longer offered" if gone else words


def _keys(now: Mapping[int, Patch], row_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(now[int(row_id)].key for row_id in row_ids if int(row_id) in now)


def result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
