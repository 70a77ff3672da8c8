"""Graph's documented throttles, counted in real time."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.entra.protocol import Bucket, Caller, GraphError


@dataclass(frozen=True)
class _Limit:
    """So many requests in so many seconds; per app and tenant, or per tenant for all apps together."""

    requests: int
    seconds: float
    per_app: bool
    #: Conditional access answers 429 without saying when to come back.
    says_when: bool


_LIMITS: dict[Bucket, _Limit] = {
    "reports": _Limit(requests=5, seconds=10.0, per_app=True, says_when=True),
    "conditional_access": _Limit(requests=1, seconds=1.0, per_app=False, says_when=False),
}


@dataclass
class Throttle:
    """Remembers the last requests of each bucket. Rejected requests count as well."""

    monotonic: Callable[[], float] = time.monotonic
    _recent: dict[tuple[str, ...], deque[float]] = field(default_factory=dict)
    _refusals: int = 0

    def take(self, bucket: Bucket, caller: Caller) -> None:
        """Count a request; raise GraphError 429 where the bucket is full."""
        limit = _LIMITS[bucket]
        app = (caller.app_id,) if limit.per_app else ()
        key = (bucket, caller.tenant.id, *app)
        recent = self._recent.setdefault(key, deque(maxlen=limit.requests))
        now = self.monotonic()
        full = len(recent) == limit.requests and now - recent[0] < limit.seconds
        recent.append(now)
        if full:
            raise self._refusal(limit, recent[0] + limit.seconds - now)

    def _refusal(self, limit: _Limit, wait_s: float) -> GraphError:
        """Every other Retry-After is a fraction, as the documentation's sample is."""
        self._refusals += 1
        headers = {}
        if limit.says_when:
            whole = str(int(wait_s) + 1)
            headers["Retry-After"] = f"{wait_s:.3f}" if self._refusals % 2 else whole
        return GraphError(429, "TooManyRequests", "Too many requests", headers)
