"""The N-central stand-in does what N-able's pages and N-central's users say of the real one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.ncentral import JWT, SCRIPT_ITEM_ID, make_app
from tests.sandbox.rmm_desk import Desk, make_world, missing, willing

Row = dict[str, Any]


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("ncentral")
    made = Desk(serve_tls(make_app(world)), https, world, "ncentral")
    made.token = JWT
    answer = made.request("POST", "/api/auth/authenticate").json()
    made.token = answer["tokens"]["access"]["token"]
    return made


def services(desk: Desk, device: Device) -> dict[str, Row]:
    rows = desk.get(f"/api/devices/{device.number}/service-monitor-status")["data"]
    return {row["moduleName"]: row for row in rows}


def order(desk: Desk, device: Device, **more: Any) -> Row:
    (company,) = desk.world.estate.of_rmm("ncentral")
    line = {"name": "CommandLine", "value": "-Mode install -RequestId R4K7Q-1", "type": "string"}
    return {
        "name": "by hand",
        "itemId": SCRIPT_ITEM_ID,
        "taskType": "Script",
        "customerId": company.rmm_number,
        "deviceId": device.number,
        "credential": {"type": "LocalSystem"},
        "parameters": [line],
        **more,
    }


def run(desk: Desk, device: Device, **more: Any) -> requests.Response:
    body = order(desk, device, **more)
    return desk.request("POST", "/api/scheduled-tasks/direct", json=body)


def details(desk: Desk, task: int) -> list[Row]:
    rows: list[Row] = desk.get(f"/api/scheduled-tasks/{task}/status/details")["data"]
    return rows


def test_jwt_opens_the_sign_in_and_nothing_else(desk: Desk) -> None:
    assert desk.status("/api/auth/validate") == 200
    desk.pass_time(3601)
    assert desk.status("/api/customers") == 401
    desk.token = JWT
    assert desk.status("/api/customers") == 401
    desk.token = "something else"
    assert desk.request("POST", "/api/auth/authenticate").status_code == 401


def test_pages_are_numbered_and_hold_two_hundred_rows_at_most(desk: Desk) -> None:
    first = desk.get("/api/devices", pageSize="10")
    last = desk.get("/api/devices", pageSize="10", pageNumber=str(first["totalPages"]))
    assert first["totalItems"] == len(desk.devices) + 1
    assert (first["itemCount"], len(last["data"])) == (10, first["totalItems"] % 10 or 10)
    assert last["data"][-1]["deviceClass"] == "Printer"
    assert desk.status("/api/devices", pageSize="201") == 400
    assert desk.status("/api/devices", pageNumber="0") == 400


def test_too_many_calls_of_one_kind_at_once_are_refused(desk: Desk) -> None:
    desk.world.pace = 30
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: requests_status(desk), range(8)))
    assert sorted(set(found)) == [200, 429]


def requests_status(desk: Desk) -> int:
    headers = {"Authorization": f"Bearer {desk.token}"}
    verify = desk.session.verify
    return requests.get(
        f"{desk.url}/api/customers", headers=headers, verify=verify, timeout=30
    ).status_code


def test_patch_service_has_one_word_and_only_where_something_is_patched(desk: Desk) -> None:
    device = desk.one(willing)
    assert services(desk, device)["Patch Status v2"]["stateStatus"] in ("Warning", "Failed")
    for update in device.updates:
        update.state = "installed"
    assert services(desk, device)["Patch Status v2"]["stateStatus"] == "Normal"
    device.online = False
    found = services(desk, device)
    assert (found["Agent Status"]["stateStatus"], found["Patch Status v2"]["stateStatus"]) == (
        "Failed",
        "Disconnected",
    )
    device.patch_policy = False
    assert services(desk, device).keys() == {"Agent Status"}


def test_details_of_a_service_are_under_its_task(desk: Desk) -> None:
    service = services(desk, desk.one(willing))["Patch Status v2"]
    detail = desk.get(f"/api/appliance-tasks/{service['taskId']}")["data"]
    assert detail["state"] == service["stateStatus"]
    assert desk.get("/api/appliance-tasks/1") == {"error message": "No appliance task 1."}


def test_script_runs_on_the_device_and_its_output_is_kept(desk: Desk) -> None:
    device = desk.one(willing)
    answer = run(desk, device)
    assert answer.status_code == 201
    task = answer.json()["data"]["taskId"]
    assert details(desk, task) == []
    desk.pass_time(2)
    assert [row["status"] for row in details(desk, task)] == ["In Progress"]
    desk.pass_time(30)
    (row,) = details(desk, task)
    assert row["status"] == "Completed"
    assert row["output"].startswith("Script: gatehouse-updates\n{")
    assert not list(missing(device))
    status = desk.get(f"/api/scheduled-tasks/{task}/status")["data"]
    assert status["statusCounts"] == {"Completed": 1}
    listed = desk.get(f"/api/devices/{device.number}/scheduled-tasks")["data"]
    assert listed == [{"taskId": task, "taskName": "by hand", "status": "Completed"}]
    assert desk.get(f"/api/scheduled-tasks/{task}")["data"]["deviceIds"] == [str(device.number)]


def test_task_waits_for_a_device_that_is_away(desk: Desk) -> None:
    device = desk.one(willing)
    device.online = False
    task = run(desk, device).json()["data"]["taskId"]
    desk.pass_time(600)
    assert details(desk, task) == []
    device.online = True
    desk.get("/api/customers")
    desk.pass_time(30)
    assert [row["status"] for row in details(desk, task)] == ["Completed"]


def test_script_that_gives_up_says_why(desk: Desk) -> None:
    mac = desk.one(lambda d: d.online and d.os_name.startswith("macOS"))
    task = run(desk, mac).json()["data"]["taskId"]
    desk.pass_time(30)
    (row,) = details(desk, task)
    assert (row["status"], row["output"]) == ("Failed", "")
    assert "Windows only" in row["message"]


def test_name_that_is_taken_is_refused_in_the_guise_of_success(desk: Desk) -> None:
    device = desk.one(willing)
    run(desk, device)
    again = run(desk, device)
    assert (again.status_code, list(again.json())) == (200, ["error message"])
    assert len(desk.effects()) == 1


def test_order_that_makes_no_sense_is_refused(desk: Desk) -> None:
    device = desk.one(willing)
    wrong: tuple[tuple[Row, int], ...] = (
        ({"itemId": 4711}, 404),
        ({"itemId": 1003}, 403),
        ({"deviceId": 1}, 404),
        ({"customerId": 1}, 400),
        ({"taskType": "Wish"}, 400),
        ({"credential": None}, 400),
        ({"name": ""}, 400),
        ({"parameters": [{"name": "CommandLine", "value": "-Force"}]}, 400),
        ({"parameters": ["x"]}, 400),
    )
    for more, status in wrong:
        assert (more, run(desk, device, **more).status_code) == (more, status)
    assert desk.effects() == []
