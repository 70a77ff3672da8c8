"""Keeping below a vendor's rate limit by waiting, instead of finding it by collision."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta


class Pace:
    """At most `calls` in any `per`. Thread-safe; places are given in the order they are asked for."""

    def __init__(
        self,
        calls: int,
        per: timedelta,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._window_s = per.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=calls)
        self._not_before = 0.0

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = self._monotonic()
            start = self._next_start(now)
            self._starts.append(start)
        if start > now:
            self._sleep(start - now)

    def hold(self, wait: timedelta) -> None:
        """The vendor asked for a pause: nobody starts before it is over."""
        with self._lock:
            until = self._monotonic() + wait.total_seconds()
            self._not_before = max(self._not_before, until)

    def _next_start(self, now: float) -> float:
        full = len(self._starts) == self._starts.maxlen
        freed = self._starts[0] + self._window_s if full else now
        return max(now, freed, self._not_before)
