"""Replication: for a moment after a write, some reads still see what was before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

Value = TypeVar("Value")


@dataclass
class Replicas:
    """Old values that are still shown. `seconds` is how long, `share` how many writes are slow."""

    now: Callable[[], datetime]
    seconds: float = 1.0
    share: float = 0.5
    rng: Random = field(default_factory=lambda: Random(0))
    _old: dict[str, tuple[datetime, object]] = field(default_factory=dict)

    def wrote(self, key: str, before: object) -> None:
        """Call with the value from before the write; an older one still shown stays."""
        if self.rng.random() < self.share and self._fresh(key) is None:
            self._old[key] = (self.now() + timedelta(seconds=self.seconds), before)

    def seen(self, key: str, current: Value) -> Value:
        """What a read of `key` sees now."""
        old = self._fresh(key)
        return current if old is None else old[1]  # type: ignore[return-value]

    def _fresh(self, key: str) -> tuple[datetime, object] | None:
        old = self._old.get(key)
        if old is not None and old[0] <= self.now():
            del self._old[key]
            old = None
        return old
