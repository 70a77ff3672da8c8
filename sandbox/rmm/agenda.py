"""Things that will happen: simulated work lies here until the clock has reached it."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Happening = Callable[[datetime], None]


class Agenda:
    """Happenings in the order of their time; each is told when it was due, not when it was noticed."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Happening]] = []
        self._order = itertools.count()

    def at(self, when: datetime, happening: Happening) -> None:
        heapq.heappush(self._due, (when, next(self._order), happening))

    def catch_up(self, now: datetime) -> None:
        """Let everything happen that was due by `now`, including what that itself puts on the agenda."""
        while self._due and self._due[0][0] <= now:
            when, _, happening = heapq.heappop(self._due)
            happening(when)
