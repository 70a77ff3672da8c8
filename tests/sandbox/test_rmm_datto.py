"""The Datto RMM stand-in does what Datto's description and its users say Datto RMM does."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.datto import API_KEY, API_SECRET, INSTALL_COMPONENT_UID, limits, make_app, pages
from sandbox.rmm.datto.rows import NEVER_MS
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
#: Longer than any job and the audit after it take.
LONG_S = 30.0
TOKEN_PATH = "/auth/oauth/token"


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("datto")
    made = Desk(serve_tls(make_app(world)), https, world, "datto")
    made.token = sign_in(made).json()["access_token"]
    return made


def sign_in(
    desk: Desk, key: str = API_KEY, secret: str = API_SECRET, basic: str = "public"
) -> requests.Response:
    form = {"grant_type": "password", "username": key, "password": secret}
    auth = ("public-client", basic)
    return desk.session.post(desk.url + TOKEN_PATH, data=form, auth=auth, timeout=30)


def put_job(desk: Desk, device: Device, body: Any) -> requests.Response:
    return desk.request("PUT", f"/api/v2/device/{device.uid}/quickjob", json=body)


def start(
    desk: Desk, device: Device, component: str = INSTALL_COMPONENT_UID, **variables: str
) -> str:
    """Create a quick job that has to be accepted; give its uid."""
    pairs = [{"name": name, "value": value} for name, value in variables.items()]
    body = {"jobName": "patch 42", "jobComponent": {"componentUid": component, "variables": pairs}}
    answer = put_job(desk, device, body)
    assert answer.status_code == 200, answer.text
    uid: str = answer.json()["job"]["uid"]
    return uid


def result(desk: Desk, job: str, device: Device) -> Row:
    row: Row = desk.get(f"/api/v2/job/{job}/results/{device.uid}")
    return row


def output(desk: Desk, job: str, device: Device) -> Row:
    """What the component printed."""
    rows = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout")
    assert [row["componentUid"] for row in rows] == [INSTALL_COMPONENT_UID]
    printed: Row = json.loads(rows[0]["stdData"])
    return printed


def device_row(desk: Desk, device: Device) -> Row:
    row: Row = desk.get(f"/api/v2/device/{device.uid}")
    return row


def every(desk: Desk, path: str, name: str, **params: Any) -> list[Row]:
    """All rows of a list, by the addresses its pages give."""
    page = desk.get(path, **params)
    rows: list[Row] = page[name]
    while address := page["pageDetails"]["nextPageUrl"]:
        assert address.startswith(desk.url)
        page = desk.get(address.removeprefix(desk.url))
        rows = rows + page[name]
    return rows


def one(devices: Iterable[Device], wanted: Callable[[Device], bool]) -> Device:
    return next(device for device in devices if wanted(device))


def test_sign_in_gives_a_bearer_token_for_a_hundred_hours(desk: Desk) -> None:
    answer = sign_in(desk).json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 360_000)


@pytest.mark.parametrize(
    ("key", "secret", "basic", "status"),
    [
        (API_KEY, "wrong", "public", 400),
        ("nobody", API_SECRET, "public", 400),
        (API_KEY, API_SECRET, "wrong", 401),
    ],
)
def test_sign_in_is_refused(desk: Desk, key: str, secret: str, basic: str, status: int) -> None:
    assert sign_in(desk, key, secret, basic).status_code == status


def test_sign_in_needs_the_public_client_and_a_password_grant(desk: Desk) -> None:
    plain = desk.session.post(desk.url + TOKEN_PATH, data={"grant_type": "password"}, timeout=30)
    assert plain.status_code == 401
    other = desk.session.post(
        desk.url + TOKEN_PATH,
        data={"grant_type": "x"},
        auth=("public-client", "public"),
        timeout=30,
    )
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def test_a_token_expires_after_a_hundred_hours(desk: Desk) -> None:
    desk.pass_time(359_990)
    assert desk.status("/api/v2/account") == 200
    desk.pass_time(11)
    answer = desk.request("GET", "/api/v2/account")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_the_systems_status_needs_no_token(desk: Desk) -> None:
    desk.token = ""
    assert desk.get("/api/v2/system/status")["status"] == "OK"
    assert desk.status("/api/v2/system/pagination") == 401


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
    legacy = one(desk.devices, lambda d: d.end_of_life and d.server)
    assert device_row(desk, legacy)["patchManagement"]["patchStatus"] == "FullyPatched"
    assert not any("KB" in json.dumps(row) for row in rows)


def test_tags_are_kept_in_the_first_user_defined_field(desk: Desk) -> None:
    controller = one(desk.devices, lambda d: "domain-controller" in d.tags)
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
    fine = one(desk.devices, willing)
    assert every(desk, f"/api/v2/device/{fine.uid}/alerts/open", "alerts") == []
    assert every(desk, "/api/v2/account/alerts/open", "alerts", muted="true") == []


def test_the_install_component_is_listed_with_its_variables(desk: Desk) -> None:
    components = every(desk, "/api/v2/account/components", "components")
    component = next(c for c in components if c["uid"] == INSTALL_COMPONENT_UID)
    assert component["name"] == "gatehouse-updates"
    assert [v["name"] for v in component["variables"]] == ["mode", "requestId", "kbs"]
    assert len(components) > 1


def test_an_install_job_is_pending_then_runs_then_says_what_it_did(desk: Desk) -> None:
    device = one(desk.devices, willing)
    approved = {
        u.kb
        for u in device.updates
        if u.state == "approved" and u.kind in ("cumulative", "dotnet", "security")
    }
    job = start(desk, device, mode="install", requestId="req-42")
    results = f"/api/v2/job/{job}/results/{device.uid}"
    assert desk.get(f"/api/v2/job/{job}")["status"] == "active"
    assert [desk.status(results + end) for end in ("", "/stdout", "/stderr")] == [404] * 3
    desk.pass_time(1.2)
    waiting = result(desk, job, device)
    assert (waiting["jobDeploymentStatus"], waiting["ranOn"]) == ("Pending", None)
    assert waiting["componentResults"] == []
    desk.pass_time(1)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Running"
    assert desk.get(f"{results}/stdout") == []
    desk.pass_time(LONG_S)
    assert desk.get(f"/api/v2/job/{job}")["status"] == "completed"
    done = result(desk, job, device)
    assert done["jobDeploymentStatus"] == "Success"
    assert done["componentResults"][0]["hasStdOut"] is True
    printed = output(desk, job, device)
    assert (printed["component"], printed["version"]) == ("gatehouse-updates", "2.1.0")
    assert (printed["requestId"], printed["mode"]) == ("req-42", "install")
    assert {u["kb"] for u in printed["attempted"]} == approved
    assert {(u["result"], u["hresult"]) for u in printed["attempted"]} == {
        ("installed", "0x00000000")
    }
    assert printed["rebootRequired"] is True
    left = {u["kb"] for u in printed["missing"] if u["restartPending"]}
    assert left <= approved
    assert not any(u["approved"] for u in printed["missing"])


def test_counts_and_status_follow_the_audit_not_the_job(desk: Desk) -> None:
    device = one(desk.devices, willing)
    before = device_row(desk, device)
    job = start(desk, device, mode="install")
    waited = 0.0
    while desk.get(f"/api/v2/job/{job}")["status"] == "active":
        desk.pass_time(0.5)
        waited += 0.5
    assert 4 < waited < 12
    lagging = device_row(desk, device)
    assert lagging["patchManagement"] == before["patchManagement"]
    assert lagging["rebootRequired"] is False
    desk.pass_time(4)
    audited = device_row(desk, device)
    assert audited["patchManagement"]["patchStatus"] == "RebootRequired"
    assert audited["patchManagement"]["patchesApprovedPending"] == 0
    assert (
        audited["patchManagement"]["patchesInstalled"]
        > before["patchManagement"]["patchesInstalled"]
    )
    assert audited["rebootRequired"] is True
    assert audited["lastAuditDate"] > before["lastAuditDate"]


def test_named_updates_are_installed_and_no_others(desk: Desk) -> None:
    device = one(desk.devices, willing)
    wanted = next(missing(device))
    others = {u.id for u in device.updates if u.state == "approved"} - {wanted.id}
    job = start(desk, device, mode="install", kbs=f"{wanted.kb},KB4999999")
    desk.pass_time(LONG_S)
    told = {u["kb"]: u["result"] for u in output(desk, job, device)["attempted"]}
    assert told == {wanted.kb: "installed", "KB4999999": "not_offered"}
    assert others == {u.id for u in device.updates if u.state == "approved"}


def test_a_scan_lists_what_is_missing_and_changes_nothing(desk: Desk) -> None:
    device = one(desk.devices, willing)
    job = start(desk, device, mode="scan", requestId="req-7")
    desk.pass_time(LONG_S)
    printed = output(desk, job, device)
    assert printed["attempted"] == []
    kbs = {u["kb"] for u in printed["missing"] if u["approved"]}
    assert {update.kb for update in missing(device)} <= kbs
    assert printed["rebootRequired"] is False


def test_some_failures_are_a_warning_and_nothing_but_failures_a_failure(desk: Desk) -> None:
    device = one(desk.devices, lambda d: d.online and any(u.fails for u in missing(d)))
    for update in device.updates:
        if not update.fails and update.state == "approved":
            update.state = "pending"
    lost = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    assert result(desk, lost, device)["jobDeploymentStatus"] == "Failure"
    assert output(desk, lost, device)["attempted"][0]["hresult"] == "0x8024200B"
    assert device_row(desk, device)["patchManagement"]["patchStatus"] == "InstallError"
    other = next(update for update in device.updates if update.kind == "dotnet")
    other.state = "approved"
    mixed = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    row = result(desk, mixed, device)
    assert row["jobDeploymentStatus"] == "Warning"
    assert row["componentResults"][0]["numberOfWarnings"] == 1
    assert sorted(u["result"] for u in output(desk, mixed, device)["attempted"]) == [
        "failed",
        "installed",
    ]


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        (lambda d: d.end_of_life and d.server, "PowerShell"),
        (lambda d: "macOS" in d.os_name and d.online, "Windows only"),
    ],
)
def test_where_the_component_cannot_run_it_says_so_on_stderr(
    desk: Desk, wanted: Callable[[Device], bool], complaint: str
) -> None:
    device = one(desk.devices, wanted)
    job = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    row = result(desk, job, device)
    assert row["jobDeploymentStatus"] == "Failure"
    assert row["componentResults"][0]["hasStdOut"] is False
    assert desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout") == []
    errors = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stderr")
    assert complaint in errors[0]["stdData"]


def test_a_mode_the_component_does_not_know_is_a_failure(desk: Desk) -> None:
    device = one(desk.devices, willing)
    job = start(desk, device, mode="reinstall")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Failure"
    assert list(missing(device))


def test_a_job_for_an_offline_device_is_pending_until_it_is_back(desk: Desk) -> None:
    device = one(desk.devices, lambda d: not d.online and any(missing(d)))
    job = start(desk, device, mode="install")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Pending"
    device.online = True
    desk.get("/api/v2/system/pagination")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Success"
    effects = desk.effects()
    assert [(e["kind"], e["target_ids"], e["queued"]) for e in effects] == [
        ("quickjob", [device.uid], True)
    ]


def test_a_job_nobody_fetched_expires_and_never_runs(desk: Desk) -> None:
    device = one(desk.devices, lambda d: not d.online and NOON - d.last_seen > timedelta(days=5))
    job = start(desk, device, mode="install")
    desk.pass_time(DAY_S + 5)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Expired"
    assert desk.get(f"/api/v2/job/{job}")["status"] == "completed"
    device.online = True
    desk.get("/api/v2/system/pagination")
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Expired"
    assert list(missing(device))


def test_a_second_put_makes_a_second_job(desk: Desk) -> None:
    device = one(desk.devices, willing)
    jobs = [start(desk, device, mode="install") for _ in range(2)]
    desk.pass_time(2 * LONG_S)
    assert len(set(jobs)) == 2
    assert [len(output(desk, job, device)["attempted"]) > 0 for job in jobs] == [True, False]
    assert [effect["job"] for effect in desk.effects()] == jobs


def test_a_job_of_another_component_prints_nothing_and_patches_nothing(desk: Desk) -> None:
    device = one(desk.devices, willing)
    components = every(desk, "/api/v2/account/components", "components")
    other = next(c["uid"] for c in components if c["uid"] != INSTALL_COMPONENT_UID)
    job = start(desk, device, component=other)
    desk.pass_time(LONG_S)
    assert result(desk, job, device)["jobDeploymentStatus"] == "Success"
    assert desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout") == []
    assert list(missing(device))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"jobName": "x"},
        {"jobName": "", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}},
        {"jobName": "x", "jobComponent": {"componentUid": "nothing"}},
        {
            "jobName": "x",
            "jobComponent": {
                "componentUid": INSTALL_COMPONENT_UID,
                "variables": [{"name": "KBs", "value": "KB5000001"}],
            },
        },
        {
            "jobName": "x",
            "jobComponent": {
                "componentUid": INSTALL_COMPONENT_UID,
                "variables": [{"name": "mode", "value": 5}],
            },
        },
    ],
)
def test_a_job_that_makes_no_sense_is_400_and_does_nothing(desk: Desk, body: Any) -> None:
    assert put_job(desk, desk.devices[0], body).status_code == 400
    assert desk.effects() == []


def test_a_job_on_an_unknown_device_is_404(desk: Desk) -> None:
    body = {"jobName": "x", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}}
    answer = desk.request("PUT", "/api/v2/device/nothing/quickjob", json=body)
    assert answer.status_code == 404


def test_the_request_rate_tells_reads_and_writes_apart_and_counts_itself(desk: Desk) -> None:
    start(desk, one(desk.devices, willing), mode="scan")
    rate = desk.get("/api/v2/system/request_rate")
    assert (rate["accountRateLimit"], rate["accountWriteRateLimit"]) == (600, 100)
    assert (rate["accountCount"], rate["accountWriteCount"]) == (1, 1)
    assert rate["operationWriteStatus"] == {"device-job-create": {"limit": 100, "count": 1}}
    desk.pass_time(61)
    assert desk.get("/api/v2/system/request_rate")["accountWriteCount"] == 0


def test_reads_slow_down_near_the_limit_stop_at_it_and_lock_out_who_goes_on(
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "READS_PER_MINUTE", 10)
    monkeypatch.setattr(limits, "_PATIENCE", 3)
    world = make_world("datto")
    world.pace = 0.2
    desk = Desk(serve_tls(make_app(world)), https, world, "datto")
    desk.token = sign_in(desk).json()["access_token"]
    answers = [desk.request("GET", "/api/v2/system/pagination") for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert answers[-1].elapsed.total_seconds() >= 0.2
    statuses = [desk.status("/api/v2/system/pagination") for _ in range(5)]
    assert statuses == [429, 429, 429, 429, 403]
    desk.pass_time(61)
    assert desk.status("/api/v2/system/pagination") == 403
    desk.pass_time(240)
    assert desk.status("/api/v2/system/pagination") == 200


def test_writes_have_a_limit_of_their_own(
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "WRITES_PER_MINUTE", 3)
    world = make_world("datto")
    desk = Desk(serve_tls(make_app(world)), https, world, "datto")
    desk.token = sign_in(desk).json()["access_token"]
    device = one(desk.devices, willing)
    body = {"jobName": "x", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}}
    statuses = [put_job(desk, device, body).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert len(desk.effects()) == 3
    assert desk.status("/api/v2/system/pagination") == 200


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
    start(desk, one(desk.devices, willing), mode="scan")
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


def test_audits_go_on_by_themselves(desk: Desk) -> None:
    device = one(desk.devices, willing)
    before = device_row(desk, device)["lastAuditDate"]
    desk.pass_time(DAY_S)
    assert device_row(desk, device)["lastAuditDate"] > before


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
    start(desk, one(desk.devices, willing), mode="scan")
    assert desk.get(f"/api/v2{path}")


def test_a_job_can_be_looked_at_in_every_stage(desk: Desk) -> None:
    device = one(desk.devices, willing)
    body = {
        "jobName": "x",
        "jobComponent": {
            "componentUid": INSTALL_COMPONENT_UID,
            "variables": [{"name": "mode", "value": "install"}],
        },
    }
    created = put_job(desk, device, body).json()
    job = created["job"]["uid"]
    for seconds in (1.2, 1.0, LONG_S):
        desk.pass_time(seconds)
        assert desk.get(f"/api/v2/job/{job}")["uid"] == job
        assert result(desk, job, device)["jobUid"] == job
        printed = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout")
        assert isinstance(printed, list)
