"""Tactical RMM lets in and lists what its paths and its users say."""

import re
from zoneinfo import ZoneInfo

import pytest

from sandbox.rmm.tactical import ADMIN_API_KEY, LIMITED_API_KEY, SERVER_TIME_ZONE, agent_id
from tests.sandbox.rmm.tactical.asking import Row, agent, agents, row_of, updates, use
from tests.sandbox.rmm_desk import Desk, missing, willing


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
    device = desk.one(lambda d: d.online)
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
    rejected = desk.one(lambda d: any(missing(d, state="rejected")) and not any(missing(d)))
    (update,) = missing(rejected, state="rejected")
    assert not (row_of(desk, rejected, update) or {})["installed"]


def _rows(desk: Desk, row: Row) -> list[Row]:
    rows: list[Row] = desk.get(f"/winupdate/{row['agent_id']}/")
    return rows


def test_row_of_an_update_has_all_its_fields(desk: Desk) -> None:
    device = desk.one(willing)
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
    device = desk.one(willing)
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
    device = desk.one(lambda d: d.last_scan is None)
    assert updates(desk, device) == []
    assert agent(desk, device)["has_patches_pending"] is False


def test_agents_detail_carries_the_effective_policy_and_the_domain(desk: Desk) -> None:
    device = desk.one(willing)
    row = desk.get(f"/agents/{agent_id(device)}/")
    assert row["effective_patch_policy"]["reboot_after_install"] == "required"
    assert {"Domain": device.dns_domain} in row["wmi_detail"]["comp_sys"][0]
    device.user = "somebody"
    row = desk.get(f"/agents/{agent_id(device)}/")
    assert row["effective_patch_policy"]["reboot_after_install"] == "never"
