"""What can happen to a request.

Events are what the audit log keeps, so everything needed to rebuild a request is in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain.people import PersonKey
from core.domain.remediation import (
    Decision,
    Job,
    JobId,
    JobState,
    Plan,
    RequestId,
    RequestState,
    StepState,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepResult:
    """What became of one target: state, one clause for people, and whether this request changed it."""

    target: str
    state: StepState
    reason: str = ""
    changed: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Requested:
    """A technician asked. Creates the request."""

    type: Literal["requested"] = "requested"
    at: datetime
    by: PersonKey
    by_name: str
    request_id: RequestId
    plan: Plan
    jobs: tuple[Job, ...]
    reason: str
    ticket: str | None
    expires_at: datetime
    approvals_needed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """An approver answered. `valid_until` and `window` take effect with the last approval needed."""

    type: Literal["decided"] = "decided"
    at: datetime
    by: PersonKey
    decision: Decision
    valid_until: datetime | None = None
    window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """It ended before any work: expired, withdrawn or superseded."""

    type: Literal["closed"] = "closed"
    at: datetime
    by: PersonKey | None = None
    state: RequestState
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """The first dispatch is about to be made."""

    type: Literal["started"] = "started"
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsMoved:
    """Steps changed without an outside call: skipped, waiting, verified, or settled by evidence."""

    type: Literal["steps_moved"] = "steps_moved"
    at: datetime
    results: tuple[StepResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobDispatching:
    """Intent: this call is about to be made, by this process, the vendor's record standing at `mark`."""

    type: Literal["job_dispatching"] = "job_dispatching"
    at: datetime
    job_id: JobId
    worker: str
    #: The targets as narrowed just before the call.
    targets: tuple[str, ...]
    mark: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class JobMoved:
    """Outcome: what the vendor answered, or what following it up showed."""

    type: Literal["job_moved"] = "job_moved"
    at: datetime
    job_id: JobId
    state: JobState
    reference: str | None = None
    detail: str = ""
    cancellable: bool = False
    results: tuple[StepResult, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSplit:
    """A refused batch is replaced by smaller jobs."""

    type: Literal["job_split"] = "job_split"
    at: datetime
    job_id: JobId
    detail: str
    jobs: tuple[Job, ...]
    results: tuple[StepResult, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServersSeen:
    """Servers that were changed went offline (target ids), or came back."""

    type: Literal["servers_seen"] = "servers_seen"
    at: datetime
    away: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RestStopped:
    """What went first did not go well: nothing more is sent, and what the vendor has is followed to its end."""

    type: Literal["rest_stopped"] = "rest_stopped"
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelAsked:
    """No new dispatches; what the vendor has is followed to its end."""

    type: Literal["cancel_asked"] = "cancel_asked"
    at: datetime
    by: PersonKey
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonNeeded:
    """The bot cannot go on by itself; the note says what has to be settled."""

    type: Literal["person_needed"] = "person_needed"
    at: datetime
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRuled:
    """A named person said what became of a step the vendor could not tell about."""

    type: Literal["person_ruled"] = "person_ruled"
    at: datetime
    by: PersonKey
    results: tuple[StepResult, ...]
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """All steps are final."""

    type: Literal["finished"] = "finished"
    at: datetime
    state: RequestState
    note: str = ""


Event = (
    Requested
    | Decided
    | Closed
    | Started
    | StepsMoved
    | JobDispatching
    | JobMoved
    | JobSplit
    | ServersSeen
    | RestStopped
    | CancelAsked
    | PersonNeeded
    | PersonRuled
    | Finished
)
