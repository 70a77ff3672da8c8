"""The makers' release calendar: what comes out on the second Tuesday, and under which ever-new number."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal

from sandbox.estate.systems import SYSTEMS, System

Severity = Literal["critical", "important", "moderate", "low", "optional", "none"]

#: Updates appear at 10:00 on the Pacific coast; 18:00 UTC is right in winter and an hour late in summer.
RELEASE_TIME = time(18, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Release:
    """One update as its maker publishes it."""

    kind: str
    title: str
    kb: str | None
    severity: Severity
    released: date
    needs_reboot: bool = False

    @property
    def released_at(self) -> datetime:
        return datetime.combine(self.released, RELEASE_TIME)


def patch_day(year: int, month: int) -> date:
    """The second Tuesday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def patch_days(now: datetime, count: int) -> list[date]:
    """The last `count` second Tuesdays whose updates are out at `now`, newest first."""
    days: list[date] = []
    year, month = now.year, now.month
    while len(days) < count:
        day = patch_day(year, month)
        if datetime.combine(day, RELEASE_TIME) <= now:
            days.append(day)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return days


@cache
def monthly(system: System, day: date) -> tuple[Release, ...]:
    """What one system is offered on one patch day; nothing once its maker has stopped."""
    if day > system.updates_until:
        return ()
    if system.style == "mac":
        return (_mac(day),)
    releases = (_cumulative(system, day), _dotnet(system, day), _removal_tool(day))
    return (*releases, _servicing_stack(system, day)) if system.release == "1607" else releases


def last_monthly(system: System) -> tuple[Release, ...]:
    """What a system got on its very last patch day."""
    end = datetime.combine(system.updates_until, RELEASE_TIME) + timedelta(days=1)
    return monthly(system, patch_days(end, 1)[0])


def definition(day: date) -> Release:
    """The day's virus definitions: always the same number, every day another version."""
    version = f"1.{day.year - 1600}.{day.toordinal() % 1000}.0"
    title = (
        "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602"
        f" (Version {version}) - Current Channel (Broad)"
    )
    return Release(kind="definition", title=title, kb="KB2267602", severity="none", released=day)


def feature(day: date) -> Release:
    return Release(
        kind="feature", title="Windows 11, version 25H2", kb="KB5054156", severity="optional",
        released=day, needs_reboot=True,
    )  # fmt: skip


_DRIVERS = (
    ("driver", "Intel Corporation - System - 10.1.{0}.{1}"),
    ("driver", "Realtek Semiconductor Corp. - Net - 1166.{0}.0.{1}"),
    ("driver", "Lenovo - Extension - 6.0.{0}.{1}"),
    ("firmware", "Dell, Inc. - Firmware - 1.{0}.{1}"),
)


def driver(rng: random.Random, day: date) -> Release:
    """A driver or firmware of no article number, published some time in the last quarter."""
    kind, pattern = rng.choice(_DRIVERS)
    title = pattern.format(rng.randint(2, 40), rng.randint(0, 90))
    released = day - timedelta(days=rng.randint(5, 90))
    return Release(
        kind=kind, title=title, kb=None, severity="optional", released=released,
        needs_reboot=kind == "firmware",
    )  # fmt: skip


#: Product, version pattern (0: months since 2015, 1: months since 2020, 2: month), severity.
THIRD_PARTY: tuple[tuple[str, str, Severity], ...] = (
    ("Google Chrome", "{0}.0.7{1:03}.90", "critical"),
    ("Microsoft Edge", "{0}.0.3{1:03}.54", "critical"),
    ("Mozilla Firefox", "{0}.0.1", "important"),
    ("7-Zip", "26.{2:02}", "moderate"),
    ("Adobe Acrobat Reader", "26.{2:03}.2{1:04}", "important"),
    ("Zoom Workplace", "6.{2}.1", "moderate"),
    ("Notepad++", "8.{1}", "low"),
)


def third_party(place: int, day: date) -> Release:
    """The newest release of the product at `place` of THIRD_PARTY, as of the month of `day`."""
    product, pattern, severity = THIRD_PARTY[place]
    months = _months(day)
    return Release(
        kind="third_party", title=f"{product} {pattern.format(months + 60, months, day.month)}",
        kb=None, severity=severity, released=day - timedelta(days=place),
    )  # fmt: skip


def _months(day: date) -> int:
    return (day.year - 2020) * 12 + day.month


def _kb(system: System, day: date, offset: int) -> str:
    """Invented, rising from month to month, distinct within a month."""
    return f"KB{5_000_000 + _months(day) * 800 + SYSTEMS.index(system) * 20 + offset}"


def _cumulative(system: System, day: date) -> Release:
    kb = _kb(system, day, 3)
    month = f"{day:%Y-%m}"
    revision = f"{system.build.removeprefix('10.0.')}.{_months(day) * 90 + 7}"
    title = {
        "cumulative": f"{month} Cumulative Update for {system.product} ({kb})",
        "short": f"{month} Security Update ({kb}) ({revision})",
        "rollup": f"{month} Security Monthly Quality Rollup for {system.product} ({kb})",
    }[system.style]
    return Release(
        kind="cumulative", title=title, kb=kb, severity="critical", released=day, needs_reboot=True
    )


def _dotnet(system: System, day: date) -> Release:
    kb = _kb(system, day, 9)
    title = f"{day:%Y-%m} Cumulative Update for .NET Framework 3.5 and 4.8.1 for {system.product} ({kb})"
    return Release(kind="dotnet", title=title, kb=kb, severity="important", released=day)


def _servicing_stack(system: System, day: date) -> Release:
    kb = _kb(system, day, 14)
    title = f"{day:%Y-%m} Servicing Stack Update for {system.product} ({kb})"
    return Release(kind="security", title=title, kb=kb, severity="critical", released=day)


def _removal_tool(day: date) -> Release:
    """The opposite trap of ever-new numbers: one number for ever, another version each month."""
    title = f"Windows Malicious Software Removal Tool x64 - v5.{_months(day) + 60} (KB890830)"
    return Release(kind="security", title=title, kb="KB890830", severity="none", released=day)


def _mac(day: date) -> Release:
    version = f"26.{(day.year - 2026) * 12 + day.month}"
    return Release(
        kind="security", title=f"macOS Tahoe {version}", kb=None, severity="important",
        released=day, needs_reboot=True,
    )  # fmt: skip
