"""Small requests, plans and clocks for the tests of what is kept."""

from datetime import UTC, datetime, timedelta

from core.domain.clients import ClientKey
from core.domain.events import Closed, Decided, JobDispatching, Requested, Started
from core.domain.people import PersonKey
from core.domain.remediation import (
    Action,
    Decision,
    Direction,
    Job,
    JobId,
    JobKind,
    Options,
    Plan,
    RequestId,
    RequestState,
    Target,
    Verdict,
)
from core.ports import Freeze

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACME = ClientKey("acme")
TECH = PersonKey("tech")
MANAGER = PersonKey("manager")
#: A freeze that has ended.
OVER = Freeze(at=START, by=TECH, by_name="Tess", why="odd", ended_name="Max", ended_at=START)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


def plan(targets: int = 3) -> Plan:
    return Plan(
        client=ACME,
        client_name="Acme Dental",
        account="ninja",
        action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES,
        options=Options(),
        targets=tuple(
            Target(
                id=f"ninja:{n}",
                name=f"ACME-PC{n:02}",
                before={"missing": str(n)},
                basis=frozenset({"KB5001", "KB5002"}),
            )
            for n in range(targets)
        ),
        made_at=START,
    )


def requested(name: str = "R4K7Q", *, at: datetime = START, targets: int = 3) -> Requested:
    wanted = plan(targets)
    job = Job(
        id=JobId("job-1"),
        kind=JobKind.INSTALL,
        account="ninja",
        client=ACME,
        targets=tuple(target.id for target in wanted.targets),
    )
    return Requested(
        at=at,
        by=TECH,
        by_name="Tess Tech",
        request_id=RequestId(name),
        plan=wanted,
        jobs=(job,),
        reason="Overdue for 40 days",
        ticket="T-1",
        expires_at=at + timedelta(minutes=60),
        approvals_needed=1,
    )


def decided(
    verdict: Verdict = Verdict.APPROVE, *, at: datetime = START, targets: int = 3
) -> Decided:
    decision = Decision(
        by=MANAGER, by_name="Max Manager", verdict=verdict, at=at, digest=plan(targets).digest
    )
    return Decided(at=at, by=MANAGER, decision=decision, valid_until=at + timedelta(hours=4))


def withdrawn(*, at: datetime = START) -> Closed:
    return Closed(at=at, by=TECH, state=RequestState.WITHDRAWN, note="not needed any more")


def started(*, at: datetime = START) -> Started:
    return Started(at=at)


def dispatching(worker: str, *, at: datetime = START, targets: int = 3) -> JobDispatching:
    return JobDispatching(
        at=at,
        job_id=JobId("job-1"),
        worker=worker,
        targets=tuple(f"ninja:{n}" for n in range(targets)),
        mark={"newest activity": "17"},
    )
