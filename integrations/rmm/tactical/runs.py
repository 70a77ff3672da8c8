"""How far a run has come, told from what changed in a device's rows since just before it; pure.

Tactical gives a run no number and no time, so the only trace of one is a row that is not as it was.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.patching import Patch, PatchState
from core.domain.remediation import JobState
from integrations.rmm.rows import Row, number

_FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The rows an install was to take, by what became of them."""

    #: Not seen to have been touched.
    open: frozenset[int] = frozenset()
    #: Failed before the run and failed now: whether they were tried again does not show.
    unclear: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()
    #: Installed, or found superseded and therefore gone from the list.
    over: frozenset[int] = frozenset()

    @property
    def any(self) -> bool:
        return bool(self.failed or self.over)

    @property
    def state(self) -> JobState:
        """What is unclear holds nothing up: reading back says so. Where nothing was to be taken, nothing will show."""
        if not self.any:
            return JobState.DISPATCHED if self.open or self.unclear else JobState.DONE
        return JobState.RUNNING if self.open else JobState.DONE


def mark_of(patches: Mapping[int, Patch]) -> dict[str, str]:
    """What an install would take of these rows: row number -> whether it had failed before."""
    return {
        str(row_id): _FAILED if patch.state is PatchState.FAILED else ""
        for row_id, patch in patches.items()
        if is_taken(patch)
    }


def is_taken(patch: Patch) -> bool:
    """Whether an install takes it: what is approved and not in, failed ones once more."""
    return patch.state in (PatchState.APPROVED, PatchState.FAILED)


def changes(mark: Mapping[str, str], now: Mapping[int, Patch]) -> Changes:
    sorted_out: dict[str, set[int]] = {
        "open": set(),
        "unclear": set(),
        "failed": set(),
        "over": set(),
    }
    for key, before in mark.items():
        sorted_out[_became(before, now.get(int(key)))].add(int(key))
    return Changes(**{name: frozenset(ids) for name, ids in sorted_out.items()})


def _became(before: str, patch: Patch | None) -> str:
    if patch is None or patch.state is PatchState.INSTALLED:
        return "over"
    if patch.state is PatchState.FAILED:
        return "unclear" if before == _FAILED else "failed"
    return "open"


# Scans.


def scan_mark(source: str, rows: Iterable[Row]) -> dict[str, str]:
    """What a scan may change: which rows there are, and what of them is installed or downloaded."""
    seen = {
        number(source, row, "id", "updates"): (row.get("installed"), row.get("downloaded"))
        for row in rows
    }
    ordered = repr(sorted(seen.items(), key=lambda item: item[0]))
    return {"rows": hashlib.sha256(ordered.encode()).hexdigest()}
