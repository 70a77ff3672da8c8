"""Times of a maintenance window in words, in the client's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo


def local(at: datetime, time_zone: str) -> str:
    """Such as "Sat 28 Nov 22:00 (Europe/London)"."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%a %d %b %H:%M} ({time_zone})"


def local_span(opens: datetime, closes: datetime, time_zone: str) -> str:
    """Such as "Sat 28 Nov 22:00 to 02:00 (Europe/London)"."""
    zone = ZoneInfo(time_zone)
    first, last = opens.astimezone(zone), closes.astimezone(zone)
    return f"{first:%a %d %b %H:%M} to {last:%H:%M} ({time_zone})"
