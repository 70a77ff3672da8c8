"""Times as Graph writes them, and moments that lie a while ago."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random


@lru_cache(maxsize=1 << 16)
def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with whole seconds and a Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def ago(rng: Random, now: datetime, least_days: float, most_days: float) -> datetime:
    """Some moment between so many and so many days before `now`."""
    moment = now - timedelta(days=rng.uniform(least_days, most_days))
    return moment.replace(microsecond=0)
