"""What is approved of a product line: whether it would bring a device up to date, and whether it gets there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.patching import LineHistory, Patch, PatchState
from core.rules.product_lines import rank_of, released_on

#: What an install takes: a failed update was approved once, and is tried again.
_TAKEN = frozenset({PatchState.APPROVED, PatchState.FAILED})
_HELD_BACK = frozenset({PatchState.PENDING, PatchState.REJECTED})


def superseded(missing: Sequence[Patch]) -> bool:
    """A release that is not approved replaces all that is: an install would leave the device behind.

    `missing` are the updates of one line on one device.
    """
    taken = [patch for patch in missing if patch.state in _TAKEN]
    held_back = [patch for patch in missing if patch.state in _HELD_BACK]
    return bool(taken) and any(all(_newer(p, than) for than in taken) for p in held_back)


def waited(line: LineHistory, missing: Sequence[Patch], at: datetime) -> LineHistory:
    """The line after a look at a device that could have installed what is approved of it; a day counts once."""
    if line.waited_on == at.date() or not _is_approved(missing):
        return line
    return replace(line, waited_days=line.waited_days + 1, waited_on=at.date())


def days_stuck(line: LineHistory, missing: Sequence[Patch], allowed: int) -> int:
    """On how many days it could have been installed and was not; 0 up to `allowed`, or if it is not approved now."""
    return line.waited_days if line.waited_days > allowed and _is_approved(missing) else 0


def _is_approved(missing: Sequence[Patch]) -> bool:
    return any(patch.state is PatchState.APPROVED for patch in missing)


def _newer(one: Patch, than: Patch) -> bool:
    """Unlike ranks decide, else the days they came out; what tells neither is not called newer."""
    rank, other = rank_of(one), rank_of(than)
    if rank and other and rank != other:
        return rank > other
    day, before = released_on(one), released_on(than)
    return day is not None and before is not None and day > before
