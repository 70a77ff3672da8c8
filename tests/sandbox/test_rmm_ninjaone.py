"""The NinjaOne stand-in does what NinjaOne's description and its users say NinjaOne does."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.ninjaone import (
    CLIENT_ID,
    CLIENT_SECRET,
    UPDATE_SCRIPT_ID,
    WRITE_CLIENT_ID,
    WRITE_CLIENT_SECRET,
    app,
    make_app,
)
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
#: Longer than any single job takes.
LONG_S = 30.0


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("ninjaone")
    made = Desk(serve_tls(make_app(world)), https, world, "ninjaone")
    made.token = sign_in(
        made, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, "monitoring management"
    ).json()["access_token"]
    return made


def sign_in(desk: Desk, client: str, secret: str, scope: str | None) -> requests.Response:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    if scope is not None:
        form["scope"] = scope
    return desk.session.post(f"{desk.url}/ws/oauth/token", data=form, timeout=30)


def trigger(desk: Desk, device: Device, what: str = "patch/os/apply") -> int:
    return desk.request("POST", f"/v2/device/{device.number}/{what}").status_code


def report(desk: Desk, name: str, **params: Any) -> list[Row]:
    """All rows of a report, read to its empty page."""
    rows: list[Row] = []
    page = desk.get(f"/v2/queries/{name}", **params)
    while page["results"]:
        rows += page["results"]
        page = desk.get(f"/v2/queries/{name}", cursor=page["cursor"]["name"], **params)
    return rows


def codes(desk: Desk, device: Device, newer_than: int) -> list[str]:
    """What the log says of a device since an activity, oldest first."""
    log = desk.get("/v2/activities", df=f"id={device.number}", newerThan=newer_than)
    return [row["statusCode"] for row in reversed(log["activities"])]


def last_activity(desk: Desk) -> int:
    number: int = desk.get("/v2/activities", pageSize=10)["lastActivityId"]
    return number


def one(devices: Iterable[Device], wanted: Callable[[Device], bool]) -> Device:
    return next(device for device in devices if wanted(device))


def test_sign_in_gives_a_bearer_token_for_an_hour_with_the_scopes_asked_for(desk: Desk) -> None:
    answer = sign_in(desk, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, "monitoring management").json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert answer["scope"] == "monitoring management"


def test_sign_in_without_a_scope_allows_monitoring_only(desk: Desk) -> None:
    assert sign_in(desk, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, None).json()["scope"] == "monitoring"


@pytest.mark.parametrize(
    ("client", "secret", "scope", "status"),
    [
        (CLIENT_ID, "wrong", "monitoring", 401),
        ("made-in-another-region", CLIENT_SECRET, "monitoring", 404),
        (CLIENT_ID, CLIENT_SECRET, "monitoring management", 400),
    ],
)
def test_sign_in_is_refused(desk: Desk, client: str, secret: str, scope: str, status: int) -> None:
    assert sign_in(desk, client, secret, scope).status_code == status


def test_other_grants_are_refused(desk: Desk) -> None:
    answer = desk.session.post(
        f"{desk.url}/ws/oauth/token", data={"grant_type": "password"}, timeout=30
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_token_expires_after_an_hour(desk: Desk) -> None:
    desk.pass_time(3590)
    assert desk.status("/v2/organizations") == 200
    desk.pass_time(11)
    answer = desk.request("GET", "/v2/organizations")
    assert answer.status_code == 401
    assert answer.json()["resultCode"] == "FAILURE"


def test_a_monitoring_client_may_read_and_may_not_trigger(desk: Desk) -> None:
    device = one(desk.devices, willing)
    desk.token = sign_in(desk, CLIENT_ID, CLIENT_SECRET, "monitoring").json()["access_token"]
    assert desk.status("/v2/devices") == 200
    assert trigger(desk, device) == 403
    assert desk.effects() == []


def test_unknown_devices_and_addresses_are_404_in_the_error_shape(desk: Desk) -> None:
    for path in ("/v2/device/999999", "/v2/device/abc/os-patches", "/v2/nothing"):
        answer = desk.request("GET", path)
        assert answer.status_code == 404
        assert set(answer.json()) == {"resultCode", "errorMessage", "incidentId"}


def test_too_many_requests_are_429_with_a_time_to_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "REQUESTS_PER_MINUTE", 3)
    statuses = [desk.status("/v2/organizations") for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    wait = desk.request("GET", "/v2/organizations").headers["Retry-After"]
    desk.pass_time(int(wait))
    assert desk.status("/v2/organizations") == 200


def test_both_addresses_of_the_api_answer(desk: Desk) -> None:
    assert desk.get("/v2/organizations") == desk.get("/api/v2/organizations")


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
    controller = one(desk.devices, lambda d: "domain-controller" in d.tags)
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
    device = one(desk.devices, lambda d: d.online and any(missing(d, state="failed")))
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
    away = one(silent, lambda d: not d.online)
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
    device = one(desk.devices, lambda d: d.reboot_needed)
    row = report(desk, "device-health", df=f"id={device.number}")[0]
    assert row["pendingRebootReason"]
    fine = one(desk.devices, willing)
    row = report(desk, "device-health", df=f"id={fine.number}")[0]
    assert row["pendingRebootReason"] is None
    assert row["pendingOSPatchesCount"] == len(desk.get(f"/v2/device/{fine.number}/os-patches"))


def test_an_accepted_install_is_done_step_by_step_and_ends_with_a_scan(desk: Desk) -> None:
    device = one(desk.devices, willing)
    before = last_activity(desk)
    approved = {
        r["kbNumber"] for r in desk.get(f"/v2/device/{device.number}/os-patches", status="APPROVED")
    }
    assert trigger(desk, device) == 204
    assert codes(desk, device, before) == []
    desk.pass_time(1.2)
    assert codes(desk, device, before) == ["PATCH_MANAGEMENT_APPLY_PATCH_STARTED"]
    assert [job["jobStatus"] for job in desk.get(f"/v2/device/{device.number}/jobs")] == [
        "IN_PROCESS"
    ]
    started = desk.world.clock.now()
    desk.pass_time(LONG_S)
    steps = codes(desk, device, before)
    assert steps == [
        "PATCH_MANAGEMENT_APPLY_PATCH_STARTED",
        *["PATCH_MANAGEMENT_INSTALLED"] * len(approved),
        "PATCH_MANAGEMENT_APPLY_PATCH_COMPLETED",
        "SYSTEM_REBOOTED",
        "PATCH_MANAGEMENT_SCAN_STARTED",
        "PATCH_MANAGEMENT_SCAN_COMPLETED",
    ]
    assert desk.get(f"/v2/device/{device.number}/jobs") == []
    after = desk.get(f"/v2/device/{device.number}/os-patches")
    assert approved.isdisjoint(row["kbNumber"] for row in after)
    installs = report(
        desk, "os-patch-installs", df=f"id={device.number}", installedAfter=started.timestamp()
    )
    assert {row["kbNumber"] for row in installs} == approved
    assert {row["status"] for row in installs} == {"INSTALLED"}
    assert min(row["timestamp"] for row in installs) > started.timestamp()


def test_an_install_takes_some_seconds_at_the_demos_pace(desk: Desk) -> None:
    device = one(desk.devices, willing)
    trigger(desk, device)
    taken = 0.0
    while desk.get(f"/v2/device/{device.number}/jobs"):
        desk.pass_time(0.5)
        taken += 0.5
    assert 5 < taken < 13


def test_a_faster_pace_shortens_an_install(desk: Desk) -> None:
    desk.world.pace = 0.1
    device = one(desk.devices, willing)
    trigger(desk, device)
    desk.pass_time(1.5)
    assert desk.get(f"/v2/device/{device.number}/jobs") == []


def test_the_policy_restarts_a_device_nobody_uses(desk: Desk) -> None:
    device = one(desk.devices, willing)
    boot = device.last_boot
    trigger(desk, device)
    seen = set()
    for _ in range(60):
        desk.pass_time(0.25)
        row = desk.get(f"/v2/device/{device.number}")
        seen.add((row["offline"], row["os"]["needsReboot"]))
    assert (True, True) in seen, "down for a moment, with the restart still owed"
    assert (row["offline"], row["os"]["needsReboot"]) == (False, False)
    assert device.last_boot > boot


def test_a_device_in_use_owes_the_restart_until_somebody_forces_it(desk: Desk) -> None:
    device = one(desk.devices, lambda d: d.user is not None)
    before = last_activity(desk)
    assert trigger(desk, device) == 204
    desk.pass_time(LONG_S)
    assert "SYSTEM_REBOOTED" not in codes(desk, device, before)
    row = report(desk, "device-health", df=f"id={device.number}")[0]
    assert row["pendingRebootReason"]
    assert trigger(desk, device, "reboot/FORCED") == 204
    desk.pass_time(4)
    assert codes(desk, device, before)[-1] == "SYSTEM_REBOOTED"
    assert desk.get(f"/v2/device/{device.number}")["os"]["needsReboot"] is False


def test_a_normal_restart_gives_a_person_time(desk: Desk) -> None:
    device = one(desk.devices, lambda d: d.user is not None)
    before = last_activity(desk)
    assert trigger(desk, device, "reboot/NORMAL") == 204
    desk.pass_time(6)
    assert codes(desk, device, before) == []
    desk.pass_time(LONG_S)
    assert codes(desk, device, before) == ["SYSTEM_REBOOTED"]


def test_a_restart_needs_a_known_mode(desk: Desk) -> None:
    assert trigger(desk, desk.devices[0], "reboot/GENTLY") == 400


def test_a_failing_patch_is_reported_failed_and_leaves_the_missing_list(desk: Desk) -> None:
    device = one(desk.devices, lambda d: d.online and any(u.fails for u in missing(d)))
    kb = next(u.kb for u in missing(device) if u.fails)
    before = last_activity(desk)
    assert trigger(desk, device) == 204
    desk.pass_time(LONG_S)
    assert "PATCH_MANAGEMENT_INSTALL_FAILED" in codes(desk, device, before)
    log = desk.get("/v2/activities", df=f"id={device.number}", newerThan=before)["activities"]
    done = next(r for r in log if r["statusCode"].endswith("APPLY_PATCH_COMPLETED"))
    assert done["activityResult"] == "FAILURE"
    failed = desk.get(f"/v2/device/{device.number}/os-patch-installs", status="FAILED")
    assert kb in {row["kbNumber"] for row in failed}
    assert kb not in {row["kbNumber"] for row in desk.get(f"/v2/device/{device.number}/os-patches")}


def test_an_install_with_nothing_to_do_or_without_a_policy_is_400(desk: Desk) -> None:
    nothing = one(desk.devices, lambda d: d.end_of_life and d.server)
    unmanaged = one(desk.devices, lambda d: not d.patch_policy)
    for device in (nothing, unmanaged):
        answer = desk.request("POST", f"/v2/device/{device.number}/patch/os/apply")
        assert answer.status_code == 400
        assert answer.json()["errorMessage"] == "Device is not applicable for os apply"
    assert trigger(desk, unmanaged, "patch/os/scan") == 400
    assert desk.effects() == []


def test_work_for_an_offline_device_waits_until_it_is_back(desk: Desk) -> None:
    device = one(desk.devices, lambda d: not d.online and any(missing(d)) and not d.server)
    before = last_activity(desk)
    assert trigger(desk, device) == 204
    desk.pass_time(LONG_S)
    assert codes(desk, device, before) == []
    assert desk.get(f"/v2/device/{device.number}/jobs") == []
    device.online = True
    desk.get("/v2/organizations")
    desk.pass_time(LONG_S)
    assert codes(desk, device, before)[-1] == "PATCH_MANAGEMENT_SCAN_COMPLETED"
    assert list(missing(device)) == []
    assert [(e["kind"], e["target_ids"], e["queued"]) for e in desk.effects()] == [
        ("os_patch_apply", [str(device.number)], True)
    ]


def test_a_resting_laptop_comes_back_within_a_working_day(desk: Desk) -> None:
    resting = [d for d in desk.devices if not d.online and NOON - d.last_seen < timedelta(days=1)]
    gone = [d for d in desk.devices if not d.online and NOON - d.last_seen > timedelta(days=10)]
    assert resting
    assert gone
    desk.token = ""
    desk.pass_time(13 * 3600)
    desk.status("/v2/organizations")
    assert all(device.online for device in resting)
    assert not any(device.online for device in gone)


def test_two_jobs_of_one_device_run_one_after_the_other(desk: Desk) -> None:
    device = one(desk.devices, willing)
    before = last_activity(desk)
    trigger(desk, device)
    trigger(desk, device, "patch/os/scan")
    desk.pass_time(2)
    assert len(desk.get(f"/v2/device/{device.number}/jobs")) == 1
    desk.pass_time(2 * LONG_S)
    scans = [c for c in codes(desk, device, before) if c == "PATCH_MANAGEMENT_SCAN_COMPLETED"]
    assert len(scans) == 2
    assert [effect["kind"] for effect in desk.effects()] == ["os_patch_apply", "os_patch_scan"]


def test_a_scan_renews_what_was_collected_too_long_ago(desk: Desk) -> None:
    device = one(
        desk.devices,
        lambda d: d.online and d.last_scan is not None and NOON - d.last_scan > timedelta(days=3),
    )
    row = report(desk, "os-patches", df=f"id={device.number}")[0]
    assert row["timestamp"] < (NOON - timedelta(days=3)).timestamp()
    assert trigger(desk, device, "patch/os/scan") == 204
    desk.pass_time(LONG_S)
    row = report(desk, "os-patches", df=f"id={device.number}")[0]
    assert row["timestamp"] > NOON.timestamp()


def test_software_patches_are_installed_by_their_own_trigger(desk: Desk) -> None:
    device = one(
        desk.devices, lambda d: d.online and d.patch_policy and any(missing(d, "third_party"))
    )
    before = last_activity(desk)
    assert trigger(desk, device, "patch/software/apply") == 204
    desk.pass_time(LONG_S)
    assert "SOFTWARE_PATCH_MANAGEMENT_INSTALLED" in codes(desk, device, before)
    assert list(missing(device, "third_party")) == []


def test_a_script_is_run_and_what_it_installed_shows_with_the_next_scan(desk: Desk) -> None:
    device, before = one(desk.devices, willing), last_activity(desk)
    kb = next(missing(device)).kb
    told = f'-Mode install -RequestId R4K7Q-1 -Kbs "{kb}"'
    order = {"type": "SCRIPT", "id": UPDATE_SCRIPT_ID, "parameters": told, "runAs": "system"}
    path = f"/v2/device/{device.number}/script/run"
    assert desk.request("POST", path, json=order).status_code in (200, 204)
    desk.pass_time(LONG_S)
    assert codes(desk, device, before) == ["STARTED", "COMPLETED"]
    assert kb in {row["kbNumber"] for row in report(desk, "os-patches", df=f"id={device.number}")}
    trigger(desk, device, "patch/os/scan")
    desk.pass_time(LONG_S)
    assert kb not in {
        row["kbNumber"] for row in report(desk, "os-patches", df=f"id={device.number}")
    }


def test_a_script_that_is_not_there_or_told_nonsense_is_refused(desk: Desk) -> None:
    device = one(desk.devices, willing)
    path = f"/v2/device/{device.number}/script/run"
    listed = desk.get("/v2/automation/scripts")
    assert UPDATE_SCRIPT_ID in {row["id"] for row in listed}
    unknown = {"type": "SCRIPT", "id": 5}
    assert desk.request("POST", path, json=unknown).status_code == 404
    nonsense = {"type": "SCRIPT", "id": UPDATE_SCRIPT_ID, "parameters": "-Wipe C:"}
    assert desk.request("POST", path, json=nonsense).status_code == 400
    assert desk.effects() == []


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
    device = one(desk.devices, willing)
    desk.pass_time(3 * DAY_S)
    desk.status("/v2/organizations")
    assert device.last_scan is not None
    assert desk.world.clock.now() - device.last_scan < timedelta(days=1)


def test_a_device_left_behind_misses_another_number_after_the_next_patch_day(desk: Desk) -> None:
    device = one(
        desk.devices, lambda d: d.online and any(missing(d, state="superseded")) and any(missing(d))
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
    device = one(desk.devices, willing)
    log = desk.get(f"/v2/device/{device.number}/activities", activityType="PATCH_MANAGEMENT")
    assert log["activities"]
    assert {row["deviceId"] for row in log["activities"]} == {device.number}


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
    device = one(desk.devices, willing)
    trigger(desk, device)
    desk.pass_time(2)
    assert isinstance(desk.get(f"/v2/device/{device.number}/{path}"), list)
