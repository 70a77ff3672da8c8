"""Short ways to write down devices, updates and a run of scans for the tests of the patch rules."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from core.domain.clients import Client, ClientKey
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import DeviceVerdict, PatchSection
from core.domain.patching import (
    CountStatus,
    Device,
    DeviceId,
    DeviceKind,
    History,
    Patch,
    PatchClass,
    PatchCounts,
    PatchState,
    RmmReading,
    Severity,
)
from core.domain.policy import OverduePolicy
from core.rules.overdue_patches import judge_patches

PC = DeviceId("ninja:1")
START = datetime(2026, 8, 3, 9, tzinfo=UTC)


def client(**changes: Any) -> Client:
    facts: dict[str, Any] = {
        "key": ClientKey("acme"),
        "name": "Acme Dental",
        "channel": "acme",
        "time_zone": "UTC",
        "digest_at": time(7),
    }
    return Client(**(facts | changes))


def device(**changes: Any) -> Device:
    facts: dict[str, Any] = {
        "id": PC,
        "account": "ninja",
        "vendor_id": "1",
        "organisation": "12",
        "name": "ACME-WS-001",
        "kind": DeviceKind.WORKSTATION,
        "os": "Microsoft Windows 11 Enterprise 24H2",
        "online": Fact.YES,
        "has_policy": Fact.YES,
    }
    return Device(**(facts | changes))


def patch(title: str, **changes: Any) -> Patch:
    facts: dict[str, Any] = {
        "key": title,
        "device_id": PC,
        "title": title,
        "kb": None,
        "severity": Severity.CRITICAL,
        "patch_class": PatchClass.SECURITY,
        "state": PatchState.APPROVED,
    }
    return Patch(**(facts | changes))


def cumulative(month: str, **changes: Any) -> Patch:
    """The monthly update of Windows 11 24H2, under a KB number of its own."""
    kb = f"KB50{month.replace('-', '')[2:]}1"
    title = f"{month} Cumulative Update for Windows 11 Version 24H2 for x64-based Systems ({kb})"
    return patch(title, kb=kb, **changes)


def installed(what: Patch, at: datetime) -> Patch:
    return Patch(
        key=what.key,
        device_id=what.device_id,
        title=what.title,
        kb=what.kb,
        severity=what.severity,
        patch_class=what.patch_class,
        state=PatchState.INSTALLED,
        installed_at=at,
    )


def counts(status: CountStatus, **changes: Any) -> PatchCounts:
    return PatchCounts(status=status, **changes)


def unread(what: str) -> Coverage:
    return Coverage(unread=(Unread(source="NinjaOne", what=what, reason="503", since=START),))


class Fleet:
    """One device scanned again and again; each scan remembers what the one before found."""

    def __init__(self, of: Device | None = None, **client_facts: Any) -> None:
        self.device = of or device()
        self.client = client(**client_facts)
        self.policy = OverduePolicy()
        self.history: History = {}

    def scan(
        self,
        at: datetime,
        *rows: Patch,
        known: bool = True,
        coverage: Coverage | None = None,
        software: bool = True,
        **device_facts: Any,
    ) -> DeviceVerdict:
        """Scan at a moment; unless said otherwise the device was scanned an hour before."""
        facts: dict[str, Any] = {"last_scan": at - timedelta(hours=1), "last_seen": at}
        now = device(
            **{
                name: getattr(self.device, name)
                for name in ("id", "name", "kind", "os", "online", "has_policy", "tags", "counts")
            }
            | facts
            | device_facts
        )
        told = reading(at, [now], rows, known=known, coverage=coverage, software=software)
        section = self.judge([told], at)
        return section.devices[0]

    def judge(self, readings: Sequence[RmmReading], now: datetime) -> PatchSection:
        section, self.history = judge_patches(
            readings, self.history, self.client, self.policy, now=now
        )
        return section

    def every_day(self, first: datetime, last: datetime, *rows: Patch) -> DeviceVerdict:
        """Scan daily from `first` to `last`; the verdict of the last day."""
        verdict = self.scan(first, *rows)
        while first + timedelta(days=1) <= last:
            first += timedelta(days=1)
            verdict = self.scan(first, *rows)
        return verdict


def reading(
    at: datetime,
    devices: Iterable[Device],
    rows: Iterable[Patch] = (),
    *,
    known: bool = True,
    coverage: Coverage | None = None,
    software: bool = True,
) -> RmmReading:
    found = tuple(devices)
    return RmmReading(
        account="ninja",
        organisation="12",
        organisation_name="Acme",
        devices=found,
        patches=tuple(rows),
        rows_known_for=frozenset(d.id for d in found) if known else frozenset(),
        software_unread=frozenset() if software else frozenset(d.id for d in found),
        coverage=coverage or Coverage(),
        observed_at=at,
    )


def day(month: int, of_month: int, hour: int = 9) -> datetime:
    return datetime(2026, month, of_month, hour, tzinfo=UTC)
