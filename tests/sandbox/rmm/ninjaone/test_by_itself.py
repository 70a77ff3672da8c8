"""What goes on at NinjaOne as the days pass, and the log that tells of it."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.rmm.ninjaone import CLIENT_ID, CLIENT_SECRET
from tests.noon import NOON
from tests.sandbox.rmm.ninjaone.asking import report, sign_in
from tests.sandbox.rmm_desk import DAY_S, Desk, missing, willing


def test_definitions_are_others_the_next_day_wherever_a_scan_ran(desk: Desk) -> None:
    def definitions() -> set[str]:
        rows = report(desk, "os-patches", type="DEFINITION_UPDATES")
        yesterday = desk.world.clock.timestamp() - DAY_S
        return {row["name"] for row in rows if row["timestamp"] > yesterday}

    today = definitions()
    assert len(today) == 1
    desk.pass_time(DAY_S)
    desk.token = sign_in(desk, CLIENT_ID, CLIENT_SECRET, None).json()["access_token"]
    tomorrow = definitions()
    assert len(tomorrow) == 1
    assert tomorrow != today


def test_devices_go_on_scanning_by_themselves(desk: Desk) -> None:
    device = desk.one(willing)
    desk.pass_time(3 * DAY_S)
    desk.status("/v2/organizations")
    assert device.last_scan is not None
    assert desk.world.clock.now() - device.last_scan < timedelta(days=1)


def test_a_device_left_behind_misses_another_number_after_the_next_patch_day(desk: Desk) -> None:
    device = desk.one(
        lambda d: d.online and any(missing(d, state="superseded")) and any(missing(d))
    )
    old = next(missing(device))
    desk.pass_time(17 * DAY_S)
    desk.token = sign_in(desk, CLIENT_ID, CLIENT_SECRET, None).json()["access_token"]
    rows = desk.get(
        f"/v2/device/{device.number}/os-patches", type="SECURITY_UPDATES", severity="CRITICAL"
    )
    assert [
        row["name"][:7]
        for row in rows
        if "Cumulative" in row["name"] or "Security Update" in row["name"]
    ] == ["2026-12"]
    assert old.kb not in {row["kbNumber"] for row in rows}
    assert old.state == "superseded"


def test_most_devices_install_the_next_release_by_themselves(desk: Desk) -> None:
    desk.pass_time(31 * DAY_S)
    desk.status("/v2/organizations")
    fine = [
        d for d in desk.devices if d.online and d.patch_policy and "Windows 11 Pro" in d.os_name
    ]
    done = [
        d
        for d in fine
        if any(u.title.startswith("2026-12 Sec") for u in missing(d, state="installed"))
    ]
    assert len(done) > 0.6 * len(fine)


def test_activities_come_newest_first_and_are_cut_by_ids(desk: Desk) -> None:
    log = desk.get("/v2/activities", pageSize=50)
    ids = [row["id"] for row in log["activities"]]
    assert ids == sorted(ids, reverse=True)
    assert ids[0] == log["lastActivityId"]
    older = desk.get("/v2/activities", pageSize=50, olderThan=ids[-1])["activities"]
    assert [row["id"] for row in older] == list(range(ids[-1] - 1, ids[-1] - 51, -1))
    newer = desk.get("/v2/activities", newerThan=ids[9])["activities"]
    assert [row["id"] for row in newer] == ids[:9]
    assert desk.get("/v2/activities", newerThan=ids[0])["activities"] == []


def test_the_log_reaches_back_a_month(desk: Desk) -> None:
    rows = desk.get("/v2/activities", type="PATCH_MANAGEMENT", pageSize=1000)["activities"]
    rows += desk.get("/v2/activities", pageSize=1000, olderThan=rows[-1]["id"])["activities"]
    oldest = datetime.fromtimestamp(rows[-1]["activityTime"], UTC)
    assert NOON - oldest > timedelta(days=10)
    failed = [row for row in rows if row["statusCode"].endswith("INSTALL_FAILED")]
    assert failed


@pytest.mark.parametrize("size", [9, 1001, 0, -5, "many"])
def test_a_page_of_activities_has_10_to_1000_rows(desk: Desk, size: object) -> None:
    assert desk.status("/v2/activities", pageSize=size) == 400


def test_a_device_has_a_log_of_its_own(desk: Desk) -> None:
    device = desk.one(willing)
    log = desk.get(f"/v2/device/{device.number}/activities", activityType="PATCH_MANAGEMENT")
    assert log["activities"]
    assert {row["deviceId"] for row in log["activities"]} == {device.number}
