"""Devices do what NinjaOne tells them to, step by step."""

from datetime import timedelta

from sandbox.rmm.ninjaone import UPDATE_SCRIPT_ID
from tests.noon import NOON
from tests.sandbox.rmm.ninjaone.asking import LONG_S, codes, last_activity, report, trigger
from tests.sandbox.rmm_desk import Desk, missing, willing


def test_an_accepted_install_is_done_step_by_step_and_ends_with_a_scan(desk: Desk) -> None:
    device = desk.one(willing)
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
    device = desk.one(willing)
    trigger(desk, device)
    taken = 0.0
    while desk.get(f"/v2/device/{device.number}/jobs"):
        desk.pass_time(0.5)
        taken += 0.5
    assert 5 < taken < 13


def test_a_faster_pace_shortens_an_install(desk: Desk) -> None:
    desk.world.pace = 0.1
    device = desk.one(willing)
    trigger(desk, device)
    desk.pass_time(1.5)
    assert desk.get(f"/v2/device/{device.number}/jobs") == []


def test_the_policy_restarts_a_device_nobody_uses(desk: Desk) -> None:
    device = desk.one(willing)
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
    device = desk.one(lambda d: d.user is not None)
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
    device = desk.one(lambda d: d.user is not None)
    before = last_activity(desk)
    assert trigger(desk, device, "reboot/NORMAL") == 204
    desk.pass_time(6)
    assert codes(desk, device, before) == []
    desk.pass_time(LONG_S)
    assert codes(desk, device, before) == ["SYSTEM_REBOOTED"]


def test_a_restart_needs_a_known_mode(desk: Desk) -> None:
    assert trigger(desk, desk.devices[0], "reboot/GENTLY") == 400


def test_a_failing_patch_is_reported_failed_and_leaves_the_missing_list(desk: Desk) -> None:
    device = desk.one(lambda d: d.online and any(u.fails for u in missing(d)))
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
    nothing = desk.one(lambda d: d.end_of_life and d.server)
    unmanaged = desk.one(lambda d: not d.patch_policy)
    for device in (nothing, unmanaged):
        answer = desk.request("POST", f"/v2/device/{device.number}/patch/os/apply")
        assert answer.status_code == 400
        assert answer.json()["errorMessage"] == "Device is not applicable for os apply"
    assert trigger(desk, unmanaged, "patch/os/scan") == 400
    assert desk.effects() == []


def test_work_for_an_offline_device_waits_until_it_is_back(desk: Desk) -> None:
    device = desk.one(lambda d: not d.online and any(missing(d)) and not d.server)
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
    device = desk.one(willing)
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
    device = desk.one(
        lambda d: d.online and d.last_scan is not None and NOON - d.last_scan > timedelta(days=3),
    )
    row = report(desk, "os-patches", df=f"id={device.number}")[0]
    assert row["timestamp"] < (NOON - timedelta(days=3)).timestamp()
    assert trigger(desk, device, "patch/os/scan") == 204
    desk.pass_time(LONG_S)
    row = report(desk, "os-patches", df=f"id={device.number}")[0]
    assert row["timestamp"] > NOON.timestamp()


def test_software_patches_are_installed_by_their_own_trigger(desk: Desk) -> None:
    device = desk.one(lambda d: d.online and d.patch_policy and any(missing(d, "third_party")))
    before = last_activity(desk)
    assert trigger(desk, device, "patch/software/apply") == 204
    desk.pass_time(LONG_S)
    assert "SOFTWARE_PATCH_MANAGEMENT_INSTALLED" in codes(desk, device, before)
    assert list(missing(device, "third_party")) == []


def test_a_script_is_run_and_what_it_installed_shows_with_the_next_scan(desk: Desk) -> None:
    device, before = desk.one(willing), last_activity(desk)
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
    device = desk.one(willing)
    path = f"/v2/device/{device.number}/script/run"
    listed = desk.get("/v2/automation/scripts")
    assert UPDATE_SCRIPT_ID in {row["id"] for row in listed}
    unknown = {"type": "SCRIPT", "id": 5}
    assert desk.request("POST", path, json=unknown).status_code == 404
    nonsense = {"type": "SCRIPT", "id": UPDATE_SCRIPT_ID, "parameters": "-Wipe C:"}
    assert desk.request("POST", path, json=nonsense).status_code == 400
    assert desk.effects() == []
