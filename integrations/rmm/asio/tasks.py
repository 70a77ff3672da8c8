"""Tasks that run the update script, from the JSON that tells of them; pure.

Neither the words for a task's progress nor the field that holds what a script printed are documented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.remediation import JobState
from integrations.rmm.rows import Row, rows, text
from integrations.rmm.update_script import Output, OutputError, read_output

_STATES: Mapping[str, JobState] = {
    **dict.fromkeys(("waiting", "queued", "pending", "scheduled"), JobState.DISPATCHED),
    **dict.fromkeys(("running", "in_progress", "in progress"), JobState.RUNNING),
    **dict.fromkeys(("success", "succeeded", "completed", "partial_success"), JobState.DONE),
    **dict.fromkeys(
        ("failed", "failure", "error", "cancelled", "canceled", "timeout", "timed_out"),
        JobState.FAILED,
    ),
}
_LISTS = ("Results", "Result", "results", "taskInstances")
_STATUS = ("OverallStatus", "overallStatus", "Status", "status")
_INSTANCE_ID = ("taskInstanceId", "taskInstanceID", "Id", "id")
_TASK_ID = ("taskId", "taskID", "id")
_PRINTED = ("output", "resultDetails", "stdout")
_COMPLAINT = ("errorOutput", "stderr", "error", "message")


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One run of a task. `state` is None where its word is not known."""

    id: str
    state: JobState | None
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a run came to on one endpoint: what was printed, and what was complained of."""

    printed: str = ""
    complaint: str = ""

    def output(self) -> Output | OutputError:
        """What the update script printed, or why it cannot be taken."""
        try:
            return read_output([self.printed])
        except OutputError as failure:
            return failure


def instances(source: str, answer: object) -> list[Instance]:
    """The runs of a task; a task that runs once has one. Raises MalformedAnswer."""
    return [_instance(item) for item in _listed(source, answer, "instances of a task")]


def result_on(source: str, answer: object, endpoint_id: str) -> Result | None:
    """What a run came to on an endpoint; None as long as nothing is told. Raises MalformedAnswer."""
    for item in _listed(source, answer, "results of a task"):
        named = _first(item, ("endpointId", "endpointID", "targetId"))
        if not named or named.casefold() == endpoint_id.casefold():
            return Result(printed=_first(item, _PRINTED), complaint=_first(item, _COMPLAINT))
    return None


def task_named(definitions: Sequence[Row], name: str) -> Row | None:
    """The task of that name among the listed ones."""
    return next((item for item in definitions if text(item.get("name")) == name), None)


def task_id(definition: Row) -> str | None:
    """A listed task's id; the description of the list knows of none."""
    return _first(definition, _TASK_ID) or None


def _instance(row: Row) -> Instance:
    word = _first(row, _STATUS)
    state = _STATES.get(word.lower())
    return Instance(id=_first(row, _INSTANCE_ID), state=state, words=word or "nothing")


def _listed(source: str, answer: object, what: str) -> list[Row]:
    """The rows of an answer, which is a list or an object that holds one."""
    if isinstance(answer, dict):
        answer = next((answer[name] for name in _LISTS if name in answer), [])
    return [] if answer is None else rows(source, answer, what)


def _first(row: Row, fields: Sequence[str]) -> str:
    return next(filter(None, (text(row.get(field)) for field in fields)), "")
