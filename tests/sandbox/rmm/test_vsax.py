"""The VSA X stand-in does what Kaseya's documents and its users' programs say VSA X does."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.vsax import (
    INSTALL_WORKFLOW_ID,
    READ_TOKEN_ID,
    READ_TOKEN_SECRET,
    TOKEN_ID,
    TOKEN_SECRET,
    make_app,
)
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
API = "/api/v3"
EXECUTIONS = f"{API}/automation/workflows/executions"
#: Longer than any execution and the count after it take.
LONG_S = 30.0
CONSTANTS = {"mode": "install", "requestId": "R4K7Q-1", "kbs": ""}


class VsaxDesk(Desk):
    """A desk whose credentials go with every request as HTTP Basic."""

    def request(self, method: str, path: str, **rest: Any) -> requests.Response:
        name, _, secret = self.token.partition(":")
        auth = (name, secret) if name else None
        return self.session.request(method, self.url + path, auth=auth, timeout=30, **rest)


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("vsax")
    made = VsaxDesk(serve_tls(make_app(world)), https, world, "vsax")
    made.token = f"{TOKEN_ID}:{TOKEN_SECRET}"
    return made


def data(desk: Desk, path: str, **params: Any) -> Any:
    return desk.get(f"{API}/{path}", **params)["Data"]


def refusal(answer: requests.Response) -> tuple[int, Any]:
    """The status as HTTP says it, and the words; the envelope has to say the same status."""
    body = answer.json()
    assert body["Data"] is None
    assert body["Meta"]["ResponseCode"] == answer.status_code
    return answer.status_code, body["Meta"]["ErrorMessage"]


def run(
    desk: Desk,
    device_ids: list[str],
    constants: dict[str, str],
    *,
    workflow: int = INSTALL_WORKFLOW_ID,
) -> requests.Response:
    pairs = [{"Name": name, "Value": value} for name, value in constants.items()]
    body = {"DeviceIdentifiers": device_ids, "ConstantVariableOverrides": pairs}
    return desk.request("POST", f"{API}/automation/workflows/{workflow}/run", json=body)


def start(desk: Desk, device: Device, **constants: str) -> str:
    """Run the update workflow on a device where it must not run yet; give the execution's id."""
    started = run(desk, [device.uid], constants or CONSTANTS).json()["Data"]
    (execution,) = started["NewExecutions"]
    assert started["ExistingExecutions"] == []
    assert (execution["TargetType"], execution["TargetId"]) == ("Device", device.uid)
    wanted: str = execution["ExecutionId"]
    return wanted


def execution(desk: Desk, wanted: str) -> Row:
    row: Row = data(desk, f"automation/workflows/executions/{wanted}")
    return row


def printed(desk: Desk, wanted: str) -> Row:
    """What the update script printed in an execution."""
    (step,) = execution(desk, wanted)["ExecutionSteps"]
    (item,) = step["OutputItems"]
    assert item["VariableName"] == "gatehouseOutput"
    told: Row = json.loads(item["VariableValue"])
    return told


def total(desk: Desk, device: Device) -> int:
    return sum(data(desk, f"assets/{device.uid}")["Updates"].values())


# Who may ask.


@pytest.mark.parametrize("token", ["", f"{TOKEN_ID}:wrong", "nobody:secret", f"{TOKEN_ID}:"])
def test_wrong_credentials_are_refused_in_the_envelope(desk: Desk, token: str) -> None:
    desk.token = token
    assert refusal(desk.request("GET", f"{API}/devices")) == (401, "Unauthorized")


def test_reading_token_may_not_run_a_workflow(desk: Desk) -> None:
    desk.token = f"{READ_TOKEN_ID}:{READ_TOKEN_SECRET}"
    assert desk.status(f"{API}/assets") == 200
    assert refusal(run(desk, [desk.devices[0].uid], CONSTANTS))[0] == 403
    assert desk.effects() == []


# Reading.


def test_devices_come_in_pages_of_a_hundred_at_most(desk: Desk) -> None:
    rows: list[Row] = []
    while True:
        page = desk.get(f"{API}/devices", **{"$top": "7", "$skip": str(len(rows))})
        rows += page["Data"]
        if len(rows) >= page["Meta"]["TotalCount"]:
            break
    assert {row["Identifier"] for row in rows} > {device.uid for device in desk.devices}
    assert len({row["Identifier"] for row in rows}) == len(rows)
    for wrong in ("0", "101", "many"):
        assert desk.status(f"{API}/devices", **{"$top": wrong}) == 400


def test_phone_and_self_reporting_system_have_no_agent_and_no_asset(desk: Desk) -> None:
    bare = [row for row in data(desk, "devices") if not row["IsAgentInstalled"]]
    assert {row["Name"] for row in bare} == {"Reception phone", "Production Web Site"}
    assets = {row["Identifier"] for row in data(desk, "assets")}
    assert not assets & {row["Identifier"] for row in bare}


def test_list_of_devices_does_not_tell_who_is_online(desk: Desk) -> None:
    assert all("IsOnline" not in row for row in data(desk, "devices"))
    for online in (True, False):
        device = desk.one(lambda d, online=online: d.online is online)  # type: ignore[misc]
        assert data(desk, f"devices/{device.uid}")["IsOnline"] is online


def test_assets_count_missing_updates_by_severity_and_name_none(desk: Desk) -> None:
    device = desk.one(willing)
    asset = data(desk, f"assets/{device.uid}")
    assert set(asset["Updates"]) == {"Critical", "Important", "Moderate", "Low", "Unspecified"}
    assert asset["Updates"]["Critical"] == len(list(missing(device)))
    assert "KB" not in json.dumps(data(desk, "assets"))


def test_device_that_was_never_scanned_or_is_a_mac_has_no_counts(desk: Desk) -> None:
    mac = desk.one(lambda d: "macOS" in d.os_name)
    unscanned = desk.one(lambda d: d.last_scan is None)
    for device in (mac, unscanned):
        assert data(desk, f"assets/{device.uid}")["Updates"] is None


def test_time_last_seen_is_recent_for_a_device_that_is_online(desk: Desk) -> None:
    for row in data(desk, "assets"):
        device = desk.one(lambda d, uid=row["Identifier"]: d.uid == uid)  # type: ignore[misc]
        seen = datetime.fromisoformat(row["LastSeenOnline"])
        assert (NOON - seen < timedelta(minutes=3)) >= device.online


def test_filters_narrow_by_fields_there_are(desk: Desk) -> None:
    company = desk.world.estate.of_rmm("vsax")[0]
    query = {"$filter": f"OrganizationId eq {company.rmm_number}"}
    page = desk.get(f"{API}/assets", **query)
    assert page["Meta"]["TotalCount"] == len(company.devices)
    assert desk.get(f"{API}/assets", **{"$filter": "OrganizationId eq 424242"})["Data"] == []
    name = company.devices[0].name.replace("'", "''")
    assert len(data(desk, "devices", **{"$filter": f"Name eq '{name}'"})) == 1
    for wrong in ("Colour eq 1", "Name is 'x'", "Name eq"):
        assert refusal(desk.request("GET", f"{API}/assets?$filter={wrong}"))[0] == 400


def test_order_is_as_asked_for(desk: Desk) -> None:
    names = [row["Name"] for row in data(desk, "devices", **{"$orderby": "Name desc"})]
    assert names == sorted(names, reverse=True)
    assert desk.status(f"{API}/devices", **{"$orderby": "Colour"}) == 400


@pytest.mark.parametrize(
    "path", ["devices/x", "assets/x", "automation/workflows/executions/x", "nothing"]
)
def test_what_does_not_exist_is_not_found(desk: Desk, path: str) -> None:
    assert refusal(desk.request("GET", f"{API}/{path}"))[0] == 404


def test_organisations_are_the_companies(desk: Desk) -> None:
    named = {row["Id"]: row["Name"] for row in data(desk, "organizations")}
    assert named == {c.rmm_number: c.rmm_name for c in desk.world.estate.of_rmm("vsax")}


# Running a workflow.


def test_install_goes_from_pending_to_success_and_the_counts_follow_later(desk: Desk) -> None:
    device = desk.one(willing)
    before = total(desk, device)
    wanted = start(desk, device)
    row = execution(desk, wanted)
    assert (row["ExecutionState"], row["ExecutionSteps"]) == ("Pending", [])
    assert row["CompletedAt"] is None
    desk.pass_time(1.5)
    assert execution(desk, wanted)["ExecutionState"] == "Running"
    while execution(desk, wanted)["ExecutionState"] == "Running":
        desk.pass_time(0.5)
    told = printed(desk, wanted)
    assert (told["requestId"], told["mode"]) == ("R4K7Q-1", "install")
    assert {update["result"] for update in told["attempted"]} == {"installed"}
    assert total(desk, device) == before
    desk.pass_time(LONG_S)
    assert total(desk, device) == before - len(told["attempted"])
    assert not list(missing(device))
    (effect,) = desk.effects()
    assert (effect["kind"], effect["target_ids"]) == ("workflow_run", [device.uid])
    assert effect["variables"] == CONSTANTS


def test_list_and_detail_name_the_state_differently(desk: Desk) -> None:
    wanted = start(desk, desk.one(willing))
    (listed,) = desk.get(EXECUTIONS)["Data"]
    assert listed["ExecutionId"] == wanted
    assert (listed["ExecutionStatus"], "ExecutionState" in listed) == ("Pending", False)
    assert "ExecutionStatus" not in execution(desk, wanted)
    assert "ExecutionSteps" not in listed


def test_device_that_runs_the_workflow_gets_no_second_execution(desk: Desk) -> None:
    device, other = [d for d in desk.devices if d.online and not d.server][:2]
    wanted = start(desk, device)
    again = run(desk, [device.uid, other.uid], CONSTANTS).json()["Data"]
    assert [row["ExecutionId"] for row in again["ExistingExecutions"]] == [wanted]
    assert [row["TargetId"] for row in again["NewExecutions"]] == [other.uid]
    assert len(desk.effects()) == 2
    desk.pass_time(LONG_S)
    assert start(desk, device) != wanted


def test_another_workflow_may_run_on_the_same_device(desk: Desk) -> None:
    device = desk.one(willing)
    wanted = start(desk, device)
    other = run(desk, [device.uid], {}, workflow=7).json()["Data"]["NewExecutions"]
    assert len(other) == 1
    desk.pass_time(LONG_S)
    query = {"$filter": f"WorkflowId eq {INSTALL_WORKFLOW_ID} and TargetId eq '{device.uid}'"}
    assert [row["ExecutionId"] for row in desk.get(EXECUTIONS, **query)["Data"]] == [wanted]


def test_execution_for_an_offline_device_waits_until_it_is_back(desk: Desk) -> None:
    device = desk.one(lambda d: not d.online and NOON - d.last_seen < timedelta(days=1))
    wanted = start(desk, device)
    desk.pass_time(LONG_S)
    assert execution(desk, wanted)["ExecutionState"] == "Pending"
    desk.pass_time(DAY_S)
    assert execution(desk, wanted)["ExecutionState"] == "Success"


def test_installs_that_all_fail_end_as_failed_with_what_was_tried(desk: Desk) -> None:
    device = desk.one(willing)
    for update in missing(device):
        update.fails = True
    device.updates = [u for u in device.updates if u.fails or u.state == "installed"]
    wanted = start(desk, device)
    desk.pass_time(LONG_S)
    assert execution(desk, wanted)["ExecutionState"] == "Failed"
    assert {update["result"] for update in printed(desk, wanted)["attempted"]} == {"failed"}


def test_script_that_cannot_run_fails_and_says_why(desk: Desk) -> None:
    wanted = start(desk, desk.one(lambda d: "macOS" in d.os_name and d.online))
    desk.pass_time(LONG_S)
    (step,) = execution(desk, wanted)["ExecutionSteps"]
    assert (step["Status"], step["OutputItems"]) == ("Failed", [])
    assert "Windows only" in step["Outcome"]


def test_scan_lists_what_is_missing_and_installs_nothing(desk: Desk) -> None:
    device = desk.one(willing)
    wanted = start(desk, device, mode="scan", requestId="R4K7Q-2", kbs="")
    desk.pass_time(LONG_S)
    listed = {update["title"] for update in printed(desk, wanted)["missing"]}
    assert listed >= {update.title for update in missing(device)} > set()


def test_no_device_is_restarted_by_the_script(desk: Desk) -> None:
    device = desk.one(willing)
    boot = device.last_boot
    wanted = start(desk, device)
    desk.pass_time(LONG_S)
    assert printed(desk, wanted)["rebootRequired"] is True
    assert device.last_boot == boot


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"DeviceIdentifiers": []},
        {"DeviceIdentifiers": "x"},
        {"DeviceIdentifiers": ["DEVICE"], "WebhookUrl": "https://bot.example/" + "x" * 2000},
        {"DeviceIdentifiers": ["DEVICE"], "ConstantVariableOverrides": [{"Name": "colour"}]},
        {"DeviceIdentifiers": ["DEVICE"], "ConstantVariableOverrides": [{"Name": "x", "Value": "y"}]},
        {"DeviceIdentifiers": ["DEVICE"], "Mode": "install"},
    ],
)  # fmt: skip
def test_run_that_makes_no_sense_is_refused_and_starts_nothing(desk: Desk, body: Row) -> None:
    text = json.dumps(body).replace("DEVICE", desk.devices[0].uid)
    path = f"{API}/automation/workflows/{INSTALL_WORKFLOW_ID}/run"
    assert refusal(desk.request("POST", path, json=json.loads(text)))[0] == 400
    assert refusal(desk.request("POST", path, data="{"))[0] == 400
    assert desk.effects() == []


def test_unknown_device_or_workflow_is_not_found_and_nothing_starts(desk: Desk) -> None:
    known = desk.devices[0].uid
    assert refusal(run(desk, [known, "x"], CONSTANTS))[0] == 404
    assert refusal(run(desk, [known], CONSTANTS, workflow=99))[0] == 404
    assert desk.effects() == []


def test_days_pass_and_the_counts_keep_up(desk: Desk) -> None:
    device = desk.one(willing)
    before = total(desk, device)
    desk.pass_time(12 * DAY_S)
    assert total(desk, device) < before
