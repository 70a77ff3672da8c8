"""When MFA may begin to be demanded of people who have no method yet, and until when it is still begun."""

from datetime import datetime, time, timedelta

from core.domain.clients import Client
from core.domain.policy import MfaPolicy
from core.domain.remediation import Job, Plan, Request

#: Monday to Thursday: the day after is a working day too, so that help is near.
_DAYS = frozenset({0, 1, 2, 3})
#: What could not be begun by then is not begun in the evening, nor on another day unannounced.
OPEN_FOR = timedelta(hours=6)


def notice_end(client: Client, policy: MfaPolicy, now: datetime) -> datetime:
    """The first morning, Monday to Thursday, that is no less than the notice away; in the client's zone."""
    earliest = (now + timedelta(days=policy.notice_days)).astimezone(client.zone)
    days = (earliest.date() + timedelta(days=ahead) for ahead in range(8))
    mornings = (datetime.combine(day, time(policy.notice_hour), client.zone) for day in days)
    return next(m for m in mornings if m.weekday() in _DAYS and m >= earliest)


def day_words(end: datetime) -> str:
    """The end of a notice as sentences have it: "Mon 30 Nov 10:00", in its own zone."""
    return f"{end:%a %d %b %H:%M}"


def first_day(plan: Plan) -> datetime | None:
    """When a plan begins of which nothing is done before a notice has ended; None of all others."""
    ends = [target.not_before for target in plan.on_notice if target.not_before is not None]
    return min(ends) if ends and len(ends) == len(plan.targets) else None


def last_close(plan: Plan) -> datetime | None:
    """When the last notice of a plan is too late to act on; None where nobody is on notice."""
    return max((t.not_before + OPEN_FOR for t in plan.targets if t.not_before), default=None)


def is_held(job: Job, now: datetime) -> bool:
    """Its notice has not ended yet."""
    return job.not_before is not None and now < job.not_before


def is_late(request: Request, job: Job, now: datetime, *, approved_minutes: int) -> bool:
    """Its own time is over, although the approval still holds for other jobs of the request."""
    if job.not_before is not None:
        return now >= job.not_before + OPEN_FOR
    if last_close(request.plan) is None or not request.approvals:
        return False
    return now >= request.approvals[-1].at + timedelta(minutes=approved_minutes)


def waits_for_notice(request: Request, now: datetime) -> bool:
    """Nothing of a running request is left to do but what waits for its notice."""
    undone = [job for job in request.jobs if not job.state.final]
    return bool(undone) and all(is_held(job, now) for job in undone)
