"""Devices do what Tactical RMM tells them to, where they hear it."""

import time
from datetime import datetime, timedelta

import pytest

from sandbox.estate.model import Device
from sandbox.rmm.tactical import ADMIN_API_KEY, API_KEY, LIMITED_API_KEY, agent_id
from tests.sandbox.rmm.tactical.asking import (
    LONG_S,
    Row,
    agent,
    bus_goes_down,
    post,
    row_of,
    run,
    updates,
    use,
)
from tests.sandbox.rmm_desk import DAY_S, Desk, missing, willing


# Installing.
def test_install_takes_what_is_approved_and_nothing_else(desk: Desk) -> None:
    device = desk.one(willing)
    before = {row["guid"]: row for row in updates(desk, device)}
    answer = post(desk, device, "install")
    assert answer.json() == f"Approved patches will now be installed on {device.name}"
    desk.pass_time(LONG_S)
    for row in updates(desk, device):
        was = before[row["guid"]]
        taken = was["action"] == "approve" and not was["installed"]
        assert row["installed"] is (was["installed"] or taken)
        if taken:
            assert row["result"] == "success"
            assert row["date_installed"]
    assert agent(desk, device)["has_patches_pending"] is False


def test_install_goes_update_by_update(desk: Desk) -> None:
    device = desk.one(lambda d: willing(d) and sum(u.state == "approved" for u in d.updates) > 1)
    waiting = {row["guid"] for row in updates(desk, device) if _waits(row)}
    post(desk, device, "install")
    seen = set()
    for _ in range(20):
        desk.pass_time(0.5)
        seen.add(sum(r["installed"] for r in updates(desk, device) if r["guid"] in waiting))
    assert seen >= {0, 1, len(waiting)}


def _waits(row: Row) -> bool:
    return row["action"] == "approve" and not row["installed"]


def test_word_on_a_restart_comes_after_the_last_update(desk: Desk) -> None:
    device = desk.one(willing)
    device.user = "somebody"
    (update,) = missing(device)
    post(desk, device, "install")
    while not (row_of(desk, device, update) or {})["installed"]:
        desk.pass_time(0.1)
    assert agent(desk, device)["needs_reboot"] is False
    desk.pass_time(LONG_S)
    assert agent(desk, device)["needs_reboot"] is True


def test_policy_restarts_a_workstation_that_owes_it(desk: Desk) -> None:
    device = desk.one(willing)
    before = agent(desk, device)["boot_time"]
    run(desk, device)
    row = agent(desk, device)
    assert (row["status"], row["needs_reboot"]) == ("online", False)
    assert row["boot_time"] > before


def test_failure_is_a_row_still_missing(desk: Desk) -> None:
    device = desk.one(willing)
    (update,) = missing(device)
    update.fails = True
    run(desk, device)
    row = row_of(desk, device, update)
    assert row is not None
    assert (row["installed"], row["result"], row["action"]) == (False, "failed", "approve")


def test_order_to_an_agent_that_is_away_is_lost_and_looks_the_same(desk: Desk) -> None:
    device = desk.one(willing)
    device.online = False
    assert post(desk, device, "install").status_code == 200
    device.online = True
    desk.pass_time(3600)
    assert any(missing(device))
    assert [row["heard"] for row in desk.effects()] == [False]


def test_order_over_a_bus_that_is_down_is_lost_and_looks_the_same_but_slower(desk: Desk) -> None:
    device = desk.one(willing)
    bus_goes_down(desk)
    begun = time.monotonic()
    assert post(desk, device, "install").status_code == 200
    assert time.monotonic() - begun >= 0.2
    desk.pass_time(3600)
    assert any(missing(device))


def test_ping_tells_whether_an_agent_listens(desk: Desk) -> None:
    device = desk.one(willing)
    path = f"/agents/{agent_id(device)}/ping/"
    assert desk.get(path) == {"name": device.name, "status": "online"}
    bus_goes_down(desk)
    assert desk.get(path)["status"] == "offline"
    assert agent(desk, device)["status"] == "online"


def test_second_order_while_a_run_is_on_adds_nothing(desk: Desk) -> None:
    device = desk.one(lambda d: willing(d) and sum(u.state == "approved" for u in d.updates) > 1)
    late = next(row for row in updates(desk, device) if _waits(row))
    path = f"/winupdate/{late['id']}/"
    desk.request("PUT", path, json={"action": "ignore"})
    post(desk, device, "install")
    desk.request("PUT", path, json={"action": "approve"})
    run(desk, device)
    assert [_waits(row) for row in updates(desk, device) if row["id"] == late["id"]] == [True]


def test_superseded_row_stays_until_an_install_tries_it(desk: Desk) -> None:
    device = desk.one(lambda d: willing(d) and any(missing(d, state="superseded")))
    older = next(missing(device, state="superseded"))
    row = row_of(desk, device, older)
    assert row is not None
    assert row["installed"] is False
    desk.request("PUT", f"/winupdate/{row['id']}/", json={"action": "approve"})
    run(desk, device)
    assert row_of(desk, device, older) is None


# Deciding.
def test_decision_on_a_row_decides_what_an_install_takes(desk: Desk) -> None:
    device = desk.one(willing)
    (update,) = missing(device)
    row = row_of(desk, device, update)
    assert row is not None
    path = f"/winupdate/{row['id']}/"
    answer = desk.request("PUT", path, json={"action": "ignore"})
    assert answer.json() == f"Windows update {update.kb} was changed to ignore"
    run(desk, device)
    assert (row_of(desk, device, update) or {})["installed"] is False
    desk.request("PUT", path, json={"action": "approve"})
    run(desk, device)
    assert (row_of(desk, device, update) or {})["installed"] is True


def test_decision_has_to_be_one_that_exists(desk: Desk) -> None:
    row = updates(desk, desk.one(willing))[0]
    answer = desk.request("PUT", f"/winupdate/{row['id']}/", json={"action": "maybe"})
    assert answer.status_code == 400
    assert desk.request("PUT", "/winupdate/9999999/", json={}).status_code == 404


def test_policy_approves_by_severity_when_an_install_starts_whatever_was_decided(
    desk: Desk,
) -> None:
    device = desk.one(willing)
    (update,) = missing(device)
    row = row_of(desk, device, update)
    assert row is not None
    desk.request("PUT", f"/winupdate/{row['id']}/", json={"action": "ignore"})
    policy = desk.get(f"/agents/{agent_id(device)}/")["effective_patch_policy"]
    edit = {"critical": "approve"}
    path = f"/automation/patchpolicy/{policy['id']}/"
    assert desk.request("PUT", path, json=edit).status_code == 403
    use(desk, ADMIN_API_KEY)
    assert desk.request("PUT", path, json=edit).json() == "ok"
    run(desk, device)
    assert update.state == "installed"


# Scanning.
def test_scan_brings_in_new_rows_and_leaves_one_definition(desk: Desk) -> None:
    device = desk.one(willing)
    before = {row["id"] for row in updates(desk, device)}
    run(desk, device, "scan")
    assert {row["id"] for row in updates(desk, device)} == before
    desk.pass_time(2 * DAY_S)
    run(desk, device, "scan")
    rows = updates(desk, device)
    assert {row["id"] for row in rows} - before
    assert sum(row["kb"] == "KB2267602" for row in rows) == 1


@pytest.mark.parametrize("what", ["scan", "install"])
def test_mac_is_not_patched(desk: Desk, what: str) -> None:
    device = desk.one(lambda d: d.os_name.startswith("macOS"))
    assert agent(desk, device)["plat"] == "darwin"
    answer = post(desk, device, what)
    assert (answer.status_code, answer.json()) == (400, "Not available for darwin")


def test_restart_needs_its_permission_and_an_agent_that_listens(desk: Desk) -> None:
    device = desk.one(willing)
    path = f"/agents/{agent_id(device)}/reboot/"
    use(desk, LIMITED_API_KEY)
    assert desk.request("POST", path).status_code == 403
    use(desk, API_KEY)
    assert desk.request("POST", path).json() == "ok"
    answer = desk.request("POST", path)
    assert (answer.status_code, answer.json()) == (400, "Unable to contact the agent")


def test_agents_live_on_by_themselves(desk: Desk) -> None:
    """Days later, approved updates have gone in overnight, dated by when they did."""
    device = desk.one(lambda d: willing(d) and _came_lately(d, desk.world.estate.made_at))
    (update,) = missing(device)
    desk.pass_time(12 * DAY_S)
    row = row_of(desk, device, update)
    assert row is not None
    assert row["installed"]
    assert " 2026 " in row["date_installed"]


def _came_lately(device: Device, now: datetime) -> bool:
    """Not among those that leave approved updates lying for ever."""
    return all(now - u.seen_at < timedelta(days=14) for u in missing(device)) and not any(
        u.state == "superseded" for u in device.updates
    )
