"""Every vendor's fleet is read to its end, or what is missing is said."""

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from core.domain.patching import CountStatus, PatchState
from core.domain.remediation import JobKind
from core.errors import VendorAuthError
from integrations.http import Http
from integrations.http.pace import _BEHIND
from integrations.rmm import VENDORS
from integrations.rmm.vendor import RmmAccount
from tests.contracts.vendor_bench import Bench
from tests.contracts.vendor_rigs import RIGS
from tests.patience import PATIENCE_S
from tests.sandbox.rmm_desk import willing

FAULTS = ("status", "drop_before", "drop_after", "truncate", "garbage", "html")


def test_every_vendor_has_a_stand_in_and_a_rig() -> None:
    assert {vendor.key for vendor in VENDORS} == {rig.key for rig in RIGS}


def test_pages_are_read_to_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.rig.shrink_pages(monkeypatch)
    readings = bench.account().read(bench.bindings())
    for company in bench.companies:
        reading = readings[bench.rig.organisation(company)]
        assert reading.coverage.complete
        assert {d.name for d in reading.devices} == {d.name for d in company.devices}
        assert len(reading.devices) == len(company.devices)


def test_page_size_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _facts(bench.account().read(bench.bindings()).values())
    bench.rig.shrink_pages(monkeypatch)
    assert _facts(bench.account().read(bench.bindings()).values()) == whole


def test_fleets_are_read_in_the_background_and_jobs_are_not(
    bench: Bench, account: RmmAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One limiter serves both, jobs first; threads that a reading starts belong to it."""
    behind: list[bool] = []
    exchange = Http._exchange

    def noted(http: Http, *args: Any, **kwargs: Any) -> Any:
        behind.append(_BEHIND.get())
        return exchange(http, *args, **kwargs)

    account.read([])  # signs in
    monkeypatch.setattr(Http, "_exchange", noted)
    company, device = bench.pick(willing)
    account.read([bench.binding(company)])
    assert set(behind) == {True}
    behind.clear()
    if account.capabilities.install:
        bench.job(bench.plan(account, company, device), account)
        assert set(behind) == {False}


def _facts(readings: Any) -> set[tuple[str, int, int, int]]:
    return {
        (r.organisation, len(r.devices), len(r.patches), len(r.rows_known_for)) for r in readings
    }


def test_organisations_are_named_and_a_wrong_one_is_not_read(
    bench: Bench, account: RmmAccount
) -> None:
    company = bench.companies[0]
    right = bench.binding(company)
    wrong = replace(right, organisation="424242")
    readings = account.read([right, wrong])
    assert readings[right.organisation].organisation_name == company.rmm_name
    assert not readings["424242"].coverage.covers("devices")
    assert readings["424242"].coverage.unread[0].remedy


def test_every_time_is_aware_and_utc(bench: Bench, account: RmmAccount) -> None:
    readings = account.read(bench.bindings()).values()
    times = [moment for reading in readings for moment in _times(reading)]
    assert len(times) >= sum(len(company.devices) for company in bench.companies)
    assert all(moment.tzinfo is UTC for moment in times)
    now = bench.world.clock.now()
    assert all(now - timedelta(days=201) < moment <= now for moment in times)


def _times(value: object) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _times(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _times(getattr(value, field.name))


def test_wrong_secret_is_an_auth_error_with_a_remedy(bench: Bench) -> None:
    account = bench.account(bench.rig.wrong_secret)
    company = bench.companies[0]
    with pytest.raises(VendorAuthError) as caught:
        account.preview(bench.client(company), JobKind.SCAN, [bench.device_id(company.devices[0])])
    assert "secret" in caught.value.remedy
    reading = account.read([bench.binding(company)])[bench.rig.organisation(company)]
    assert not reading.coverage.covers("devices")
    assert reading.devices == ()


def test_revoked_token_is_replaced_once_and_nothing_is_lost(
    bench: Bench, account: RmmAccount
) -> None:
    whole = _facts(account.read(bench.bindings()).values())
    bench.fault("status", bench.rig.devices_path, status=401, count=1)
    readings = account.read(bench.bindings()).values()
    assert all(reading.coverage.complete for reading in readings)
    assert _facts(readings) == whole
    assert _token_calls(bench) == (2 if bench.rig.token_path else 0)


def test_expired_token_is_renewed_before_it_is_refused(bench: Bench, account: RmmAccount) -> None:
    account.read(bench.bindings())
    bench.world.clock.advance(100 * 3600)
    readings = account.read(bench.bindings()).values()
    assert all(reading.coverage.complete for reading in readings)
    rows = bench.world.calls.rows(bench.rig.key)
    assert not any("401" in row["by_status"] for row in rows)


def _token_calls(bench: Bench) -> int:
    rows = bench.world.calls.rows(bench.rig.key)
    return sum(row["count"] for row in rows if row["path_template"] == bench.rig.token_path)


def test_busy_service_is_waited_for(bench: Bench, account: RmmAccount) -> None:
    bench.fault("status", bench.rig.devices_path, status=429, retry_after=0.3, count=2)
    begun = time.monotonic()
    readings = account.read(bench.bindings()).values()
    assert all(reading.coverage.complete for reading in readings)
    assert time.monotonic() - begun >= 0.6


def test_service_that_stays_busy_is_not_waited_for(bench: Bench, account: RmmAccount) -> None:
    bench.fault("status", bench.rig.devices_path, status=429, retry_after=3600)
    begun = time.monotonic()
    readings = account.read(bench.bindings()).values()
    assert time.monotonic() - begun < PATIENCE_S
    assert not any(reading.coverage.covers("devices") for reading in readings)


@pytest.mark.parametrize("kind", FAULTS)
def test_unreadable_fleet_is_said_to_be_unread(
    bench: Bench, account: RmmAccount, kind: str
) -> None:
    bench.fault(kind, bench.rig.devices_path)
    readings = account.read(bench.bindings())
    assert set(readings) == {binding.organisation for binding in bench.bindings()}
    for reading in readings.values():
        assert not reading.coverage.covers("devices")
        assert reading.coverage.unread[0].since == reading.observed_at
        assert reading.devices == ()


@pytest.mark.parametrize("kind", FAULTS)
def test_passing_fault_costs_nothing(bench: Bench, account: RmmAccount, kind: str) -> None:
    whole = _facts(bench.account().read(bench.bindings()).values())
    bench.fault(kind, count=1)
    readings = account.read(bench.bindings()).values()
    assert all(reading.coverage.complete for reading in readings)
    assert _facts(readings) == whole


def test_half_an_estate_is_not_shown_as_a_whole_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_pages(bench)
    bench.rig.shrink_pages(monkeypatch)
    bench.wire.intercept = _fails_from(bench.rig.devices_path, page=2)
    readings = bench.account().read(bench.bindings()).values()
    assert all(reading.devices == () for reading in readings)
    assert not any(reading.coverage.covers("devices") for reading in readings)


def test_answer_lost_between_two_pages_loses_no_rows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_pages(bench)
    whole = _facts(bench.account().read(bench.bindings()).values())
    bench.rig.shrink_pages(monkeypatch)
    bench.wire.sent.clear()
    lost: list[str] = []

    def lose(request: web.Request, before: int) -> bool:
        second = before == 1 and request.path != bench.rig.token_path
        lost.extend([request.path] if second else [])
        return second

    bench.wire.lose = lose
    readings = bench.account().read(bench.bindings()).values()
    assert bench.rig.devices_path in lost
    assert all(reading.coverage.complete for reading in readings)
    assert _facts(readings) == whole


def _needs_pages(bench: Bench) -> None:
    if not bench.rig.pages:
        pytest.skip(f"{bench.rig.key} has lists without pages")


def _fails_from(path: str, *, page: int) -> Callable[[web.Request, int], web.Response | None]:
    def intercept(request: web.Request, before: int) -> web.Response | None:
        late = request.path == path and before >= page
        return web.json_response({"error": "x"}, status=503) if late else None

    return intercept


def test_unknown_status_words_are_unknown(bench: Bench) -> None:
    bench.wire.rewrite = bench.rig.strange
    readings = bench.account().read(bench.bindings()).values()
    states = {patch.state for reading in readings for patch in reading.patches}
    counts = {d.counts.status for reading in readings for d in reading.devices if d.counts}
    assert PatchState.UNKNOWN in states or CountStatus.UNKNOWN in counts
    assert PatchState.APPROVED not in states
    assert CountStatus.MISSING not in counts


def test_silent_devices_are_not_known_to_be_clean(bench: Bench, account: RmmAccount) -> None:
    """Offline, never scanned, without a policy: that such a device lists nothing does not make it clean."""
    readings = account.read(bench.bindings())
    for company in bench.companies:
        reading = readings[bench.rig.organisation(company)]
        silent = {
            bench.device_id(d)
            for d in company.devices
            if not d.online or d.last_scan is None or not d.patch_policy
        }
        listed = {p.device_id for p in reading.patches if p.state is not PatchState.INSTALLED}
        assert silent - listed
        assert not (silent - listed) & reading.rows_known_for
