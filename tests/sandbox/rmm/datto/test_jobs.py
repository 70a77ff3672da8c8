"""Devices do what a quick job of Datto RMM tells them to, and are audited afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sandbox.estate.model import Device
from sandbox.rmm.datto import INSTALL_COMPONENT_UID
from tests.noon import NOON
from tests.sandbox.rmm.datto.asking import LONG_S, device_row, every, output, put_job, result, start
from tests.sandbox.rmm_desk import DAY_S, Desk, missing, willing


def test_the_install_component_is_listed_with_its_variables(desk: Desk) -> None:
    components = every(desk, "/api/v2/account/components", "components")
    component = next(c for c in components if c["uid"] == INSTALL_COMPONENT_UID)
    assert component["name"] == "gatehouse-updates"
    assert [v["name"] for v in component["variables"]] == ["mode", "requestId", "kbs"]
    assert len(components) > 1


def test_an_install_job_is_pending_then_runs_then_says_what_it_did(desk: Desk) -> None:
    device = desk.one(willing)
    approved = {
        u.kb
        for u in device.updates
        if u.state == "approved" and u.kind in ("cumulative", "dotnet", "security")
    }
    job = start(desk, device, mode="install", requestId="req-42")
    results = f"/api/v2/job/{job}/results/{device.uid}"
    assert desk.get(f"/api/v2/job/{job}")["status"] == "active"
    assert [desk.status(results + end) for end in ("", "/stdout", "/stderr")] == [404] * 3
    desk.pass_time(1.2)
    waiting = result(desk, job, device)
    assert (waiting["jobDeploymentStatus"], waiting["ranOn"]) == ("Pending", None)
    assert waiting["componentResults"] == []
    desk.pass_time(1)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Running"
    assert desk.get(f"{results}/stdout") == []
    desk.pass_time(LONG_S)
    assert desk.get(f"/api/v2/job/{job}")["status"] == "completed"
    done = result(desk, job, device)
    assert done["jobDeploymentStatus"] == "Success"
    assert done["componentResults"][0]["hasStdOut"] is True
    printed = output(desk, job, device)
    assert (printed["component"], printed["version"]) == ("gatehouse-updates", "2.1.0")
    assert (printed["requestId"], printed["mode"]) == ("req-42", "install")
    assert {u["kb"] for u in printed["attempted"]} == approved
    assert {(u["result"], u["hresult"]) for u in printed["attempted"]} == {
        ("installed", "0x00000000")
    }
    assert printed["rebootRequired"] is True
    left = {u["kb"] for u in printed["missing"] if u["restartPending"]}
    assert left <= approved
    assert not any(u["approved"] for u in printed["missing"])


def test_counts_and_status_follow_the_audit_not_the_job(desk: Desk) -> None:
    device = desk.one(willing)
    before = device_row(desk, device)
    job = start(desk, device, mode="install")
    waited = 0.0
    while desk.get(f"/api/v2/job/{job}")["status"] == "active":
        desk.pass_time(0.5)
        waited += 0.5
    assert 4 < waited < 12
    lagging = device_row(desk, device)
    assert lagging["patchManagement"] == before["patchManagement"]
    assert lagging["rebootRequired"] is False
    desk.pass_time(4)
    audited = device_row(desk, device)
    assert audited["patchManagement"]["patchStatus"] == "RebootRequired"
    assert audited["patchManagement"]["patchesApprovedPending"] == 0
    assert (
        audited["patchManagement"]["patchesInstalled"]
        > before["patchManagement"]["patchesInstalled"]
    )
    assert audited["rebootRequired"] is True
    assert audited["lastAuditDate"] > before["lastAuditDate"]


def test_named_updates_are_installed_and_no_others(desk: Desk) -> None:
    device = desk.one(willing)
    wanted = next(missing(device))
    others = {u.id for u in device.updates if u.state == "approved"} - {wanted.id}
    job = start(desk, device, mode="install", kbs=f"{wanted.kb},KB4999999")
    desk.pass_time(LONG_S)
    told = {u["kb"]: u["result"] for u in output(desk, job, device)["attempted"]}
    assert told == {wanted.kb: "installed", "KB4999999": "not_offered"}
    assert others == {u.id for u in device.updates if u.state == "approved"}


def test_a_scan_lists_what_is_missing_and_changes_nothing(desk: Desk) -> None:
    device = desk.one(willing)
    job = start(desk, device, mode="scan", requestId="req-7")
    desk.pass_time(LONG_S)
    printed = output(desk, job, device)
    assert printed["attempted"] == []
    kbs = {u["kb"] for u in printed["missing"] if u["approved"]}
    assert {update.kb for update in missing(device)} <= kbs
    assert printed["rebootRequired"] is False


def test_some_failures_are_a_warning_and_nothing_but_failures_a_failure(desk: Desk) -> None:
    device = desk.one(lambda d: d.online and any(u.fails for u in missing(d)))
    for update in device.updates:
        if not update.fails and update.state == "approved":
            update.state = "pending"
    lost = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    assert result(desk, lost, device)["jobDeploymentStatus"] == "Failure"
    assert output(desk, lost, device)["attempted"][0]["hresult"] == "0x8024200B"
    assert device_row(desk, device)["patchManagement"]["patchStatus"] == "InstallError"
    other = next(update for update in device.updates if update.kind == "dotnet")
    other.state = "approved"
    mixed = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    row = result(desk, mixed, device)
    assert row["jobDeploymentStatus"] == "Warning"
    assert row["componentResults"][0]["numberOfWarnings"] == 1
    assert sorted(u["result"] for u in output(desk, mixed, device)["attempted"]) == [
        "failed",
        "installed",
    ]


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        (lambda d: d.end_of_life and d.server, "PowerShell"),
        (lambda d: "macOS" in d.os_name and d.online, "Windows only"),
    ],
)
def test_where_the_component_cannot_run_it_says_so_on_stderr(
    desk: Desk, wanted: Callable[[Device], bool], complaint: str
) -> None:
    device = desk.one(wanted)
    job = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    row = result(desk, job, device)
    assert row["jobDeploymentStatus"] == "Failure"
    assert row["componentResults"][0]["hasStdOut"] is False
    assert desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout") == []
    errors = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stderr")
    assert complaint in errors[0]["stdData"]


def test_a_mode_the_component_does_not_know_is_a_failure(desk: Desk) -> None:
    device = desk.one(willing)
    job = start(desk, device, mode="reinstall")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Failure"
    assert list(missing(device))


def test_a_job_for_an_offline_device_is_pending_until_it_is_back(desk: Desk) -> None:
    device = desk.one(lambda d: not d.online and any(missing(d)))
    job = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Pending"
    device.online = True
    desk.get("/api/v2/system/pagination")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Success"
    effects = desk.effects()
    assert [(e["kind"], e["target_ids"], e["queued"]) for e in effects] == [
        ("quickjob", [device.uid], True)
    ]


def test_a_job_nobody_fetched_expires_and_never_runs(desk: Desk) -> None:
    device = desk.one(lambda d: not d.online and NOON - d.last_seen > timedelta(days=5))
    job = start(desk, device, mode="install")
    desk.pass_time(DAY_S + 5)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Expired"
    assert desk.get(f"/api/v2/job/{job}")["status"] == "completed"
    device.online = True
    desk.get("/api/v2/system/pagination")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Expired"
    assert list(missing(device))


def test_a_second_put_makes_a_second_job(desk: Desk) -> None:
    device = desk.one(willing)
    jobs = [start(desk, device, mode="install") for _ in range(2)]
    desk.pass_time(2 * LONG_S)
    assert len(set(jobs)) == 2
    assert [len(output(desk, job, device)["attempted"]) > 0 for job in jobs] == [True, False]
    assert [effect["job"] for effect in desk.effects()] == jobs


def test_a_job_of_another_component_prints_nothing_and_patches_nothing(desk: Desk) -> None:
    device = desk.one(willing)
    components = every(desk, "/api/v2/account/components", "components")
    other = next(c["uid"] for c in components if c["uid"] != INSTALL_COMPONENT_UID)
    job = start(desk, device, component=other)
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Success"
    assert desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout") == []
    assert list(missing(device))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"jobName": "x"},
        {"jobName": "", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}},
        {"jobName": "x", "jobComponent": {"componentUid": "nothing"}},
        {
            "jobName": "x",
            "jobComponent": {
                "componentUid": INSTALL_COMPONENT_UID,
                "variables": [{"name": "KBs", "value": "KB5000001"}],
            },
        },
        {
            "jobName": "x",
            "jobComponent": {
                "componentUid": INSTALL_COMPONENT_UID,
                "variables": [{"name": "mode", "value": 5}],
            },
        },
    ],
)
def test_a_job_that_makes_no_sense_is_400_and_does_nothing(desk: Desk, body: Any) -> None:
    assert put_job(desk, desk.devices[0], body).status_code == 400
    assert desk.effects() == []


def test_a_job_on_an_unknown_device_is_404(desk: Desk) -> None:
    body = {"jobName": "x", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}}
    answer = desk.request("PUT", "/api/v2/device/nothing/quickjob", json=body)
    assert answer.status_code == 404


def test_audits_go_on_by_themselves(desk: Desk) -> None:
    device = desk.one(willing)
    before = device_row(desk, device)["lastAuditDate"]
    desk.pass_time(DAY_S)
    assert device_row(desk, device)["lastAuditDate"] > before


def test_a_job_can_be_looked_at_in_every_stage(desk: Desk) -> None:
    device = desk.one(willing)
    body = {
        "jobName": "x",
        "jobComponent": {
            "componentUid": INSTALL_COMPONENT_UID,
            "variables": [{"name": "mode", "value": "install"}],
        },
    }
    created = put_job(desk, device, body).json()
    job = created["job"]["uid"]
    for seconds in (1.2, 1.0, LONG_S):
        desk.pass_time(seconds)
        assert desk.get(f"/api/v2/job/{job}")["uid"] == job
        assert result(desk, job, device)["jobUid"] == job
        printed = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout")
        assert isinstance(printed, list)
