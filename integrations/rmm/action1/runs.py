"""A run of an automation on one endpoint, from the JSON that tells of it; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.remediation import JobState
from integrations.rmm.rows import Row, text

#: Action1 does not list its words; a word that is not here ends nothing.
_STATES: Mapping[str, JobState] = {
    "pending": JobState.DISPATCHED,
    "queued": JobState.DISPATCHED,
    "scheduled": JobState.DISPATCHED,
    "waiting": JobState.DISPATCHED,
    "running": JobState.RUNNING,
    "in progress": JobState.RUNNING,
    "success": JobState.DONE,
    "completed": JobState.DONE,
    "warning": JobState.DONE,
    "error": JobState.FAILED,
    "failed": JobState.FAILED,
    "stopped": JobState.FAILED,
    "expired": JobState.FAILED,
}
_SHOWN = 200
_NAMED = "Gatehouse job "


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Which run a job stands for, and in which organisation."""

    organisation: str
    instance: str

    @classmethod
    def read(cls, reference: str) -> "Reference":
        organisation, _, instance = reference.partition("/")
        return cls(organisation=organisation, instance=instance)

    def __str__(self) -> str:
        return f"{self.organisation}/{self.instance}"


def name_of(job_id: str) -> str:
    """What a job's automation is called, by which it can be found again."""
    return _NAMED + job_id


def named(instances: Iterable[Row], job_id: str) -> str | None:
    """The id of the run that bears a job's name."""
    ours = (item for item in instances if text(item.get("name")) == name_of(job_id))
    return next((text(item.get("id")) for item in ours if text(item.get("id"))), None)


def state(result: Row) -> JobState | None:
    """How far a run is on its endpoint; None where its word is not known."""
    return _STATES.get(_word(result).lower())


def words(result: Row) -> str:
    """What Action1 says of it, in one clause."""
    said = text(result.get("description"))[:_SHOWN]
    return f"Action1 says {_word(result)!r}" + (f": {said}" if said else "")


def _word(result: Row) -> str:
    return text(result.get("status")) or text(result.get("last_status"))
