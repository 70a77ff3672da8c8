"""Digests are due exactly once per channel and local date, whatever the clocks do."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.rules.digest_slots import DigestTime, digest_times, due
from tests.rules.fleets import client

#: Zone -> the local days on which its clocks jump and fall back in 2026.
TRANSITIONS = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Sydney": (date(2026, 10, 4), date(2026, 4, 5)),
    # Midnight itself is skipped here.
    "America/Santiago": (date(2026, 9, 6), date(2026, 4, 5)),
}
CASES = [
    (zone, day, hour, minute)
    for zone, days in TRANSITIONS.items()
    for day in days
    for hour in range(24)
    for minute in (0, 30)
]


def at_noon(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def run(wanted: DigestTime, start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """Tick like the clock on the wall; the moments at which a slot was claimed."""
    claimed: set[tuple[str, date]] = set()
    moments = []
    while start <= end:
        for slot in due([wanted], claimed, start):
            claimed.add(slot)
            moments.append(start)
        start += step
    return moments


@pytest.mark.parametrize(("zone", "day", "hour", "minute"), CASES)
def test_every_hour_around_every_change_of_clocks_is_served_once_per_local_date(
    zone: str, day: date, hour: int, minute: int
) -> None:
    wanted = DigestTime(channel="c", at=time(hour, minute), time_zone=zone)
    start, end = at_noon(zone, day - timedelta(days=2)), at_noon(zone, day + timedelta(days=2))
    moments = run(wanted, start, end, timedelta(minutes=15))
    dates = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in moments)
    for offset in (-1, 0, 1):
        assert dates[day + timedelta(days=offset)] == 1
    assert max(dates.values()) == 1


@pytest.mark.parametrize(("zone", "days"), TRANSITIONS.items())
def test_a_digest_comes_at_its_local_time_and_after_the_jump_where_that_is_skipped(
    zone: str, days: tuple[date, date]
) -> None:
    for day in days:
        for hour in range(24):
            wanted = DigestTime(channel="c", at=time(hour), time_zone=zone)
            start = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
            moments = run(wanted, start, start + timedelta(hours=26), timedelta(minutes=15))
            posted = moments[0].astimezone(ZoneInfo(zone))
            assert posted.date() == day
            late = timedelta(hours=posted.hour, minutes=posted.minute) - timedelta(hours=hour)
            skipped = day == days[0] and posted.hour == hour + 1
            assert late == timedelta(hours=1 if skipped else 0)


BERLIN = DigestTime(channel="c", at=time(7), time_zone="Europe/Berlin")
TODAY = date(2026, 6, 10)


def berlin(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_nothing_is_due_before_its_time() -> None:
    assert due([BERLIN], set(), berlin(6, 59)) == ()
    assert due([BERLIN], set(), berlin(7)) == (("c", TODAY),)


def test_a_restart_two_hours_late_catches_up_once() -> None:
    slot = ("c", TODAY)
    assert due([BERLIN], set(), berlin(9)) == (slot,)
    assert due([BERLIN], {slot}, berlin(9, 1)) == ()


def test_a_missed_digest_is_due_until_the_last_minute_of_its_date_and_then_no_more() -> None:
    assert due([BERLIN], set(), berlin(23, 59)) == (("c", TODAY),)
    assert due([BERLIN], set(), berlin(0, day=TODAY + timedelta(days=1))) == ()


def test_what_was_claimed_yesterday_does_not_hold_up_today() -> None:
    yesterday = {("c", TODAY - timedelta(days=1))}
    assert due([BERLIN], yesterday, berlin(7)) == (("c", TODAY),)


def test_a_channel_is_served_once_by_the_time_of_its_first_client() -> None:
    clients = [
        client(channel="shared", digest_at=time(7)),
        client(channel="shared", digest_at=time(9)),
        client(channel="own", digest_at=time(8), time_zone="Europe/London"),
    ]
    assert digest_times(clients) == (
        DigestTime(channel="shared", at=time(7), time_zone="UTC"),
        DigestTime(channel="own", at=time(8), time_zone="Europe/London"),
    )
