"""Before a call, the call itself, and what reading back shows of an install or a scan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.remediation import Job, JobKind, JobState, Plan, StepState
from core.errors import VendorForbidden, VendorRefused
from core.ports import Truth
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from sandbox.rmm.tactical import ADMIN_API_KEY, BUS, agent_id
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.tactical import RIG
from tests.integrations.rmm.tactical.asking import is_mac, plan_and_job, sent
from tests.sandbox.rmm_desk import DAY_S, missing, willing


def test_preview_and_growth_know_what_the_policy_will_approve(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(willing)
    for update in missing(device):
        update.state = "rejected"
    bench.rescan(account, company, device)
    plan = bench.plan(account, company, device)
    before = plan.targets[0].count
    assert before is not None
    _edit_policy(bench, device, critical="approve")
    # Rows of superseded releases are approved with it; the run will find that they are.
    again = [u for u in device.updates if u.state == "superseded" and u.severity == "critical"]
    assert bench.plan(account, company, device).targets[0].count == before + 1 + len(again)
    wider = account.recheck(bench.client(company), plan, [plan.targets[0].id]).wider
    assert wider is not None


def _edit_policy(bench: Bench, device: Device, **fields: str) -> None:
    """As a technician would, in the product itself."""
    admin: Any = bench.account({**RIG.settings, "api_key": SecretStr(ADMIN_API_KEY)})
    policy = admin.api.agent(agent_id(device))["effective_patch_policy"]
    admin.api.http.send("PUT", f"automation/patchpolicy/{policy['id']}/", json=fields)


def test_what_an_agent_never_reported_is_not_a_count(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(lambda d: d.online and d.last_scan is None)
    preview = account.preview(bench.client(company), JobKind.INSTALL, [bench.device_id(device)])
    assert (
        preview[bench.device_id(device)].count,
        preview[bench.device_id(device)].patch_keys,
    ) == (
        None,
        None,
    )


def test_install_is_not_sent_where_an_agent_never_reported(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(lambda d: d.online and d.last_scan is None)
    plan, client = bench.plan(account, company, device), bench.client(company)
    target = plan.targets[0].id
    assert "have it scan first" in account.recheck(client, plan, [target]).gone[target]
    device.patch_policy = True
    bench.rescan(account, company, device)
    assert account.recheck(client, plan, [target]).gone == {}


def test_mac_has_nothing_to_install_and_refuses_in_its_vendors_words(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(is_mac)
    preview = account.preview(bench.client(company), JobKind.INSTALL, [bench.device_id(device)])
    assert preview[bench.device_id(device)].count == 0
    _, _, job = plan_and_job(bench, account, device, scan=True)
    with pytest.raises(VendorRefused, match="Not available for darwin"):
        account.dispatch(bench.client(company), job, REQUEST)


def test_agent_that_does_not_listen_is_offline_when_its_turn_comes(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(willing)
    plan = bench.plan(account, company, device)
    bench.fault("drop_before", f"{BUS}/*")
    recheck = account.recheck(bench.client(company), plan, [plan.targets[0].id])
    assert recheck.offline == {plan.targets[0].id}


def test_many_devices_are_not_all_asked_whether_they_listen(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(willing)
    other = next(d for d in company.devices if willing(d) and d is not device)
    plan = bench.plan(account, company, device, other)
    account.recheck(bench.client(company), plan, [target.id for target in plan.targets])
    assert not any("/ping/" in item.path for item in bench.wire.sent)


def test_key_that_may_not_ping_leaves_it_to_the_table(bench: Bench, account: RmmAccount) -> None:
    company, device = bench.pick(willing)
    plan = bench.plan(account, company, device)
    bench.wire.intercept = _answers("/ping/", 403, {"detail": "You do not have permission"})
    recheck = account.recheck(bench.client(company), plan, [plan.targets[0].id])
    assert recheck.offline == frozenset()


def _answers(ending: str, status: int, body: Any) -> Callable[[web.Request, int], Any]:
    def intercept(request: web.Request, before: int) -> web.Response | None:
        late = request.path.endswith(ending)
        return web.json_response(body, status=status) if late else None

    return intercept


@pytest.mark.parametrize("others", [0, 1])
def test_device_that_was_deleted_is_gone(bench: Bench, account: RmmAccount, others: int) -> None:
    company, device = bench.pick(willing)
    other = [d for d in company.devices if willing(d) and d is not device][:others]
    plan = bench.plan(account, company, device, *other)
    bench.wire.intercept = _answers(f"/{agent_id(device)}/", 404, {"detail": "No Agent"})
    if others:
        bench.wire.rewrite = {agent_id(device): "x" * 40}
    recheck = account.recheck(bench.client(company), plan, [t.id for t in plan.targets])
    assert set(recheck.gone) == {bench.device_id(device)}


def test_account_that_may_not_act_sends_nothing(bench: Bench) -> None:
    account = bench.account(RIG.read_only)
    company, device = bench.pick(willing)
    job = Job(
        id="R4K7Q-1", kind=JobKind.SCAN, account="main",  # type: ignore[arg-type]
        client=bench.client(company).key, targets=(bench.device_id(device),),
    )  # fmt: skip
    with pytest.raises(VendorForbidden, match="may_act"):
        account.dispatch(bench.client(company), job, REQUEST)
    assert bench.wire.sent == []


def test_order_that_is_redirected_was_not_carried_out_and_is_not_followed(
    bench: Bench, account: RmmAccount
) -> None:
    company, device = bench.pick(willing)
    _, _, job = plan_and_job(bench, account, device)

    def elsewhere(request: web.Request, _: int) -> web.Response | None:
        headers = {"Location": "https://rmm.example/"}
        return web.Response(status=301, headers=headers) if request.method == "POST" else None

    bench.wire.intercept = elsewhere
    with pytest.raises(VendorRefused) as caught:
        account.dispatch(bench.client(company), job, REQUEST)
    assert "base_url" in caught.value.remedy
    assert bench.effects() == []
    assert sum(item.method == "POST" for item in bench.wire.sent) == 1


def test_order_that_was_lost_on_the_bus_is_never_taken_for_done(
    bench: Bench, account: RmmAccount
) -> None:
    _, device = bench.pick(willing)
    company, plan, job = plan_and_job(bench, account, device)
    bench.fault("drop_before", f"{BUS}/*")
    job = sent(bench, account, company, job)
    assert job.state is JobState.DISPATCHED
    bench.world.clock.advance(3 * 3600)
    assert account.follow(bench.client(company), job).state is JobState.DISPATCHED
    (result,) = account.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE
    assert result.reason.startswith("still missing")
    evidence = account.reconcile(bench.client(company), job, REQUEST)
    assert evidence.truth is Truth.UNKNOWN
    assert evidence.detail.startswith("nothing has changed")


def test_run_is_followed_update_by_update(bench: Bench, account: RmmAccount) -> None:
    bench.world.pace = 1.0
    _, device = bench.pick(
        lambda d: willing(d) and sum(u.state == "approved" for u in d.updates) > 1
    )
    company, _, job = plan_and_job(bench, account, device)
    job = sent(bench, account, company, job)
    said = []
    for _ in range(20):
        bench.world.clock.advance(0.5)
        said.append(account.follow(bench.client(company), job))
    whole = len(job.mark)
    assert f"1 of {whole} updates are in" in [report.detail for report in said]
    assert said[-1].state is JobState.DONE
    assert said[-1].detail == f"{whole} of {whole} updates are in"


def test_nothing_is_verified_before_the_agents_word_on_a_restart(
    bench: Bench, account: RmmAccount
) -> None:
    bench.world.pace = 1.0
    _, device = bench.pick(willing)
    device.user = "somebody"
    company, plan, job = plan_and_job(bench, account, device)
    job = sent(bench, account, company, job)
    while account.follow(bench.client(company), job).state is not JobState.DONE:
        bench.world.clock.advance(0.1)
    # All is in, and nothing is known of a restart yet.
    (result,) = account.verify(bench.client(company), job, plan)
    assert (result.state, "restart" in result.reason) == (StepState.DONE, True)
    bench.world.clock.advance(60)
    (result,) = account.verify(bench.client(company), job, plan)
    assert (result.state, result.reason) == (StepState.NOT_VERIFIED, "restart owed")


def test_restart_that_the_policy_makes_is_waited_for(bench: Bench, account: RmmAccount) -> None:
    _, device = bench.pick(willing)
    company, plan, job = plan_and_job(bench, account, device)
    job = sent(bench, account, company, job)
    # The order to restart is lost, so the restart stays owed.
    bench.fault("drop_before", f"{BUS}/rebootnow/*")
    (result,) = _verified_later(bench, account, company, job, plan)
    assert (result.state, result.reason) == (StepState.DONE, "restart owed")


def _verified_later(
    bench: Bench, account: RmmAccount, company: Company, job: Job, plan: Plan
) -> Any:
    bench.world.clock.advance(60)
    account.verify(bench.client(company), job, plan)
    bench.world.clock.advance(60)
    return account.verify(bench.client(company), job, plan)


def test_update_that_failed_before_and_still_is_may_not_have_been_tried_again(
    bench: Bench, account: RmmAccount
) -> None:
    _, device = bench.pick(lambda d: d.online and any(u.fails for u in missing(d, state="failed")))
    company, plan, job = plan_and_job(bench, account, device)
    assert "failed" in job.mark.values()
    job = sent(bench, account, company, job)
    (result,) = _verified_later(bench, account, company, job, plan)
    (failed,) = missing(device, state="failed")
    assert result.state is StepState.DONE
    assert str(failed.kb) in result.reason


def test_update_found_superseded_by_the_run_counts_as_settled(
    bench: Bench, account: RmmAccount
) -> None:
    _, device = bench.pick(willing)
    (update,) = missing(device)
    company, plan, job = plan_and_job(bench, account, device)
    update.state = "superseded"
    job = sent(bench, account, company, job)
    (result,) = _verified_later(bench, account, company, job, plan)
    assert result.state is StepState.VERIFIED
    assert result.reason.endswith("1 no longer offered")


def test_scan_that_found_something_is_seen(bench: Bench, account: RmmAccount) -> None:
    _, device = bench.pick(willing)
    company, plan, job = plan_and_job(bench, account, device, scan=True)
    bench.world.clock.advance(2 * DAY_S)
    job = replace(sent(bench, account, company, job), dispatched_at=bench.world.clock.now())
    bench.world.clock.advance(30)
    assert account.follow(bench.client(company), job).state is JobState.DONE
    (result,) = account.verify(bench.client(company), job, plan)
    assert result.state is StepState.VERIFIED


def test_scan_without_a_trace_ends_unproven(bench: Bench, account: RmmAccount) -> None:
    _, device = bench.pick(willing)
    company, plan, job = plan_and_job(bench, account, device, scan=True)
    job = sent(bench, account, company, job)
    bench.world.clock.advance(29 * 60)
    assert account.follow(bench.client(company), job).state is JobState.DISPATCHED
    bench.world.clock.advance(2 * 60)
    assert account.follow(bench.client(company), job).state is JobState.DONE
    (result,) = account.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE
    assert "no trace" in result.reason
    assert account.reconcile(bench.client(company), job, REQUEST).truth is Truth.UNKNOWN
