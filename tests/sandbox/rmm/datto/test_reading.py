"""Datto RMM lists devices, sites and its log as its description and its users say."""

import json
from datetime import timedelta

import pytest

from sandbox.rmm.datto import pages
from sandbox.rmm.datto.rows import NEVER_MS
from tests.noon import NOON
from tests.sandbox.rmm.datto.asking import LONG_S, device_row, every, start
from tests.sandbox.rmm_desk import Desk, missing, willing


def test_what_does_not_exist_is_404(desk: Desk) -> None:
    device = desk.devices[0]
    for path in (
        "/device/nothing",
        "/site/nothing/devices",
        "/job/nothing",
        f"/job/nothing/results/{device.uid}",
        "/nothing",
    ):
        answer = desk.request("GET", f"/api/v2{path}")
        assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert desk.status("/api/v2/account/devices", filterId=5) == 404


def test_devices_are_paged_by_absolute_addresses_to_the_last_one(desk: Desk) -> None:
    rows = every(desk, "/api/v2/account/devices", "devices", max=20)
    uids = [row["uid"] for row in rows]
    assert len(set(uids)) == len(uids)
    assert {device.uid for device in desk.devices} < set(uids)
    page = desk.get("/api/v2/account/devices", max=20)
    assert page["pageDetails"]["totalCount"] == len(rows)
    assert page["pageDetails"]["prevPageUrl"] is None


def test_a_page_leads_back_and_past_the_end_is_empty(desk: Desk) -> None:
    second = desk.get("/api/v2/account/devices", max=20, page=1)
    back = desk.get(second["pageDetails"]["prevPageUrl"].removeprefix(desk.url))
    first = desk.get("/api/v2/account/devices", max=20)
    assert [row["uid"] for row in back["devices"]] == [row["uid"] for row in first["devices"]]
    beyond = desk.get("/api/v2/account/devices", max=20, page=99)
    assert (beyond["devices"], beyond["pageDetails"]["nextPageUrl"]) == ([], None)


def test_a_page_never_has_more_than_the_maximum(desk: Desk) -> None:
    assert desk.get("/api/v2/system/pagination") == {"max": pages.PAGE_MAX} == {"max": 250}
    count = desk.get("/api/v2/account/devices", max=9999)["pageDetails"]["count"]
    assert 0 < count <= 250
    assert desk.status("/api/v2/account/devices", max="many") == 400


def test_sites_are_the_companies_and_the_built_in_one_for_deleted_devices(desk: Desk) -> None:
    sites = every(desk, "/api/v2/account/sites", "sites")
    companies = desk.world.estate.of_rmm("datto")
    assert [site["name"] for site in sites] == [*(c.rmm_name for c in companies), "Deleted Devices"]
    for site, company in zip(sites, companies, strict=False):
        rows = every(desk, f"/api/v2/site/{site['uid']}/devices", "devices")
        own = [row for row in rows if row["deviceClass"] == "device"]
        assert {row["uid"] for row in own} == {device.uid for device in company.devices}
        assert site["devicesStatus"]["numberOfDevices"] == len(rows)


def test_names_are_filtered_in_part_and_may_match_other_sites(desk: Desk) -> None:
    rows = every(desk, "/api/v2/account/devices", "devices", hostname="reception")
    assert len({row["siteName"] for row in rows}) > 1
    rows = every(desk, "/api/v2/account/devices", "devices", siteName="blue", deviceType="server")
    assert {row["hostname"].partition("-")[0] for row in rows} == {"BLUE"}
    assert all(row["deviceType"]["category"] == "Server" for row in rows)


def test_times_are_unix_milliseconds_and_never_is_the_year_one(desk: Desk) -> None:
    rows = every(desk, "/api/v2/account/devices", "devices")
    online = [row["lastSeen"] for row in rows if row["online"] and row["deviceClass"] == "device"]
    assert all(abs(NOON.timestamp() * 1000 - seen) < 90_000 for seen in online)
    assert any(row["lastAuditDate"] == NEVER_MS for row in rows)


def test_a_deleted_device_and_a_printer_are_listed_too(desk: Desk) -> None:
    rows = every(desk, "/api/v2/account/devices", "devices")
    odd = [row for row in rows if row["deleted"] or row["deviceClass"] != "device"]
    assert {row["patchManagement"] for row in odd} == {None}
    assert len(odd) == 2


def test_only_a_word_and_three_counts_tell_of_patches(desk: Desk) -> None:
    rows = [device_row(desk, device) for device in desk.devices]
    words = {row["patchManagement"]["patchStatus"] for row in rows}
    assert {
        "NoPolicy",
        "RebootRequired",
        "InstallError",
        "ApprovedPending",
        "FullyPatched",
    } <= words
    legacy = desk.one(lambda d: d.end_of_life and d.server)
    assert device_row(desk, legacy)["patchManagement"]["patchStatus"] == "FullyPatched"
    assert not any("KB" in json.dumps(row) for row in rows)


def test_tags_are_kept_in_the_first_user_defined_field(desk: Desk) -> None:
    controller = desk.one(lambda d: "domain-controller" in d.tags)
    assert "domain-controller" in device_row(desk, controller)["udf"]["udf1"]


def test_the_account_counts_its_devices(desk: Desk) -> None:
    status = desk.get("/api/v2/account")["devicesStatus"]
    assert status["numberOfDevices"] == len(desk.devices) + 2
    assert (
        status["numberOfOnlineDevices"] + status["numberOfOfflineDevices"] == len(desk.devices) + 2
    )


def test_failed_updates_are_open_alerts(desk: Desk) -> None:
    alerts = every(desk, "/api/v2/account/alerts/open", "alerts")
    failing = [d for d in desk.devices if any(missing(d, state="failed"))]
    assert {a["alertSourceInfo"]["deviceUid"] for a in alerts} == {d.uid for d in failing}
    assert alerts[0]["alertContext"]["@class"] == "patch_ctx"
    own = every(desk, f"/api/v2/device/{failing[0].uid}/alerts/open", "alerts")
    assert 0 < len(own) < len(alerts)
    fine = desk.one(willing)
    assert every(desk, f"/api/v2/device/{fine.uid}/alerts/open", "alerts") == []
    assert every(desk, "/api/v2/account/alerts/open", "alerts", muted="true") == []


def test_the_activity_log_tells_of_jobs_and_is_read_in_pages(desk: Desk) -> None:
    devices = [device for device in desk.devices if willing(device)][:3]
    for device in devices:
        start(desk, device, mode="scan")
    desk.pass_time(LONG_S)
    rows = every(desk, "/api/v2/activity-logs", "activities", size=2, order="asc")
    assert len(rows) == 6
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert {row["action"] for row in rows} == {"create", "deployment"}
    done = every(
        desk, "/api/v2/activity-logs", "activities", actions="deployment", entities="device"
    )
    assert {row["hostname"] for row in done} == {device.name for device in devices}
    assert every(desk, "/api/v2/activity-logs", "activities", entities="user") == []


def test_the_activity_log_answers_a_quarter_of_an_hour_unless_told(desk: Desk) -> None:
    start(desk, desk.one(willing), mode="scan")
    desk.pass_time(3600)
    assert desk.get("/api/v2/activity-logs")["activities"] == []
    since = (NOON - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(desk.get("/api/v2/activity-logs", **{"from": since})["activities"]) == 2
    assert desk.status("/api/v2/activity-logs", **{"from": "yesterday"}) == 400
    assert desk.status("/api/v2/activity-logs", searchAfter="nothing") == 400


def test_a_page_of_the_activity_log_leads_back(desk: Desk) -> None:
    for device in [device for device in desk.devices if willing(device)][:3]:
        start(desk, device, mode="scan")
    first = desk.get("/api/v2/activity-logs", size=2)
    second = desk.get(first["pageDetails"]["nextPageUrl"].removeprefix(desk.url))
    back = desk.get(second["pageDetails"]["prevPageUrl"].removeprefix(desk.url))
    assert len(second["activities"]) == 1
    assert back["activities"] == first["activities"]


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/sites",
        "/account/devices",
        "/account/components",
        "/account/alerts/open",
        "/activity-logs",
        "/system/pagination",
        "/system/request_rate",
        "/system/status",
    ],
)
def test_every_reading_of_the_account_tells_something(desk: Desk, path: str) -> None:
    start(desk, desk.one(willing), mode="scan")
    assert desk.get(f"/api/v2{path}")
