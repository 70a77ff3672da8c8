"""The Action1 stand-in does what Action1's reference pages and its users say of the real one."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Company, Device
from sandbox.rmm.action1 import CLIENT_ID, CLIENT_SECRET, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET
from sandbox.rmm.action1 import app as action1_app
from sandbox.rmm.action1.words import package_of
from tests.sandbox.rmm_desk import Desk, make_world, missing, willing

API = "/api/3.0"
Row = dict[str, Any]


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("action1")
    made = Desk(serve_tls(action1_app.make_app(world)), https, world, "action1")
    made.token = sign_in(made, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET)
    return made


def sign_in(desk: Desk, client_id: str, secret: str) -> str:
    form = {"client_id": client_id, "client_secret": secret}
    answer = desk.session.post(f"{desk.url}{API}/oauth2/token", data=form, timeout=30)
    return str(answer.json().get("access_token", ""))


def company(desk: Desk) -> Company:
    (found,) = desk.world.estate.of_rmm("action1")
    return found


def items(desk: Desk, path: str, **query: str) -> list[Row]:
    rows: list[Row] = desk.get(f"{API}/{path}", **{"limit": "500", **query})["items"]
    return rows


def endpoint(desk: Desk, device: Device) -> Row:
    row: Row = desk.get(f"{API}/endpoints/managed/{company(desk).rmm_uid}/{device.uid}?fields=*")
    return row


def order(device: Device, *, reboot: str = "no", retry: str = "60", **params: Any) -> Row:
    packages = [package_of(update) for update in missing(device)]
    named = [{package.id: package.version} for package in packages]
    options = {"scope": "Specified", "packages": named, "reboot_options": {"auto_reboot": reboot}}
    return {
        "name": "by hand",
        "retry_minutes": retry,
        "endpoints": [{"id": device.uid, "type": "Endpoint"}],
        "actions": [
            {"name": "Deploy", "template_id": "deploy_update", "params": {**options, **params}}
        ],
    }


def run(desk: Desk, device: Device, **more: Any) -> requests.Response:
    path = f"{API}/automations/instances/{company(desk).rmm_uid}"
    return desk.request("POST", path, json=order(device, **more))


def result(desk: Desk, instance: str) -> list[Row]:
    return items(desk, f"automations/instances/{company(desk).rmm_uid}/{instance}/endpoint-results")


# Who may ask.


def test_token_is_given_for_a_secret_without_a_grant_type(desk: Desk) -> None:
    assert sign_in(desk, CLIENT_ID, CLIENT_SECRET)
    assert sign_in(desk, CLIENT_ID, "wrong") == ""
    assert desk.status(f"{API}/organizations") == 200
    desk.pass_time(3601)
    assert desk.status(f"{API}/organizations") == 401


def test_viewer_may_not_run_automations(desk: Desk) -> None:
    desk.token = sign_in(desk, CLIENT_ID, CLIENT_SECRET)
    assert run(desk, desk.one(willing)).status_code == 403
    assert desk.effects() == []


def test_what_is_not_there_is_forbidden(desk: Desk) -> None:
    for path in ("nowhere", "endpoints/managed/424242", "updates/424242"):
        assert desk.status(f"{API}/{path}") == 403


def test_too_many_requests_are_told_to_wait_in_the_body(
    desk: Desk,
    serve_tls: Callable[[web.Application], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(action1_app, "REQUESTS_PER_MINUTE", 3)
    desk.url = serve_tls(action1_app.make_app(desk.world))
    desk.token = sign_in(desk, CLIENT_ID, CLIENT_SECRET)
    assert [desk.status(f"{API}/organizations") for _ in range(3)] == [200, 200, 429]
    answer = desk.request("GET", f"{API}/organizations")
    assert 1 <= answer.json()["details"]["retry_after"] <= 61
    assert "Retry-After" not in answer.headers


# Reading.


def test_list_comes_in_pages_that_name_the_next(desk: Desk) -> None:
    path = f"{API}/endpoints/managed/{company(desk).rmm_uid}"
    first = desk.get(path)
    assert (len(first["items"]), first["limit"]) == (len(desk.devices), "50")
    second = desk.get(path, **{"limit": "10", "from": "10"})
    assert second["total_items"] == str(len(desk.devices))
    assert "from=20" in second["next_page"]
    assert "next_page" not in desk.get(path, **{"limit": "10", "from": "30"})
    assert desk.status(path, limit="many") == 400


def test_counts_have_to_be_asked_for_and_are_none_before_the_first_assessment(desk: Desk) -> None:
    device = desk.one(willing)
    row = endpoint(desk, device)
    assert int(row["missing_critical_updates"]) >= 1
    assert (
        "missing_critical_updates"
        not in items(desk, f"endpoints/managed/{company(desk).rmm_uid}")[0]
    )
    device.last_scan = None
    assert endpoint(desk, device)["missing_critical_updates"] is None


def test_both_ways_of_asking_who_misses_what_agree(desk: Desk) -> None:
    org = company(desk).rmm_uid
    by_version = {
        (row["id"], package["id"], version["id"])
        for package in items(desk, f"updates/{org}", fields="*")
        for version in package["versions"]
        for row in items(desk, f"updates/{org}/{package['id']}/versions/{version['id']}/endpoints")
    }
    by_device = {
        (device.uid, package["id"], version["id"])
        for device in desk.devices
        for package in items(desk, f"endpoints/managed/{org}/{device.uid}/missing-updates")
        for version in package["versions"]
    }
    assert by_version == by_device != set()
    assert "versions" not in items(desk, f"updates/{org}")[0]


def test_approval_holds_for_the_whole_organization(desk: Desk) -> None:
    states: dict[str, set[str]] = {}
    for device in desk.devices:
        for update in device.updates:
            if update.state in ("approved", "pending", "rejected"):
                states.setdefault(update.id, set()).add(update.state)
    assert all(len(found) == 1 for found in states.values())
    assert {"approved", "pending"} <= {state for found in states.values() for state in found}


# Running.


def test_order_installs_what_it_names_and_restarts_where_told(desk: Desk) -> None:
    device = desk.one(willing)
    other = next((u for u in device.updates if u.kind in ("driver", "feature")), None)
    answer = run(desk, device, reboot="yes")
    assert answer.status_code == 200
    instance = answer.json()["id"]
    assert result(desk, instance) == []
    desk.pass_time(2)
    assert [row["status"] for row in result(desk, instance)] == ["Running"]
    desk.pass_time(30)
    assert [row["status"] for row in result(desk, instance)] == ["Success"]
    assert not list(missing(device))
    assert other is None or other.state != "installed"
    assert endpoint(desk, device)["reboot_required"] == "No"
    assert [effect["kind"] for effect in desk.effects()] == ["automation"]


def test_failed_update_makes_the_result_an_error(desk: Desk) -> None:
    device = desk.one(willing)
    for update in missing(device):
        update.fails = True
    instance = run(desk, device).json()["id"]
    desk.pass_time(30)
    (row,) = result(desk, instance)
    assert (row["status"], row["description"]) == ("Error", "1 of 1 updates failed.")
    (listed,) = items(desk, f"automations/instances/{company(desk).rmm_uid}")
    assert listed["status"] == "Warning"


def test_order_waits_for_its_endpoint_and_may_be_stopped(desk: Desk) -> None:
    device = desk.one(willing)
    device.online = False
    instance = run(desk, device).json()["id"]
    desk.pass_time(600)
    assert result(desk, instance) == []
    path = f"{API}/automations/instances/{company(desk).rmm_uid}/{instance}/stop"
    assert desk.request("POST", path).json()["status"] == "Stopped"
    device.online = True
    desk.pass_time(30)
    assert list(missing(device))


def test_endpoint_that_comes_back_in_time_works_its_order_off(desk: Desk) -> None:
    device = desk.one(willing)
    device.online = False
    instance = run(desk, device).json()["id"]
    desk.pass_time(600)
    assert result(desk, instance) == []
    device.online = True
    desk.get(f"{API}/organizations")
    desk.pass_time(30)
    assert [row["status"] for row in result(desk, instance)] == ["Success"]


def test_order_that_makes_no_sense_is_refused(desk: Desk) -> None:
    device = desk.one(willing)
    nonsense: tuple[Row, ...] = (
        {"retry": "43201"},
        {"reboot": "maybe"},
        {"scope": "All"},
        {"packages": []},
        {"packages": [{"p": 1}]},
    )
    for wrong in nonsense:
        assert run(desk, device, **wrong).status_code == 400
    assert desk.effects() == []
