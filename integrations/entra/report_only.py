"""What a report-only policy would have done, from the sign-in log: a slow read, made for one preview."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from core.domain.tenant_change import ReportOnlyImpact
from integrations.entra.api import GraphApi
from integrations.entra.pacing import TenantPace

Json = dict[str, Any]

_PATH = "/auditLogs/signIns"
_PROPERTIES = "id,createdDateTime,userPrincipalName,appliedConditionalAccessPolicies"
#: Pages of 1,000, newest first. With the one that tells whether there are more, these are as many calls as
#: the reports' limit lets through at once.
_PAGES = 4
_PASSED, _PROMPTED, _REFUSED = (
    "reportOnlySuccess",
    "reportOnlyInterrupted",
    "reportOnlyFailure",
)
_JUDGED = frozenset({_PASSED, _PROMPTED, _REFUSED})


def read_impact(
    api: GraphApi, pace: TenantPace, policy_id: str, since: datetime
) -> ReportOnlyImpact:
    """Needs a premium licence and AuditLog.Read.All. Raises VendorError."""
    params = {"$filter": f"createdDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}", "$select": _PROPERTIES}
    pages = api.pages(_PATH, params, pace=pace.reports)
    rows = [row for page in islice(pages, _PAGES) for row in page]
    whole = next(pages, None) is None
    return impact_in(rows, policy_id, since, whole=whole)


def impact_in(
    rows: Iterable[Json], policy_id: str, since: datetime, *, whole: bool
) -> ReportOnlyImpact:
    """Only sign-ins that the policy judged count; where it did not apply it would have done nothing."""
    results = [(row, _result(row, policy_id)) for row in rows]
    counts = Counter(result for _, result in results)
    refused = {str(row.get("userPrincipalName")) for row, end in results if end == _REFUSED}
    return ReportOnlyImpact(
        since=since,
        sign_ins=sum(counts[result] for result in _JUDGED),
        passed=counts[_PASSED],
        prompted=counts[_PROMPTED],
        refused=counts[_REFUSED],
        refused_people=tuple(sorted(refused)),
        whole=whole,
    )


def _result(row: Json, policy_id: str) -> str:
    applied = row.get("appliedConditionalAccessPolicies") or ()
    return next((str(p.get("result")) for p in applied if p.get("id") == policy_id), "")
