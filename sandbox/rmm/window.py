"""A rolling window over requests, as rate limits count them."""

from collections import deque
from datetime import datetime, timedelta


class Window:
    """How many requests fell into the last `seconds`."""

    def __init__(self, limit: int, seconds: float = 60) -> None:
        self.limit = limit
        self._length = timedelta(seconds=seconds)
        self._times: deque[datetime] = deque()

    def count(self, now: datetime) -> int:
        while self._times and now - self._times[0] >= self._length:
            self._times.popleft()
        return len(self._times)

    def take(self, now: datetime) -> bool:
        """Count one request, unless the window is full already; say whether it was let in."""
        if self.count(now) >= self.limit:
            return False
        self._times.append(now)
        return True

    def frees_in(self, now: datetime) -> float:
        """Seconds until the oldest request leaves the window; 0 for an empty one."""
        if self.count(now) == 0:
            return 0.0
        return (self._times[0] + self._length - now).total_seconds()
