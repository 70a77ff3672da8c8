"""Keeping clear of the key's quota, as far as the platform tells it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import VendorBusy, VendorForbidden, VendorNotFound
from core.ports import Clock
from integrations.http import Pace
from integrations.rmm.rows import Row, count

_WINDOW = timedelta(minutes=5)
_SHARE = 0.9
#: A quota of which no more than this part is left counts as spent.
_RESERVE = 0.1
#: What a fleet's reading waits for a quota at most.
_PATIENCE = timedelta(minutes=1)


def own_pace(requests: int) -> Pace:
    """What our own calls may take of so many requests in five minutes."""
    return Pace(max(1, int(requests * _SHARE)), _WINDOW)


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Asks how much of each operation's quota is left, and waits for those that are spent.

    `ask` reads rate_limits. Which operation a name there stands for is not documented. The key is ours alone, so
    whatever is spent was spent by us. A key that may not ask goes by its own pace.
    """

    source: str
    ask: Callable[[], Row]
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def before_reading(self) -> None:
        """Wait until nothing is spent. Raises VendorBusy where that takes long."""
        wait = self._wait()
        if wait > _PATIENCE:
            raise VendorBusy(self.source, "The API key's quota is used up.", wait=wait)
        if wait > timedelta(0):
            self.sleep(wait.total_seconds())

    def _wait(self) -> timedelta:
        try:
            told = self.ask()
        except (VendorForbidden, VendorNotFound):
            return timedelta(0)
        now = self.clock.now()
        return max((at - now for at in _resets(told)), default=timedelta(0))


def _resets(told: Row) -> Iterator[datetime]:
    """When each spent quota is filled again."""
    for operations in _values(told.get("resources")):
        for quota in _values(operations):
            limit, left = count(quota.get("limit")), count(quota.get("remaining"))
            reset = count(quota.get("reset"))
            if limit and left is not None and reset and left <= limit * _RESERVE:
                yield datetime.fromtimestamp(min(reset, 2**33), UTC)


def _values(value: object) -> list[Row]:
    items = value.values() if isinstance(value, dict) else ()
    return [item for item in items if isinstance(item, dict)]
