"""What an install came to, judged from what is missing and what was tried, for vendors that list updates; pure."""

from collections.abc import Collection, Iterable

from core.domain.events import StepResult
from core.domain.patching import Patch, PatchClass, PatchState
from core.domain.remediation import StepState

_NAMED = 3


def unsettled(
    basis: frozenset[str] | None, missing: Iterable[Patch], tried: Iterable[Patch]
) -> StepResult | None:
    """Why an install is not, or not yet, what was approved; None where nothing speaks against it.

    `basis` are the keys that were approved; None (the plan knew none) stands for all approved now. The
    result's target is empty.
    """
    failed = [p for p in tried if p.state is PatchState.FAILED and counts(p)]
    if failed:
        return _result(StepState.NOT_VERIFIED, f"failed: {_named(failed)}")
    ours = [p for p in missing if (p.key in basis if basis is not None else is_approved(p))]
    withdrawn = [p for p in ours if p.state is not PatchState.APPROVED]
    if withdrawn:
        words = f"still missing and no longer approved: {_named(withdrawn)}"
        return _result(StepState.NOT_VERIFIED, words)
    return _result(StepState.DONE, f"still missing: {_named(ours)}") if ours else None


def installed(tried: Iterable[Patch]) -> frozenset[str]:
    """The keys of what went in; definitions come daily and are nobody's doing."""
    return frozenset(p.key for p in tried if p.state is PatchState.INSTALLED and counts(p))


def counts(patch: Patch) -> bool:
    return patch.patch_class is not PatchClass.DEFINITION


def is_approved(patch: Patch) -> bool:
    """Whether an install of everything approved would take it, definitions left out."""
    return patch.state is PatchState.APPROVED and counts(patch)


def _named(patches: Collection[Patch]) -> str:
    names = [patch.name for patch in patches]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _result(state: StepState, reason: str) -> StepResult:
    return StepResult(target="", state=state, reason=reason)
