"""When it is in every test that has a world of its own, whenever it is run."""

from datetime import UTC, datetime

#: A Monday's midday, away from the small hours in which devices scan by themselves, 13 days after a patch day.
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
