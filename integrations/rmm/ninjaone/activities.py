"""How far a run has come, read from a device's patch activities; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.domain.remediation import JobKind, JobState
from integrations.rmm.ninjaone.mapping import moment
from integrations.rmm.rows import Row, text

#: The spellings differ between agent versions, so the type and the parts of the code decide.
_TYPE = "PATCH_MANAGEMENT"
_STAGES = {JobKind.INSTALL: "APPLY", JobKind.SCAN: "SCAN"}
_UNDONE = "ROLLBACK"


@dataclass(frozen=True, kw_only=True)
class Course:
    """Where a run stands: DISPATCHED before the device picked it up, RUNNING, DONE or FAILED."""

    state: JobState = JobState.DISPATCHED
    words: str = "accepted by NinjaOne, not yet picked up by the device"
    started_at: datetime | None = None


def course(kind: JobKind, activities: Iterable[Row]) -> Course:
    """The course of the first run of a kind in activities that are ordered oldest first.

    PATCH_MANAGEMENT_FAILURE does not say of what, so it ends a run only after that run has started.
    """
    seen = Course()
    for row in activities:
        code = text(row.get("statusCode")).upper()
        if text(row.get("activityType")).upper() != _TYPE or _UNDONE in code:
            continue
        ours = _STAGES[kind] in code
        if ours and code.endswith("_STARTED"):
            at = moment(row.get("activityTime"))
            seen = Course(state=JobState.RUNNING, words="running on the device", started_at=at)
        elif ours and code.endswith("_COMPLETED"):
            return Course(state=JobState.DONE, words="completed", started_at=_start(seen, row))
        elif code.endswith("_FAILURE") and seen.state is JobState.RUNNING:
            words = text(row.get("message")) or "NinjaOne reports a failure"
            return Course(state=JobState.FAILED, words=words, started_at=seen.started_at)
    return seen


def _start(seen: Course, row: Row) -> datetime | None:
    return seen.started_at or moment(row.get("activityTime"))
