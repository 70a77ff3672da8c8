"""Runs of the update workflow at Kaseya VSA X: whose they are, how they end, and what is believed of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.domain.facts import Fact
from core.domain.patching import CountStatus, PatchCounts
from core.domain.remediation import Job, JobId, JobKind, JobState, StepState
from core.errors import MalformedAnswer, OutcomeUnknown, VendorRefused
from core.ports import Truth
from integrations.rmm.update_script import NoOutputError, Output, OutputError
from integrations.rmm.vsax import verdicts
from integrations.rmm.vsax.account import VsaxAccount
from integrations.rmm.vsax.settings import VsaxSettings
from sandbox.estate.model import Company, Device
from sandbox.rmm.vsax import INSTALL_WORKFLOW_ID
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.vsax import RIG
from tests.integrations.rmm.printed import output
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import make_world, missing, need_no_restart, willing

EXECUTIONS = "/api/v3/automation/workflows/executions"
ASSETS = "/api/v3/assets"
LONG_S = 30.0


@pytest.fixture
def bench(
    serve_tls: Callable[[web.Application], str], ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> VsaxAccount:
    made = bench.account()
    assert isinstance(made, VsaxAccount)
    return made


@pytest.fixture
def target(bench: Bench) -> tuple[Company, Device]:
    """A device whose updates need no restart: none is ever made."""
    company, device = bench.pick(willing)
    need_no_restart(device)
    return company, device


def somebody_runs(bench: Bench, account: VsaxAccount, device: Device, kind: JobKind) -> str:
    """Someone runs the workflow on the device by hand; gives the execution's id."""
    constants = {"mode": kind.value, "requestId": "by hand", "kbs": ""}
    data = account.api.run_workflow(INSTALL_WORKFLOW_ID, device.uid, constants)
    (execution,) = data["NewExecutions"]
    return str(execution["ExecutionId"])


# A run that was there already.


def test_run_that_was_there_already_is_followed_and_said_not_to_be_ours(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = bench.planned(account, *target)
    theirs = somebody_runs(bench, account, device, JobKind.INSTALL)
    report = account.dispatch(bench.client(company), job, REQUEST)
    assert (report.state, report.reference) == (JobState.RUNNING, f"existing:{theirs}")
    assert "there already" in report.detail
    assert len(bench.effects()) == 1
    job = replace(job, state=report.state, reference=report.reference)
    bench.world.clock.advance(LONG_S)
    followed = account.follow(bench.client(company), job)
    assert followed.state is JobState.DONE
    assert "there already" in followed.detail
    (result,) = account.verify(bench.client(company), job, plan)
    assert result.state is StepState.VERIFIED
    assert "by a run that was there already" in result.reason


def test_scan_that_was_there_already_is_no_install(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    plan, job = bench.planned(account, *target)
    somebody_runs(bench, account, device, JobKind.SCAN)
    report = account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(LONG_S)
    job = replace(job, reference=report.reference)
    (result,) = account.verify(bench.client(company), job, plan)
    assert (result.state, result.reason) == (
        StepState.NOT_VERIFIED,
        "the run that was there only scanned",
    )
    assert list(missing(device))


# After a call that was cut off.


def cut_off(
    bench: Bench, account: VsaxAccount, company: Company, job: Job, kind: str = "drop_after"
) -> None:
    bench.fault(kind, bench.rig.install_path, count=1)
    with pytest.raises(OutcomeUnknown):
        account.dispatch(bench.client(company), job, REQUEST)


def test_run_that_printed_our_jobs_id_was_surely_sent(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, _ = target
    plan, job = bench.planned(account, *target)
    cut_off(bench, account, company, job)
    early = account.reconcile(bench.client(company), job, REQUEST)
    assert (early.truth, "ours or somebody else's" in early.detail) == (Truth.UNKNOWN, True)
    bench.world.clock.advance(LONG_S)
    evidence = account.reconcile(bench.client(company), job, REQUEST)
    assert evidence.truth is Truth.SENT
    (effect,) = bench.effects()
    assert evidence.reference == effect["execution"]
    (result,) = account.verify(bench.client(company), job, plan)
    assert result.state is StepState.VERIFIED


def test_runs_from_before_the_call_are_no_evidence(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    somebody_runs(bench, account, device, JobKind.SCAN)
    bench.world.clock.advance(LONG_S)
    _, job = bench.planned(account, *target)
    assert set(job.mark) == {"newest execution", "created"}
    cut_off(bench, account, company, job, "drop_before")
    evidence = account.reconcile(bench.client(company), job, REQUEST)
    assert evidence.truth is Truth.UNKNOWN
    assert "lists no run" in evidence.detail


def test_server_that_does_not_take_our_filter_leaves_a_cut_off_call_to_a_person(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, _ = target
    plan = bench.plan(account, *target)
    bench.fault("status", EXECUTIONS, status=400)
    job = bench.job(plan, account)
    assert dict(job.mark) == {}
    report = account.dispatch(bench.client(company), job, REQUEST)
    assert report.state is JobState.DISPATCHED
    with pytest.raises(VendorRefused):
        account.reconcile(bench.client(company), job, REQUEST)


def test_server_that_ignores_our_filter_shows_us_nobody_elses_runs(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    other = next(d for d in company.devices if d.online and d is not device)
    somebody_runs(bench, account, other, JobKind.SCAN)
    rows = account.api.executions(INSTALL_WORKFLOW_ID, other.uid)
    assert rows
    of_another_workflow = [
        dict(row, ExecutionId="x", WorkflowId=7, TargetId=device.uid) for row in rows
    ]

    def unfiltered(request: web.Request, before: int) -> web.Response | None:
        if request.path != EXECUTIONS:
            return None
        every = [*rows, *of_another_workflow]
        meta = {"TotalCount": len(every), "ResponseCode": 200}
        return web.json_response({"Data": every, "Meta": meta})

    bench.wire.intercept = unfiltered
    job = bench.job(bench.plan(account, *target), account)
    assert dict(account.mark(bench.client(target[0]), job)) == {}


# Answers against the documents.


def says(bench: Bench, path: str, body: Any, status: int = 200) -> None:
    def intercept(request: web.Request, before: int) -> web.Response | None:
        asked = request.path.endswith(path)
        return web.json_response(body, status=status) if asked else None

    bench.wire.intercept = intercept


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"NewExecutions": [], "ExistingExecutions": []},
        {"NewExecutions": [{"ExecutionId": "x", "TargetId": "another device"}]},
        {"NewExecutions": [{"ExecutionId": None, "TargetId": "DEVICE"}]},
        {"NewExecutions": "x"},
    ],
)
def test_accepted_run_that_names_no_execution_of_ours_is_an_unknown_outcome(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device], data: Any
) -> None:
    company, device = target
    _, job = bench.planned(account, *target)
    body = json.dumps({"Data": data, "Meta": {"ResponseCode": 200}}).replace("DEVICE", device.uid)
    says(bench, "/run", json.loads(body))
    with pytest.raises(OutcomeUnknown):
        account.dispatch(bench.client(company), job, REQUEST)


@pytest.mark.parametrize(("code", "expected"), [(404, VendorRefused), (503, OutcomeUnknown)])
def test_error_inside_a_successful_answer_is_an_error(
    bench: Bench,
    account: VsaxAccount,
    target: tuple[Company, Device],
    code: int,
    expected: type[Exception],
) -> None:
    company, _ = target
    _, job = bench.planned(account, *target)
    says(bench, "/run", {"Data": None, "Meta": {"ResponseCode": code, "ErrorMessage": "No such."}})
    with pytest.raises(expected, match="No such"):
        account.dispatch(bench.client(company), job, REQUEST)
    says(bench, ASSETS, {"Data": [], "Meta": {"ResponseCode": code, "ErrorMessage": "No such."}})
    with pytest.raises(VendorRefused, match=f"error {code}"):
        account.api.assets()


def test_words_of_a_refusal_are_kept(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, _ = target
    _, job = bench.planned(account, *target)
    words = "The workflow is disabled."
    says(bench, "/run", {"Data": None, "Meta": {"ResponseCode": 400, "ErrorMessage": words}}, 400)
    with pytest.raises(VendorRefused, match=words):
        account.dispatch(bench.client(company), job, REQUEST)


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"Identifier": name} for name in names]


def test_list_that_moved_while_it_was_read_is_read_once_more(
    bench: Bench, account: VsaxAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device is gone between two pages, so one shows up twice or not at all."""
    monkeypatch.setattr("integrations.rmm.vsax.api.PAGE_MAX", 2)
    pages = iter([rows("a", "b"), rows("b", "c"), rows("a", "b"), rows("c", "d")])

    def moving(request: web.Request, before: int) -> web.Response | None:
        meta = {"TotalCount": 4, "ResponseCode": 200}
        return web.json_response({"Data": next(pages), "Meta": meta})

    bench.wire.intercept = moving
    assert [row["Identifier"] for row in account.api.assets()] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("page", "total"), [(rows("a"), 3), (rows("a", "a"), 2), ([], 1), (rows("a"), None)]
)
def test_list_that_stays_short_or_never_ends_is_not_whole(
    bench: Bench,
    account: VsaxAccount,
    monkeypatch: pytest.MonkeyPatch,
    page: list[Any],
    total: int | None,
) -> None:
    monkeypatch.setattr("integrations.rmm.vsax.api._MAX_PAGES", 3)
    says(bench, ASSETS, {"Data": page, "Meta": {"TotalCount": total, "ResponseCode": 200}})
    with pytest.raises(MalformedAnswer):
        account.api.assets()


def test_list_without_a_total_ends_with_an_empty_page(bench: Bench, account: VsaxAccount) -> None:
    pages = iter([rows("a", "b"), []])
    bench.wire.intercept = lambda request, before: web.json_response(
        {"Data": next(pages), "Meta": None}
    )
    assert len(account.api.assets()) == 2


def test_state_nobody_knows_ends_nothing(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, _ = target
    _, job = bench.planned(account, *target)
    report = account.dispatch(bench.client(company), job, REQUEST)
    job = replace(job, state=JobState.RUNNING, reference=report.reference)
    bench.wire.rewrite = {'"ExecutionState": "Pending"': '"ExecutionState": "Paused"'}
    followed = account.follow(bench.client(company), job)
    assert (followed.state, "Paused" in followed.detail) == (JobState.RUNNING, True)
    gone = replace(job, reference="no-such-execution")
    assert account.follow(bench.client(company), gone).state is JobState.RUNNING


def test_script_that_could_not_run_says_why(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, device = target
    device.os_name, device.os_build = "Microsoft Windows Server 2012 R2 Standard", "6.3.9600"
    _, job = bench.planned(account, *target)
    report = account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(LONG_S)
    followed = account.follow(bench.client(company), replace(job, reference=report.reference))
    assert followed.state is JobState.FAILED
    assert "requires version 5.1" in followed.detail


def test_output_of_another_job_is_not_ours(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device]
) -> None:
    company, _ = target
    plan, job = bench.planned(account, *target)
    report = account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(LONG_S)
    other = replace(job, id=JobId(f"{REQUEST}-2"), reference=report.reference)
    (result,) = account.verify(bench.client(company), other, plan)
    assert result.state is StepState.UNKNOWN
    assert "another job" in result.reason


# Before.


def test_missing_workflow_is_said_before_anything_is_asked_for(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    company, device = target
    account = bench.account({**bench.rig.settings, "install_workflow_id": 99})
    with pytest.raises(VendorRefused, match="no workflow 99"):
        account.preview(bench.client(company), JobKind.INSTALL, [bench.device_id(device)])
    proof = account.prove(bench.bindings())
    lacking = next(p for p in proof.permissions if p.name == "workflow (not found)")
    assert (lacking.present, "Gatehouse updates (12)" in lacking.remedy) == (Fact.NO, True)


def test_many_devices_are_read_by_organisation_and_only_doubtful_ones_one_by_one(
    bench: Bench, account: VsaxAccount
) -> None:
    company = bench.companies[0]
    ids = [bench.device_id(device) for device in company.devices]
    previews = account.preview(bench.client(company), JobKind.INSTALL, ids)
    assert set(previews) == set(ids)
    offline = [device for device in company.devices if not device.online]
    asked = [sent.path.rpartition("/")[2] for sent in bench.wire.sent if "/devices/" in sent.path]
    assert sorted(asked) == sorted(device.uid for device in offline)
    assert {previews[bench.device_id(device)].online for device in offline} == {Fact.NO}


@pytest.mark.parametrize("name", ["", "x y", "../x", "a/b", "x'y"])
def test_target_that_is_no_identifier_is_refused_unsent(
    bench: Bench, account: VsaxAccount, target: tuple[Company, Device], name: str
) -> None:
    company, _ = target
    _, job = bench.planned(account, *target)
    bench.wire.sent.clear()
    with pytest.raises(VendorRefused):
        account.dispatch(bench.client(company), replace(job, targets=(f"main:{name}",)), REQUEST)
    assert bench.wire.sent == []


# Keeping to the pace.


def test_calls_are_a_second_apart_unless_configured_otherwise(bench: Bench) -> None:
    fields = VsaxSettings.model_fields
    assert fields["requests_per_second"].default == 1
    account = bench.account({**bench.rig.settings, "requests_per_second": 5})
    assert isinstance(account, VsaxAccount)
    begun = bench.world.clock.now()
    for _ in range(4):
        account.api.workflows()
    assert bench.world.clock.now() - begun >= timedelta(seconds=0.6)


# Verdicts.


def judge(output: Output | OutputError, **changed: Any) -> tuple[StepState, str]:
    told: dict[str, Any] = {
        "counts": PatchCounts(status=CountStatus.FULLY_PATCHED, approved=0),
        "before": 3,
        "online": Fact.YES,
        "ours": True,
    }
    result = verdicts.of_install("t", output, **(told | changed))
    return result.state, result.reason


def missing_counted(number: int | None) -> PatchCounts:
    return PatchCounts(status=CountStatus.MISSING, approved=number)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, StepState.VERIFIED),
        ({"counts": missing_counted(1)}, StepState.VERIFIED),
        ({"counts": missing_counted(2)}, StepState.DONE),
        # What else VSA X counts does not keep an install from being verified.
        ({"counts": missing_counted(4), "before": 6}, StepState.VERIFIED),
        ({"counts": missing_counted(2), "before": None}, StepState.DONE),
        ({"counts": missing_counted(None)}, StepState.DONE),
        ({"counts": None}, StepState.DONE),
        ({"online": Fact.NO}, StepState.DONE),
        ({"online": Fact.UNKNOWN}, StepState.VERIFIED),
    ],
)
def test_counts_have_to_agree_with_the_script(changed: dict[str, Any], state: StepState) -> None:
    assert judge(output(missing=1), **changed)[0] is state


def test_failures_and_owed_restarts_are_told_at_once() -> None:
    failed = output(failed=("KB1", "KB2", "KB3", "KB4"))
    assert judge(failed) == (StepState.NOT_VERIFIED, "failed: KB1, KB2, KB3 and 1 more")
    assert judge(output(reboot_required=True)) == (StepState.NOT_VERIFIED, "restart owed")


def test_output_that_may_come_is_waited_for_and_a_broken_one_is_not_success() -> None:
    assert judge(NoOutputError("there is none"))[0] is StepState.DONE
    assert judge(OutputError("version: wrong"))[0] is StepState.UNKNOWN
    assert verdicts.of_scan("t", OutputError("x")).state is StepState.UNKNOWN


def test_install_that_was_there_already_has_scanned_too() -> None:
    assert verdicts.of_scan("t", output(missing=1)).reason == "scanned: 1 missing"
    assert (
        verdicts.of_scan("t", output(kind=JobKind.SCAN, missing=7)).reason == "scanned: 7 missing"
    )
