"""Whole installs at NinjaOne's stand-in: both families in one job, and chosen updates by the script."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from core.domain.facts import Fact
from core.domain.patching import SYSTEM_ALONE, Family
from core.domain.remediation import Job, JobState, Plan, StepState
from core.errors import VendorNotFound
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from sandbox.rmm.ninjaone import UPDATE_SCRIPT_ID
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.ninjaone import RIG
from tests.contracts.vendor_rigs.rig import FEW
from tests.sandbox.rmm_desk import make_world, missing, need_no_restart, willing

WITH_SCRIPT = {**RIG.settings, "script_id": UPDATE_SCRIPT_ID}
LONG_S = 40


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key, workstations=FEW), serve_tls, ca_file)
    yield made
    made.close()


def pick(bench: Bench) -> tuple[Company, Device]:
    """A device that misses updates of both families, none of which needs a restart."""
    company, device = bench.pick(willing)
    titles = {update.title for update in device.updates}
    software = next(
        update
        for other in company.devices
        for update in other.updates
        if update.kind == "third_party" and update.title not in titles
    )
    device.updates.append(replace(software, state="approved", installed_at=None))
    need_no_restart(device)
    return company, device


def sent(bench: Bench, account: RmmAccount, company: Company, plan: Plan) -> Job:
    job = bench.job(plan, account)
    report = account.dispatch(bench.client(company), job, REQUEST)
    assert report.state is JobState.DISPATCHED
    return replace(job, state=report.state, reference=report.reference)


def kinds(bench: Bench) -> list[str]:
    return [row["kind"] for row in bench.world.effects.rows("ninjaone")]


def test_install_takes_what_is_approved_of_both_families(bench: Bench) -> None:
    (company, device), account = pick(bench), bench.account()
    plan = bench.plan(account, company, device)
    (target,) = plan.targets
    assert target.families == frozenset(Family)
    assert plan.digest != replace(plan, targets=(replace(target, families=SYSTEM_ALONE),)).digest
    client, job = bench.client(company), sent(bench, account, company, plan)
    (result,) = account.verify(client, job, plan)
    assert result.state is StepState.DONE
    assert "still missing: " in result.reason
    bench.world.clock.advance(LONG_S)
    assert account.follow(client, job).state is JobState.DONE
    (result,) = account.verify(client, job, plan)
    assert result.state is StepState.VERIFIED
    assert kinds(bench) == ["os_patch_apply", "software_patch_apply"]
    assert not list(missing(device, "third_party"))


def test_software_that_fails_is_named(bench: Bench) -> None:
    (company, device), account = pick(bench), bench.account()
    (software,) = missing(device, "third_party")
    software.fails = True
    plan = bench.plan(account, company, device)
    client, job = bench.client(company), sent(bench, account, company, plan)
    bench.world.clock.advance(LONG_S)
    (result,) = account.verify(client, job, plan)
    assert (result.state, result.reason) == (
        StepState.NOT_VERIFIED,
        f"failed: {software.title}",
    )


def test_software_that_is_approved_later_is_growth_only_where_it_would_be_installed(
    bench: Bench,
) -> None:
    (company, device), account = pick(bench), bench.account()
    later = list(missing(device, "third_party"))
    extra = [replace(later[0], id=f"extra-{n}", title=f"Tool {n}.0") for n in range(9)]
    whole = bench.plan(account, company, device)
    (target,) = whole.targets
    alone = replace(whole, targets=(replace(target, families=SYSTEM_ALONE),))
    device.updates += extra
    client = bench.client(company)
    wider = account.recheck(client, whole, [target.id]).wider
    assert wider is not None
    assert wider.startswith("9 updates were approved")
    assert account.recheck(client, alone, [target.id]).wider is None


def test_account_without_a_part_in_software_installs_the_systems_updates(bench: Bench) -> None:
    company, device = pick(bench)
    bench.fault("status", "*/queries/software-patches", status=403)
    (target,) = bench.plan(bench.account(), company, device).targets
    assert target.families == SYSTEM_ALONE
    assert target.count


def test_script_installs_exactly_what_was_approved_and_a_scan_shows_it(bench: Bench) -> None:
    (company, device), account = pick(bench), bench.account(WITH_SCRIPT)
    plan = bench.plan(account, company, device)
    (target,) = plan.targets
    assert target.chosen
    later = replace(next(missing(device)), id="later", kb="KB5999999", title="Later (KB5999999)")
    device.updates.append(later)
    client = bench.client(company)
    assert account.recheck(client, plan, [target.id]).wider is None
    job = sent(bench, account, company, plan)
    assert kinds(bench) == ["script_run", "software_patch_apply"]
    bench.world.clock.advance(LONG_S)
    assert account.follow(client, job).state is JobState.DONE
    bench.rescan(account, company, device)
    (result,) = account.verify(client, job, plan)
    assert result.state is StepState.VERIFIED
    assert later.state == "approved"


def test_script_whose_work_no_scan_has_shown_is_waited_for(bench: Bench) -> None:
    (company, device), account = pick(bench), bench.account(WITH_SCRIPT)
    device.updates = [update for update in device.updates if update.kind != "third_party"]
    plan = bench.plan(account, company, device)
    client, job = bench.client(company), sent(bench, account, company, plan)
    bench.world.clock.advance(LONG_S)
    (result,) = account.verify(client, job, plan)
    assert result.state is StepState.DONE
    assert result.reason.startswith("still missing: ")


def test_script_that_is_not_in_the_library_is_not_planned(bench: Bench) -> None:
    company, device = pick(bench)
    account = bench.account({**RIG.settings, "script_id": 999})
    with pytest.raises(VendorNotFound, match="no script 999"):
        bench.plan(account, company, device)
    permissions = {p.name: p.present for p in account.prove(bench.bindings()).permissions}
    assert permissions["script (999)"] is Fact.NO
    proof = bench.account(WITH_SCRIPT).prove(bench.bindings())
    assert Fact.YES in {
        p.present for p in proof.permissions if p.name == "script (gatehouse-updates)"
    }


def test_scan_looks_for_both_families_and_ends_with_the_systems(bench: Bench) -> None:
    (company, device), account = pick(bench), bench.account()
    plan = bench.plan(account, company, device, scan=True)
    client, job = bench.client(company), sent(bench, account, company, plan)
    assert job.reference == "system+software"
    assert kinds(bench) == ["os_patch_scan", "software_patch_scan"]
    assert account.verify(client, job, plan)[0].state is StepState.DONE
    bench.world.clock.advance(3)
    assert account.verify(client, job, plan)[0].state is StepState.VERIFIED
