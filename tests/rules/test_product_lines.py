"""Which updates replace each other, and when they came out."""

from datetime import date

import pytest

from core.domain.patching import PatchClass
from core.rules.product_lines import counts_when_missing, line_of, rank_of, released_on
from tests.rules.fleets import device, patch

X64 = "for x64-based Systems"


@pytest.mark.parametrize(
    ("title", "os", "line"),
    [
        (
            f"2026-08 Cumulative Update for Windows 11 Version 24H2 {X64} (KB5050001)",
            "",
            "Windows 11 24H2 cumulative",
        ),
        (
            f"2026-09 Cumulative Update for Windows 11, version 24H2 {X64} (KB5050077) (26100.9)",
            "",
            "Windows 11 24H2 cumulative",
        ),
        (
            "2026-08 Cumulative Update for Windows 11 (KB5000001)",
            "Windows 11 Pro 24H2",
            "Windows 11 24H2 cumulative",
        ),
        ("2026-08 Cumulative Update for Windows 11 (KB5000001)", "", "Windows 11 cumulative"),
        (
            "2026-08 Security Update (KB5050001) (26200.7200)",
            "Microsoft Windows 11 Pro",
            "Windows 11 25H2 cumulative",
        ),
        (
            "2026-08 Security Update (KB5050001) (26100.7200)",
            "Windows Server 2025 Standard",
            "Windows Server 2025 cumulative",
        ),
        (
            "2026-08 Preview Update (KB5050002) (26200.7300)",
            "Microsoft Windows 11 Pro",
            "Windows 11 25H2 cumulative",
        ),
        (
            f"2026-08 Cumulative Update for Microsoft server operating system version 21H2 {X64}",
            "",
            "Windows Server 2022 cumulative",
        ),
        (
            f"2026-08 Cumulative Update for Windows Server 2019 {X64} (KB5050003)",
            "",
            "Windows Server 2019 cumulative",
        ),
        (
            f"2026-08 Security Monthly Quality Rollup for Windows Server 2012 R2 {X64} (KB5050004)",
            "",
            "Windows Server 2012 R2 cumulative",
        ),
        (
            f"2026-08 Servicing Stack Update for Windows Server 2016 {X64} (KB5050005)",
            "",
            "Windows Server 2016 servicing stack",
        ),
        (
            f"2026-08 Cumulative Update for .NET Framework 3.5 and 4.8.1 for Windows 11 {X64}",
            "",
            ".NET Framework cumulative",
        ),
        ("2026-08 .NET Framework Security Update (KB5050006)", "", ".NET Framework cumulative"),
        ("2026-08 .NET 8.0.19 Security Update for x64 Server (KB5050007)", "", ".NET 8.0"),
        ("Google Chrome 151.0.7390.54", "", "Google Chrome"),
        ("Notepad++ 8.81", "", "Notepad++"),
        ("7-Zip 26.11", "", "7-Zip"),
        (
            "Microsoft Edge-Stable Channel Version 151 Update for x64 based Editions (Build 151.0.1)",
            "",
            "Microsoft Edge",
        ),
        ("Microsoft Edge 151.0.3000.54", "", "Microsoft Edge"),
        (
            "Security Update for Microsoft Excel 2016 (KB5002600) 64-Bit Edition",
            "",
            "Microsoft Excel 2016",
        ),
        ("macOS Tahoe 26.11", "macOS Tahoe 26", "macOS Tahoe"),
        ("Windows 11, version 25H2", "", "Windows feature update"),
        ("Feature update to Windows 10, version 22H2", "", "Windows feature update"),
    ],
)
def test_updates_that_replace_each_other_share_a_line(title: str, os: str, line: str) -> None:
    assert line_of(patch(title), device(os=os)) == line


def test_single_fixes_for_windows_replace_nothing_and_keep_lines_of_their_own() -> None:
    one = patch("Security Update for Windows Server 2012 R2 (KB3000483)", kb="KB3000483")
    two = patch("Update for Windows Server 2012 R2 (KB2999226)", kb="KB2999226")
    assert line_of(one, device()) == "Windows Server 2012 R2 KB3000483"
    assert line_of(one, device()) != line_of(two, device())


def test_drivers_of_all_versions_are_one_line_per_driver() -> None:
    old = patch("Intel Corporation - System - 10.1.2.34", patch_class=PatchClass.DRIVER)
    new = patch("Intel Corporation - System - 10.1.19.5", patch_class=PatchClass.DRIVER)
    assert line_of(old, device()) == line_of(new, device()) == "Driver: Intel Corporation - System"


@pytest.mark.parametrize(
    ("title", "kb", "patch_class"),
    [
        ("Anything at all", None, PatchClass.DEFINITION),
        (
            "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version 1)",
            None,
            PatchClass.UPDATE,
        ),
        (
            "Update for Microsoft Defender Antivirus antimalware platform - KB4052623 (Version 4.18)",
            None,
            PatchClass.UPDATE,
        ),
        ("Update", "KB2267602", PatchClass.SECURITY),
        (
            "Windows Malicious Software Removal Tool x64 - v5.142 (KB890830)",
            "KB890830",
            PatchClass.UPDATE,
        ),
    ],
)
def test_definitions_and_their_like_belong_to_no_line(
    title: str, kb: str | None, patch_class: PatchClass
) -> None:
    assert line_of(patch(title, kb=kb, patch_class=patch_class), device()) is None


@pytest.mark.parametrize(
    ("title", "released"),
    [
        ("2026-08 Cumulative Update for Windows 11", date(2026, 8, 11)),
        ("2026-09 Cumulative Update for Windows 11", date(2026, 9, 8)),
        ("2026-12 Security Update (KB5050001) (26200.1)", date(2026, 12, 8)),
        ("2026-08 Cumulative Update for Windows 11 (Out-of-band)", None),
        ("2026-08 Cumulative Update Preview for Windows 11", None),
        ("Google Chrome 151.0.1", None),
        ("Rollup of 2026-08", None),
    ],
)
def test_a_month_in_the_title_means_its_second_tuesday(title: str, released: date | None) -> None:
    assert released_on(patch(title)) == released


def test_a_release_date_the_vendor_tells_goes_before_the_title() -> None:
    told = patch("2026-08 Cumulative Update for Windows 11", released=date(2026, 8, 14))
    assert released_on(told) == date(2026, 8, 14)


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        ("2026-08 Cumulative Update Preview for Windows 11 (KB5050001)", False),
        ("2026-08 Preview Update (KB5050001) (26200.1)", False),
        ("2026-08 Preview of Monthly Quality Rollup for Windows Server 2012 R2", False),
        ("2026-08 Cumulative Update for Windows 11 (KB5050001)", True),
        ("Windows Terminal Preview 1.24.1", True),
    ],
)
def test_a_missing_preview_is_optional(title: str, counts: bool) -> None:
    assert counts_when_missing(patch(title)) is counts


def test_releases_of_a_line_are_ordered_by_month_or_by_version() -> None:
    months = [rank_of(patch(f"2026-{month} Cumulative Update")) for month in ("08", "09", "11")]
    versions = [rank_of(patch(f"Google Chrome {v}")) for v in ("99.0.1", "100.0.1", "100.0.12")]
    assert months == sorted(months)
    assert versions == sorted(versions)
    assert rank_of(patch("Security Update for Microsoft Excel 2016")) == ()
