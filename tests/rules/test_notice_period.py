"""When people without a method are due: no sooner than promised, on a morning when help is near."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.policy import MfaPolicy
from core.rules.notice_period import notice_end
from tests.usecases.requests_made import a_client

NEW_YORK = ZoneInfo("America/New_York")


def end_for(
    now: datetime, zone: str = "Europe/London", *, days: int = 7, hour: int = 10
) -> datetime:
    policy = MfaPolicy(notice_days=days, notice_hour=hour)
    return notice_end(a_client(time_zone=zone), policy, now)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (
            "2026-11-23 15:00",
            "Tue 01 Dec 10:00",
        ),  # a Monday afternoon: a week is over on Monday at 15:00
        ("2026-11-23 09:00", "Mon 30 Nov 10:00"),
        ("2026-11-26 09:00", "Thu 03 Dec 10:00"),
        ("2026-11-26 11:00", "Mon 07 Dec 10:00"),  # not on the Friday
        ("2026-11-28 23:59", "Mon 07 Dec 10:00"),
    ],
)
def test_a_notice_ends_on_the_first_morning_from_monday_to_thursday_after_seven_days(
    asked: str, due: str
) -> None:
    now = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert f"{end_for(now):%a %d %b %H:%M}" == due


def test_the_morning_is_the_clients_own_also_when_its_clocks_change() -> None:
    before_the_change = datetime(2026, 10, 26, 12, tzinfo=UTC)
    due = end_for(before_the_change, "America/New_York")
    assert due == datetime(2026, 11, 2, 10, tzinfo=NEW_YORK)
    assert due.astimezone(UTC).hour == 15


def test_days_and_hour_are_policy() -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert end_for(now, days=1, hour=8) == datetime(2026, 11, 24, 8, tzinfo=UTC)


@given(
    now=st.datetimes(
        min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
        max_value=datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Pacific/Auckland", "Asia/Kolkata"]),
    days=st.integers(1, 60),
)
def test_no_notice_is_shorter_than_promised_nor_four_days_longer(
    now: datetime, zone: str, days: int
) -> None:
    due = end_for(now, zone, days=days)
    assert timedelta(days=days) <= due - now <= timedelta(days=days + 4, hours=1)
    assert due.weekday() <= 3
    assert due.hour == 10
