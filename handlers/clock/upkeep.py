"""Once a day: audit files older than the retention go, on the record."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from core.ports import Clock


class Retaining(Protocol):
    """An audit log that can let whole old files go."""

    def retain(self, days: int) -> tuple[str, ...]:
        """Delete files older than so many days, recording it; their names."""


@dataclass(kw_only=True)
class Upkeep:
    """Asked every few minutes; does its work once per UTC date."""

    audit: Retaining
    audit_days: int
    clock: Clock
    _done: date | None = field(default=None)

    def once_a_day(self) -> None:
        today = self.clock.now().date()
        if self._done != today:
            self.audit.retain(self.audit_days)
            self._done = today
