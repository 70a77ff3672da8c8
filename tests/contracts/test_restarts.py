"""Restarts through every vendor that has a call for them: once, read back, and never by mistake."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.domain.remediation import Action, Job, JobKind, JobState, Plan, RequestState, StepState
from core.errors import OutcomeUnknown, VendorBusy, VendorError
from core.ports import Truth
from integrations.rmm import VENDORS
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import REQUEST, Bench, Serve
from tests.contracts.vendor_desk import Desk, Killed, KilledError
from tests.contracts.vendor_rigs import RIGS
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import willing

_ABLE = {vendor.key for vendor in VENDORS if vendor.capabilities.reboot}
_TELLING = {rig.key for rig in RIGS if rig.tells_owed}
_ALLOWED = {rig.key for rig in RIGS if "may_restart" in rig.to_act}
#: Those whose restart is a run of the update script.
_BY_SCRIPT = {v.key for v in VENDORS if v.capabilities.reboot and v.capabilities.script_rows}
_ACTING = {vendor.key for vendor in VENDORS if vendor.capabilities.install}


@pytest.fixture
def bench(
    request: pytest.FixtureRequest,
    serve_tls: Serve,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    rig = next(rig for rig in RIGS if rig.key == request.param)
    made = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> RmmAccount:
    return bench.account()


@pytest.fixture
def target(bench: Bench) -> tuple[Company, Device]:
    """An online device that waits for a restart."""
    return bench.pick(lambda device: device.online and device.reboot_needed)


restarting = pytest.mark.parametrize("bench", sorted(_ABLE), indirect=True)


@restarting
def test_a_preview_tells_who_waits_for_a_restart(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    other = next(d for d in company.devices if d.online and not d.reboot_needed)
    ids = [bench.device_id(d) for d in (device, other)]
    previews = account.preview(bench.client(company), JobKind.RESTART, ids)
    told = [Fact.YES, Fact.NO] if bench.rig.tells_owed else [Fact.UNKNOWN, Fact.UNKNOWN]
    assert [previews[item].reboot_needed for item in ids] == told
    assert previews[ids[0]].online is Fact.YES


@pytest.mark.parametrize("bench", sorted(_ABLE & _TELLING), indirect=True)
def test_a_device_that_waits_no_more_is_left_alone(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = _plan(bench, account, company, device)
    ids = [bench.device_id(device)]
    assert account.recheck(bench.client(company), plan, ids).gone == {}
    account.dispatch(bench.client(company), bench.job(plan, account), REQUEST)
    bench.world.clock.advance(60)
    assert set(account.recheck(bench.client(company), plan, ids).gone) == set(ids)


@restarting
def test_a_restart_runs_to_its_verified_end(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = _plan(bench, account, company, device)
    job = bench.job(plan, account)
    account.dispatch(bench.client(company), job, REQUEST)
    assert _verdict(bench, account, company, job, plan).state is StepState.DONE

    states = _followed(bench, account, company, job)
    assert states[-1] is JobState.DONE
    assert JobState.RUNNING in states  # it was away
    assert _verdict(bench, account, company, job, plan).state is StepState.VERIFIED
    assert device.online
    assert not device.reboot_needed
    assert len(bench.effects(bench.rig.restart_effect)) == 1


@restarting
@pytest.mark.parametrize("kind", ["drop_after", "garbage"])
def test_a_lost_answer_ends_unknown_and_is_verified_later(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device], kind: str
) -> None:
    company, device = target
    plan = _plan(bench, account, company, device)
    job = bench.job(plan, account)
    bench.fault(kind, bench.rig.restart_path)
    with pytest.raises(OutcomeUnknown):
        account.dispatch(bench.client(company), job, REQUEST)
    assert account.reconcile(bench.client(company), job, REQUEST).truth is not Truth.NOT_SENT
    _followed(bench, account, company, job)
    assert _verdict(bench, account, company, job, plan).state is StepState.VERIFIED
    assert len(bench.effects(bench.rig.restart_effect)) == 1


@restarting
def test_a_call_that_never_arrived_is_neither_sent_nor_verified(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = _plan(bench, account, company, device)
    job = bench.job(plan, account)
    bench.fault("drop_before", bench.rig.restart_path)
    with pytest.raises(OutcomeUnknown):
        account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(600)
    assert account.reconcile(bench.client(company), job, REQUEST).truth is not Truth.SENT
    assert account.follow(bench.client(company), job).state is JobState.DISPATCHED
    assert _verdict(bench, account, company, job, plan).state is StepState.DONE
    assert bench.effects(bench.rig.restart_effect) == []


@restarting
def test_a_busy_trigger_is_not_repeated(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    job = bench.job(_plan(bench, account, company, device), account)
    bench.fault("status", bench.rig.restart_path, status=429, retry_after=1)
    with pytest.raises(VendorBusy):
        account.dispatch(bench.client(company), job, REQUEST)
    assert bench.effects(bench.rig.restart_effect) == []


@restarting
def test_an_account_that_only_reads_restarts_nothing(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    company, device = target
    reader = bench.account(bench.rig.read_only)
    assert not reader.capabilities.reboot
    with pytest.raises(VendorError):
        reader.dispatch(bench.client(company), _job(bench, company, device), REQUEST)
    assert bench.effects(bench.rig.restart_effect) == []


@pytest.mark.parametrize("bench", sorted(_ALLOWED), indirect=True)
def test_who_may_install_may_not_restart_by_that(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    company, device = target
    installer = bench.account({**bench.rig.settings, "may_restart": False})
    assert installer.capabilities.install
    assert not installer.capabilities.reboot
    with pytest.raises(VendorError):
        installer.dispatch(bench.client(company), _job(bench, company, device), REQUEST)
    assert bench.effects(bench.rig.restart_effect) == []


@pytest.mark.parametrize("bench", sorted(_BY_SCRIPT), indirect=True)
def test_a_script_of_another_version_is_not_believed_but_the_device_is(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan = _plan(bench, account, company, device)
    job = bench.job(plan, account)
    bench.wire.rewrite = {'\\"version\\":\\"2.1.0\\"': '\\"version\\":\\"9.9.9\\"'}
    sent = account.dispatch(bench.client(company), job, REQUEST)
    job = replace(job, state=sent.state, reference=sent.reference)
    bench.world.clock.advance(4)
    assert _verdict(bench, account, company, job, plan).state is StepState.UNKNOWN
    bench.world.clock.advance(30)
    assert _verdict(bench, account, company, job, plan).state is StepState.VERIFIED


@pytest.mark.parametrize("bench", sorted(_BY_SCRIPT), indirect=True)
def test_a_script_that_refuses_to_restart_fails_the_job(
    bench: Bench,
    account: RmmAccount,
    target: tuple[Company, Device],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As every script before version 2.1.0 does."""
    company, device = target
    job = bench.job(_plan(bench, account, company, device), account)
    monkeypatch.setattr("sandbox.rmm.update_script._MODES", ("scan", "install"))
    sent = account.dispatch(bench.client(company), job, REQUEST)
    job = replace(job, state=sent.state, reference=sent.reference)
    assert _followed(bench, account, company, job)[-1] is JobState.FAILED
    assert device.reboot_needed


@restarting
def test_an_approved_restart_is_ordered_once_though_the_process_dies_in_the_call(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    desk = Desk.approved(bench, company, device, _plan(bench, account, company, device))
    with pytest.raises(KilledError):
        desk.advance(Killed(account), 5)
    desk.restart()
    (step,) = desk.advance(account, 30).steps
    assert step.state is StepState.VERIFIED
    assert len(bench.effects(bench.rig.restart_effect)) == 1


@restarting
def test_a_restart_that_nobody_can_tell_of_waits_for_a_person(
    bench: Bench, account: RmmAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    desk = Desk.approved(bench, company, device, _plan(bench, account, company, device))
    bench.fault("drop_before", bench.rig.restart_path, count=1)
    assert desk.advance(account, 30).state is RequestState.NEEDS_PERSON
    assert bench.effects(bench.rig.restart_effect) == []


@pytest.mark.parametrize("bench", sorted(_ACTING - _ABLE), indirect=True)
def test_a_vendor_without_the_call_does_nothing_in_its_place(
    bench: Bench, account: RmmAccount
) -> None:
    """A request may outlive the vendor it was made for; a restart must never end as a scan."""
    company, device = bench.pick(willing)
    with pytest.raises(VendorError):
        account.dispatch(bench.client(company), _job(bench, company, device), REQUEST)
    assert bench.world.effects.rows(bench.rig.key) == []


def _plan(bench: Bench, account: RmmAccount, company: Company, device: Device) -> Plan:
    return replace(bench.plan(account, company, device, scan=True), action=Action.RESTART_DEVICES)


def _job(bench: Bench, company: Company, device: Device) -> Job:
    return Job(
        id=f"{REQUEST}-1",  # type: ignore[arg-type]
        kind=JobKind.RESTART,
        account="main",
        client=bench.client(company).key,
        targets=(DeviceId(bench.device_id(device)),),
        dispatched_at=bench.world.clock.now(),
    )


def _followed(bench: Bench, account: RmmAccount, company: Company, job: Job) -> list[JobState]:
    states: list[JobState] = []
    for _ in range(60):
        states.append(account.follow(bench.client(company), job).state)
        if states[-1].final:
            break
        bench.world.clock.advance(0.5)
    return states


def _verdict(
    bench: Bench, account: RmmAccount, company: Company, job: Job, plan: Plan
) -> StepResult:
    (result,) = account.verify(bench.client(company), job, plan)
    return result
