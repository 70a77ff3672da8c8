"""Staying below nine tenths of Datto's request limits, which all API keys of an account share."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from core.errors import VendorBusy, VendorForbidden, VendorNotFound
from integrations.http import Pace
from integrations.rmm.rows import Row, count

#: What is documented for every account: 600 calls in 60 s, slowed down from nine tenths on.
WINDOW = timedelta(seconds=60)
CALLS = 600
SHARE = 0.9

#: What a refusal asks for, which Datto does not say: sooner repeats count as abuse, and lock the address out.
PAUSE = timedelta(minutes=2)

#: Asking how much is used up costs a call too; others' calls leave the window by then.
_LOOK_AGAIN = timedelta(seconds=10)
_LOOKS = 7


def own_pace() -> Pace:
    """What our own calls alone may take."""
    return Pace(int(CALLS * SHARE), WINDOW)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Asks the account how much of its limits is used up, and waits for room.

    `ask` reads system/request_rate. Accounts of the older kind lack some of its fields or all of it; there
    our own pace alone holds.
    """

    source: str
    ask: Callable[[], Row]
    sleep: Callable[[float], None] = time.sleep

    def before_reading(self) -> None:
        """Wait until the account has room for reads. Raises VendorBusy where others keep it full."""
        for _ in range(_LOOKS):
            status = self._status()
            if _has_room(status.get("accountCount"), status.get("accountRateLimit")):
                return
            self.sleep(_LOOK_AGAIN.total_seconds())
        raise VendorBusy(self.source, "Others use up this account's requests.", wait=WINDOW)

    def before_writing(self) -> None:
        """Raise VendorBusy where the account has no room for another quick job; nothing is sent then."""
        status = self._status()
        whole = _has_room(status.get("accountWriteCount"), status.get("accountWriteRateLimit"))
        operations = status.get("operationWriteStatus")
        jobs = operations.get("device-job-create") if isinstance(operations, dict) else None
        own = not isinstance(jobs, dict) or _has_room(jobs.get("count"), jobs.get("limit"))
        if not (whole and own):
            raise VendorBusy(self.source, "This account's writes are used up.", wait=WINDOW)

    def _status(self) -> Row:
        try:
            return self.ask()
        except (VendorForbidden, VendorNotFound):
            return {}


def _has_room(used: object, limit: object) -> bool:
    taken, most = count(used), count(limit)
    return taken is None or most is None or taken < most * SHARE
