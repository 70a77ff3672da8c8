"""One suite of promises for every RMM vendor, kept against its stand-in."""

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import CountStatus, PatchState, RebootControl
from core.domain.remediation import Action, Job, JobKind, JobState, Plan, StepState
from core.errors import OutcomeUnknown, VendorAuthError, VendorBusy, VendorError
from core.ports import Truth
from integrations.http import Http
from integrations.http.pace import _BEHIND
from integrations.rmm import VENDORS
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import ACCOUNT, REQUEST, Bench, Serve
from tests.contracts.vendor_rigs import RIGS
from tests.contracts.vendor_rigs.rig import Rig
from tests.contracts.vendor_wire import check_described
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import missing, willing
from tests.sandbox.rmm_specs import needs_specs

FAULTS = ("status", "drop_before", "drop_after", "truncate", "garbage", "html")


@pytest.fixture(params=RIGS, ids=lambda rig: rig.key)
def rig(request: pytest.FixtureRequest) -> Rig:
    chosen: Rig = request.param
    return chosen


@pytest.fixture
def bench(
    rig: Rig, serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    made = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> RmmAccount:
    return bench.account()


@pytest.fixture
def acting(bench: Bench) -> RmmAccount:
    """An account that may act; vendors that cannot are exempt."""
    account = bench.account()
    if not account.capabilities.install:
        pytest.skip(f"{account.vendor_name} installs nothing")
    return account


def test_every_vendor_has_a_stand_in_and_a_rig() -> None:
    assert {vendor.key for vendor in VENDORS} == {rig.key for rig in RIGS}


# Reading.


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
    assert time.monotonic() - begun < 5
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


# Acting.


@pytest.fixture
def target(bench: Bench, acting: RmmAccount) -> tuple[Company, Device]:
    """A device that will install its update. Where a restart is ours to decide none is made: none is needed."""
    company, device = bench.pick(willing)
    if acting.capabilities.reboot_control is RebootControl.OURS:
        for update in missing(device):
            update.needs_reboot = False
    return company, device


def test_preview_counts_what_is_approved(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    preview = acting.preview(bench.client(company), JobKind.INSTALL, [bench.device_id(device)])[
        bench.device_id(device)
    ]
    approved = [u for u in device.updates if u.state in bench.rig.previewed]
    count = sum(u.kind not in ("definition", "third_party") for u in approved)
    assert preview.count == (count if bench.rig.counts else None)
    assert preview.online is Fact.YES
    assert preview.name == device.name


def test_device_of_another_client_is_not_ours_to_touch(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    elsewhere = replace(bench.binding(company), organisation="424242")
    client = replace(bench.client(company), rmm=(elsewhere,))
    assert acting.preview(client, JobKind.INSTALL, [bench.device_id(device)]) == {}
    plan = bench.plan(acting, company, device)
    assert set(acting.recheck(client, plan, [bench.device_id(device)]).gone) == {
        bench.device_id(device)
    }


def test_recheck_of_an_unchanged_plan_finds_nothing(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = bench.plan(acting, company, device)
    recheck = acting.recheck(bench.client(company), plan, [plan.targets[0].id])
    assert (dict(recheck.gone), recheck.offline, recheck.wider) == ({}, frozenset(), None)


def test_recheck_names_what_is_offline(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = bench.plan(acting, company, device)
    device.online = False
    assert acting.recheck(bench.client(company), plan, [plan.targets[0].id]).offline == {
        plan.targets[0].id
    }


def test_more_approved_since_makes_the_plan_wider(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    if not bench.rig.counts:
        pytest.skip(f"{acting.vendor_name} does not tell how much an install would take")
    company, device = target
    plan = bench.plan(acting, company, device)
    for update in [u for u in device.updates if u.kind in ("dotnet", "security")][:3]:
        update.state = "approved"
    bench.rescan(acting, company, device)
    wider = acting.recheck(bench.client(company), plan, [plan.targets[0].id]).wider
    if plan.targets[0].chosen:
        # Such a plan takes what it names, whatever was approved since.
        assert wider is None
        return
    assert wider is not None
    assert "approved" in wider


def test_install_runs_to_its_verified_end(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = _dispatched(bench, acting, company, device)
    states = _followed(bench, acting, company, job)
    assert states[-1] is JobState.DONE
    assert set(states[:-1]) <= {JobState.DISPATCHED, JobState.RUNNING}
    assert JobState.RUNNING in states
    result = _read_back(bench, acting, company, job, plan)
    assert (result.state, result.target) == (StepState.VERIFIED, plan.targets[0].id)
    assert not list(missing(device))
    assert len(bench.effects()) == 1


def test_scan_runs_to_its_verified_end(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    if not acting.capabilities.scan:
        pytest.skip(f"{acting.vendor_name} cannot be told to scan")
    if not bench.rig.scan_shows:
        pytest.skip(f"{acting.vendor_name} shows no trace of a scan that finds nothing new")
    company, device = target
    plan = bench.plan(acting, company, device, scan=True)
    job = bench.job(plan, acting)
    job = replace(job, reference=acting.dispatch(bench.client(company), job, REQUEST).reference)
    assert _followed(bench, acting, company, job)[-1] is JobState.DONE
    assert _read_back(bench, acting, company, job, plan).state is StepState.VERIFIED
    assert list(missing(device))


def test_failed_updates_are_named_and_not_verified(bench: Bench, acting: RmmAccount) -> None:
    company, device = bench.pick(willing)
    for update in missing(device):
        update.fails = True
    failing = next(missing(device))
    plan, job = _dispatched(bench, acting, company, device)
    report = _last_report(bench, acting, company, job)
    result = _read_back(bench, acting, company, job, plan)
    assert result.state is StepState.NOT_VERIFIED
    assert failing.kb is not None
    assert failing.kb in result.reason
    assert report.state in (JobState.DONE, JobState.FAILED)


def test_restart_that_is_owed_is_said(bench: Bench, acting: RmmAccount) -> None:
    company, device = bench.pick(willing)
    device.user = "somebody"
    plan, job = _dispatched(bench, acting, company, device)
    _followed(bench, acting, company, job)
    result = _read_back(bench, acting, company, job, plan)
    assert (result.state, result.reason) == (StepState.NOT_VERIFIED, "restart owed")


def test_device_that_went_offline_is_not_called_verified(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = _dispatched(bench, acting, company, device)
    _followed(bench, acting, company, job)
    device.online = False
    (result,) = acting.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE
    assert result.reason


def test_nothing_is_verified_before_anything_was_done(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = _dispatched(bench, acting, company, device)
    (result,) = acting.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "garbage", "html"])
def test_answer_lost_after_the_work_ends_in_the_truth_or_unknown(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device], kind: str
) -> None:
    company, device = target
    plan = bench.plan(acting, company, device)
    job = bench.job(plan, acting)
    if not _cut_off(bench, acting, company, job, kind):
        # Of an answer without a body, half is all of it.
        assert (kind, len(bench.effects())) == ("truncate", 1)
        return
    evidence = acting.reconcile(bench.client(company), job, REQUEST)
    assert evidence.truth in (Truth.SENT, Truth.UNKNOWN)
    assert evidence.detail
    assert len(bench.effects()) == 1
    if evidence.truth is Truth.SENT:
        assert _followed(bench, acting, company, job)[-1] is JobState.DONE
    # Unknown ends by later evidence, too: the source is read back all the same.
    assert _ever_verified(bench, acting, company, job, plan)
    assert len(bench.effects()) == 1


def _cut_off(bench: Bench, account: RmmAccount, company: Company, job: Job, kind: str) -> bool:
    """Dispatch into a fault; False where the vendor's answer is empty anyway and so survives it."""
    bench.fault(kind, bench.rig.install_path)
    try:
        account.dispatch(bench.client(company), job, REQUEST)
    except OutcomeUnknown:
        return True
    return False


@pytest.mark.parametrize(("kind", "status"), [("drop_before", None), ("status", 503)])
def test_call_that_never_arrived_is_not_said_to_be_sent(
    bench: Bench,
    acting: RmmAccount,
    target: tuple[Company, Device],
    kind: str,
    status: int | None,
) -> None:
    company, device = target
    plan = bench.plan(acting, company, device)
    job = bench.job(plan, acting)
    more = {} if status is None else {"status": status}
    bench.fault(kind, bench.rig.install_path, **more)
    with pytest.raises(OutcomeUnknown):
        acting.dispatch(bench.client(company), job, REQUEST)
    evidence = acting.reconcile(bench.client(company), job, REQUEST)
    assert evidence.truth is not Truth.SENT
    assert bench.effects() == []
    # Time passes, and still nobody sends it again.
    bench.world.clock.advance(3600)
    assert acting.reconcile(bench.client(company), job, REQUEST).truth is not Truth.SENT
    assert bench.effects() == []


def test_busy_trigger_was_not_carried_out_and_is_not_repeated(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    job = bench.job(bench.plan(acting, company, device), acting)
    bench.fault("status", bench.rig.install_path, status=429, retry_after=1)
    with pytest.raises(VendorBusy):
        acting.dispatch(bench.client(company), job, REQUEST)
    assert bench.effects() == []


def test_somebody_elses_run_is_never_taken_for_ours(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = bench.plan(acting, company, device)
    job = bench.job(plan, acting)
    bench.fault("drop_before", bench.rig.install_path, count=1)
    with pytest.raises(OutcomeUnknown):
        acting.dispatch(bench.client(company), job, REQUEST)
    theirs = replace(job, id=type(job.id)("OTHER-7"))
    acting.dispatch(bench.client(company), theirs, type(REQUEST)("OTHER"))
    bench.world.clock.advance(60)
    assert acting.reconcile(bench.client(company), job, REQUEST).truth is Truth.UNKNOWN


def test_job_for_a_device_of_another_account_is_refused(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    job = bench.job(bench.plan(acting, company, device), acting)
    elsewhere = replace(job, targets=(f"other:{bench.rig.device_key(device)}",))
    with pytest.raises(VendorError):
        acting.dispatch(bench.client(company), elsewhere, REQUEST)
    assert bench.effects() == []


def test_read_only_account_can_do_nothing(bench: Bench) -> None:
    reader = bench.account(bench.rig.read_only)
    assert not reader.capabilities.install
    assert not reader.capabilities.scan
    company, device = bench.pick(willing)
    target = bench.device_id(device)
    job = Job(
        id=bench_job_id(), kind=JobKind.INSTALL, account=ACCOUNT,
        client=bench.client(company).key, targets=(target,),
    )  # fmt: skip
    with pytest.raises(VendorError):
        reader.dispatch(bench.client(company), job, REQUEST)
    assert bench.effects() == []


def bench_job_id() -> Any:
    return f"{REQUEST}-1"


# Proving.


def test_proof_names_organisations_domains_and_permissions(
    bench: Bench, account: RmmAccount
) -> None:
    proof = account.prove(bench.bindings())
    assert proof.problem is None
    for company, shown in zip(bench.companies, proof.organisations, strict=True):
        assert shown.organisation == bench.rig.organisation(company)
        assert shown.name == company.rmm_name
        domain = company.devices[0].dns_domain if bench.rig.tells_domain else None
        assert shown.main_domain == domain
        assert shown.devices == len(company.devices)
    assert all(item.present is not Fact.NO for item in proof.permissions if item.needed)
    assert all(item.present is not Fact.YES for item in proof.permissions if not item.needed)


def test_proof_of_a_wrong_binding_has_no_name(bench: Bench, account: RmmAccount) -> None:
    wrong = replace(bench.bindings()[0], organisation="424242")
    assert [shown.name for shown in account.prove([wrong]).organisations] == [None]


def test_proof_says_what_is_wrong_and_what_to_do(bench: Bench) -> None:
    proof = bench.account(bench.rig.wrong_secret).prove(bench.bindings())
    assert proof.problem
    assert "secret" in proof.remedy


# Requests.


@needs_specs
def test_every_request_is_described_by_the_vendor(
    bench: Bench, acting: RmmAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bench.rig.spec is None:
        pytest.skip(f"{acting.vendor_name} publishes no description")
    bench.rig.shrink_pages(monkeypatch)
    company, device = bench.pick(willing)
    acting.read(bench.bindings())
    acting.prove(bench.bindings())
    plan, job = _dispatched(bench, acting, company, device)
    acting.recheck(bench.client(company), plan, [plan.targets[0].id])
    _followed(bench, acting, company, job)
    _read_back(bench, acting, company, job, plan)
    acting.reconcile(bench.client(company), job, REQUEST)
    for action in _beside_install(acting):
        other = bench.job(replace(plan, action=action), acting)
        acting.dispatch(bench.client(company), other, REQUEST)
    document = bench.rig.spec()
    sent = [item for item in bench.wire.sent if item.path != bench.rig.token_path]
    described = {check_described(document, item, bench.rig.prefix) for item in sent}
    assert len(described) >= 6


def test_scan_of_the_fleet_reads_nothing_per_device(bench: Bench, account: RmmAccount) -> None:
    if not bench.rig.by_fleet:
        pytest.skip(f"{account.vendor_name} has no call for the whole fleet")
    account.read(bench.bindings())
    assert not any("/device/" in item.path for item in bench.wire.sent)
    assert len(bench.wire.sent) <= 20


# Helpers.


def _beside_install(account: RmmAccount) -> Iterator[Action]:
    """What else the account can be told to do."""
    if account.capabilities.scan:
        yield Action.SCAN_PATCHES
    if account.capabilities.reboot:
        yield Action.RESTART_DEVICES


def _dispatched(
    bench: Bench, account: RmmAccount, company: Company, device: Device
) -> tuple[Plan, Job]:
    plan = bench.plan(account, company, device)
    job = bench.job(plan, account)
    report = account.dispatch(bench.client(company), job, REQUEST)
    assert report.state is JobState.DISPATCHED
    return plan, replace(job, state=report.state, reference=report.reference)


def _followed(bench: Bench, account: RmmAccount, company: Company, job: Job) -> list[JobState]:
    """The job's states, second by second, until it has ended."""
    states: list[JobState] = []
    for _ in range(60):
        report = account.follow(bench.client(company), job)
        job = replace(job, state=report.state)
        states.append(report.state)
        if report.state.final:
            break
        bench.world.clock.advance(0.5)
    return states


def _last_report(bench: Bench, account: RmmAccount, company: Company, job: Job) -> Any:
    _followed(bench, account, company, job)
    return account.follow(bench.client(company), job)


def _read_back(
    bench: Bench,
    account: RmmAccount,
    company: Company,
    job: Job,
    plan: Plan,
) -> StepResult:
    """What reading back ends with, given a minute."""
    for _ in range(30):
        (result,) = account.verify(bench.client(company), job, plan)
        if result.state is not StepState.DONE:
            break
        bench.world.clock.advance(2)
    return result


def _ever_verified(
    bench: Bench, account: RmmAccount, company: Company, job: Job, plan: Plan
) -> bool:
    """Whether reading back shows the work within a minute; of an unknown step, nothing else counts."""
    for _ in range(30):
        (result,) = account.verify(bench.client(company), job, plan)
        if result.state is StepState.VERIFIED:
            return True
        bench.world.clock.advance(2)
    return False
