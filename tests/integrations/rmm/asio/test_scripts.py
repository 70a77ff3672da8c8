"""Scanning and installing by the update script: what it is told, what it tells, and what is missing without it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.domain.remediation import Job, JobKind, JobState, StepState
from core.errors import OutcomeUnknown, VendorNotFound, VendorRefused
from core.ports import Truth
from integrations.rmm.asio.account import AsioAccount
from sandbox.estate.model import Company, Device
from sandbox.rmm.asio.words import on_windows
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.integrations.rmm.asio.asking import LONG_S, account, says
from tests.sandbox.rmm_desk import missing, need_no_restart, willing


@pytest.fixture
def target(bench: Bench) -> tuple[Company, Device]:
    """A device whose updates need no restart: none is ever made."""
    company, device = bench.pick(willing)
    need_no_restart(device)
    return company, device


def sent(bench: Bench, made: AsioAccount, company: Company, job: Job) -> Job:
    report = made.dispatch(bench.client(company), job, REQUEST)
    return replace(job, state=report.state, reference=report.reference)


@pytest.mark.parametrize(("version", "field"), [("v2", "parameters"), ("v1", "userParameters")])
def test_script_is_told_its_job_in_the_words_of_either_version(
    bench: Bench, target: tuple[Company, Device], version: str, field: str
) -> None:
    made = account(bench, task_api=version)
    company, device = target
    (update,) = missing(device)
    _, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    (call,) = [item for item in bench.wire.sent if item.path.endswith("/schedule-tasks")]
    assert call.path.startswith(f"/api/platform/{version}/")
    assert call.body["targets"] == [device.uid]
    assert call.body["name"] == "Gatehouse R4K7Q R4K7Q-1"
    told = json.loads(call.body[field])
    assert told == {"mode": "install", "requestId": "R4K7Q-1", "kbs": update.kb}
    assert job.reference == bench.effects()[0]["task"]


def test_install_that_names_nothing_is_never_sent(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    """To the script, no names would mean everything."""
    made = account(bench)
    _, job = bench.planned(made, *target)
    assert job.chosen
    with pytest.raises(VendorRefused, match="no update can be named"):
        made.dispatch(bench.client(target[0]), replace(job, chosen=()), REQUEST)
    assert bench.effects() == []


def test_update_without_a_number_is_not_counted_as_one_an_install_takes(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    company, device = target
    row = {"partnerApprovalStatus": "Approved", "installedDate": None, "classification": "Drivers"}
    says(bench, "/patches", {"patches": [{**row, "updateID": "a"}]})
    wanted = DeviceId(bench.device_id(device))
    preview = account(bench).preview(bench.client(company), JobKind.INSTALL, [wanted])[wanted]
    assert (preview.count, preview.patch_keys, preview.chosen) == (0, frozenset(), {})


@pytest.mark.parametrize("body", [None, [], {}, {"taskId": ""}, {"taskId": 7}])
def test_accepted_task_without_an_id_is_an_unknown_outcome(
    bench: Bench, target: tuple[Company, Device], body: Any
) -> None:
    made = account(bench)
    _, job = bench.planned(made, *target)
    says(bench, "/schedule-tasks", body, status=201)
    with pytest.raises(OutcomeUnknown):
        made.dispatch(bench.client(target[0]), job, REQUEST)


def test_listed_task_of_our_name_was_surely_sent(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = bench.planned(made, *target)
    bench.fault("drop_after", bench.rig.install_path)
    with pytest.raises(OutcomeUnknown):
        made.dispatch(bench.client(company), job, REQUEST)
    evidence = made.reconcile(bench.client(company), job, REQUEST)
    assert (evidence.truth, evidence.reference) == (Truth.SENT, None)
    waiting = made.follow(bench.client(company), job)
    assert waiting.state is job.state
    bench.world.clock.advance(LONG_S)
    assert made.follow(bench.client(company), job).state is JobState.DONE
    (result,) = made.verify(bench.client(company), job, plan)
    assert (result.state, result.reason) == (
        StepState.VERIFIED,
        "nothing of it is missing any more",
    )
    says(bench, "/automation/tasks", [{"name": "Gatehouse R4K7Q R4K7Q-1", "id": "t1"}])
    assert made.reconcile(bench.client(company), job, REQUEST).reference == "t1"


@pytest.mark.parametrize(
    "summary",
    [
        {"Results": [{"Id": "1", "OverallStatus": "suspended"}]},
        {"Results": [{"Id": "1", "OverallStatus": "success"}, {"Id": "2"}]},
        {"Results": []},
    ],
)
def test_progress_that_cannot_be_told_ends_nothing(
    bench: Bench, target: tuple[Company, Device], summary: Any
) -> None:
    made = account(bench)
    company, _ = target
    _, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    says(bench, "/summary", summary)
    assert made.follow(bench.client(company), job).state is JobState.DISPATCHED


def test_task_that_is_not_shown_yet_is_waited_for(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    bench.fault("status", "*/instances/summary", status=404)
    assert made.follow(bench.client(company), job).state is JobState.DISPATCHED
    (result,) = made.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE


def test_script_that_fails_says_why(bench: Bench, target: tuple[Company, Device]) -> None:
    made = account(bench)
    company, device = target
    _, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    device.os_build = "6.3.9600"
    device.os_name = "Microsoft Windows Server 2012 R2 Standard"
    bench.world.clock.advance(LONG_S)
    report = made.follow(bench.client(company), job)
    assert report.state is JobState.FAILED
    assert "version 5.1" in report.detail


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("", StepState.DONE),
        ("Installing...\n{}", StepState.UNKNOWN),
        ('{"component": "gatehouse-updates", "version": "9.9.9"}', StepState.UNKNOWN),
    ],
)
def test_output_is_taken_strictly(
    bench: Bench, target: tuple[Company, Device], printed: str, state: StepState
) -> None:
    made = account(bench)
    company, device = target
    plan, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    says(bench, "/results", {"Result": [{"endpointId": device.uid, "output": printed}]})
    (result,) = made.verify(bench.client(company), job, plan)
    assert result.state is state


def test_scan_without_its_result_is_not_verified(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = bench.planned(made, *target, scan=True)
    (lost,) = made.verify(bench.client(company), job, plan)
    assert (lost.state, "task's id" in lost.reason) == (StepState.DONE, True)
    (early,) = made.verify(bench.client(company), sent(bench, made, company, job), plan)
    assert early.state is StepState.DONE


def test_device_without_patch_data_is_waited_for(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = bench.planned(made, *target)
    job = sent(bench, made, company, job)
    bench.world.clock.advance(LONG_S)
    bench.fault("status", "*/patches", status=404)
    (result,) = made.verify(bench.client(company), job, plan)
    assert (result.state, "lists no updates" in result.reason) == (StepState.DONE, True)


def test_device_that_was_never_assessed_is_previewed_without_a_count(bench: Bench) -> None:
    made = account(bench)
    company, device = bench.pick(lambda d: d.last_scan is None and on_windows(d))
    wanted = DeviceId(bench.device_id(device))
    preview = made.preview(bench.client(company), JobKind.INSTALL, [wanted])[wanted]
    assert (preview.count, preview.patch_keys) == (None, None)


def test_script_that_is_not_in_the_library_is_found_out_before_anything_is_asked(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench, script_id="no-such-script")
    company, device = target
    with pytest.raises(VendorNotFound, match="script_id"):
        made.preview(bench.client(company), JobKind.SCAN, [bench.device_id(device)])
    proof = made.prove(bench.bindings())
    (lacking,) = [item for item in proof.permissions if item.present is Fact.NO]
    assert lacking.name == "script (not found)"
    assert "Gatehouse updates" in lacking.remedy


def test_account_without_a_script_refuses_in_words(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    _, job = bench.planned(made, *target)
    reader = account(bench, script_id=None)
    with pytest.raises(VendorRefused, match="No script_id"):
        reader.dispatch(bench.client(target[0]), job, REQUEST)
