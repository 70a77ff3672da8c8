"""Keeping below a vendor's rate limit by waiting, instead of finding it by collision; jobs before scans."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_BEHIND: ContextVar[bool] = ContextVar("behind", default=False)
#: Of so many calls, one is kept free of background work.
_RESERVE = 10
#: Clocks are not exact: who wakes a moment early sleeps at least so long again.
_LEAST_SLEEP_S = 0.001


def in_background(work: Callable[P, R]) -> Callable[P, R]:
    """Work whose calls let all others go first: a fleet that is read, a script that nobody asked for.

    Threads that it starts itself have to be given its context.
    """

    @wraps(work)
    def behind(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _BEHIND.set(True)
        try:
            return work(*args, **kwargs)
        finally:
            _BEHIND.reset(token)

    return behind


class Pace:
    """At most `calls` in any `per`. Thread-safe; places are given in the order they are asked for.

    Background work takes a place only when its time has come and nobody else has it, and leaves every tenth
    place free, so that a job never waits for the end of a scan.
    """

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
        #: When calls start that count still, some of them in the near future; ascending.
        self._starts: deque[float] = deque(maxlen=calls)
        self._calls_behind = calls - calls // _RESERVE
        self._not_before = 0.0

    def wait(self) -> None:
        """Return when the next call may start."""
        if _BEHIND.get():
            self._wait_behind()
            return
        with self._lock:
            now = self._monotonic()
            start = self._next_start(now, self._starts.maxlen or 1)
            self._starts.append(start)
        if start > now:
            self._sleep(start - now)

    def hold(self, wait: timedelta) -> None:
        """The vendor asked for a pause: nobody starts before it is over."""
        with self._lock:
            until = self._monotonic() + wait.total_seconds()
            self._not_before = max(self._not_before, until)

    def _wait_behind(self) -> None:
        """Nothing is reserved: whoever comes meanwhile and is in more of a hurry gets the place."""
        while True:
            with self._lock:
                now = self._monotonic()
                start = self._next_start(now, self._calls_behind)
                if start <= now:
                    self._starts.append(now)
                    return
            self._sleep(max(start - now, _LEAST_SLEEP_S))

    def _next_start(self, now: float, calls: int) -> float:
        """The first moment at which a window would hold no more than so many calls with one more."""
        full = len(self._starts) >= calls
        freed = self._starts[-calls] + self._window_s if full else now
        return max(now, freed, self._not_before)
