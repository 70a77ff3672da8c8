"""How much Gatehouse has changed lately, counted against the caps."""

from datetime import datetime

from core.domain.remediation import Job, JobKind, Request
from core.ports import Requests


def weight_since(requests: Requests, since: datetime) -> int:
    """The weight of all targets whose change was sent at or after `since`, over all requests."""
    recent = {r.id: r for r in (*requests.finished_since(since), *requests.open())}
    return sum(_weight(request, since) for request in recent.values())


def _weight(request: Request, since: datetime) -> int:
    sent = {target for job in request.jobs if _counts(job, since) for target in job.targets}
    return sum(target.weight for target in request.plan.targets if target.id in sent)


def _counts(job: Job, since: datetime) -> bool:
    changes = job.kind not in (JobKind.SCAN, JobKind.REVOKE_SESSIONS)
    return changes and job.dispatched_at is not None and job.dispatched_at >= since
