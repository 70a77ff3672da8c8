"""How many calls of one kind N-central may be asked for at the same time; it counts them per endpoint."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CallLanes:
    """So many lanes for each kind of call; who finds none free waits. Thread-safe."""

    width: int
    _lanes: dict[str, threading.BoundedSemaphore] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def one(self, kind: str) -> Iterator[None]:
        """Hold a lane of a kind."""
        with self._lane(kind):
            yield

    def _lane(self, kind: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._lanes.setdefault(kind, threading.BoundedSemaphore(self.width))
