"""The key's quota: so many requests within five minutes, and a call that tells how many are left."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.rmm.asio.errors import RefusalError
from sandbox.rmm.window import Window

#: Generous, so that a demo may ask every two seconds; a real key is said to have 500.
REQUESTS = 20_000
_SECONDS = 300


class Limits:
    def __init__(self) -> None:
        self._window = Window(REQUESTS, _SECONDS)

    def take(self, now: datetime) -> None:
        """Count a request; raise RefusalError 429 beyond the quota."""
        if not self._window.take(now):
            raise RefusalError(429, "too_many_requests", "quota exhausted")

    def status(self, now: datetime) -> dict[str, Any]:
        """The answer of rate_limits: by service and operation, `reset` in Unix seconds."""
        frees = now + timedelta(seconds=self._window.frees_in(now))
        quota = {
            "limit": REQUESTS,
            "remaining": REQUESTS - self._window.count(now),
            "reset": int(frees.timestamp()),
        }
        return {"resources": {"service": {"rate-limit": quota}}}
