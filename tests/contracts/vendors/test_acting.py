"""What was approved is what runs at every vendor, once, and reading back tells what became of it."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.remediation import Job, JobKind, JobState, StepState
from core.errors import OutcomeUnknown, VendorBusy, VendorError
from core.ports import Truth
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import ACCOUNT, REQUEST, Bench
from tests.contracts.vendors.driving import (
    dispatched,
    ever_verified,
    followed,
    last_report,
    read_back,
)
from tests.sandbox.rmm_desk import missing, willing


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
    plan, job = dispatched(bench, acting, company, device)
    states = followed(bench, acting, company, job)
    assert states[-1] is JobState.DONE
    assert set(states[:-1]) <= {JobState.DISPATCHED, JobState.RUNNING}
    assert JobState.RUNNING in states
    result = read_back(bench, acting, company, job, plan)
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
    assert followed(bench, acting, company, job)[-1] is JobState.DONE
    assert read_back(bench, acting, company, job, plan).state is StepState.VERIFIED
    assert list(missing(device))


def test_failed_updates_are_named_and_not_verified(bench: Bench, acting: RmmAccount) -> None:
    company, device = bench.pick(willing)
    for update in missing(device):
        update.fails = True
    failing = next(missing(device))
    plan, job = dispatched(bench, acting, company, device)
    report = last_report(bench, acting, company, job)
    result = read_back(bench, acting, company, job, plan)
    assert result.state is StepState.NOT_VERIFIED
    assert failing.kb is not None
    assert failing.kb in result.reason
    assert report.state in (JobState.DONE, JobState.FAILED)


def test_restart_that_is_owed_is_said(bench: Bench, acting: RmmAccount) -> None:
    company, device = bench.pick(willing)
    device.user = "somebody"
    plan, job = dispatched(bench, acting, company, device)
    followed(bench, acting, company, job)
    result = read_back(bench, acting, company, job, plan)
    assert (result.state, result.reason) == (StepState.NOT_VERIFIED, "restart owed")


def test_device_that_went_offline_is_not_called_verified(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = dispatched(bench, acting, company, device)
    followed(bench, acting, company, job)
    device.online = False
    (result,) = acting.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE
    assert result.reason


def test_nothing_is_verified_before_anything_was_done(
    bench: Bench, acting: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = dispatched(bench, acting, company, device)
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
        assert followed(bench, acting, company, job)[-1] is JobState.DONE
    # Unknown ends by later evidence, too: the source is read back all the same.
    assert ever_verified(bench, acting, company, job, plan)
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
