"""The Automate stand-in does what Automate's description and its users say Automate does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Company, Device, Update
from sandbox.rmm.automate import (
    CLIENT_ID,
    PASSWORD,
    TWO_FACTOR_USERNAME,
    USERNAME,
    WRITE_PASSWORD,
    WRITE_USERNAME,
    make_app,
)
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
BASE = "/cwa/api/v1"
#: Longer than any single job takes.
LONG_S = 30.0


class AutomateDesk(Desk):
    """Sends the clientId with everything."""

    client_id = CLIENT_ID

    def request(self, method: str, path: str, **rest: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "clientId": self.client_id}
        url = f"{self.url}{BASE}{path}"
        return self.session.request(method, url, headers=headers, timeout=30, **rest)

    def sign_in(self, username: str, password: str, **more: str) -> requests.Response:
        body = {"Username": username, "Password": password, **more}
        return self.request("POST", "/apitoken", json=body)

    def deploy(self, number: int, kind: int = 1) -> requests.Response:
        body = {"EntityType": kind, "EntityId": number}
        return self.request("POST", "/PatchActions/DeployAllApproved", json=body)

    def stats(self, device: Device) -> Row:
        row: Row = self.get(f"/Computers/{device.number}/PatchingStats")
        return row

    def updates(self, device: Device) -> list[Row]:
        rows: list[Row] = self.get(f"/Computers/{device.number}/MicrosoftUpdates", pageSize=1000)
        return rows

    def software(self, device: Device) -> list[Row]:
        rows: list[Row] = self.get(f"/Computers/{device.number}/ThirdPartyPatches", pageSize=1000)
        return rows

    @property
    def company(self) -> Company:
        return self.world.estate.of_rmm("automate")[0]


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> AutomateDesk:
    world = make_world("automate")
    made = AutomateDesk(serve_tls(make_app(world)), https, world, "automate")
    made.token = made.sign_in(WRITE_USERNAME, WRITE_PASSWORD).json()["AccessToken"]
    return made


# Who may ask.


def test_sign_in_gives_a_bearer_token_and_tells_when_it_ends(desk: AutomateDesk) -> None:
    answer = desk.sign_in(USERNAME, PASSWORD).json()
    assert answer["TokenType"] == "Bearer"
    ends = datetime.fromisoformat(answer["ExpirationDate"])
    assert timedelta(0) <= ends - (NOON + timedelta(hours=4)) < timedelta(minutes=1)
    assert answer["IsTwoFactorRequired"] is False


@pytest.mark.parametrize(
    ("username", "password"), [(USERNAME, "wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_sign_in_is_refused_with_a_bare_text(
    desk: AutomateDesk, username: str, password: str
) -> None:
    answer = desk.sign_in(username, password)
    assert (answer.status_code, type(answer.json())) == (401, str)


def test_a_user_with_a_second_factor_gets_no_token_without_a_code(desk: AutomateDesk) -> None:
    answer = desk.sign_in(TWO_FACTOR_USERNAME, PASSWORD).json()
    assert (answer["AccessToken"], answer["IsTwoFactorRequired"]) == (None, True)
    assert desk.sign_in(TWO_FACTOR_USERNAME, PASSWORD, TwoFactorPasscode="123456").json()[
        "AccessToken"
    ]


def test_nothing_is_answered_without_a_client_id(desk: AutomateDesk) -> None:
    desk.client_id = "00000000-0000-0000-0000-000000000000"
    assert desk.status("/Clients") == 401
    assert desk.sign_in(USERNAME, PASSWORD).status_code == 401


def test_a_token_ends_when_it_said_it_would(desk: AutomateDesk) -> None:
    desk.pass_time(4 * 3600 - 5)
    assert desk.status("/Clients") == 200
    desk.pass_time(10)
    assert desk.status("/Clients") == 401


def test_a_reading_user_may_read_and_may_not_deploy(desk: AutomateDesk) -> None:
    desk.token = desk.sign_in(USERNAME, PASSWORD).json()["AccessToken"]
    device = desk.one(willing)
    assert desk.status("/Computers") == 200
    assert desk.deploy(device.number).status_code == 403
    assert desk.effects() == []


# Queries.


def test_lists_are_bare_arrays_in_pages_counted_from_one(desk: AutomateDesk) -> None:
    pages, page = [], 1
    while rows := desk.get("/Computers", page=page, pageSize=10, orderBy="Id asc"):
        pages.append([int(row["Id"]) for row in rows])
        page += 1
    assert [len(rows) for rows in pages[:-1]] == [10] * (len(pages) - 1)
    seen = [number for rows in pages for number in rows]
    assert seen == sorted(device.number for device in desk.devices)


@pytest.mark.parametrize("params", [{"page": 0}, {"pageSize": "many"}, {"orderBy": "Id sideways"}])
def test_queries_that_cannot_be_read_are_400(desk: AutomateDesk, params: Row) -> None:
    answer = desk.request("GET", "/Computers", params=params)
    assert (answer.status_code, set(answer.json())) == (400, {"Message"})


@pytest.mark.parametrize(
    ("condition", "suits"),
    [
        ("Status = 'Offline'", lambda d: not d.online),
        ('Type = "Server"', lambda d: d.server),
        ("Client.Id = {client} and Status = 'Online'", lambda d: d.online),
        ("Client.Id = 424242", lambda d: False),
        ("Id in ({dc}, {host})", lambda d: d.name in ("RIMU-DC01", "RIMU-HV01")),
        ("Id = {dc} or Id = {file}", lambda d: d.name in ("RIMU-DC01", "RIMU-FS01")),
        ("Id > {file}", lambda d: not d.server),
        ("IsRebootNeeded = true", lambda d: d.reboot_needed),
        ("OperatingSystemName like '%Server%'", lambda d: "Server" in d.os_name),
        ("OperatingSystemName not contains 'Windows'", lambda d: "Windows" not in d.os_name),
        ("(Id = {dc} or Id = {host}) and Type = 'Workstation'", lambda d: False),
        (
            "WindowsUpdateDate < 2026-11-20T00:00:00Z",
            lambda d: d.last_scan is None or d.last_scan.day < 20 or d.last_scan.month < 11,
        ),
    ],
)
def test_conditions_choose(
    desk: AutomateDesk, condition: str, suits: Callable[[Device], bool]
) -> None:
    dc, host, file = (device.number for device in desk.devices[:3])
    asked = condition.format(client=desk.company.rmm_number, dc=dc, host=host, file=file)
    rows = desk.get("/Computers", condition=asked, pageSize=1000)
    assert {int(row["Id"]) for row in rows} == {d.number for d in desk.devices if suits(d)}


@pytest.mark.parametrize("condition", ["Id =", "Id ~ 4", "(Id = 4", "Id = 4)", "Id in 4", "!"])
def test_conditions_that_cannot_be_read_are_400(desk: AutomateDesk, condition: str) -> None:
    assert desk.status("/Computers", condition=condition) == 400


# Readings.


def test_clients_are_the_companies_on_automate(desk: AutomateDesk) -> None:
    names = {row["Name"] for row in desk.get("/Clients")}
    assert names == {c.rmm_name for c in desk.world.estate.companies if c.rmm == "automate"}


def test_stats_count_what_the_list_of_updates_holds(desk: AutomateDesk) -> None:
    for device in desk.devices:
        stats, rows = desk.stats(device), desk.updates(device)
        installed = sum(row["IsInstalled"] for row in rows)
        failed = sum(row["IsFailed"] for row in rows)
        assert stats["InstalledPatchCount"] == installed
        assert stats["FailedPatchCount"] == failed
        assert stats["MissingPatchCount"] == len(rows) - installed - failed


def test_a_computer_without_an_inventory_says_so(desk: AutomateDesk) -> None:
    device = desk.one(lambda d: d.last_scan is None)
    stats = desk.stats(device)
    assert stats["NoPatchInventory"] is True
    assert stats["LastPatchInventory"].startswith("0001-01-01")
    assert desk.updates(device) == []


def test_an_offline_computer_keeps_what_its_last_inventory_found(desk: AutomateDesk) -> None:
    device = desk.one(lambda d: not d.online and d.last_scan is not None)
    assert desk.updates(device)


def test_updates_carry_release_date_severity_and_score(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    row = next(r for r in desk.updates(device) if r["Severity"] == "Critical")
    assert row["ReleaseDate"].endswith("T00:00:00Z")
    assert row["Cvss"] == 8.8
    assert isinstance(row["KnowledgeBaseId"], int)


def test_unknown_computers_and_addresses_are_404(desk: AutomateDesk) -> None:
    for path in ("/Computers/999999/PatchingStats", "/Computers/x/MicrosoftUpdates", "/Nothing"):
        answer = desk.request("GET", path)
        assert (answer.status_code, set(answer.json())) == (404, {"Message"})


# Deploying.


def test_a_deployment_is_answered_with_204_and_nothing_else(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    answer = desk.deploy(device.number)
    assert (answer.status_code, answer.content) == (204, b"")
    (effect,) = desk.effects()
    assert (effect["kind"], effect["target_ids"]) == ("deploy_all_approved", [str(device.number)])


def test_a_patch_job_runs_for_a_while_and_leaves_its_history(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    approved = {u.id for u in device.updates if u.state == "approved" and u.kind != "third_party"}
    before = len(history(desk, device))
    desk.deploy(device.number)
    assert desk.stats(device)["PatchJobRunning"] is False
    desk.pass_time(2)
    assert desk.stats(device)["PatchJobRunning"] is True
    desk.pass_time(LONG_S)
    assert desk.stats(device)["PatchJobRunning"] is False
    new = history(desk, device)[before:]
    assert {row["UpdateId"] for row in new} == approved
    assert {row["ResultCode"]["Name"] for row in new} == {"Succeeded"}
    assert not list(missing(device))
    assert not device.reboot_needed
    assert device.online


def history(desk: AutomateDesk, device: Device) -> list[Row]:
    condition = f"ComputerId = {device.number}"
    rows: list[Row] = desk.get("/PatchHistory", condition=condition, pageSize=1000)
    return rows


def test_what_nobody_approved_and_what_failed_before_is_left_alone(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    others = [u for u in device.updates if u.kind in ("dotnet", "security")][:2]
    others[0].state, others[1].state = "pending", "failed"
    desk.deploy(device.number)
    desk.pass_time(LONG_S)
    desk.status("/Clients")
    assert [u.state for u in others] == ["pending", "failed"]


def test_what_will_not_go_in_fails_and_is_counted(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    failing = next(missing(device))
    failing.fails = True
    desk.deploy(device.number)
    desk.pass_time(LONG_S)
    assert desk.stats(device)["FailedPatchCount"] >= 1
    codes = {row["UpdateId"]: row["ResultCode"] for row in history(desk, device)}
    assert codes[failing.id] == {"Id": 4, "Name": "Failed"}


def test_a_restart_waits_for_the_person_who_is_logged_on(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    device.user = "RIMU\\sam"
    desk.deploy(device.number)
    desk.pass_time(LONG_S)
    desk.status("/Clients")
    assert device.reboot_needed


def test_a_second_order_while_one_runs_adds_nothing(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    before = len(history(desk, device))
    desk.deploy(device.number)
    desk.pass_time(2)
    desk.deploy(device.number)
    desk.pass_time(LONG_S)
    tried = [row["UpdateId"] for row in history(desk, device)[before:]]
    assert len(tried) == len(set(tried))
    assert desk.stats(device)["PatchJobRunning"] is False


def test_an_order_for_an_offline_computer_waits_for_it(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    device.online = False
    desk.deploy(device.number)
    desk.pass_time(LONG_S)
    assert desk.stats(device)["PatchJobRunning"] is False
    device.online = True
    desk.status("/Clients")
    desk.pass_time(2)
    assert desk.stats(device)["PatchJobRunning"] is True


def test_a_computer_without_a_policy_takes_the_order_and_does_nothing(desk: AutomateDesk) -> None:
    device = desk.one(willing)
    device.patch_policy = False
    assert desk.deploy(device.number).status_code == 204
    desk.pass_time(LONG_S)
    desk.status("/Clients")
    assert list(missing(device))


@pytest.mark.parametrize("kind", [2, 3])
def test_a_wrong_kind_of_entity_hits_a_whole_client(desk: AutomateDesk, kind: int) -> None:
    """What the proof before any write is for."""
    client = desk.company.rmm_number
    number = client * 10 + 1 if kind == 2 else client
    assert desk.deploy(number, kind).status_code == 204
    (effect,) = desk.effects()
    assert len(effect["target_ids"]) == len(desk.devices)


@pytest.mark.parametrize(("more", "kind"), [(0, 0), (0, 7), (900_000, 1)])
def test_an_entity_that_is_not_there_is_404_with_a_bare_text(
    desk: AutomateDesk, more: int, kind: int
) -> None:
    answer = desk.deploy(desk.devices[0].number + more, kind)
    assert (answer.status_code, type(answer.json())) == (404, str)
    assert desk.effects() == []


def test_an_order_that_names_nothing_is_400(desk: AutomateDesk) -> None:
    answer = desk.request("POST", "/PatchActions/DeployAllApproved", json={"EntityId": "x"})
    assert answer.status_code == 400


def test_computers_install_by_themselves_as_the_days_pass(desk: AutomateDesk) -> None:
    desk.pass_time(31 * DAY_S)
    desk.status("/Clients")

    def new(update: Update) -> bool:
        return update.kind == "cumulative" and update.title.startswith("2026-12")

    fine = [d for d in desk.devices if d.online and d.patch_policy and d.last_scan is not None]
    done = [d for d in fine if any(new(u) and u.state == "installed" for u in d.updates)]
    assert len(done) > 0.4 * len(fine)


@pytest.mark.parametrize("path", ["/Clients", "/Computers", "/PatchHistory"])
def test_every_reading_of_the_fleet_has_rows(desk: AutomateDesk, path: str) -> None:
    assert desk.get(path, pageSize=1000)


def test_every_computer_tells_its_updates(desk: AutomateDesk) -> None:
    for device in desk.devices:
        assert desk.stats(device)
        assert isinstance(desk.updates(device), list)
    rows = [row for device in desk.devices for row in desk.software(device)]
    assert {row["IsCompliant"] for row in rows} == {True, False}
