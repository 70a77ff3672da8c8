"""Slack's rate limits: tiers per method, and about one message a second per channel."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from sandbox.slack.errors import RateLimitedError

Tier = Literal["t1", "t2", "t3", "t4", "special"]
#: Calls per minute and method. "special" stands for "hundreds per minute".
PER_MINUTE: dict[Tier, int] = {"t1": 1, "t2": 20, "t3": 50, "t4": 100, "special": 600}
POSTS_PER_MINUTE = 300
POSTS_AT_ONCE = 5
POSTS_PER_SECOND = 1.0


@dataclass
class _Bucket:
    """A burst of tokens that fills up again over time."""

    tokens: float
    filled_at: float


@dataclass
class Rates:
    """What was called in the last minute. Times are seconds of the world's clock."""

    _calls: dict[str, deque[float]] = field(default_factory=dict)
    _channels: dict[str, _Bucket] = field(default_factory=dict)

    def spend(self, method: str, tier: Tier, now: float) -> None:
        """Raise RateLimitedError where the method's minute is used up; refused calls cost nothing."""
        self._spend_minute(method, PER_MINUTE[tier], now)

    def spend_post(self, channel_id: str, now: float) -> None:
        """A message into a channel: bursts of five, then one a second; 300 a minute in all."""
        bucket = self._channels.setdefault(channel_id, _Bucket(POSTS_AT_ONCE, now))
        grown = bucket.tokens + (now - bucket.filled_at) * POSTS_PER_SECOND
        bucket.tokens, bucket.filled_at = min(POSTS_AT_ONCE, grown), now
        if bucket.tokens < 1:
            raise RateLimitedError(math.ceil((1 - bucket.tokens) / POSTS_PER_SECOND))
        self._spend_minute("posts", POSTS_PER_MINUTE, now)
        bucket.tokens -= 1

    def _spend_minute(self, key: str, limit: int, now: float) -> None:
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= limit:
            raise RateLimitedError(max(1, math.ceil(calls[0] + 60 - now)))
        calls.append(now)
