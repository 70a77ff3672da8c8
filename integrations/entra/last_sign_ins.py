"""When accounts last signed in: told by the day, heavy to read, and therefore kept for some hours."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.identity import DirectoryUser, UserId

#: An account counts as stale after weeks; with sign-ins Graph also gives but 500 accounts a page, not 999.
KEPT_FOR = timedelta(hours=6)


@dataclass(slots=True)
class LastSignIns:
    """One tenant's, by account. `read_at` None: to be read."""

    read_at: datetime | None = None
    _times: Mapping[UserId, datetime] = field(default_factory=dict)
    _never: frozenset[UserId] = frozenset()

    def due(self, now: datetime) -> bool:
        return self.read_at is None or now - self.read_at >= KEPT_FOR

    def keep(self, users: Iterable[DirectoryUser], now: datetime) -> None:
        """Of no users where they are refused: that too holds for a while."""
        known = list(users)
        self._times = {user.id: user.last_sign_in for user in known if user.last_sign_in}
        self._never = frozenset(user.id for user in known if user.never_signed_in)
        self.read_at = now

    def of(self, user_id: UserId) -> datetime | None:
        """None also for an account that is new since: it has not been told yet."""
        return self._times.get(user_id)

    def never(self, user_id: UserId) -> bool:
        return user_id in self._never

    def forget(self) -> None:
        self.read_at, self._times, self._never = None, {}, frozenset()


class TenantLastSignIns:
    """Every tenant's, made at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_tenant: defaultdict[str, LastSignIns] = defaultdict(LastSignIns)

    def of(self, tenant_id: str) -> LastSignIns:
        with self._lock:
            return self._by_tenant[tenant_id]
