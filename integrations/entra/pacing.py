"""Microsoft's documented limits per tenant, kept by waiting."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from integrations.http import Pace

#: A little longer than the limit's own window: calls do not arrive as evenly as they leave.
REPORTS_WINDOW = timedelta(seconds=10.3)
POLICIES_WINDOW = timedelta(seconds=1.1)


@dataclass(frozen=True, slots=True)
class TenantPace:
    """One tenant's buckets. Only the read app uses `reports`; both apps share `policies`."""

    #: 5 in 10 s per app and tenant.
    reports: Pace = field(default_factory=lambda: Pace(5, REPORTS_WINDOW))
    #: Conditional access: 1 per second for all apps together, and no Retry-After when it is exceeded.
    policies: Pace = field(default_factory=lambda: Pace(1, POLICIES_WINDOW))


class TenantPaces:
    """The pace of every tenant, made at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_tenant: defaultdict[str, TenantPace] = defaultdict(TenantPace)

    def of(self, tenant_id: str) -> TenantPace:
        with self._lock:
            return self._by_tenant[tenant_id]
