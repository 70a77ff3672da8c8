"""How far a run has come, read from a device's activities; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.remediation import JobKind, JobState
from integrations.rmm.ninjaone.mapping import moment
from integrations.rmm.rows import Row, text


class Part(StrEnum):
    """One call of a job. Each is taken or refused by itself, and has activities of its own."""

    SYSTEM = "system"
    SOFTWARE = "software"
    SCRIPT = "script"


#: The type of the activities that each call leaves.
TYPES: Mapping[Part, str] = {
    Part.SYSTEM: "PATCH_MANAGEMENT",
    Part.SOFTWARE: "SOFTWARE_PATCH_MANAGEMENT",
    Part.SCRIPT: "SCRIPTING",
}
#: The spellings differ between agent versions, so the type and the parts of the code decide.
_STAGES = {JobKind.INSTALL: "APPLY", JobKind.SCAN: "SCAN"}
_UNDONE = "ROLLBACK"


@dataclass(frozen=True, kw_only=True)
class Course:
    """Where a run stands: DISPATCHED before the device picked it up, RUNNING, DONE or FAILED."""

    state: JobState = JobState.DISPATCHED
    words: str = "accepted by NinjaOne, not yet picked up by the device"
    started_at: datetime | None = None
    #: The id of the activity that ended it.
    ended_by: int | None = None


def course(
    kind: JobKind, activities: Iterable[Row], part: Part = Part.SYSTEM, series: str | None = None
) -> Course:
    """The course of the first run of a kind in activities that are ordered oldest first.

    PATCH_MANAGEMENT_FAILURE does not say of what, so it ends a run only after that run has started. What a
    script's end is worth is not told by its result: it is DONE, and what is missing then decides.
    """
    seen = Course()
    for row in activities:
        code = text(row.get("statusCode")).upper()
        if text(row.get("activityType")).upper() != TYPES[part] or _UNDONE in code:
            continue
        ours = _is_ours(part, kind, code) and series in (None, text(row.get("seriesUid")))
        if ours and code.endswith("STARTED"):
            at = moment(row.get("activityTime"))
            seen = Course(state=JobState.RUNNING, words="running on the device", started_at=at)
        elif ours and code.endswith("COMPLETED"):
            return _ended(JobState.DONE, "completed", seen, row)
        elif code.endswith("_FAILURE") and seen.state is JobState.RUNNING:
            words = text(row.get("message")) or "NinjaOne reports a failure"
            return _ended(JobState.FAILED, words, seen, row)
    return seen


def together(courses: Sequence[Course]) -> Course:
    """How far a job of several calls is: it ends when the last of them has, and has failed where one has."""
    going = [seen for seen in courses if not seen.state.final]
    if going:
        begun = [seen for seen in courses if seen.state is not JobState.DISPATCHED]
        return next((seen for seen in going if seen.state is JobState.RUNNING), None) or (
            Course(state=JobState.RUNNING, words="running on the device", started_at=_first(begun))
            if begun
            else going[0]
        )
    return next((seen for seen in courses if seen.state is JobState.FAILED), courses[0])


def _is_ours(part: Part, kind: JobKind, code: str) -> bool:
    return part is Part.SCRIPT or _STAGES[kind] in code


def _ended(state: JobState, words: str, seen: Course, row: Row) -> Course:
    started = seen.started_at or moment(row.get("activityTime"))
    number = row.get("id")
    ended_by = number if isinstance(number, int) else None
    return Course(state=state, words=words, started_at=started, ended_by=ended_by)


def _first(courses: Sequence[Course]) -> datetime | None:
    return min((seen.started_at for seen in courses if seen.started_at), default=None)
