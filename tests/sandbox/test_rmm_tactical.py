"""The Tactical stand-in does what a running Tactical server was seen to do."""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device, Update
from sandbox.rmm.tactical import (
    ADMIN_API_KEY,
    API_KEY,
    BUS,
    LIMITED_API_KEY,
    SERVER_TIME_ZONE,
    agent_id,
    make_app,
)
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
#: Longer than any single run takes.
LONG_S = 30.0


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("tactical")
    made = Desk(serve_tls(make_app(world)), https, world, "tactical")
    use(made, API_KEY)
    return made


def use(desk: Desk, key: str) -> None:
    desk.session.headers["X-API-KEY"] = key


def agents(desk: Desk, **query: str) -> dict[str, Row]:
    return {row["agent_id"]: row for row in desk.get("/agents/", **query)}


def agent(desk: Desk, device: Device) -> Row:
    return agents(desk)[agent_id(device)]


def updates(desk: Desk, device: Device) -> list[Row]:
    rows: list[Row] = desk.get(f"/winupdate/{agent_id(device)}/")
    return rows


def row_of(desk: Desk, device: Device, update: Update) -> Row | None:
    return next((row for row in updates(desk, device) if row["guid"] == update.id), None)


def post(desk: Desk, device: Device, what: str) -> requests.Response:
    return desk.request("POST", f"/winupdate/{agent_id(device)}/{what}/")


def run(desk: Desk, device: Device, what: str = "install") -> None:
    """Order a run and let it end."""
    answer = post(desk, device, what)
    assert answer.status_code == 200, answer.text
    let_it_end(desk)


def let_it_end(desk: Desk) -> None:
    """Time has passed for the server only once it is asked something."""
    desk.pass_time(LONG_S)
    desk.get("/clients/")


def bus_goes_down(desk: Desk) -> None:
    desk.world.pace = 0.05
    desk.world.faults.add({"target": "tactical", "kind": "drop_before", "path": f"{BUS}/*"})


def one(desk: Desk, wanted: Callable[[Device], bool]) -> Device:
    return next(device for device in desk.devices if wanted(device))


# Who may ask, and where.


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "Authentication credentials were not provided."),
        ("not a key", "Invalid token."),
    ],
)
def test_request_without_a_known_key_is_not_admitted(
    desk: Desk, key: str | None, words: str
) -> None:
    del desk.session.headers["X-API-KEY"]
    if key is not None:
        use(desk, key)
    answer = desk.request("GET", "/clients/")
    assert (answer.status_code, answer.json()) == (401, {"detail": words})


def test_role_without_the_permission_may_not_even_read_updates(desk: Desk) -> None:
    use(desk, LIMITED_API_KEY)
    assert desk.status("/agents/") == 200
    answer = desk.request("GET", f"/winupdate/{agent_id(desk.devices[0])}/")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "You do not have permission to perform this action."


def test_only_a_superuser_sees_roles(desk: Desk) -> None:
    assert desk.status("/accounts/roles/") == 403
    use(desk, ADMIN_API_KEY)
    assert desk.status("/accounts/roles/") == 200


def test_address_without_its_last_slash_is_moved(desk: Desk) -> None:
    answer = desk.request("GET", "/agents?client=1", allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("/agents/?client=1")


def test_unknown_address_is_a_page_and_an_unknown_agent_is_not(desk: Desk) -> None:
    page = desk.request("GET", "/nowhere/")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (404, "text/html")
    answer = desk.request("GET", f"/agents/{'x' * 40}/")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "No Agent matches the given query."}
    assert desk.request("POST", "/clients/").json() == {"detail": 'Method "POST" not allowed.'}


# Reading.


def test_agents_are_one_list_that_can_be_narrowed(desk: Desk) -> None:
    (client,) = desk.get("/clients/")
    (site,) = client["sites"]
    everyone = agents(desk)
    assert len(everyone) == len(desk.devices)
    assert agents(desk, client=str(client["id"])).keys() == everyone.keys()
    assert agents(desk, site=str(site["id"])).keys() == everyone.keys()
    assert agents(desk, client="424242") == {}
    servers = agents(desk, monitoring_type="server")
    assert {row["monitoring_type"] for row in servers.values()} == {"server"}
    assert len(servers) == sum(device.server for device in desk.devices)


def test_unknown_kind_of_agent_is_complained_about_in_a_bare_string(desk: Desk) -> None:
    answer = desk.request("GET", "/agents/", params={"monitoring_type": "toaster"})
    assert (answer.status_code, answer.json()) == (400, "monitoring type does not exist")


def test_list_without_detail_names_agents_only(desk: Desk) -> None:
    row = desk.get("/agents/", detail="false")[0]
    assert row.keys() == {"id", "hostname", "agent_id", "client", "site"}


def test_status_follows_the_last_word_from_the_agent(desk: Desk) -> None:
    device = one(desk, lambda d: d.online)
    assert agent(desk, device)["status"] == "online"
    device.online, device.last_seen = False, desk.world.clock.now()
    assert agent(desk, device)["status"] == "offline"
    desk.pass_time(31 * 60)
    assert agent(desk, device)["status"] == "overdue"


def test_table_tells_only_whether_something_approved_waits(desk: Desk) -> None:
    waiting = {
        row["agent_id"]
        for row in agents(desk).values()
        if any(r["action"] == "approve" and not r["installed"] for r in _rows(desk, row))
    }
    assert {key for key, row in agents(desk).items() if row["has_patches_pending"]} == waiting
    rejected = one(desk, lambda d: any(missing(d, state="rejected")) and not any(missing(d)))
    (update,) = missing(rejected, state="rejected")
    assert not (row_of(desk, rejected, update) or {})["installed"]


def _rows(desk: Desk, row: Row) -> list[Row]:
    rows: list[Row] = desk.get(f"/winupdate/{row['agent_id']}/")
    return rows


def test_row_of_an_update_has_all_its_fields(desk: Desk) -> None:
    device = one(desk, willing)
    (update,) = missing(device)
    row = row_of(desk, device, update)
    assert row is not None
    assert row.keys() == {
        "id", "agent", "guid", "kb", "title", "installed", "downloaded", "description", "severity",
        "categories", "category_ids", "kb_article_ids", "more_info_urls", "support_url",
        "revision_number", "action", "result", "date_installed",
    }  # fmt: skip
    assert (row["kb"], row["severity"]) == (update.kb, "Critical")
    assert (row["action"], row["result"], row["date_installed"]) == ("approve", "n/a", None)


def test_updates_without_an_article_and_other_makers_software_have_no_rows(desk: Desk) -> None:
    rows = [row for device in desk.devices for row in updates(desk, device)]
    assert rows
    assert all(re.fullmatch(r"KB\d+", row["kb"]) for row in rows)
    assert {u.kind for d in desk.devices for u in d.updates if u.kb is None} >= {"third_party"}


def test_installation_date_is_a_text_in_the_servers_zone(desk: Desk) -> None:
    device = one(desk, willing)
    installed = [u for u in device.updates if u.kind == "cumulative" and u.installed_at]
    update = max(installed, key=lambda u: u.released)
    assert update.installed_at is not None
    local = update.installed_at.astimezone(ZoneInfo(SERVER_TIME_ZONE))
    row = row_of(desk, device, update)
    assert row is not None
    assert row["date_installed"] == f"{local:%m %d %Y %H:%M}"


def test_what_tactical_did_not_install_itself_has_no_date(desk: Desk) -> None:
    rows = [row for d in desk.devices for row in updates(desk, d) if row["kb"] == "KB2267602"]
    installed = [row for row in rows if row["installed"]]
    assert installed
    assert {row["date_installed"] for row in installed} == {None}


def test_severity_is_empty_for_what_the_maker_does_not_rate(desk: Desk) -> None:
    rows = [row for device in desk.devices for row in updates(desk, device)]
    assert {row["severity"] for row in rows} >= {"Critical", "Important", ""}
    assert {r["severity"] for r in rows if r["categories"][0] == "Definition Updates"} == {""}


def test_device_that_never_scanned_has_no_rows(desk: Desk) -> None:
    device = one(desk, lambda d: d.last_scan is None)
    assert updates(desk, device) == []
    assert agent(desk, device)["has_patches_pending"] is False


def test_agents_detail_carries_the_effective_policy_and_the_domain(desk: Desk) -> None:
    device = one(desk, willing)
    row = desk.get(f"/agents/{agent_id(device)}/")
    assert row["effective_patch_policy"]["reboot_after_install"] == "required"
    assert {"Domain": device.dns_domain} in row["wmi_detail"]["comp_sys"][0]
    device.user = "somebody"
    row = desk.get(f"/agents/{agent_id(device)}/")
    assert row["effective_patch_policy"]["reboot_after_install"] == "never"


# Installing.


def test_install_takes_what_is_approved_and_nothing_else(desk: Desk) -> None:
    device = one(desk, willing)
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
    device = one(desk, lambda d: willing(d) and sum(u.state == "approved" for u in d.updates) > 1)
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
    device = one(desk, willing)
    device.user = "somebody"
    (update,) = missing(device)
    post(desk, device, "install")
    while not (row_of(desk, device, update) or {})["installed"]:
        desk.pass_time(0.1)
    assert agent(desk, device)["needs_reboot"] is False
    desk.pass_time(LONG_S)
    assert agent(desk, device)["needs_reboot"] is True


def test_policy_restarts_a_workstation_that_owes_it(desk: Desk) -> None:
    device = one(desk, willing)
    before = agent(desk, device)["boot_time"]
    run(desk, device)
    row = agent(desk, device)
    assert (row["status"], row["needs_reboot"]) == ("online", False)
    assert row["boot_time"] > before


def test_failure_is_a_row_still_missing(desk: Desk) -> None:
    device = one(desk, willing)
    (update,) = missing(device)
    update.fails = True
    run(desk, device)
    row = row_of(desk, device, update)
    assert row is not None
    assert (row["installed"], row["result"], row["action"]) == (False, "failed", "approve")


def test_order_to_an_agent_that_is_away_is_lost_and_looks_the_same(desk: Desk) -> None:
    device = one(desk, willing)
    device.online = False
    assert post(desk, device, "install").status_code == 200
    device.online = True
    desk.pass_time(3600)
    assert any(missing(device))
    assert [row["heard"] for row in desk.effects()] == [False]


def test_order_over_a_bus_that_is_down_is_lost_and_looks_the_same_but_slower(desk: Desk) -> None:
    device = one(desk, willing)
    bus_goes_down(desk)
    begun = time.monotonic()
    assert post(desk, device, "install").status_code == 200
    assert time.monotonic() - begun >= 0.2
    desk.pass_time(3600)
    assert any(missing(device))


def test_ping_tells_whether_an_agent_listens(desk: Desk) -> None:
    device = one(desk, willing)
    path = f"/agents/{agent_id(device)}/ping/"
    assert desk.get(path) == {"name": device.name, "status": "online"}
    bus_goes_down(desk)
    assert desk.get(path)["status"] == "offline"
    assert agent(desk, device)["status"] == "online"


def test_second_order_while_a_run_is_on_adds_nothing(desk: Desk) -> None:
    device = one(desk, lambda d: willing(d) and sum(u.state == "approved" for u in d.updates) > 1)
    late = next(row for row in updates(desk, device) if _waits(row))
    path = f"/winupdate/{late['id']}/"
    desk.request("PUT", path, json={"action": "ignore"})
    post(desk, device, "install")
    desk.request("PUT", path, json={"action": "approve"})
    run(desk, device)
    assert [_waits(row) for row in updates(desk, device) if row["id"] == late["id"]] == [True]


def test_superseded_row_stays_until_an_install_tries_it(desk: Desk) -> None:
    device = one(desk, lambda d: willing(d) and any(missing(d, state="superseded")))
    older = next(missing(device, state="superseded"))
    row = row_of(desk, device, older)
    assert row is not None
    assert row["installed"] is False
    desk.request("PUT", f"/winupdate/{row['id']}/", json={"action": "approve"})
    run(desk, device)
    assert row_of(desk, device, older) is None


# Deciding.


def test_decision_on_a_row_decides_what_an_install_takes(desk: Desk) -> None:
    device = one(desk, willing)
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
    row = updates(desk, one(desk, willing))[0]
    answer = desk.request("PUT", f"/winupdate/{row['id']}/", json={"action": "maybe"})
    assert answer.status_code == 400
    assert desk.request("PUT", "/winupdate/9999999/", json={}).status_code == 404


def test_policy_approves_by_severity_when_an_install_starts_whatever_was_decided(
    desk: Desk,
) -> None:
    device = one(desk, willing)
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
    device = one(desk, willing)
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
    device = one(desk, lambda d: d.os_name.startswith("macOS"))
    assert agent(desk, device)["plat"] == "darwin"
    answer = post(desk, device, what)
    assert (answer.status_code, answer.json()) == (400, "Not available for darwin")


def test_restart_needs_its_permission_and_an_agent_that_listens(desk: Desk) -> None:
    device = one(desk, willing)
    path = f"/agents/{agent_id(device)}/reboot/"
    use(desk, LIMITED_API_KEY)
    assert desk.request("POST", path).status_code == 403
    use(desk, API_KEY)
    assert desk.request("POST", path).json() == "ok"
    answer = desk.request("POST", path)
    assert (answer.status_code, answer.json()) == (400, "Unable to contact the agent")


def test_agents_live_on_by_themselves(desk: Desk) -> None:
    """Days later, approved updates have gone in overnight, dated by when they did."""
    device = one(desk, lambda d: willing(d) and _came_lately(d, desk.world.estate.made_at))
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
