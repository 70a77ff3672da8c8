"""Datto's request limits: one window for the reads of the whole account, one for its writes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sandbox.rmm.datto.errors import RefusalError
from sandbox.rmm.window import Window

READS_PER_MINUTE = 600
WRITES_PER_MINUTE = 100
CUT_OFF_RATIO = 0.9

_DELAY_S = 1.0
#: So many refusals within a minute count as abuse, and lock the address out.
_PATIENCE = 60
_LOCK_OUT = timedelta(minutes=5)


class Limits:
    """What the account has used up, whatever the key."""

    def __init__(self, pace: float) -> None:
        self._reads = Window(READS_PER_MINUTE)
        self._writes = Window(WRITES_PER_MINUTE)
        self._refusals = Window(_PATIENCE)
        self._locked_until: datetime | None = None
        self._delay_s = _DELAY_S * pace

    async def take(self, now: datetime, *, write: bool) -> None:
        """Count a request: slow it down above nine tenths, raise RefusalError 429 or 403 beyond."""
        if self._locked_until is not None and now < self._locked_until:
            raise RefusalError(403, "Temporarily blocked")
        window = self._writes if write else self._reads
        if not window.take(now):
            if not self._refusals.take(now):
                self._locked_until = now + _LOCK_OUT
            raise RefusalError(429, "Too many requests")
        if window.count(now) > CUT_OFF_RATIO * window.limit:
            await asyncio.sleep(self._delay_s)

    def status(self, account_uid: str, now: datetime) -> dict[str, Any]:
        """The answer of system/request_rate."""
        writes = self._writes.count(now)
        return {
            "slidingTimeWindowSizeSeconds": 60,
            "accountUid": account_uid,
            "accountCount": self._reads.count(now),
            "accountRateLimit": READS_PER_MINUTE,
            "accountCutOffRatio": CUT_OFF_RATIO,
            "accountWriteRateLimit": WRITES_PER_MINUTE,
            "accountWriteCount": writes,
            "operationWriteStatus": {
                "device-job-create": {"limit": WRITES_PER_MINUTE, "count": writes}
            },
        }
