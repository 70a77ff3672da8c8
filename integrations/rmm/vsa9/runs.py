"""How far an install has come, told from an agent's list and its last scan; pure.

VSA gives a patch run no number. The list is renewed by the scan that follows a run, so an update may stand
there for a while after it went in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from core.domain.patching import Patch, PatchState
from core.domain.remediation import JobState
from core.ports import Report
from integrations.rmm.read_back import counts
from integrations.rmm.rows import Row
from integrations.rmm.vsa9 import mapping

_SCANNED, _PATCHES = "last patch scan", "patches"


def is_taken(patch: Patch) -> bool:
    """Whether an install takes it: what is approved, definitions left out."""
    return patch.state is PatchState.APPROVED and counts(patch)


def mark_of(missing: Sequence[Patch], status: Row, zone: tzinfo | None) -> dict[str, str]:
    """The updates an install is to take, and when the agent was last scanned."""
    taken = sorted(int(patch.key) for patch in missing if is_taken(patch))
    return {
        _SCANNED: _iso(mapping.last_scan(status, zone)),
        _PATCHES: " ".join(str(number) for number in taken),
    }


def wanted(mark: Mapping[str, str]) -> list[int] | None:
    """The ids of the updates that the order names; None for a mark that does not tell."""
    if _PATCHES not in mark:
        return None
    return [int(number) for number in mark[_PATCHES].split()]


def scanned_since(mark: Mapping[str, str], status: Row, zone: tzinfo | None) -> bool:
    """Whether the agent was scanned after the mark was taken, told by VSA's own times."""
    return _iso(mapping.last_scan(status, zone)) > mark.get(_SCANNED, "")


def progress(
    source: str,
    mark: Mapping[str, str],
    rows: Sequence[Row],
    *,
    scanned: bool,
    orders_show: bool,
) -> Report:
    """Where the order stands. `rows` is what the agent lacks now; `scanned`: it was scanned since."""
    ours = {str(number) for number in wanted(mark) or ()}
    listed = {mapping.patch_id(source, row): row for row in rows}
    over = len(ours - set(listed))
    if orders_show and any(mapping.is_scheduled(listed[key]) for key in ours & set(listed)):
        return Report(state=JobState.RUNNING, detail="scheduled or running on the device")
    if scanned or over == len(ours):
        return Report(state=JobState.DONE, detail=f"{over} of {len(ours)} updates are in")
    return Report(
        state=JobState.DISPATCHED, detail="accepted by VSA; the device's next patch scan will tell"
    )


def _iso(moment: datetime | None) -> str:
    """Sorts as the times do; "" is before them all."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") if moment is not None else ""
