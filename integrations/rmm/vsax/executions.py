"""Executions of the workflow, from the JSON that tells of them; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.remediation import JobState
from integrations.rmm.rows import Row, count, rows, text
from integrations.rmm.update_script import Output, OutputError, read_output
from integrations.rmm.vsax import mapping

#: The workflow's variable that holds what the update script printed.
OUTPUT_VARIABLE = "gatehouseOutput"

#: The documents' table and sample name the same field differently, and the webhook a third way.
_STATE_FIELDS = ("ExecutionStatus", "ExecutionState", "Status")
_STATES: Mapping[str, JobState] = {
    "pending": JobState.DISPATCHED,
    "running": JobState.RUNNING,
    "success": JobState.DONE,
    "failed": JobState.FAILED,
}
_ALREADY_THERE = "existing:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One run of a workflow on one device. `state` is None where its words are not known, or differ."""

    id: str
    workflow: str
    device: str
    created: datetime | None
    state: JobState | None
    words: str
    #: What the steps came to, and what the update script printed; both empty in lists.
    outcome: str
    printed: tuple[str, ...]

    def output(self) -> Output | OutputError:
        """What the update script printed, or why it cannot be taken."""
        try:
            return read_output(self.printed)
        except OutputError as failure:
            return failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Which execution a job stands for. `ours` is False for one that ran on the device before our call."""

    id: str
    ours: bool

    @classmethod
    def read(cls, reference: str) -> "Reference":
        ours = not reference.startswith(_ALREADY_THERE)
        return cls(id=reference.removeprefix(_ALREADY_THERE), ours=ours)

    def __str__(self) -> str:
        return self.id if self.ours else f"{_ALREADY_THERE}{self.id}"


def started(source: str, data: Row, device: str) -> Reference | None:
    """What a run of the workflow came to on a device: a new execution, or one that was there already."""
    for field, ours in (("NewExecutions", True), ("ExistingExecutions", False)):
        for item in rows(source, data.get(field) or [], field):
            if same(text(item.get("TargetId")), device) and _id(item):
                return Reference(id=_id(item), ours=ours)
    return None


def execution(source: str, row: Row) -> Execution:
    """One execution, as listed or with its steps. Raises MalformedAnswer."""
    steps = rows(source, row.get("ExecutionSteps") or [], "execution steps")
    told = [text(row.get(field)) for field in _STATE_FIELDS]
    states = {_STATES.get(word.lower()) for word in told if word}
    return Execution(
        id=_id(row),
        workflow=_name(row.get("WorkflowId")),
        device=text(row.get("TargetId")),
        created=mapping.moment(row.get("CreatedAt")),
        state=states.pop() if len(states) == 1 else None,
        words=", ".join(dict.fromkeys(word for word in told if word)) or "nothing",
        outcome="; ".join(dict.fromkeys(_outcomes(steps))),
        printed=tuple(_printed(steps)),
    )


def same(one: str, other: str) -> bool:
    """Whether two device identifiers are the same; their letters' case is not promised."""
    return one.casefold() == other.casefold()


def _outcomes(steps: Sequence[Row]) -> Iterator[str]:
    return (word for step in steps if (word := text(step.get("Outcome"))))


def _printed(steps: Sequence[Row]) -> Iterator[str]:
    for step in steps:
        items = step.get("OutputItems")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and item.get("VariableName") == OUTPUT_VARIABLE:
                yield text(item.get("VariableValue"))


def _id(row: Row) -> str:
    return _name(row.get("ExecutionId"))


def _name(value: object) -> str:
    """Identifiers come as words or as numbers."""
    number = count(value)
    return str(number) if number is not None else text(value)
