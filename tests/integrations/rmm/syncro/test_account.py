"""What Syncro's API tells and what not, and what becomes of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.patching import PatchState, RmmReading
from core.domain.remediation import Job, JobId, JobKind
from core.errors import VendorNotFound, VendorRefused
from integrations.rmm import syncro
from integrations.rmm.syncro.account import SyncroAccount
from integrations.rmm.syncro.settings import SyncroSettings
from sandbox.estate.model import Device
from sandbox.rmm.syncro import ADMIN_API_TOKEN, LIMITED_API_TOKEN
from sandbox.rmm.syncro.evaluations import on_windows
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.syncro import RIG
from tests.sandbox.rmm_desk import make_world, missing
from tests.storage.making import SetClock


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()


def account(bench: Bench, **more: Any) -> SyncroAccount:
    made = bench.account({**bench.rig.settings, **more})
    assert isinstance(made, SyncroAccount)
    return made


def read(bench: Bench, **more: Any) -> RmmReading:
    (reading,) = account(bench, **more).read(bench.bindings()).values()
    return reading


def devices(bench: Bench) -> list[Device]:
    (company,) = bench.companies
    return company.devices


def patches_asked(bench: Bench) -> list[str]:
    return [item.path.split("/")[-2] for item in bench.wire.sent if item.path.endswith("/patches")]


def test_every_windows_machine_is_asked_once_and_nothing_else_is(bench: Bench) -> None:
    reading = read(bench)
    assert sorted(patches_asked(bench)) == sorted(
        str(d.number) for d in devices(bench) if on_windows(d)
    )
    # A page of customers, and the pages of the assets with a printer among them.
    pages = 1 + -(-(len(devices(bench)) + 1) // 25)
    assert len(bench.wire.sent) == len(patches_asked(bench)) + pages
    assert {patch.state for patch in reading.patches} == {
        PatchState.PENDING,
        PatchState.FAILED,
        PatchState.REJECTED,
        PatchState.INSTALLED,
    }


def test_last_scan_is_told_by_what_is_missing_alone_unless_the_sync_is_trusted(
    bench: Bench,
) -> None:
    lacking = {
        bench.device_id(d)
        for d in devices(bench)
        if any(u.state in ("approved", "pending") and u.kind != "third_party" for u in d.updates)
        and d.last_scan is not None
        and d.patch_policy
        and on_windows(d)
    }
    plain = read(bench)
    assert {device.id for device in plain.devices if device.last_scan} == lacking
    trusted = read(bench, trust_sync=True)
    scanned = {device.id for device in trusted.devices if device.last_scan}
    assert scanned > lacking
    never = {bench.device_id(d) for d in devices(bench) if d.last_scan is None}
    assert not never & scanned


def test_device_that_was_never_evaluated_is_not_known(bench: Bench) -> None:
    never = {bench.device_id(d) for d in devices(bench) if d.last_scan is None}
    reading = read(bench, trust_sync=True)
    assert never
    assert not never & reading.rows_known_for


def test_how_long_a_sync_makes_a_device_online_is_a_setting(bench: Bench) -> None:
    strict = {d.id for d in read(bench, online_minutes=1).devices if d.online is Fact.YES}
    ample = {d.id for d in read(bench).devices if d.online is Fact.YES}
    assert strict < ample
    assert ample == {bench.device_id(d) for d in devices(bench) if d.online}


def test_token_that_may_not_see_assets_says_so(bench: Bench) -> None:
    reading = read(bench, api_token=SecretStr(LIMITED_API_TOKEN))
    assert (reading.devices, reading.coverage.covers("devices")) == ((), False)
    proof = account(bench, api_token=SecretStr(LIMITED_API_TOKEN)).prove(bench.bindings())
    assert proof.problem is not None


def test_patches_that_may_not_be_read_leave_devices_shown_and_unread(bench: Bench) -> None:
    bench.fault("status", "*/patches", status=403)
    reading = read(bench)
    assert reading.devices
    assert not reading.coverage.covers("missing patches")
    assert (reading.patches, reading.rows_known_for) == ((), frozenset())
    proof = account(bench).prove(bench.bindings())
    (lacking,) = [item for item in proof.permissions if item.present is Fact.NO and item.needed]
    assert lacking.name == "Assets - List/Search"


def test_device_deleted_since_the_list_is_no_failure(bench: Bench) -> None:
    gone = next(d for d in devices(bench) if any(missing(d)) and d.online)
    bench.fault("status", f"*/{gone.number}/patches", status=404)
    reading = read(bench)
    assert reading.coverage.complete
    assert bench.device_id(gone) not in reading.rows_known_for


def test_administrators_token_is_more_than_needed(bench: Bench) -> None:
    proof = account(bench, api_token=SecretStr(ADMIN_API_TOKEN)).prove(bench.bindings())
    (more,) = [item for item in proof.permissions if not item.needed]
    assert (more.name, more.present) == ("administrator", Fact.YES)
    bench.fault("status", "/api/v1/me", status=403)
    untold = account(bench).prove(bench.bindings())
    assert [p.present for p in untold.permissions if not p.needed] == [Fact.UNKNOWN]


@pytest.mark.parametrize("meta", [None, {}, {"total_pages": "2"}])
def test_list_that_does_not_say_how_long_it_is_is_not_read(bench: Bench, meta: Any) -> None:
    def endless(request: web.Request, before: int) -> web.Response | None:
        asked = request.path == bench.rig.devices_path
        return web.json_response({"assets": [], "meta": meta}) if asked else None

    bench.wire.intercept = endless
    assert not read(bench).coverage.covers("devices")


@pytest.mark.parametrize("path", ["/api/v1/customers", "/api/v1/customer_assets"])
def test_list_that_moved_while_it_was_read_is_not_shown_as_whole(bench: Bench, path: str) -> None:
    row = {"id": 7, "customer_id": 7}
    body = {"meta": {"total_pages": 2, "total_entries": 2}, "customers": [row], "assets": [row]}

    def moved(request: web.Request, before: int) -> web.Response | None:
        return web.json_response(body) if request.path == path else None

    bench.wire.intercept = moved
    reading = read(bench)
    assert "Only 1 of 2" in reading.coverage.unread[0].reason


def test_device_whose_patches_are_not_all_delivered_is_not_known(bench: Bench) -> None:
    body = {
        "installed_patches": [{"title": "x", "status": "Recently Installed"}],
        "available_patches": [{"title": "y", "status": "Missing Patches"}],
        "available_patches_meta": {"total_pages": 1, "total_entries": 2},
    }

    def short(request: web.Request, before: int) -> web.Response | None:
        return web.json_response(body) if request.path.endswith("/patches") else None

    bench.wire.intercept = short
    reading = read(bench)
    assert (reading.rows_known_for, reading.patches) == (frozenset(), ())
    assert not reading.coverage.covers("missing patches")


def test_limit_is_waited_for(bench: Bench) -> None:
    bench.fault("status", "*/patches", status=429, retry_after=0.1, count=1)
    assert read(bench).coverage.complete


# Nothing to act with.


def client_of(bench: Bench) -> Client:
    return bench.client(bench.companies[0])


def test_preview_names_the_clients_devices_and_counts_nothing(bench: Bench) -> None:
    made, device = account(bench), devices(bench)[0]
    wanted = bench.device_id(device)
    shown = made.preview(client_of(bench), JobKind.INSTALL, [wanted])[wanted]
    assert (shown.name, shown.count, shown.patch_keys) == (device.name, None, None)
    with pytest.raises(VendorNotFound):
        made.preview(client_of(bench), JobKind.INSTALL, [type(wanted)("other:7")])


def test_whatever_is_asked_to_be_done_is_refused_in_words(bench: Bench) -> None:
    made = account(bench)
    plan = bench.plan(made, bench.companies[0], devices(bench)[0])
    client, job = client_of(bench), bench_job(bench)
    for ask in (
        lambda: made.recheck(client, plan, []),
        lambda: made.mark(client, job),
        lambda: made.dispatch(client, job, REQUEST),
        lambda: made.follow(client, job),
        lambda: made.verify(client, job, plan),
        lambda: made.reconcile(client, job, REQUEST),
    ):
        with pytest.raises(VendorRefused, match="can scan and install nothing"):
            ask()
    assert not made.capabilities.install
    assert not made.capabilities.scan


def bench_job(bench: Bench) -> Job:
    target = bench.device_id(devices(bench)[0])
    return Job(
        id=JobId("R4K7Q-1"), kind=JobKind.INSTALL, account="main",
        client=client_of(bench).key, targets=(target,),
    )  # fmt: skip


# Settings.

SETTINGS: dict[str, Any] = {
    "base_url": "https://example.syncromsp.com",
    "api_token": SecretStr("hidden"),
}


def test_syncro_can_only_be_read() -> None:
    made = syncro.connect("s", SyncroSettings(**SETTINGS), clock=SetClock())
    assert made.capabilities.patch_rows
    assert made.online_for == timedelta(minutes=15)
    assert "hidden" not in repr(SyncroSettings(**SETTINGS))


@pytest.mark.parametrize(
    "wrong", [{"online_minutes": 0}, {"requests_per_minute": 0}, {"install": True}]
)
def test_syncro_takes_no_setting_it_cannot_use(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SyncroSettings(**{**SETTINGS, **wrong})
