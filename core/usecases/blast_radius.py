"""How much Gatehouse has changed lately, counted against the caps."""

from collections.abc import Collection
from datetime import datetime

from core.domain.remediation import Job, JobKind, Plan, Request
from core.ports import Requests


def weight_since(requests: Requests, since: datetime) -> int:
    """The weight of all targets whose change was sent at or after `since`, over all requests."""
    recent = {r.id: r for r in (*requests.finished_since(since), *requests.open())}
    return sum(_weight(request, since) for request in recent.values())


def weight_sent(plan: Plan, sent: Collection[str]) -> int:
    """What targets count in the hour in which they are sent.

    Where they weigh nothing, because the policy stands for all whom it asks, it stands for them on their day too.
    """
    weight = sum(target.weight for target in plan.targets if target.id in sent)
    return weight or (plan.weight if sent else 0)


def _weight(request: Request, since: datetime) -> int:
    sent = {target for job in request.jobs if _counts(job, since) for target in job.targets}
    return weight_sent(request.plan, sent)


def _counts(job: Job, since: datetime) -> bool:
    changes = job.kind not in (JobKind.SCAN, JobKind.REVOKE_SESSIONS)
    return changes and job.dispatched_at is not None and job.dispatched_at >= since
