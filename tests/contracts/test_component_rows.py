"""RMMs that only count list updates one by one once our script has run: the same promises for each of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from core.domain.patching import PatchState, RmmReading
from core.domain.remediation import Job, JobId, Plan, StepState
from integrations.rmm import VENDORS
from integrations.rmm.listings import KeepsListings
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs import RIGS
from tests.contracts.vendor_rigs.rig import Rig
from tests.fakes.memory_store import MemoryStore
from tests.sandbox.rmm_desk import missing, need_no_restart, willing
from tests.storage.making import SetClock

LONG_S = 30.0
_KEYS = {vendor.key for vendor in VENDORS if vendor.capabilities.script_rows}
SCRIPTED = [rig for rig in RIGS if rig.key in _KEYS]


@pytest.fixture(params=SCRIPTED, ids=lambda rig: rig.key)
def bench(
    request: pytest.FixtureRequest, serve_tls: Callable[[web.Application], str], ca_file: Path
) -> Iterator[Bench]:
    rig: Rig = request.param
    made = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> RmmAccount:
    made = bench.account()
    assert isinstance(made, KeepsListings)
    kept: RmmAccount = made.keeping(MemoryStore(SetClock()).listings)
    return kept


def carried_out(
    bench: Bench, account: RmmAccount, company: Company, plan: Plan, job: Job
) -> tuple[StepState, str]:
    report = account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(LONG_S)
    job = replace(job, reference=report.reference)
    (result,) = account.verify(bench.client(company), job, plan)
    return result.state, result.reason


def read(bench: Bench, account: RmmAccount, company: Company) -> RmmReading:
    binding = bench.binding(company)
    return account.read([binding])[binding.organisation]


def test_scan_turns_counts_into_rows(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(willing)
    ours = bench.device_id(device)
    assert read(bench, account, company).rows_known_for == frozenset()
    plan = bench.plan(account, company, device, scan=True)
    job = bench.job(plan, account)
    assert carried_out(bench, account, company, plan, job)[0] is StepState.VERIFIED
    reading = read(bench, account, company)
    assert reading.rows_known_for == {ours}
    (wanted,) = missing(device)
    row = next(patch for patch in reading.patches if patch.kb == wanted.kb)
    assert (row.title, row.released, row.state) == (
        wanted.title,
        wanted.released,
        PatchState.APPROVED,
    )
    listed = next(item for item in reading.devices if item.id == ours)
    assert listed.counts is not None
    assert listed.last_scan is not None
    assert bench.world.clock.now() - listed.last_scan < bench.world.clock.now() - device.last_boot


def test_install_renews_the_rows(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(willing)
    need_no_restart(device)
    (wanted,) = missing(device)
    plan = bench.plan(account, company, device)
    state, _ = carried_out(bench, account, company, plan, bench.job(plan, account))
    assert state is StepState.VERIFIED
    states = {patch.kb: patch.state for patch in read(bench, account, company).patches}
    assert states[wanted.kb] is PatchState.INSTALLED


def test_output_of_another_version_lists_nothing(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(willing)
    plan = bench.plan(account, company, device, scan=True)
    bench.wire.rewrite = {'\\"version\\":\\"2.1.0\\"': '\\"version\\":\\"3.0.0\\"'}
    state, reason = carried_out(bench, account, company, plan, bench.job(plan, account))
    assert (state, "version" in reason) == (StepState.UNKNOWN, True)
    assert read(bench, account, company).rows_known_for == frozenset()


def test_listed_updates_are_installed_and_no_others(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(willing)
    need_no_restart(device)
    (wanted,) = missing(device)
    scan = bench.plan(account, company, device, scan=True)
    carried_out(bench, account, company, scan, bench.job(scan, account))
    plan = bench.plan(account, company, device)
    (target,) = plan.targets
    assert wanted.kb in target.chosen
    assert target.count == len(target.chosen)
    others = [u for u in device.updates if u.state == "pending" and u.kb not in target.chosen]
    for update in others:
        update.state = "approved"
    client = bench.client(company)
    assert account.recheck(client, plan, [target.id]).wider is None
    job = replace(bench.job(plan, account), id=JobId(f"{REQUEST}-2"))
    carried_out(bench, account, company, plan, job)
    assert wanted.state == "installed"
    assert {update.state for update in others} <= {"approved"}
    effect = bench.effects()[-1]
    assert ",".join(target.chosen) in str(effect)
