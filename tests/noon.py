"""When it is in every test that has a world of its own, whenever it is run and however long it takes."""

from datetime import UTC, datetime, timedelta

from sandbox.frame.clock import SandboxClock

#: A Monday's midday, away from the small hours in which devices scan by themselves, 13 days after a patch day.
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class StandingClock(SandboxClock):
    """Stands at NOON until it is advanced."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.offset_s)
