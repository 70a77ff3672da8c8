"""Which devices of an install go first, and what has become of them decides about the others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.patching import Ring
from core.domain.policy import RingPolicy
from core.domain.remediation import RESTART_OWED, Job, Request, Step, StepState, Target

_NAMED = 3


class Gate(StrEnum):
    """Whether the broad ring may be sent."""

    OPEN = "open"
    SHUT = "shut"
    #: Shut until a person has said what became of a canary.
    ASKS = "asks"
    #: Shut for good.
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """What the devices that went first say about the rest; `words` is a clause, empty where open."""

    gate: Gate
    words: str = ""


def with_rings(
    targets: Sequence[Target], policy: RingPolicy, *, critical: Collection[str] = ()
) -> tuple[Target, ...]:
    """The targets in the order of their turns, the first of them as canaries; `critical` ids go last.

    Workstations go before servers, devices that are online before the others, and those of which it is known
    how much waits for them before those of which it is not: where nothing happens, nothing is proven.
    """
    ordered = sorted(targets, key=lambda target: (target.id in critical, *_turn(target)))
    if len(ordered) < policy.from_devices:
        return tuple(ordered)
    count = -(-len(ordered) * policy.canary_percent // 100)
    canaries = [replace(target, ring=Ring.CANARY) for target in ordered[:count]]
    return (*canaries, *ordered[count:])


def canary(request: Request, policy: RingPolicy) -> Canary:
    """Judge the devices that were sent first: as many as the plan has canaries.

    They are the plan's canaries, save that one which is left out or waited for gives its turn to the next
    in the plan's order. Nothing is proven by a device to which nothing was sent.
    """
    wanted = len(request.plan.canaries)
    first = [request.step(target) for target in sent_first(request)[:wanted]]
    failed = [step for step in first if _failed(step, policy)]
    if failed and _too_many(len(failed), wanted, policy):
        return Canary(gate=Gate.STOPPED, words=_stopped(request, failed, wanted))
    if len(first) < wanted:
        return Canary(gate=Gate.OPEN)
    unsettled = [step for step in first if not _ended(step)]
    if not unsettled:
        return Canary(gate=Gate.OPEN)
    asks = all(step.state is StepState.UNKNOWN for step in unsettled)
    words = f"waits until what goes first is verified: {_names(request, unsettled)}"
    return Canary(gate=Gate.ASKS if asks else Gate.SHUT, words=words)


def sent_until(request: Request, approved_minutes: int) -> datetime | None:
    """Until when anything of a request may be sent.

    Outside a maintenance window the rest has as long from the canary's end on as the canary had from its
    approval on: a vendor that takes hours for an install must not use up the time of the others.
    """
    until = request.valid_until
    if until is None or request.window is not None:
        return until
    ends = (job.ended_at for job in _begun(request, until) if job.ended_at is not None)
    return max([until, *(end + timedelta(minutes=approved_minutes) for end in ends)])


def may_have_more_time(request: Request) -> bool:
    """What goes first is at the vendor still: nothing is sent after its time, but nothing is given up either."""
    until = request.valid_until
    if until is None or request.window is not None:
        return False
    return any(job.state.at_vendor for job in _begun(request, until))


def _begun(request: Request, until: datetime) -> Sequence[Job]:
    """The calls of what went first. One made in the time that was won by another wins no more."""
    first = sent_first(request)[: len(request.plan.canaries)]
    jobs = (job for target in first for job in request.jobs_of(target))
    return [job for job in jobs if job.dispatched_at is not None and job.dispatched_at < until]


def not_back(request: Request, policy: RingPolicy, now: datetime) -> str | None:
    """Why nothing more is sent: servers that did not come back after what was sent to them; None where all did."""
    limit = timedelta(minutes=policy.back_minutes)
    gone = [s for s in request.steps if s.away_since is not None and now >= s.away_since + limit]
    if not gone:
        return None
    return (
        f"stopped, because not back within {policy.back_minutes} minutes: {_names(request, gone)}"
    )


def sent_first(request: Request) -> tuple[str, ...]:
    """The targets to which something was sent, in that order."""
    sent: dict[str, datetime] = {}
    for job in request.jobs:
        if job.dispatched_at is not None:
            for target in job.targets:
                sent[target] = min(job.dispatched_at, sent.get(target, job.dispatched_at))
    planned = [target.id for target in request.plan.targets if target.id in sent]
    return tuple(sorted(planned, key=lambda target: sent[target]))


def _turn(target: Target) -> tuple[bool, bool, bool, str, str]:
    unknown = target.count is None
    return (target.is_server, not target.online, unknown, target.name.casefold(), target.id)


def _ended(step: Step) -> bool:
    return step.state.final and step.state is not StepState.UNKNOWN


def _failed(step: Step, policy: RingPolicy) -> bool:
    if step.state is StepState.NOT_VERIFIED and step.reason == RESTART_OWED:
        return policy.restart_owed_fails
    return step.state in (StepState.FAILED, StepState.NOT_VERIFIED)


def _too_many(failed: int, wanted: int, policy: RingPolicy) -> bool:
    return failed >= policy.failure_devices or failed * 100 >= wanted * policy.failure_percent


def _stopped(request: Request, failed: Sequence[Step], wanted: int) -> str:
    said = "; ".join(
        f"{request.plan.target(step.target).name} ({step.reason or step.state.value})"
        for step in failed[:_NAMED]
    )
    return f"stopped, because {len(failed)} of the {wanted} that went first did not go well: {said}"


def _names(request: Request, steps: Sequence[Step]) -> str:
    names = [request.plan.target(step.target).name for step in steps]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
