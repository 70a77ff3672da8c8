"""The update script as a scheduled task of one device: what it is called and told, and how it fares; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.remediation import JobState
from integrations.rmm.rows import Row, count, text
from integrations.rmm.update_script import Output, OutputError, read_output

#: N-central does not list its words; a word that is not here ends nothing.
_STATES: Mapping[str, JobState] = {
    "scheduled": JobState.DISPATCHED,
    "pending": JobState.DISPATCHED,
    "queued": JobState.DISPATCHED,
    "distributing": JobState.DISPATCHED,
    "in progress": JobState.RUNNING,
    "running": JobState.RUNNING,
    "completed": JobState.DONE,
    "completed with warnings": JobState.DONE,
    "success": JobState.DONE,
    "failed": JobState.FAILED,
    "completed with errors": JobState.FAILED,
    "error": JobState.FAILED,
    "expired": JobState.FAILED,
    "cancelled": JobState.FAILED,
    "canceled": JobState.FAILED,
}
_SHOWN = 200


def name_of(job_id: str) -> str:
    """What a job's task is called. The server takes no name twice, so no job can be sent twice either."""
    return f"Gatehouse job {job_id}"


def named(tasks: Iterable[Row], job_id: str) -> str | None:
    """The number of the task that bears a job's name."""
    ours = (row for row in tasks if text(row.get("taskName")) == name_of(job_id))
    return next((str(row["taskId"]) for row in ours if count(row.get("taskId"))), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How a task fares on its device. `state` is None where its word is not known."""

    state: JobState | None
    words: str
    printed: tuple[str, ...]

    def output(self) -> Output | OutputError:
        """What the update script printed, or why it cannot be taken."""
        try:
            return read_output(self.printed)
        except OutputError as failure:
            return failure


def course(details: Iterable[Row], device: str) -> Course | None:
    """From a task's details; None where they do not tell of the device yet."""
    row = next((item for item in details if str(item.get("deviceId")) == device), None)
    if row is None:
        return None
    word, said = text(row.get("status")), text(row.get("message"))[:_SHOWN]
    return Course(
        state=_STATES.get(word.lower().replace("_", " ")),
        words=f"N-central says {word!r}" + (f": {said}" if said else ""),
        printed=_printed(text(row.get("output"))),
    )


def _printed(output: str) -> tuple[str, ...]:
    """The script's own lines: those that are JSON objects. N-central may put lines of its own around them."""
    return tuple(line.strip() for line in output.splitlines() if line.strip().startswith("{"))
