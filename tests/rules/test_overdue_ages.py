"""How old a missing update is: per line, over many scans, and never younger by accident."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.facts import Fact
from core.domain.findings import AgeBasis, DeviceVerdict, LineVerdict
from core.domain.patching import PatchClass, PatchState, Severity
from core.rules.line_history import WATCH
from tests.rules.fleets import PC, START, Fleet, cumulative, day, device, installed, patch, unread

CHROME = "Google Chrome"


def only(verdict: DeviceVerdict) -> LineVerdict:
    (line,) = verdict.lines
    return line


def test_a_device_that_never_updates_grows_older_under_ever_new_kb_numbers() -> None:
    fleet = Fleet()
    fleet.every_day(day(8, 12), day(9, 8), cumulative("2026-08"))
    fleet.every_day(day(9, 9), day(10, 13), cumulative("2026-09"))
    verdict = fleet.every_day(day(10, 14), day(11, 9), cumulative("2026-10"))
    line = only(verdict)
    assert (line.since, line.basis) == (date(2026, 8, 11), AgeBasis.RELEASED)
    assert line.age_days == 90
    assert line.kb == cumulative("2026-10").kb
    assert verdict.overdue is Fact.YES


def test_a_quiet_day_between_two_releases_does_not_make_it_younger() -> None:
    fleet = Fleet()
    fleet.every_day(day(8, 12), day(9, 8), cumulative("2026-08"))
    quiet = fleet.every_day(day(9, 9), day(9, 11))
    assert quiet.lines == ()
    assert quiet.overdue is Fact.UNKNOWN
    line = only(fleet.scan(day(9, 12), cumulative("2026-09")))
    assert line.since == date(2026, 8, 11)


def test_several_quiet_days_on_end_count_as_clean() -> None:
    fleet = Fleet()
    fleet.every_day(day(8, 12), day(8, 20), cumulative("2026-08"))
    assert fleet.every_day(day(8, 21), day(8, 24)).overdue is Fact.NO
    line = only(fleet.scan(day(9, 9), cumulative("2026-09")))
    assert line.since == date(2026, 9, 8)


def test_software_that_could_not_be_read_for_long_is_neither_clean_nor_younger() -> None:
    fleet = Fleet()
    chrome = patch("Google Chrome 143.0", key="software google chrome 143.0")
    first = fleet.scan(day(8, 12), chrome, cumulative("2026-08"))
    for of_month in range(13, 25):
        unread = fleet.scan(day(8, of_month), software=False)
        assert unread.overdue is Fact.UNKNOWN
    again = fleet.scan(day(8, 25), chrome)
    assert only(again).since == next(line.since for line in first.lines if "Chrome" in line.title)
    assert fleet.every_day(day(8, 26), day(8, 30)).overdue is Fact.NO


@settings(max_examples=60)
@given(st.lists(st.sampled_from(("listed", "quiet", "failed", "offline", "stale")), max_size=60))
def test_no_run_of_good_and_bad_days_makes_a_device_younger_that_never_updates(
    days: list[str],
) -> None:
    """Quiet days may follow each other for less than three days; bad ones as long as they like."""
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    quiet_since = None
    for offset, what in enumerate(days, 1):
        at = day(8, 12) + timedelta(days=offset)
        newest = cumulative(f"{at - timedelta(days=9):%Y-%m}")
        driver = patch("Intel - System - 10.1.2", patch_class=PatchClass.DRIVER)
        quiet_since = quiet_since or (at if what == "quiet" else None)
        if what == "listed" or (what == "quiet" and at - (quiet_since or at) >= timedelta(days=3)):
            quiet_since = None
            assert only(fleet.scan(at, newest)).since == date(2026, 8, 11)
        elif what == "quiet":
            assert fleet.scan(at).overdue is Fact.UNKNOWN
        elif what == "failed":
            fleet.scan(at, known=False)
        elif what == "offline":
            fleet.scan(at, driver, online=Fact.NO)
        else:
            fleet.scan(at, driver, last_scan=at - timedelta(days=9))
    fleet.scan(day(12, 9), known=False)
    assert only(fleet.scan(day(12, 10), cumulative("2026-12"))).since == date(2026, 8, 11)


def test_a_failed_read_resets_nothing() -> None:
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    for offset in range(1, 27):
        failed = fleet.scan(
            day(8, 12) + timedelta(days=offset), known=False, coverage=unread("patches")
        )
        assert failed.overdue is Fact.UNKNOWN
    line = only(fleet.scan(day(9, 9), cumulative("2026-09")))
    assert line.since == date(2026, 8, 11)


def test_being_offline_with_no_rows_is_not_being_clean() -> None:
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    for offset in range(1, 27):
        fleet.scan(day(8, 12) + timedelta(days=offset), online=Fact.NO)
    assert only(fleet.scan(day(9, 9), cumulative("2026-09"))).since == date(2026, 8, 11)


def test_an_install_that_was_seen_clears_the_line_at_once() -> None:
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    done = installed(cumulative("2026-08"), day(8, 20))
    assert fleet.scan(day(8, 21), done).overdue is Fact.NO
    line = only(fleet.scan(day(9, 9), cumulative("2026-09"), done))
    assert line.since == date(2026, 9, 8)


def test_an_install_clears_only_once_although_the_vendor_lists_it_for_weeks() -> None:
    """October's update, installed late, does not hide that November's stays missing."""
    fleet = Fleet()
    done = installed(cumulative("2026-10"), day(11, 20))
    fleet.scan(day(10, 14), cumulative("2026-10"))
    fleet.scan(day(11, 11), cumulative("2026-11"))
    assert only(fleet.scan(day(11, 21), cumulative("2026-11"), done)).since == date(2026, 11, 10)
    line = only(fleet.scan(day(12, 9), cumulative("2026-12"), done))
    assert line.since == date(2026, 11, 10)


def test_an_install_of_the_last_month_tells_a_first_scan_when_the_line_was_clean() -> None:
    newest, older = patch(f"{CHROME} 152.0.1"), patch(f"{CHROME} 151.0.1")
    line = only(Fleet().scan(day(11, 20), newest, installed(older, day(11, 10))))
    assert (line.since, line.basis) == (date(2026, 11, 10), AgeBasis.LAST_CLEAN)
    assert (line.age_days, line.overdue) == (10, Fact.NO)


def test_whoever_installed_august_and_lacks_november_has_missed_september() -> None:
    """The vendor lists the newest release only; the last install tells how many were missed."""
    last = installed(cumulative("2026-08"), day(8, 20))
    verdict = Fleet().scan(day(11, 20), cumulative("2026-11"), last)
    assert (only(verdict).since, only(verdict).basis) == (date(2026, 9, 8), AgeBasis.RELEASED)
    assert verdict.overdue is Fact.YES


def test_whoever_installed_december_and_lacks_february_has_missed_january() -> None:
    last = installed(cumulative("2025-12"), day(1, 2))
    verdict = Fleet().scan(day(2, 12), cumulative("2026-02"), last)
    assert only(verdict).since == date(2026, 1, 13)


def test_whoever_installed_october_is_only_as_late_as_november() -> None:
    last = installed(cumulative("2026-10"), day(10, 20))
    line = only(Fleet().scan(day(11, 20), cumulative("2026-11"), last))
    assert (line.since, line.overdue) == (date(2026, 11, 10), Fact.NO)


def test_a_month_in_between_that_was_seen_clean_was_not_missed() -> None:
    """September went in by hand, which the vendor does not list."""
    fleet = Fleet()
    last = installed(cumulative("2026-08"), day(8, 20))
    fleet.every_day(day(9, 10), day(9, 30), last)
    assert only(fleet.scan(day(10, 14), cumulative("2026-10"), last)).since == date(2026, 10, 13)


def test_months_without_a_dotnet_update_are_not_counted_as_missed() -> None:
    name = "Cumulative Update for .NET Framework 3.5 and 4.8.1 for Windows 11 Version 24H2"
    last = installed(patch(f"2026-08 {name} (KB5050101)"), day(8, 20))
    line = only(Fleet().scan(day(11, 20), patch(f"2026-11 {name} (KB5050102)"), last))
    assert line.since == date(2026, 11, 10)


def test_the_newest_release_alone_never_proves_that_none_before_it_was_missed() -> None:
    verdict = Fleet().scan(day(11, 20), cumulative("2026-11"))
    assert (only(verdict).age_days, only(verdict).basis) == (10, AgeBasis.RELEASED)
    assert verdict.overdue is Fact.UNKNOWN
    assert Fleet().scan(day(11, 25), cumulative("2026-11")).overdue is Fact.YES


def test_a_single_fix_replaces_nothing_so_its_own_release_is_its_age() -> None:
    fix = patch(
        "Security Update for Windows Server 2019 (KB5050123)",
        kb="KB5050123",
        released=date(2026, 11, 15),
    )
    assert Fleet().scan(day(11, 20), fix).overdue is Fact.NO


def test_without_release_or_memory_the_age_is_our_watching_and_proves_no_innocence() -> None:
    fleet = Fleet()
    first = fleet.scan(day(11, 1), patch(f"{CHROME} 151.0.1"))
    assert only(first).basis is AgeBasis.WATCHING
    assert (only(first).age_days, only(first).overdue, first.overdue) == (
        0,
        Fact.UNKNOWN,
        Fact.UNKNOWN,
    )
    later = fleet.every_day(day(11, 2), day(11, 15), patch(f"{CHROME} 151.0.2"))
    assert (only(later).since, only(later).overdue) == (date(2026, 11, 1), Fact.UNKNOWN)
    late = fleet.scan(day(11, 16), patch(f"{CHROME} 151.0.3"))
    assert (only(late).age_days, only(late).overdue) == (15, Fact.YES)


def test_a_line_that_appears_under_our_eyes_was_clean_the_day_before() -> None:
    fleet = Fleet()
    fleet.every_day(day(11, 1), day(11, 9))
    line = only(fleet.scan(day(11, 10), patch(f"{CHROME} 151.0.1")))
    assert (line.since, line.basis) == (date(2026, 11, 9), AgeBasis.LAST_CLEAN)
    assert line.overdue is Fact.NO


def test_one_quiet_look_is_too_little_to_call_a_new_line_clean_before() -> None:
    fleet = Fleet()
    fleet.scan(day(11, 9))
    assert only(fleet.scan(day(11, 10), patch(f"{CHROME} 151.0.1"))).basis is AgeBasis.WATCHING


def test_a_release_date_the_vendor_tells_dates_the_age_at_first_sight() -> None:
    told = patch("Adobe Acrobat Reader 26.1.2", released=date(2026, 10, 1))
    line = only(Fleet().scan(day(11, 20), told))
    assert (line.basis, line.age_days, line.overdue) == (AgeBasis.RELEASED, 50, Fact.YES)


def test_a_release_later_than_our_first_sight_does_not_shorten_the_age() -> None:
    fleet = Fleet()
    out_of_band = patch("2026-08 Cumulative Update for Windows 11 Version 24H2 (Out-of-band)")
    fleet.every_day(day(8, 20), day(9, 8), out_of_band)
    line = only(fleet.scan(day(9, 9), cumulative("2026-09")))
    assert (line.since, line.basis) == (date(2026, 8, 20), AgeBasis.WATCHING)


def test_a_missing_preview_is_not_missing_and_an_installed_one_clears_the_line() -> None:
    preview = patch("2026-08 Cumulative Update Preview for Windows 11 Version 24H2 (KB5050009)")
    assert Fleet().scan(day(8, 26), preview).lines == ()
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    fleet.scan(day(8, 27), installed(preview, day(8, 26)))
    assert only(fleet.scan(day(9, 9), cumulative("2026-09"))).since == date(2026, 9, 8)


def test_definitions_never_count_however_long_they_are_pending() -> None:
    definition = patch("Security Intelligence Update", patch_class=PatchClass.DEFINITION)
    fleet = Fleet()
    verdict = fleet.every_day(day(8, 1), day(11, 20), definition)
    assert verdict.lines == ()
    assert verdict.fine


def test_drivers_and_feature_updates_are_listed_but_never_overdue() -> None:
    driver = patch("Intel - System - 10.1.2", patch_class=PatchClass.DRIVER)
    feature = patch("Windows 11, version 25H2", patch_class=PatchClass.FEATURE)
    verdict = Fleet().every_day(day(8, 1), day(11, 20), driver, feature)
    assert len(verdict.lines) == 2
    assert verdict.overdue is Fact.NO


def test_a_driver_that_vanishes_leaves_no_doubt() -> None:
    fleet = Fleet()
    fleet.scan(day(8, 1), patch("Intel - System - 10.1.2", patch_class=PatchClass.DRIVER))
    assert fleet.scan(day(8, 2)).overdue is Fact.NO


def test_a_failed_install_of_what_was_replaced_since_is_over() -> None:
    old = cumulative("2026-08", state=PatchState.FAILED)
    new = installed(cumulative("2026-09"), day(9, 10))
    assert Fleet().scan(day(9, 11), old, new).lines == ()


def test_a_failed_install_that_succeeded_later_is_over() -> None:
    failed = cumulative("2026-09", state=PatchState.FAILED)
    assert Fleet().scan(day(9, 11), failed, installed(failed, day(9, 10))).lines == ()


def test_an_out_of_band_update_of_the_installed_month_still_counts() -> None:
    out_of_band = patch(
        "2026-09 Cumulative Update for Windows 11 Version 24H2 (KB5050999) (Out-of-band)"
    )
    verdict = Fleet().scan(day(9, 20), out_of_band, installed(cumulative("2026-09"), day(9, 10)))
    assert only(verdict).since == date(2026, 9, 10)


def test_of_two_fixes_under_one_name_the_older_keeps_its_age_when_the_newer_goes_in() -> None:
    old = patch("Security Update for Microsoft Office 2016 (KB5002001)", kb="KB5002001")
    new = patch("Security Update for Microsoft Office 2016 (KB5002002)", kb="KB5002002")
    fleet = Fleet()
    fleet.every_day(day(8, 1), day(8, 9), old)
    fleet.every_day(day(8, 10), day(8, 19), old, new)
    line = only(fleet.scan(day(8, 21), old, installed(new, day(8, 20))))
    assert line.since == date(2026, 8, 1)


def test_of_two_fixes_under_one_name_the_newer_keeps_its_age_when_the_older_goes_in() -> None:
    old = patch("Security Update for Microsoft Office 2016 (KB5002001)", kb="KB5002001")
    new = patch("Security Update for Microsoft Office 2016 (KB5002002)", kb="KB5002002")
    fleet = Fleet()
    fleet.every_day(day(8, 1), day(8, 9), old)
    fleet.every_day(day(8, 10), day(8, 19), old, new)
    line = only(fleet.scan(day(8, 21), new, installed(old, day(8, 20))))
    assert line.since == date(2026, 8, 10)


@pytest.mark.parametrize(
    ("severity", "age", "overdue"),
    [
        (Severity.CRITICAL, 14, Fact.NO),
        (Severity.CRITICAL, 15, Fact.YES),
        (Severity.IMPORTANT, 30, Fact.NO),
        (Severity.IMPORTANT, 31, Fact.YES),
        (Severity.LOW, 60, Fact.NO),
        (Severity.LOW, 61, Fact.YES),
    ],
)
def test_overdue_means_older_than_allowed_and_not_as_old(
    severity: Severity, age: int, overdue: Fact
) -> None:
    released = (START - timedelta(days=age)).date()
    told = patch("Adobe Acrobat Reader 26.1.2", severity=severity, released=released)
    before = installed(patch("Adobe Acrobat Reader 26.1.1"), START - timedelta(days=70))
    line = only(Fleet().scan(START, told, before))
    assert (line.age_days, line.overdue) == (age, overdue)


def test_the_worst_severity_of_a_line_decides_what_is_allowed() -> None:
    mild = patch(f"{CHROME} 151.0.2", severity=Severity.LOW)
    grave = patch(f"{CHROME} 151.0.1", severity=Severity.CRITICAL)
    line = only(Fleet().scan(START, mild, grave))
    assert (line.severity, line.allowed_days, line.title) == (
        Severity.CRITICAL,
        14,
        f"{CHROME} 151.0.2",
    )


def test_days_are_the_clients_own() -> None:
    """21:00 UTC on the 2nd is the 3rd in Sydney."""
    sydney = Fleet(time_zone="Australia/Sydney")
    line = only(sydney.scan(day(11, 2, hour=21), patch(f"{CHROME} 151.0.1")))
    assert line.since == date(2026, 11, 3)


def test_memory_of_a_clean_watched_device_is_one_entry_only() -> None:
    fleet = Fleet()
    fleet.scan(day(8, 12), cumulative("2026-08"))
    fleet.every_day(day(8, 20), day(9, 5), installed(cumulative("2026-08"), day(8, 19)))
    assert set(fleet.history[PC]) == {WATCH}


def test_a_device_that_vanishes_from_the_list_is_remembered_for_half_a_year() -> None:
    fleet = Fleet()
    fleet.scan(day(1, 14), cumulative("2026-01"))
    other = device(id="ninja:2", name="OTHER")
    fleet.scan(day(7, 1), id=other.id)
    assert PC in fleet.history
    fleet.scan(day(7, 20), id=other.id)
    assert PC not in fleet.history
