"""Which operating systems get no more updates, by date."""

from datetime import date

import pytest

from core.rules.end_of_life import end_of_life

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("os", "ended"),
    [
        ("Microsoft Windows Server 2008 R2 Standard", date(2020, 1, 14)),
        ("Microsoft Windows Server 2012 R2 Standard", date(2023, 10, 10)),
        ("Windows Server 2012 Datacenter", date(2023, 10, 10)),
        ("Microsoft Windows 7 Professional", date(2020, 1, 14)),
        ("Windows 8.1 Pro", date(2023, 1, 10)),
        ("Windows 8 Pro", date(2016, 1, 12)),
        ("Microsoft Windows 10 Pro 22H2", date(2025, 10, 14)),
        ("Windows 10 Professional Edition 10.0.19045", date(2025, 10, 14)),
        ("Windows 10 Enterprise LTSB 2016", date(2026, 10, 13)),
        ("Windows 11 Pro 24H2", date(2026, 10, 13)),
        ("Microsoft Windows 11 Enterprise 23H2", date(2026, 11, 10)),
        ("Windows 11 Pro (10.0.22631)", date(2025, 11, 11)),
        ("Windows 11 Pro 25H2", None),
        ("Windows 11 Enterprise 24H2", None),
        ("Windows 11 24H2", None),
        ("Microsoft Windows 11 Pro", None),
        ("Windows 10 Enterprise LTSC 2019", None),
        ("Windows 10 IoT Enterprise LTSC 2021", None),
        ("Windows 10 Enterprise LTSC", None),
        ("Windows Server 2016 Standard", None),
        ("Windows Server 2025", None),
        ("macOS Tahoe 26", None),
        ("", None),
    ],
)
def test_an_ended_system_is_named_and_an_uncertain_one_is_not(os: str, ended: date | None) -> None:
    found = end_of_life(os, TODAY)
    assert (found.ended if found else None) == ended


def test_the_last_day_itself_is_still_served() -> None:
    assert end_of_life("Windows 10 Pro 22H2", date(2025, 10, 14)) is None
    assert end_of_life("Windows 10 Pro 22H2", date(2025, 10, 15)) is not None


def test_bought_updates_are_mentioned_since_they_cannot_be_seen() -> None:
    found = end_of_life("Windows 10 Pro 22H2", TODAY)
    assert found is not None
    assert found.extended_until == date(2028, 10, 10)
