"""Successful sign-ins for which one factor was enough, from the sign-in log: beta only, and slow."""

from collections import Counter
from datetime import datetime
from itertools import islice

from core.domain.evidence import SignInEvidence
from integrations.entra.api import GraphApi
from integrations.entra.pacing import TenantPace

#: Pages of 1,000, newest first; the limit that the registration report shares lets five through at once.
_PAGES = 3


def read_single_factor(
    api: GraphApi, pace: TenantPace, since: datetime, now: datetime
) -> SignInEvidence:
    """Needs a premium licence and AuditLog.Read.All. Raises VendorError."""
    wanted = (
        f"createdDateTime ge {since:%Y-%m-%dT%H:%M:%SZ} and status/errorCode eq 0 "
        "and authenticationRequirement eq 'singleFactorAuthentication'"
    )
    params = {"$filter": wanted, "$select": "id,userId,createdDateTime"}
    pages = api.pages("/auditLogs/signIns", params, version="beta", pace=pace.reports)
    counts = Counter(str(row.get("userId")) for page in islice(pages, _PAGES) for row in page)
    whole = next(pages, None) is None
    return SignInEvidence(read_at=now, since=since, counts=dict(counts), whole=whole)
