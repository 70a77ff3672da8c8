"""Answers that stay good for a little while."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by key, each looked up again after so many seconds. Failures are not kept."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, V]] = {}

    def get(self, key: str, look_up: Callable[[], V]) -> V:
        """What was looked up lately, or what `look_up` says now."""
        with self._lock:
            known = self._known.get(key)
        if known is not None and self._monotonic() - known[0] < self._seconds:
            return known[1]
        value = look_up()
        with self._lock:
            self._known[key] = (self._monotonic(), value)
        return value
