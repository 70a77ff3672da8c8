"""The ConnectWise RMM stand-in does what its description and its users' programs say the platform does."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Company, Device
from sandbox.rmm.asio import (
    CLIENT_ID,
    CLIENT_SECRET,
    READ_CLIENT_ID,
    READ_CLIENT_SECRET,
    UPDATE_SCRIPT_ID,
    make_app,
)
from sandbox.rmm.asio.sign_in import ASSETS, AUTOMATION, COMPANIES, DEVICES, OS_PATCHES, RUN
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
V1, V2 = "/api/platform/v1", "/api/platform/v2"
LIST = f"{V2}/device/categories/platform/endpoints"
HEARTBEAT = f"{V2}/device/endpoints/heartbeat"
SUMMARY = f"{V2}/os-patching/compliance/summary"
ALL = f"{COMPANIES} {DEVICES} {ASSETS} {OS_PATCHES} {AUTOMATION} {RUN}"
#: Longer than any run and the assessment after it take.
LONG_S = 30.0
PARAMETERS = {"mode": "install", "requestId": "R4K7Q-1", "kbs": ""}


class AsioDesk(Desk):
    @property
    def company(self) -> Company:
        return self.world.estate.of_rmm("asio")[0]

    def sign_in(self, scope: str, secret: str = CLIENT_SECRET, **more: str) -> requests.Response:
        body = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": secret,
            "scope": scope,
            **more,
        }
        return self.request("POST", "/v1/token", json=body)

    def listed(self, path: str, word: str = "company", **params: Any) -> requests.Response:
        body = {"resourceType": word, "resources": [self.company.rmm_uid]}
        return self.request("POST", path, json=body, params=params)

    def schedule(self, device: Device, parameters: Row = PARAMETERS, **more: Any) -> Any:
        body = {
            "name": "Gatehouse R4K7Q R4K7Q-1",
            "templateType": "script",
            "templateID": UPDATE_SCRIPT_ID,
            "targets": [device.uid],
            "targetType": "MANAGED_ENDPOINT",
            "resourcesType": "Both",
            "schedule": {"regularity": "Immediate", "category": "STZ", "scheduleType": "TIME"},
            "parameters": json.dumps(parameters),
            **more,
        }
        return self.request("POST", f"{V2}/automation/endpoints/schedule-tasks", json=body)

    def instance(self, task: str) -> Row:
        (row,) = self.get(f"{V1}/automation/tasks/{task}/instances/summary")["Results"]
        told: Row = row
        return told

    def result(self, task: str) -> Row:
        instance = self.instance(task)["taskInstanceId"]
        (row,) = self.get(f"{V1}/automation/tasks/{task}/instances/{instance}/results")["Result"]
        told: Row = row
        return told

    def patches(self, device: Device) -> Row:
        told: Row = self.get(f"{V2}/patching/{device.uid}/patches")
        return told


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> AsioDesk:
    world = make_world("asio")
    made = AsioDesk(serve_tls(make_app(world)), https, world, "asio")
    made.token = made.sign_in(ALL).json()["access_token"]
    return made


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Every part of the platform has a shape of its own."""
    said = answer.json()
    inner = said.get("error")
    words = inner["message"] if isinstance(inner, dict) else None
    return answer.status_code, words or said.get("description") or said["message"]


# Signing in.


def test_wrong_secret_unknown_key_and_foreign_grant_are_refused(desk: AsioDesk) -> None:
    assert desk.sign_in(ALL, "wrong").status_code == 401
    assert desk.sign_in(ALL, client_id="nobody").json() == {"error": "invalid_client"}
    assert desk.sign_in(ALL, grant_type="password").status_code == 400


def test_scope_the_key_lacks_spoils_the_token(desk: AsioDesk) -> None:
    more = {"client_id": READ_CLIENT_ID, "secret": READ_CLIENT_SECRET}
    assert desk.sign_in(DEVICES, **more).status_code == 200
    answer = desk.sign_in(f"{DEVICES} {RUN}", **more)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


def test_key_that_signs_in_too_often_is_locked_for_a_while(desk: AsioDesk) -> None:
    states = [desk.sign_in(DEVICES).status_code for _ in range(20)]
    assert (states[0], states[-1]) == (200, 423)
    desk.pass_time(301)
    assert desk.sign_in(DEVICES).status_code == 200


def test_token_opens_what_its_scopes_say_and_expires(desk: AsioDesk) -> None:
    desk.token = desk.sign_in(COMPANIES).json()["access_token"]
    assert desk.status(f"{V1}/company/companies") == 200
    assert desk.status("/v1/rate_limits") == 200
    assert desk.listed(LIST).status_code == 403
    desk.pass_time(3600)
    assert refusal(desk.request("GET", "/v1/rate_limits")) == (401, "bearer token is invalid")


def test_quota_is_told_and_counts_down(desk: AsioDesk) -> None:
    def left() -> int:
        told: int = desk.get("/v1/rate_limits")["resources"]["service"]["rate-limit"]["remaining"]
        return told

    assert left() - left() == 1


# Reading.


def test_endpoints_come_in_pages_with_a_link_to_the_next(desk: AsioDesk) -> None:
    found: list[str] = []
    url = f"{LIST}?limit=7&cursor=0"
    while url:
        answer = desk.listed(url)
        groups = answer.json()["platform"]
        found += [row["endpointID"] for group in groups for row in group["endpoints"]]
        assert {group["companyID"] for group in groups} == {desk.company.rmm_uid}
        following = answer.links.get("next", {}).get("url", "")
        url = following.removeprefix(desk.url)
    assert found == [device.uid for device in desk.devices]


def test_list_without_rows_is_not_found(desk: AsioDesk) -> None:
    body = {"resourceType": "company", "resources": ["nobody"]}
    assert refusal(desk.request("POST", LIST, json=body)) == (404, "resource not found")
    assert desk.listed(LIST, cursor=999).status_code == 404
    assert desk.status(HEARTBEAT, resourceType="companies", resources="nobody") == 404


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_limit_out_of_bounds_is_refused(desk: AsioDesk, limit: str) -> None:
    assert desk.listed(LIST, limit=limit).status_code == 400


def test_words_for_a_company_differ_from_call_to_call(desk: AsioDesk) -> None:
    assert desk.listed(LIST).status_code == 200
    assert refusal(desk.listed(LIST, "companies")) == (400, "Invalid Resource Type")
    uid = desk.company.rmm_uid
    assert desk.status(HEARTBEAT, resourceType="companies", resources=uid) == 200
    assert desk.status(HEARTBEAT, resourceType="clients", resources=uid) == 400
    assert desk.status(HEARTBEAT, resourceType="endpoints", resources=uid) == 403
    assert desk.status(HEARTBEAT, resourceType="companies", resources=",".join("abcde")) == 400


def test_system_is_told_where_it_is_asked_for(desk: AsioDesk) -> None:
    bare = desk.listed(LIST).json()["platform"][0]["endpoints"][0]
    whole = desk.listed(LIST, field="system,os").json()["platform"][0]["endpoints"][0]
    assert set(whole) - set(bare) == {"system", "os"}
    assert whole["os"]["product"] == desk.devices[0].os_name


def test_heartbeat_tells_who_is_online_and_since_when_not(desk: AsioDesk) -> None:
    told = desk.get(HEARTBEAT, resourceType="companies", resources=desk.company.rmm_uid)
    (record,) = told["successfulRecords"]
    beats = {row["EndpointID"]: row for row in record["endpoints"]}
    for device in desk.devices:
        seen = datetime.fromisoformat(beats[device.uid]["DcDateTimeUTC"])
        assert beats[device.uid]["Availability"] is device.online
        assert (NOON - seen < timedelta(minutes=3)) >= device.online


def test_summary_counts_what_the_patches_list(desk: AsioDesk) -> None:
    (group,) = desk.listed(SUMMARY, limit=500).json()["data"]
    rows = {row["endpointID"]: row for row in group["endpoints"]}
    device = desk.one(willing)
    listed = desk.patches(device)["patches"]
    lacking = [row for row in listed if row["installedDate"] is None]
    assert rows[device.uid]["missingPatchCount"] == len(lacking) > 0
    assert rows[device.uid]["installedPatchCount"] == len(listed) - len(lacking)
    assert not any("title" in row or "releaseDate" in row for row in listed)


def test_device_that_was_never_assessed_has_no_patch_data(desk: AsioDesk) -> None:
    (group,) = desk.listed(SUMMARY, limit=500).json()["data"]
    assessed = {row["endpointID"] for row in group["endpoints"]}
    for suits in (
        lambda d: "macOS" in d.os_name,
        lambda d: d.last_scan is None,
        lambda d: not d.patch_policy,
    ):
        device = desk.one(suits)
        assert device.uid not in assessed
        answer = desk.request("GET", f"{V2}/patching/{device.uid}/patches")
        assert refusal(answer) == (404, "Endpoint patches not found")


# Running a script.


def test_install_goes_from_waiting_to_success_and_is_assessed_later(desk: AsioDesk) -> None:
    device = desk.one(willing)
    before = desk.patches(device)["summary"]
    answer = desk.schedule(device)
    assert answer.status_code == 201
    task = answer.json()["taskId"]
    assert desk.instance(task)["OverallStatus"] == "waiting"
    desk.pass_time(1.5)
    assert desk.instance(task)["OverallStatus"] == "running"
    while desk.instance(task)["OverallStatus"] == "running":
        desk.pass_time(0.5)
    told = json.loads(desk.result(task)["output"])
    assert (told["requestId"], told["mode"]) == ("R4K7Q-1", "install")
    assert {update["result"] for update in told["attempted"]} == {"installed"}
    assert desk.patches(device)["summary"] == before
    desk.pass_time(LONG_S)
    after = desk.patches(device)["summary"]
    assert after["missingCount"] < before["missingCount"]
    assert after["assessedAt"] > before["assessedAt"]
    assert not list(missing(device))
    (effect,) = desk.effects()
    assert (effect["kind"], effect["target_ids"]) == ("script_task", [device.uid])
    assert effect["parameters"] == PARAMETERS


def test_restart_that_is_owed_shows_as_pending_and_none_is_made(desk: AsioDesk) -> None:
    device = desk.one(willing)
    boot = device.last_boot
    desk.schedule(device)
    desk.pass_time(LONG_S)
    assert desk.patches(device)["summary"]["pendingRebootCount"] > 0
    assert device.last_boot == boot


def test_script_takes_what_it_is_named_and_leaves_the_rest(desk: AsioDesk) -> None:
    device = desk.one(willing)
    (update,) = missing(device)
    other = next(u for u in device.updates if u.kind == "dotnet")
    other.state = "approved"
    task = desk.schedule(device, {**PARAMETERS, "kbs": update.kb}).json()["taskId"]
    desk.pass_time(LONG_S)
    told = json.loads(desk.result(task)["output"])
    assert [row["kb"] for row in told["attempted"]] == [update.kb]
    assert (update.state, other.state) == ("installed", "approved")


def test_script_that_cannot_run_fails_and_complains(desk: AsioDesk) -> None:
    task = desk.schedule(desk.one(lambda d: "macOS" in d.os_name and d.online)).json()["taskId"]
    desk.pass_time(LONG_S)
    assert desk.instance(task)["OverallStatus"] == "failed"
    assert "Windows only" in desk.result(task)["errorOutput"]


def test_task_for_an_offline_device_waits_until_it_is_back(desk: AsioDesk) -> None:
    device = desk.one(lambda d: not d.online and NOON - d.last_seen < timedelta(days=1))
    task = desk.schedule(device).json()["taskId"]
    desk.pass_time(LONG_S)
    assert desk.instance(task)["OverallStatus"] == "waiting"
    desk.pass_time(DAY_S)
    desk.token = desk.sign_in(ALL).json()["access_token"]
    assert desk.instance(task)["OverallStatus"] == "success"


def test_first_version_takes_the_parameters_by_another_name(desk: AsioDesk) -> None:
    body = {
        "name": "by hand", "templateType": "script", "templateID": UPDATE_SCRIPT_ID,
        "targets": [desk.one(willing).uid], "targetType": "MANAGED_ENDPOINT",
        "schedule": {"regularity": "Immediate"}, "userParameters": json.dumps(PARAMETERS),
    }  # fmt: skip
    answer = desk.request("POST", f"{V1}/automation/endpoints/schedule-tasks", json=body)
    assert set(answer.json()) == {"taskID", "createdOn"}
    assert desk.effects()[0]["parameters"] == PARAMETERS


@pytest.mark.parametrize(
    "wrong",
    [
        {"templateID": "x"},
        {"templateType": "task"},
        {"targets": []},
        {"targetType": "SITE"},
        {"schedule": {"regularity": "Weekly"}},
        {"parameters": "{"},
        {"parameters": json.dumps({"colour": "red"})},
        {"name": ""},
        {"colour": "red"},
    ],
)
def test_task_that_makes_no_sense_is_refused_and_starts_nothing(desk: AsioDesk, wrong: Row) -> None:
    assert desk.schedule(desk.devices[0], **wrong).status_code == 400
    assert desk.effects() == []


def test_unknown_device_or_task_is_not_found(desk: AsioDesk) -> None:
    assert desk.schedule(desk.devices[0], targets=["x"]).status_code == 404
    assert desk.status(f"{V1}/automation/tasks/x/instances/summary") == 404
    assert desk.effects() == []


def test_days_pass_and_the_assessments_keep_up(desk: AsioDesk) -> None:
    device = desk.one(willing)
    before = desk.patches(device)["summary"]["missingCount"]
    desk.pass_time(12 * DAY_S)
    desk.token = desk.sign_in(ALL).json()["access_token"]
    assert desk.patches(device)["summary"]["missingCount"] < before


@pytest.mark.parametrize("path", ["company/companies", "automation/scripts", "automation/tasks"])
def test_every_list_has_rows(desk: AsioDesk, path: str) -> None:
    desk.schedule(desk.one(willing))
    assert desk.get(f"{V1}/{path}")


def test_endpoints_of_the_first_version_are_those_of_the_company(desk: AsioDesk) -> None:
    answer = desk.get(f"{V1}/device/clients/{desk.company.rmm_uid}/endpoints")
    assert len(answer["endpoints"]) == len(desk.devices)
    endpoint = answer["endpoints"][0]["endpointId"]
    assert desk.get(f"{V1}/device/endpoints/{endpoint}")["os"]


@pytest.mark.parametrize("version", [V1, V2])
def test_patches_are_told_in_both_versions(desk: AsioDesk, version: str) -> None:
    assert desk.get(f"{version}/patching/{desk.one(willing).uid}/patches")["patches"]


def test_quota_is_told(desk: AsioDesk) -> None:
    assert desk.get("/v1/rate_limits")["resources"]["service"]["rate-limit"]
