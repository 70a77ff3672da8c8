"""What ConnectWise RMM may answer against what its users have seen, and what becomes of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.facts import Fact
from core.domain.patching import DeviceId, PatchState, RmmReading
from core.domain.remediation import Job, JobKind, JobState, Plan, StepState
from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorBusy,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
)
from core.ports import Truth
from integrations.rmm import asio
from integrations.rmm.asio.account import AsioAccount
from integrations.rmm.asio.quota import Quota
from integrations.rmm.asio.settings import AsioSettings
from sandbox.estate.model import Company, Device
from sandbox.rmm.asio import READ_CLIENT_ID, READ_CLIENT_SECRET, resources
from sandbox.rmm.asio.words import on_windows
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.asio import RIG
from tests.contracts.vendor_wire import check_described
from tests.noon import NOON
from tests.sandbox.rmm_desk import make_world, missing, willing
from tests.sandbox.rmm_specs import asio as description
from tests.sandbox.rmm_specs import needs_specs
from tests.storage.making import SetClock

V1, V2 = "/api/platform/v1", "/api/platform/v2"
LIST = f"{V2}/device/categories/platform/endpoints"
HEARTBEAT = f"{V2}/device/endpoints/heartbeat"
SUMMARY = f"{V2}/os-patching/compliance/summary"
LONG_S = 30.0


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()


def account(bench: Bench, **more: Any) -> AsioAccount:
    made = bench.account({**bench.rig.settings, **more})
    assert isinstance(made, AsioAccount)
    return made


def read(bench: Bench, **more: Any) -> RmmReading:
    (company,) = bench.companies
    return account(bench, **more).read(bench.bindings())[company.rmm_uid]


def asked(bench: Bench, ending: str) -> list[str]:
    return [item.path for item in bench.wire.sent if item.path.endswith(ending)]


def calls(bench: Bench, template: str) -> int:
    """How often an address was called, faults included."""
    told = bench.world.calls.rows("asio")
    return sum(row["count"] for row in told if row["path_template"] == template)


def says(
    bench: Bench, path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> None:
    def intercept(request: web.Request, before: int) -> web.Response | None:
        if not request.path.endswith(path):
            return None
        return web.json_response(body, status=status, headers=headers)

    bench.wire.intercept = intercept


# Signing in.


def test_each_token_asks_for_its_own_scopes_alone(bench: Bench) -> None:
    made = account(bench)
    made.read(bench.bindings())
    made.api.tasks()
    tokens = [item.body["scope"] for item in bench.wire.sent if item.path == "/v1/token"]
    assert tokens == [
        " ".join(AsioSettings.model_fields["read_scopes"].default),
        "platform.automation.read platform.automation.create",
    ]


def test_key_without_the_scopes_for_scripts_still_reads(bench: Bench) -> None:
    key = {"client_id": READ_CLIENT_ID, "client_secret": SecretStr(READ_CLIENT_SECRET)}
    made = account(bench, **key)
    (reading,) = made.read(bench.bindings()).values()
    assert reading.coverage.complete
    proof = made.prove(bench.bindings())
    assert proof.problem is None
    lacking = {item.name for item in proof.permissions if item.present is Fact.NO}
    assert lacking == {"script", "list of tasks"}
    with pytest.raises(VendorForbidden) as caught:
        made.api.scripts()
    assert "platform.automation.create" in caught.value.reason
    assert "run_scopes" in caught.value.remedy


def test_locked_key_is_busy_and_not_asked_again_at_once(bench: Bench) -> None:
    bench.fault("status", "/v1/token", status=423)
    reading = read(bench)
    assert "locked" in reading.coverage.unread[0].reason
    assert calls(bench, "/v1/token") == 1


def test_lock_on_any_call_is_busy(bench: Bench) -> None:
    made = account(bench)
    bench.fault("status", "*/scripts", status=423)
    with pytest.raises(VendorBusy) as caught:
        made.api.scripts()
    assert caught.value.wait == timedelta(minutes=5)


# Words for a company.


@pytest.mark.parametrize("word", ["companies", "client", "clients"])
def test_list_that_takes_another_word_is_read_with_it_and_asked_so_from_then_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr(resources, "BODY_WORDS", {word})
    made = account(bench)
    assert made.read(bench.bindings())
    bench.wire.sent.clear()
    (company,) = bench.companies
    (reading,) = made.read(bench.bindings()).values()
    assert reading.coverage.complete
    assert len(reading.devices) == len(company.devices)
    assert {i.body["resourceType"] for i in bench.wire.sent if i.path in (LIST, SUMMARY)} == {word}


def test_word_that_is_configured_is_tried_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "BODY_WORDS", {"clients"})
    assert read(bench, resource_type="clients").coverage.complete
    assert {i.body["resourceType"] for i in bench.wire.sent if i.path == LIST} == {"clients"}


def test_heartbeat_of_another_word_is_found_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "HEARTBEAT_WORDS", {"clients"})
    assert Fact.YES in {device.online for device in read(bench).devices}


@pytest.mark.parametrize("how", ["refused", "configured"])
def test_devices_are_read_by_the_first_version_where_the_second_takes_no_word(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    whole = read(bench)
    bench.wire.sent.clear()
    if how == "refused":
        bench.fault("status", LIST, status=400)
    reading = read(bench, **({} if how == "refused" else {"resource_type": "v1"}))
    assert {d.name for d in reading.devices} == {d.name for d in whole.devices}
    assert {(d.id, d.kind, d.os, d.domain) for d in reading.devices} == {
        (d.id, d.kind, d.os, d.domain) for d in whole.devices
    }
    assert reading.rows_known_for == whole.rows_known_for
    version = V1 if how == "configured" else V2
    assert all(path.startswith(version) for path in asked(bench, "/patches"))
    refused = 4 if how == "refused" else 0
    assert calls(bench, f"{V2}/device/categories/{{category}}/endpoints") == 1 + refused


@needs_specs
def test_requests_of_the_first_version_are_described(bench: Bench) -> None:
    made = account(bench, resource_type="v1", task_api="v1")
    made.read(bench.bindings())
    made.api.scripts()
    made.api.tasks()
    described = {
        check_described(description(), item, "")
        for item in bench.wire.sent
        if item.path.startswith((V1, "/v1/rate"))
    }
    assert described == {
        "/v1/rate_limits",
        f"{V1}/company/companies",
        f"{V1}/device/clients/{{clientID}}/endpoints",
        f"{V1}/device/endpoints/{{endpointID}}",
        f"{V1}/patching/{{endpointID}}/patches",
        f"{V1}/automation/scripts",
        f"{V1}/automation/tasks",
    }


def test_failure_that_is_no_refusal_is_not_tried_with_another_word(bench: Bench) -> None:
    bench.fault("status", LIST, status=403)
    assert not read(bench).coverage.covers("devices")
    assert calls(bench, f"{V2}/device/categories/{{category}}/endpoints") == 1


# Pages.


def rows(*ids: str) -> dict[str, Any]:
    return {"platform": [{"companyID": "c", "endpoints": [{"endpointID": i} for i in ids]}]}


def test_full_page_without_a_link_is_not_taken_for_the_last(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.rmm.asio.api.PAGE_MAX", 2)
    pages = {"0": rows("a", "b"), "2": rows("c", "d")}

    def unlinked(request: web.Request, before: int) -> web.Response | None:
        if request.path != LIST:
            return None
        page = pages.get(request.query["cursor"])
        return web.json_response(page or {"message": "x"}, status=200 if page else 404)

    bench.wire.intercept = unlinked
    found = account(bench).api.endpoints(["c"])
    assert [row["endpointID"] for row in found] == ["a", "b", "c", "d"]
    assert [item.query["cursor"] for item in bench.wire.sent if item.path == LIST] == [
        "0",
        "2",
        "4",
    ]


def test_link_that_leads_nowhere_new_does_not_go_on_for_ever(bench: Bench) -> None:
    link = {"Link": '<https://elsewhere.example/x?cursor=0>; rel="next"'}
    says(bench, LIST, rows("a"), headers=link)
    with pytest.raises(MalformedAnswer, match="does not end"):
        account(bench).api.endpoints(["c"])


def test_page_that_was_told_of_and_is_not_there_makes_no_half_an_estate(bench: Bench) -> None:
    link = {"Link": '<https://elsewhere.example/x?cursor=1>; rel="next"'}

    def halved(request: web.Request, before: int) -> web.Response | None:
        if request.path != LIST:
            return None
        first = request.query["cursor"] == "0"
        return web.json_response(rows("a"), status=200 if first else 404, headers=link)

    bench.wire.intercept = halved
    with pytest.raises(MalformedAnswer, match="not there"):
        account(bench).api.endpoints(["c"])


def test_no_more_than_four_companies_are_named_in_one_call(bench: Bench) -> None:
    account(bench).api.heartbeats([f"c{number}" for number in range(9)])
    named = [
        item.query["resources"].split(",") for item in bench.wire.sent if item.path == HEARTBEAT
    ]
    assert [len(some) for some in named] == [4, 4, 1]


def test_further_companies_are_read_from_where_the_link_leads(bench: Bench) -> None:
    pages = [
        ([{"id": "a"}], '</api/platform/v1/company/companies?page=2>; rel="next"'),
        ([{"id": "b"}], ""),
    ]

    def linked(request: web.Request, before: int) -> web.Response | None:
        if not request.path.endswith("/companies"):
            return None
        found, link = pages[before]
        return web.json_response(found, headers={"Link": link} if link else {})

    bench.wire.intercept = linked
    assert [row["id"] for row in account(bench).api.companies()] == ["a", "b"]


# The fleet.


def test_updates_are_read_only_where_some_are_counted_as_missing(bench: Bench) -> None:
    reading = read(bench)
    (company,) = bench.companies
    lacking = {
        device.uid
        for device in company.devices
        if device.last_scan is not None
        and device.patch_policy
        and on_windows(device)
        and any(
            u.state in ("approved", "failed", "pending", "rejected") and u.kind != "third_party"
            for u in device.updates
        )
    }
    paths = asked(bench, "/patches")
    assert {path.split("/")[-2] for path in paths} == lacking
    assert 0 < len(paths) == len(lacking) < len(company.devices)
    # Signing in, the quota, companies, endpoints, heartbeats, counts.
    assert len(bench.wire.sent) == len(lacking) + 6
    clean = {d.id for d in reading.devices if d.vendor_id not in lacking and d.online is Fact.YES}
    assert clean & reading.rows_known_for
    assert {p.state for p in reading.patches} >= {
        PatchState.APPROVED,
        PatchState.REJECTED,
        PatchState.INSTALLED,
    }


def test_company_without_a_single_device_is_not_called_clean(bench: Bench) -> None:
    bench.fault("status", LIST, status=404)
    reading = read(bench)
    assert not reading.coverage.covers("devices")
    assert "resource_type" in reading.coverage.unread[0].remedy


def test_heartbeats_that_cannot_be_read_leave_devices_shown_and_nothing_clean(bench: Bench) -> None:
    bench.fault("status", HEARTBEAT, status=500)
    reading = read(bench)
    assert not reading.coverage.covers("online state")
    assert {device.online for device in reading.devices} == {Fact.UNKNOWN}
    listed = {p.device_id for p in reading.patches if p.state is not PatchState.INSTALLED}
    assert reading.rows_known_for == reading.rows_known_for & listed


def test_counts_that_cannot_be_read_leave_every_device_unread(bench: Bench) -> None:
    bench.fault("status", SUMMARY, status=403)
    reading = read(bench)
    assert reading.devices
    assert not reading.coverage.covers("missing patches")
    assert (reading.patches, reading.rows_known_for) == ((), frozenset())
    assert asked(bench, "/patches") == []


def test_device_whose_updates_cannot_be_read_does_not_hide_the_others(bench: Bench) -> None:
    whole = read(bench)
    broken = next(iter(sorted({p.device_id for p in whole.patches} & whole.rows_known_for)))
    bench.fault("status", f"*/{broken.rpartition(':')[2]}/patches", status=500)
    reading = read(bench)
    assert reading.rows_known_for == whole.rows_known_for - {broken}
    assert "for 1 of" in reading.coverage.unread[0].reason


@pytest.mark.parametrize("kept", [0, 1])
def test_device_that_lists_fewer_updates_than_are_counted_is_not_known(
    bench: Bench, kept: int
) -> None:
    """Of two missing updates, one or none is listed."""
    row = {"updateID": "a", "partnerApprovalStatus": "Approved", "installedDate": None}
    body = {"summary": {"missingCount": 2}, "patches": [row] * kept}
    says(bench, "/patches", body)
    reading = read(bench)
    told = {path.split("/")[-2] for path in asked(bench, "/patches")}
    assert not {d.rpartition(":")[2] for d in reading.rows_known_for} & told


def test_quota_that_is_spent_is_waited_for_or_said(bench: Bench) -> None:
    slept: list[float] = []

    def quota(left: int, seconds: float) -> Quota:
        reset = int((NOON + timedelta(seconds=seconds)).timestamp())
        told = {"limit": 35, "remaining": left, "reset": reset}
        return Quota(
            source="V",
            ask=lambda: {"resources": {"asset": {"list": told}, "odd": None}},
            clock=SetClock(NOON),
            sleep=slept.append,
        )

    quota(4, 30).before_reading()
    assert slept == []
    quota(3, 30).before_reading()
    assert slept == [30]
    quota(0, -5).before_reading()
    assert slept == [30]
    with pytest.raises(VendorBusy) as caught:
        quota(0, 240).before_reading()
    assert caught.value.wait == timedelta(seconds=240)


def test_key_that_may_not_ask_for_its_quota_reads_all_the_same(bench: Bench) -> None:
    bench.fault("status", "/v1/rate_limits", status=403)
    assert read(bench).coverage.complete


# Acting.


@pytest.fixture
def target(bench: Bench) -> tuple[Company, Device]:
    """A device whose updates need no restart: none is ever made."""
    company, device = bench.pick(willing)
    for update in missing(device):
        update.needs_reboot = False
    return company, device


def planned(
    bench: Bench, made: AsioAccount, target: tuple[Company, Device], *, scan: bool = False
) -> tuple[Plan, Job]:
    plan = bench.plan(made, *target, scan=scan)
    return plan, bench.job(plan, made)


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
    _, job = planned(bench, made, target)
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
    _, job = planned(bench, made, target)
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
    _, job = planned(bench, made, target)
    says(bench, "/schedule-tasks", body, status=201)
    with pytest.raises(OutcomeUnknown):
        made.dispatch(bench.client(target[0]), job, REQUEST)


def test_listed_task_of_our_name_was_surely_sent(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = planned(bench, made, target)
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
    _, job = planned(bench, made, target)
    job = sent(bench, made, company, job)
    says(bench, "/summary", summary)
    assert made.follow(bench.client(company), job).state is JobState.DISPATCHED


def test_task_that_is_not_shown_yet_is_waited_for(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = planned(bench, made, target)
    job = sent(bench, made, company, job)
    bench.fault("status", "*/instances/summary", status=404)
    assert made.follow(bench.client(company), job).state is JobState.DISPATCHED
    (result,) = made.verify(bench.client(company), job, plan)
    assert result.state is StepState.DONE


def test_script_that_fails_says_why(bench: Bench, target: tuple[Company, Device]) -> None:
    made = account(bench)
    company, device = target
    _, job = planned(bench, made, target)
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
    plan, job = planned(bench, made, target)
    job = sent(bench, made, company, job)
    says(bench, "/results", {"Result": [{"endpointId": device.uid, "output": printed}]})
    (result,) = made.verify(bench.client(company), job, plan)
    assert result.state is state


def test_scan_without_its_result_is_not_verified(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = planned(bench, made, target, scan=True)
    (lost,) = made.verify(bench.client(company), job, plan)
    assert (lost.state, "task's id" in lost.reason) == (StepState.DONE, True)
    (early,) = made.verify(bench.client(company), sent(bench, made, company, job), plan)
    assert early.state is StepState.DONE


def test_device_without_patch_data_is_waited_for(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    made = account(bench)
    company, _ = target
    plan, job = planned(bench, made, target)
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
    _, job = planned(bench, made, target)
    reader = account(bench, script_id=None)
    with pytest.raises(VendorRefused, match="No script_id"):
        reader.dispatch(bench.client(target[0]), job, REQUEST)


# Settings.

SETTINGS: dict[str, Any] = {
    "base_url": "https://openapi.service.itsupport247.net",
    "client_id": "0e30-key",
    "client_secret": SecretStr("hidden"),
}


def test_script_makes_asio_able_to_act() -> None:
    clock = SetClock()
    reader = asio.connect("a", AsioSettings(**SETTINGS), clock=clock)
    writer = asio.connect("a", AsioSettings(**SETTINGS, script_id="7b1c"), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (True, True)
    assert "hidden" not in repr(AsioSettings(**SETTINGS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "a b"},
        {"script_id": "../x"},
        {"read_scopes": ["a b"]},
        {"resource_type": "endpoint"},
        {"task_api": "v3"},
        {"requests_per_five_minutes": 0},
    ],
)
def test_asio_takes_no_setting_it_cannot_use(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AsioSettings(**{**SETTINGS, **wrong})
