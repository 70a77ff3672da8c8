"""NinjaOne lists devices and their patches as its description and its users say."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sandbox.estate.model import Device
from tests.noon import NOON
from tests.sandbox.rmm.ninjaone.asking import report, trigger
from tests.sandbox.rmm_desk import Desk, missing, willing


def test_organizations_are_the_companies_on_ninjaone(desk: Desk) -> None:
    names = {row["name"] for row in desk.get("/v2/organizations")}
    assert names == {c.rmm_name for c in desk.world.estate.companies if c.rmm == "ninjaone"}


@pytest.mark.parametrize("path", ["/v2/devices", "/v2/devices-detailed"])
def test_devices_are_paged_by_the_last_id_to_a_short_page(desk: Desk, path: str) -> None:
    seen: list[int] = []
    while page := desk.get(path, pageSize=60, after=seen[-1] if seen else 0):
        seen += [row["id"] for row in page]
    assert seen == sorted(device.number for device in desk.devices)
    assert len(seen) % 60


def test_device_rows_say_seconds_class_and_tags(desk: Desk) -> None:
    controller = desk.one(lambda d: "domain-controller" in d.tags)
    row = desk.get(f"/v2/device/{controller.number}")
    assert row["nodeClass"] == "WINDOWS_SERVER"
    assert "domain-controller" in row["tags"]
    assert row["os"]["needsReboot"] is controller.reboot_needed
    assert abs(row["lastContact"] - NOON.timestamp()) < 120


def test_a_hostile_name_is_shown_as_it_is_and_the_computer_has_another(desk: Desk) -> None:
    names = {row["displayName"]: row["systemName"] for row in desk.get("/v2/devices")}
    assert names["<!channel>"] == "CHANNEL"
    assert "<https://evil.example|Approve>" in names
    assert any("\u202e" in name for name in names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("org=1", lambda d: d.number < 2000),
        ("org = 2", lambda d: 2000 <= d.number < 3000),
        ("org in (1, 2)", lambda d: d.number < 3000),
        ("org not in (1, 2)", lambda d: d.number >= 3000),
        ("id=2001", lambda d: d.number == 2001),
        ("id in (2001, 2002)", lambda d: d.number in (2001, 2002)),
        ("class=WINDOWS_SERVER", lambda d: d.server),
        ("offline", lambda d: not d.online),
        ("class = WINDOWS_WORKSTATION AND offline", lambda d: not d.online and not d.server),
        ("org=1 and class in (MAC)", lambda d: d.number < 2000 and "macOS" in d.os_name),
    ],
)
def test_the_device_filter_chooses(desk: Desk, text: str, wanted: Callable[[Device], bool]) -> None:
    chosen = {row["id"] for row in desk.get("/v2/devices", df=text)}
    assert chosen == {device.number for device in desk.devices if wanted(device)}
    assert 0 < len(chosen) < len(desk.devices)


@pytest.mark.parametrize("text", ["name=ACME", "org in 1", "org=1 OR org=2", "1=1"])
def test_a_filter_that_cannot_be_read_is_400(desk: Desk, text: str) -> None:
    assert desk.status("/v2/devices", df=text) == 400


def test_reports_pass_over_the_class_of_a_filter(desk: Desk) -> None:
    servers = report(desk, "os-patches", df="org=2 AND class=WINDOWS_SERVER")
    assert servers == report(desk, "os-patches", df="org=2")


def test_a_cursor_keeps_its_name_and_leads_to_every_row_once(desk: Desk) -> None:
    whole = desk.get("/v2/queries/os-patches", pageSize=5000)["results"]
    page = desk.get("/v2/queries/os-patches", pageSize=7)
    first, rows, offset = page["cursor"]["name"], [], 0
    while page["results"]:
        assert (page["cursor"]["name"], page["cursor"]["offset"]) == (first, offset)
        rows += page["results"]
        offset += page["cursor"]["count"]
        page = desk.get("/v2/queries/os-patches", pageSize=7, cursor=first)
    assert rows == whole
    assert len(rows) > 30


def test_an_unknown_or_expired_cursor_is_400(desk: Desk) -> None:
    assert desk.status("/v2/queries/os-patches", cursor="nothing") == 400
    name = desk.get("/v2/queries/os-patches", pageSize=5)["cursor"]["name"]
    desk.pass_time(601)
    assert desk.status("/v2/queries/os-patches", cursor=name) == 400


def test_missing_patches_are_those_never_attempted(desk: Desk) -> None:
    rows = report(desk, "os-patches")
    assert {row["status"] for row in rows} == {"APPROVED", "MANUAL", "REJECTED"}
    assert all(row["installedAt"] is None for row in rows)


def test_failed_and_installed_patches_are_in_the_history_alone(desk: Desk) -> None:
    device = desk.one(lambda d: d.online and any(missing(d, state="failed")))
    failed = next(missing(device, state="failed"))
    rows = report(desk, "os-patch-installs", status="failed", df=f"id={device.number}")
    assert [row["kbNumber"] for row in rows] == [failed.kb]
    assert failed.failed_at is not None
    assert rows[0]["installedAt"] == pytest.approx(failed.failed_at.timestamp())
    assert failed.kb not in {
        row["kbNumber"] for row in report(desk, "os-patches", df=f"id={device.number}")
    }


def test_offline_devices_and_those_without_a_policy_report_no_current_patches(desk: Desk) -> None:
    silent = [d for d in desk.devices if not d.online or not d.patch_policy]
    assert any(any(missing(device)) for device in silent)
    with_rows = {row["deviceId"] for row in report(desk, "os-patches")}
    assert with_rows.isdisjoint(device.number for device in silent)
    away = next(device for device in silent if not device.online)
    assert desk.get(f"/v2/device/{away.number}/os-patches") == []
    assert desk.get(f"/v2/device/{away.number}/os-patch-installs")


def test_severities_mix_two_vocabularies_and_drivers_have_no_number(desk: Desk) -> None:
    rows = report(desk, "os-patches")
    severities = {row["severity"] for row in rows}
    assert {"CRITICAL", "IMPORTANT", "recommended"} <= severities
    drivers = [row for row in rows if row["type"] == "DRIVER_UPDATES"]
    assert drivers
    assert all(row["kbNumber"] is None for row in drivers)


def test_patch_rows_are_filtered_by_status_type_and_severity(desk: Desk) -> None:
    rows = report(desk, "os-patches")
    for name in ("status", "type", "severity"):
        value = rows[0][name]
        expected = [row for row in rows if row[name].lower() == value.lower()]
        assert report(desk, "os-patches", **{name: value.lower()}) == expected
        assert len(expected) < len(rows)


@pytest.mark.parametrize(
    "write", [lambda t: str(t.timestamp()), lambda t: t.isoformat(), lambda t: f"{t:%Y%m%d}"]
)
def test_the_history_is_cut_by_dates_in_several_forms(
    desk: Desk, write: Callable[[datetime], str]
) -> None:
    border = datetime(2026, 11, 16, tzinfo=UTC)
    later = report(desk, "os-patch-installs", installedAfter=write(border))
    earlier = report(desk, "os-patch-installs", installedBefore=write(border))
    assert later
    assert earlier
    assert min(row["installedAt"] for row in later) > border.timestamp()
    assert max(row["installedAt"] for row in earlier) < border.timestamp()
    assert len(later) + len(earlier) == len(report(desk, "os-patch-installs"))


def test_a_date_that_cannot_be_read_is_400(desk: Desk) -> None:
    assert desk.status("/v2/queries/os-patch-installs", installedAfter="yesterday") == 400


def test_software_patches_are_a_feed_of_their_own(desk: Desk) -> None:
    rows = report(desk, "software-patches") + report(desk, "software-patch-installs")
    assert {"title", "impact", "productIdentifier"} <= set(rows[0])
    titles = {row["title"] for row in rows}
    assert titles.isdisjoint(row["name"] for row in report(desk, "os-patches"))


def test_health_counts_what_is_pending_and_says_why_a_restart_is_owed(desk: Desk) -> None:
    device = desk.one(lambda d: d.reboot_needed)
    row = report(desk, "device-health", df=f"id={device.number}")[0]
    assert row["pendingRebootReason"]
    fine = desk.one(willing)
    row = report(desk, "device-health", df=f"id={fine.number}")[0]
    assert row["pendingRebootReason"] is None
    assert row["pendingOSPatchesCount"] == len(desk.get(f"/v2/device/{fine.number}/os-patches"))


@pytest.mark.parametrize(
    "path",
    [
        "/v2/organizations",
        "/v2/devices",
        "/v2/queries/os-patches",
        "/v2/queries/os-patch-installs",
        "/v2/queries/software-patches",
        "/v2/queries/software-patch-installs",
        "/v2/queries/device-health",
        "/v2/activities",
        "/v2/automation/scripts",
    ],
)
def test_every_reading_of_the_fleet_has_rows(desk: Desk, path: str) -> None:
    answer = desk.get(path)
    assert answer if isinstance(answer, list) else answer.get("results") or answer["activities"]


@pytest.mark.parametrize(
    "path",
    ["os-patches", "os-patch-installs", "software-patches", "software-patch-installs", "jobs"],
)
def test_every_reading_of_a_device_is_a_list(desk: Desk, path: str) -> None:
    device = desk.one(willing)
    trigger(desk, device)
    desk.pass_time(2)
    assert isinstance(desk.get(f"/v2/device/{device.number}/{path}"), list)
