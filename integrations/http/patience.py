"""How often a read is tried again, and how long that may take."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

#: What a vendor may ask us to wait at most; more is taken as this.
LONGEST_ASKED = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """`tries` calls in all; a wait above `longest_wait` is not slept but told to the caller."""

    tries: int = 4
    first_wait: timedelta = timedelta(seconds=0.5)
    longest_wait: timedelta = timedelta(seconds=30)
    jitter: Callable[[], float] = random.random

    def backoff(self, tried: int) -> timedelta:
        """Doubling waits, half of each by chance, after `tried` calls (from 1)."""
        doubled = self.first_wait * float(2 ** (tried - 1))
        return min(doubled, self.longest_wait) * (0.5 + self.jitter() / 2)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read Retry-After: seconds, fractions of them, or an HTTP date (counted from the answer's own Date)."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        wait = _seconds(text) if text[0].isdigit() else _until(text, headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return max(timedelta(0), min(wait, LONGEST_ASKED))


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=min(float(text), LONGEST_ASKED.total_seconds()))


def _until(text: str, now: str) -> timedelta:
    return parsedate_to_datetime(text) - parsedate_to_datetime(now)
