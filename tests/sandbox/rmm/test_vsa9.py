"""The VSA 9 stand-in does what Kaseya's help pages and its users' programs say VSA 9 does."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.vsa9 import (
    ACCESS_TOKEN,
    USERNAME,
    WRITE_ACCESS_TOKEN,
    WRITE_USERNAME,
    agent_id,
    make_app,
    org_id,
)
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
API = "/api/v1.0"
#: Longer than any run, its restart and the scan after it take.
LONG_S = 30.0
FLAGS = {"ServerTimeZone": True, "SkipIfOffLine": True, "PowerUpIfOffLine": False}


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("vsa9")
    made = Desk(serve_tls(make_app(world)), https, world, "vsa9")
    sign_in(made, WRITE_USERNAME, WRITE_ACCESS_TOKEN)
    return made


def sign_in(desk: Desk, user: str, secret: str) -> requests.Response:
    answer = desk.session.get(f"{desk.url}{API}/auth", auth=(user, secret), timeout=30)
    if answer.ok:
        desk.token = answer.json()["Result"]["Token"]
    return answer


def rows(desk: Desk, path: str, **params: Any) -> list[Row]:
    found: list[Row] = desk.get(f"{API}/{path}", **params)["Result"]
    return found


def lacking(desk: Desk, device: Device, *, hide: str = "false") -> dict[int, Row]:
    found = rows(desk, f"assetmgmt/patch/{agent_id(device)}/machineupdate/{hide}")
    return {row["PatchDataId"]: row for row in found}


def status(desk: Desk, device: Device) -> Row:
    found: Row = desk.get(f"{API}/assetmgmt/patch/{agent_id(device)}/status")["Result"]
    return found


def schedule(desk: Desk, device: Device, ids: list[int], **more: Any) -> requests.Response:
    path = f"{API}/assetmgmt/patch/{agent_id(device)}/schedule"
    return desk.request("PUT", path, json={**FLAGS, "PatchIds": ids, **more})


def due(desk: Desk, device: Device) -> int:
    """The cumulative update a willing device lacks."""
    titles = {update.title for update in missing(device)}
    return next(k for k, row in lacking(desk, device).items() if row["Description"] in titles)


def test_session_ends_and_is_then_refused(desk: Desk) -> None:
    assert desk.status(f"{API}/system/orgs") == 200
    desk.pass_time(31 * 60)
    assert desk.status(f"{API}/system/orgs") == 401


@pytest.mark.parametrize("wrong", [("nobody", ACCESS_TOKEN), (USERNAME, "x"), (USERNAME, "")])
def test_wrong_token_brings_no_session(desk: Desk, wrong: tuple[str, str]) -> None:
    assert sign_in(desk, *wrong).status_code == 401


def test_lists_come_a_hundred_rows_at_a_time_and_say_how_many_there_are(desk: Desk) -> None:
    whole = desk.get(f"{API}/assetmgmt/agents")
    assert whole["TotalRecords"] == len(desk.devices) == len(whole["Result"])
    second = desk.get(f"{API}/assetmgmt/agents", **{"$top": 7, "$skip": 7})
    assert second["Result"] == whole["Result"][7:14]
    assert second["TotalRecords"] == whole["TotalRecords"]


def test_one_agent_is_found_by_its_id(desk: Desk) -> None:
    device = desk.devices[3]
    found = rows(desk, "assetmgmt/agents", **{"$filter": f"AgentId eq {agent_id(device)}M"})
    assert [row["ComputerName"] for row in found] == [device.name]


def test_refusals_come_as_http_200(desk: Desk) -> None:
    answer = desk.request("GET", f"{API}/assetmgmt/patch/123/status")
    assert (answer.status_code, answer.json()["ResponseCode"]) == (200, 404)
    sign_in(desk, USERNAME, ACCESS_TOKEN)
    refused = schedule(desk, desk.one(willing), [1])
    assert (refused.status_code, refused.json()["ResponseCode"]) == (200, 403)
    assert desk.effects() == []


def test_organisation_is_told_by_agent_and_group(desk: Desk) -> None:
    (company,) = desk.world.estate.of_rmm("vsa9")
    (group,) = rows(desk, "system/machinegroups")
    assert {row["OrgId"] for row in rows(desk, "assetmgmt/agents")} == {org_id(company)}
    assert group["OrgId"] == org_id(company)


def test_denied_and_undecided_updates_are_hidden_alike(desk: Desk) -> None:
    held = {"pending", "rejected"}
    device = desk.one(lambda d: d.online and any(u.state == "rejected" for u in d.updates))
    hidden = set(lacking(desk, device)) - set(lacking(desk, device, hide="true"))
    assert len(hidden) == sum(u.state in held and u.kind != "driver" for u in device.updates)


def test_chosen_updates_are_installed_and_leave_the_list_with_the_scan(desk: Desk) -> None:
    device = desk.one(willing)
    number, before = due(desk, device), status(desk, device)
    assert schedule(desk, device, [number]).json()["ResponseCode"] == 0
    assert lacking(desk, device)[number]["SchedTogether"] == 1
    desk.pass_time(2)
    assert number in lacking(desk, device)
    desk.pass_time(LONG_S)
    assert number not in lacking(desk, device)
    after = status(desk, device)
    assert after["LastPatchScan"] > before["LastPatchScan"]
    assert after["RebootPending"] == 0
    history = rows(desk, f"assetmgmt/patch/{agent_id(device)}/history")
    assert number in {row["PatchDataId"] for row in history}
    assert len(desk.effects()) == 1


def test_reboot_action_spares_a_machine_somebody_works_on(desk: Desk) -> None:
    device = desk.one(willing)
    device.user = "somebody"
    schedule(desk, device, [due(desk, device)])
    desk.pass_time(LONG_S)
    assert status(desk, device)["RebootPending"] == 1


def test_failed_install_shows_on_the_list(desk: Desk) -> None:
    device = desk.one(willing)
    number = due(desk, device)
    for update in missing(device):
        update.fails = True
    schedule(desk, device, [number])
    desk.pass_time(LONG_S)
    assert lacking(desk, device)[number]["SchedTogether"] == 8


def test_machine_that_is_off_is_skipped_without_a_word(desk: Desk) -> None:
    device = desk.one(willing)
    number = due(desk, device)
    device.online = False
    assert schedule(desk, device, [number]).json()["ResponseCode"] == 0
    device.online = True
    desk.pass_time(LONG_S)
    assert lacking(desk, device)[number]["SchedTogether"] == 0


@pytest.mark.parametrize(
    "wrong", [{"PatchIds": []}, {"PatchIds": ["x"]}, {"PatchIds": [1]}, {"SkipIfOffLine": "yes"}]
)
def test_order_that_makes_no_sense_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    device = desk.one(willing)
    answer = schedule(desk, device, [due(desk, device)], **wrong)
    assert answer.json()["ResponseCode"] == 400
    assert desk.effects() == []


def test_scan_now_costs_the_recurring_scan(desk: Desk) -> None:
    device = desk.one(willing)
    desk.request("PUT", f"{API}/assetmgmt/patch/{agent_id(device)}/scannow")
    assert [row["kind"] for row in desk.effects()] == ["recurring_scan_lost"]
    scanned = status(desk, device)["LastPatchScan"]
    desk.pass_time(2 * DAY_S)
    sign_in(desk, USERNAME, ACCESS_TOKEN)
    assert status(desk, device)["LastPatchScan"] == scanned
