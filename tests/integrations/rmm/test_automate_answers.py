"""What Automate may answer against its own documents, and what we make of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Fact
from core.domain.patching import DeviceId, PatchState, RmmReading
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    JobState,
    Options,
    Plan,
    RequestId,
    StepState,
    Target,
)
from core.errors import (
    MalformedAnswer,
    VendorAuthError,
    VendorBusy,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Truth
from integrations.http import Patience
from integrations.rmm import automate
from integrations.rmm.automate.account import AutomateAccount
from integrations.rmm.automate.settings import AutomateSettings
from integrations.rmm.automate.trial import DeploymentTrial
from integrations.rmm.per_device import GIVE_UP_AFTER
from tests.integrations.rmm.canned import Canned
from tests.storage.making import START, SetClock

BASE = "/cwa/api/v1"
TOKEN = f"{BASE}/apitoken"
DEPLOY = f"{BASE}/PatchActions/DeployAllApproved"
HISTORY = f"{BASE}/PatchHistory"
REQUEST = RequestId("R4K7Q")
BINDING = RmmBinding(account="cwa", vendor="automate", organisation="12")
ACTING: dict[str, Any] = {
    "write_username": "writer", "write_password": SecretStr("x"), "entity_type_computer": 1,
}  # fmt: skip
CLIENT = Client(
    key=ClientKey("rimu"), name="Rimu", rmm=(BINDING,), channel="rimu", time_zone="Pacific/Auckland",
    digest_at=time(7),
)  # fmt: skip


def iso(hours: float = 0) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def computer(number: int, **more: Any) -> dict[str, Any]:
    return {
        "Id": str(number), "ComputerName": f"PC-{number}", "Client": {"Id": "12"}, "Status": "Online",
        "OperatingSystemName": "Microsoft Windows 11 Pro", "Type": "Workstation", "IsRebootNeeded": False,
        **more,
    }  # fmt: skip


def stats(missing: int = 0, *, failed: int = 0, installed: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "MissingPatchCount": missing, "FailedPatchCount": failed, "InstalledPatchCount": installed,
        "NoPatchInventory": False, "PatchJobRunning": False, "LastPatchInventory": iso(-2),
        "IsMicrosoftManaged": True, **more,
    }  # fmt: skip


def update(number: int, *, installed: bool = False, approval: str = "Approve", **more: Any) -> Any:
    return {
        "Title": f"Update for something (KB{number})", "KnowledgeBaseId": number, "IsInstalled": installed,
        "IsFailed": False, "PolicyApproval": {"Name": approval}, **more,
    }  # fmt: skip


def attempt(number: int, hours: float, result: int = 2, computer_id: int = 412) -> dict[str, Any]:
    return {
        "ActionDate": iso(hours), "ComputerId": computer_id, "OperationCode": {"Id": 1},
        "ResultCode": {"Id": result},
        "PatchHistoryTitle": {"Title": f"Update for something (KB{number})", "KnowledgeBaseId": number},
    }  # fmt: skip


def key(number: int) -> str:
    return f"KB{number} update for something (kb{number})"


@dataclass
class Server(Canned):
    """One Automate server with canned answers; lists are given on the first page and are empty after it."""

    def lists(self, path: str, rows: list[Any]) -> None:
        self.answers["GET", f"{BASE}/{path}"] = lambda request: (
            200,
            rows if request.query.get("page") == "1" else [],
        )

    def fleet(self, *computers: dict[str, Any]) -> None:
        self.lists("Clients", [{"Id": "12", "Name": "Rimu Joinery"}])
        self.lists("Computers", list(computers))

    def patching(self, number: int, told: dict[str, Any], updates: list[Any] | None = None) -> None:
        self.says(f"{BASE}/Computers/{number}/PatchingStats", told)
        self.lists(f"Computers/{number}/MicrosoftUpdates", updates or [])

    def account(self, **more: Any) -> AutomateAccount:
        made = automate.connect(
            "cwa",
            AutomateSettings(
                base_url=self.url,
                ca_file=self.ca_file,
                client_id="guid",
                username="reader",
                password=SecretStr("x"),
                **(more or ACTING),
            ),
            clock=SetClock(),
            patience=Patience(tries=1),
        )
        self.closers.append(made.close)
        return made

    def reading(self) -> RmmReading:
        return self.account().read([BINDING])["12"]


@pytest.fixture
def server(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Server]:
    made = Server(ca_file=ca_file)
    made.url = serve_tls(made.app())
    made.says(TOKEN, {"AccessToken": "t", "ExpirationDate": iso(4)}, method="POST")
    made.lists("PatchHistory", [])
    yield made
    for close in made.closers:
        close()


def a_job(kind: JobKind = JobKind.INSTALL, **more: Any) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"), kind=kind, account="cwa", client=CLIENT.key, targets=("cwa:412",),
        dispatched_at=START, **more,
    )  # fmt: skip


def a_plan(*numbers: int, basis: frozenset[str] | None = frozenset()) -> Plan:
    targets = tuple(
        Target(id=f"cwa:{number}", name=f"PC-{number}", basis=basis) for number in numbers
    )
    return Plan(
        client=CLIENT.key, client_name="Rimu", account="cwa", action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES, options=Options(), targets=targets, made_at=START,
    )  # fmt: skip


# Signing in.


def test_every_call_carries_the_client_id_and_the_token(server: Server) -> None:
    server.fleet()
    server.account().api.computers()
    assert {item.headers["clientid"] for item in server.seen} == {"guid"}
    sign_in, *calls = server.seen
    assert sign_in.body == {"Username": "reader", "Password": "x"}
    assert {item.headers["authorization"] for item in calls} == {"Bearer t"}


def test_refused_token_is_asked_for_again_once_and_no_more(server: Server) -> None:
    server.says(f"{BASE}/Clients", {"Message": "denied"}, status=401)
    with pytest.raises(VendorAuthError):
        server.account().api.clients()
    assert (server.count(TOKEN), server.count(f"{BASE}/Clients")) == (2, 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_user_automate_does_not_take_is_a_refused_credential(server: Server, status: int) -> None:
    server.says(TOKEN, "The username or password is incorrect.", status=status, method="POST")
    with pytest.raises(VendorAuthError) as caught:
        server.account().api.clients()
    assert "secret in password" in caught.value.remedy


def test_user_with_a_second_factor_is_told_what_to_do(server: Server) -> None:
    server.says(TOKEN, {"AccessToken": None, "IsTwoFactorRequired": True}, method="POST")
    proof = server.account().prove([BINDING])
    assert "second factor" in (proof.problem or "")
    assert "two-factor" in proof.remedy


# Pages.


def test_server_that_knows_no_pages_gives_each_row_once(server: Server) -> None:
    server.says(f"{BASE}/Clients", [{"Id": "12", "Name": "Rimu"}])
    assert len(server.account().api.clients()) == 1
    assert server.count(f"{BASE}/Clients") == 2


def test_page_shorter_than_asked_for_ends_nothing(server: Server) -> None:
    pages = {"1": [{"Id": 1}, {"Id": 2}], "2": [{"Id": 3}], "3": []}
    server.answers["GET", f"{BASE}/Clients"] = lambda request: (200, pages[request.query["page"]])
    assert [row["Id"] for row in server.account().api.clients()] == [1, 2, 3]
    assert server.seen[1].query == {"orderBy": "Id asc", "page": "1", "pageSize": "1000"}


def test_list_that_never_ends_is_malformed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.automate.api._MAX_PAGES", 5)
    server.answers["GET", f"{BASE}/Clients"] = lambda request: (
        200,
        [{"Id": request.query["page"]}],
    )
    with pytest.raises(MalformedAnswer, match="does not end"):
        server.account().api.clients()


@pytest.mark.parametrize("body", [{}, None, [1], "no", [{"Name": "no id"}], [{"Id": "x"}]])
def test_list_that_is_no_list_is_not_read(server: Server, body: Any) -> None:
    server.fleet(computer(412))
    server.says(f"{BASE}/Clients", body)
    assert not server.reading().coverage.covers("devices")


def test_updates_end_with_the_number_the_stats_count(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(1, installed=1), [update(500001), update(500002, installed=True)])
    assert len(server.reading().patches) == 1
    assert server.count(f"{BASE}/Computers/412/MicrosoftUpdates") == 1


# A fleet.


def test_computer_that_misses_nothing_is_not_asked_for_its_updates(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats(0, installed=9))
    server.patching(413, stats(1), [update(500001)])
    reading = server.reading()
    assert reading.rows_known_for == {"cwa:412", "cwa:413"}
    assert server.count(f"{BASE}/Computers/412/MicrosoftUpdates") == 0


def test_what_a_clean_computer_installed_lately_is_in_the_history(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(0, installed=9))
    server.lists("PatchHistory", [attempt(500001, -30), attempt(500002, -29, result=4)])
    (patch,) = server.reading().patches
    assert (patch.kb, patch.state) == ("KB500001", PatchState.INSTALLED)
    asked = next(item for item in server.seen if item.path == HISTORY)
    assert asked.query["condition"] == f"ActionDate >= {iso(-7 * 24)}"


def test_history_that_cannot_be_read_is_said_and_costs_nothing_else(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(1), [update(500001)])
    server.says(HISTORY, {"Message": "The condition could not be parsed"}, status=400)
    reading = server.reading()
    assert [item.what for item in reading.coverage.unread] == ["installs"]
    assert len(reading.patches) == 1
    assert reading.rows_known_for == {"cwa:412"}


def test_fewer_updates_than_counted_are_not_all(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(3), [update(500001)])
    reading = server.reading()
    assert reading.rows_known_for == frozenset()
    assert len(reading.patches) == 1


@pytest.mark.parametrize(
    ("told", "updates", "known"),
    [
        (stats(1), [update(500001)], True),
        (stats(0), [], False),
        (stats(0, NoPatchInventory=True), [], False),
        (stats(1, LastPatchInventory="0001-01-01T00:00:00"), [update(500001)], False),
    ],
)
def test_offline_computer_is_known_by_what_it_lists_and_not_by_listing_nothing(
    server: Server, told: dict[str, Any], updates: list[Any], known: bool
) -> None:
    server.fleet(computer(412, Status="Offline"))
    server.patching(412, told, updates)
    assert bool(server.reading().rows_known_for) is known


def test_counts_that_are_not_told_are_looked_after(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, {**stats(), "MissingPatchCount": None}, [update(500001)])
    reading = server.reading()
    assert len(reading.patches) == 1
    assert reading.rows_known_for == {"cwa:412"}


def test_one_computer_that_cannot_be_read_is_counted_and_the_others_are_read(
    server: Server,
) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(413, stats(1), [update(500001)])
    reading = server.reading()
    assert len(reading.devices) == 2
    assert reading.rows_known_for == {"cwa:413"}
    (unread,) = reading.coverage.unread
    assert unread.what == "missing patches"
    assert unread.reason.startswith("Could not be read for 1 of 2 devices: HTTP 404")


def test_server_in_trouble_is_not_asked_about_every_computer(server: Server) -> None:
    server.fleet(*(computer(number) for number in range(400, 460)))
    reading = server.reading()
    assert "for 60 of 60 devices" in reading.coverage.unread[0].reason
    asked = sum(item.path.endswith("PatchingStats") for item in server.seen)
    assert GIVE_UP_AFTER <= asked <= GIVE_UP_AFTER + 2


def test_computers_of_other_clients_are_not_asked_about(server: Server) -> None:
    server.fleet(computer(412), computer(500, Client={"Id": 13}))
    server.patching(412, stats())
    assert [device.vendor_id for device in server.reading().devices] == ["412"]
    assert server.count(f"{BASE}/Computers/500/PatchingStats") == 0


# Without a number for a computer.

NO_NUMBER: dict[str, Any] = {"write_username": "writer", "write_password": SecretStr("x")}


def test_account_without_a_number_for_a_computer_deploys_nothing_and_says_why(
    server: Server,
) -> None:
    account = server.account(**NO_NUMBER)
    assert not account.capabilities.install
    with pytest.raises(VendorForbidden, match="entity_type_computer is not set"):
        account.dispatch(CLIENT, a_job(), REQUEST)
    assert server.seen == []


def test_proof_says_that_the_number_is_not_set(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats())
    names = {p.name: p for p in server.account(**NO_NUMBER).prove([BINDING]).permissions}
    unset = names["deploying updates (entity_type_computer is not set)"]
    assert unset.present is Fact.UNKNOWN
    assert "prove" in unset.remedy


# What proves the number.


def prover(server: Server) -> DeploymentTrial:
    return DeploymentTrial(server.account())


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"Client": {"Id": "12"}, "Location": {"Id": "121"}}, None),
        ({"Location": {"Id": 412}}, "a location's id"),
    ],
)
def test_computer_whose_id_is_a_place_as_well_proves_nothing(
    server: Server, more: Any, word: str | None
) -> None:
    server.fleet(computer(412, **more), computer(12))
    unfit = prover(server).unfit(DeviceId("cwa:412"))
    assert unfit is None if word is None else word in str(unfit)
    assert "a client's id" in str(prover(server).unfit(DeviceId("cwa:12")))


def test_running_job_and_new_attempts_are_traces_on_any_computer(server: Server) -> None:
    server.fleet(computer(412), computer(500, Client={"Id": 13}))
    server.patching(412, stats())
    server.patching(500, stats())
    before = prover(server).traces()
    assert {trace.name for trace in before.values()} == {"PC-412", "PC-500"}
    server.patching(500, stats(PatchJobRunning=True))
    server.lists("PatchHistory", [attempt(500001, 0.1)])
    after = prover(server).traces()
    assert {key for key in before if before[key].mark != after[key].mark} == {"cwa:412", "cwa:500"}


def test_traces_of_half_a_fleet_are_none(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats())
    with pytest.raises(VendorRefused):
        prover(server).traces()


def test_proof_names_what_the_reading_user_may_not_read(server: Server) -> None:
    server.fleet(computer(412))
    server.says(f"{BASE}/Computers/412/PatchingStats", {"Message": "no"}, status=403)
    server.says(HISTORY, "bad condition", status=400)
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patching stats"] is Fact.NO
    assert present["patch history"] is Fact.NO
    assert present["clients and computers"] is Fact.YES


def test_deployment_names_the_kind_that_was_proven_and_the_one_computer(server: Server) -> None:
    server.says(DEPLOY, None, status=204, method="POST")
    account = server.account(**{**ACTING, "entity_type_computer": 7})
    report = account.dispatch(CLIENT, a_job(), REQUEST)
    assert report.state is JobState.DISPATCHED
    assert [i.body for i in server.seen if i.path == DEPLOY] == [{"EntityType": 7, "EntityId": 412}]


def test_scan_cannot_be_started(server: Server) -> None:
    account = server.account()
    assert not account.capabilities.scan
    with pytest.raises(VendorRefused, match="no call that starts a patch scan"):
        account.dispatch(CLIENT, a_job(JobKind.SCAN), REQUEST)
    assert server.seen == []


@pytest.mark.parametrize("target", ["cwa:", "cwa:x", "cwa:4 or 1=1", "other:412", "412", "cwa:²"])
def test_target_that_is_no_number_of_ours_is_refused_unsent(server: Server, target: str) -> None:
    job = replace(a_job(), targets=(target,))
    with pytest.raises(VendorRefused):
        server.account().dispatch(CLIENT, job, REQUEST)
    assert server.seen == []


# The course of a job.


def test_computer_with_a_running_patch_job_is_left_alone(server: Server) -> None:
    server.patching(412, stats(PatchJobRunning=True))
    with pytest.raises(VendorBusy):
        server.account().mark(CLIENT, a_job())


def test_mark_is_the_last_inventory_and_the_newest_attempt(server: Server) -> None:
    server.patching(412, stats())
    server.lists("PatchHistory", [attempt(500002, -3), attempt(500001, -9)])
    mark = server.account().mark(CLIENT, a_job())
    assert mark["last inventory"] < f"{START:%Y-%m-%dT%H}"
    assert mark["last attempt"].startswith((START - timedelta(hours=3)).strftime("%Y-%m-%dT%H"))
    asked = next(item for item in server.seen if item.path == HISTORY)
    assert asked.query["condition"] == f"ComputerId = 412 and ActionDate >= {iso(-24)}"


@pytest.mark.parametrize(
    ("before", "running", "tried", "after"),
    [
        (JobState.DISPATCHED, False, [], JobState.DISPATCHED),
        (JobState.DISPATCHED, None, [], JobState.DISPATCHED),
        (JobState.DISPATCHED, True, [], JobState.RUNNING),
        (JobState.RUNNING, True, [attempt(500001, 0.1)], JobState.RUNNING),
        (JobState.RUNNING, False, [], JobState.DONE),
        # It came and went between two looks.
        (JobState.DISPATCHED, False, [attempt(500001, 0.1)], JobState.DONE),
        (JobState.DISPATCHED, False, [attempt(500001, 0.1, result=4)], JobState.DONE),
        # Older than the mark, or still under way: no sign of our job.
        (JobState.DISPATCHED, False, [attempt(500001, -3)], JobState.DISPATCHED),
        (JobState.DISPATCHED, False, [attempt(500001, 0.1, result=1)], JobState.DISPATCHED),
        (JobState.DISPATCHED, False, [attempt(2267602, 0.1)], JobState.DONE),
    ],
)
def test_course_of_a_job(
    server: Server, before: JobState, running: bool | None, tried: list[Any], after: JobState
) -> None:
    server.patching(412, stats(PatchJobRunning=running))
    server.lists("PatchHistory", tried)
    job = a_job(
        state=before, mark={"last attempt": f"{START - timedelta(hours=3):%Y-%m-%dT%H:%M:%S.%f}"}
    )
    assert server.account().follow(CLIENT, job).state is after


def test_definitions_are_nobodys_patch_job(server: Server) -> None:
    server.patching(412, stats())
    definition = attempt(2267602, 0.1)
    definition["PatchHistoryTitle"]["Title"] = "Security Intelligence Update (KB2267602)"
    server.lists("PatchHistory", [definition])
    assert server.account().follow(CLIENT, a_job()).state is JobState.DISPATCHED


@pytest.mark.parametrize(
    ("running", "words"), [(True, "a scheduled one"), (False, "may still wait")]
)
def test_cut_off_call_is_never_said_to_be_sent(server: Server, running: bool, words: str) -> None:
    server.patching(412, stats(PatchJobRunning=running))
    evidence = server.account().reconcile(CLIENT, a_job(), REQUEST)
    assert evidence.truth is Truth.UNKNOWN
    assert words in evidence.detail


# Reading back.

MARK = {"last inventory": f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S.%f}"}


@pytest.mark.parametrize(
    ("updates", "told", "more", "state", "words"),
    [
        ([update(500001, installed=True)], stats(), {}, StepState.VERIFIED, "1 installed"),
        ([update(500001)], stats(), {}, StepState.DONE, "still missing: KB500001"),
        ([update(500001, IsFailed=True)], stats(), {}, StepState.NOT_VERIFIED, "failed: KB500001"),
        (
            [update(500001, approval="Deny")], stats(), {},
            StepState.NOT_VERIFIED, "no longer approved: KB500001",
        ),
        # It was replaced: only a newer inventory can say that it is not missing any more.
        ([update(500009, installed=True)], stats(), {}, StepState.DONE, "inventory is awaited"),
        (
            [update(500009, installed=True)], stats(LastPatchInventory=iso(0.2)), {},
            StepState.VERIFIED, "nothing of it is missing",
        ),
        (
            [update(500009, installed=True)], stats(LastPatchInventory=iso(0.2), PatchJobRunning=True), {},
            StepState.DONE, "inventory is awaited",
        ),
        (
            [update(500001, installed=True)], stats(), {"IsRebootNeeded": True},
            StepState.NOT_VERIFIED, "restart owed",
        ),
        ([update(500001, installed=True)], stats(), {"Status": "?"}, StepState.DONE, "offline since"),
        (
            [update(500001, installed=True)], stats(), {"Client": {"Id": "13"}},
            StepState.NOT_VERIFIED, "no longer in Automate",
        ),
    ],
)  # fmt: skip
def test_read_back(
    server: Server,
    *,
    updates: list[Any],
    told: dict[str, Any],
    more: dict[str, Any],
    state: StepState,
    words: str,
) -> None:
    server.fleet(computer(412, **more))
    server.patching(412, told, updates)
    plan = a_plan(412, basis=frozenset({key(500001)}))
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), plan)
    assert (result.target, result.state) == ("cwa:412", state)
    assert words in result.reason


def test_failure_from_before_the_plan_is_not_held_against_the_run(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(), [update(500001, installed=True), update(500002, IsFailed=True)])
    plan = a_plan(412, basis=frozenset({key(500001)}))
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), plan)
    assert result.state is StepState.VERIFIED


def test_plan_that_knew_nothing_is_judged_by_the_history(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(LastPatchInventory=iso(0.2)), [update(500001, IsFailed=True)])
    server.lists("PatchHistory", [attempt(500001, 0.1, result=4)])
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), a_plan(412, basis=None))
    assert (result.state, result.reason) == (StepState.NOT_VERIFIED, "failed: KB500001")


# Growth.


def test_growth_is_measured_over_the_plan_with_one_fresh_look_per_call(server: Server) -> None:
    server.fleet(computer(412), computer(413), computer(414))
    for number in (412, 413, 414):
        server.patching(number, stats(), [update(500001)])
    account = server.account()
    plan = a_plan(412, 413, 414, basis=frozenset({key(500001)}))

    def looks(number: int) -> int:
        path = f"{BASE}/Computers/{number}/MicrosoftUpdates"
        return sum(item.path == path and item.query["page"] == "1" for item in server.seen)

    assert account.recheck(CLIENT, plan, ["cwa:412", "cwa:413", "cwa:414"]).wider is None
    server.patching(413, stats(), [update(500001), update(500002)])
    assert account.recheck(CLIENT, plan, ["cwa:412"]).wider is None
    assert (looks(412), looks(413), looks(414)) == (2, 1, 1)
    wider = account.recheck(CLIENT, plan, ["cwa:413"]).wider
    assert wider is not None
    assert "1 updates were approved" in wider
    assert isinstance(account.clock, SetClock)
    account.clock.move(minutes=11)
    account.recheck(CLIENT, plan, ["cwa:412"])
    assert looks(414) == 2


def test_computer_that_is_gone_keeps_nobody_from_going_on(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(), [update(500001)])
    plan = a_plan(412, 413, basis=frozenset({key(500001)}))
    recheck = server.account().recheck(CLIENT, plan, ["cwa:412", "cwa:413"])
    assert dict(recheck.gone) == {"cwa:413": "no longer in Automate"}
    assert recheck.wider is None


def test_preview_knows_nothing_of_a_computer_deleted_in_the_meantime(server: Server) -> None:
    server.fleet(computer(412))
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("cwa:412")])
    assert previews[DeviceId("cwa:412")].count is None
    server.says(f"{BASE}/Computers/412/MicrosoftUpdates", {"Message": "No rights"}, status=403)
    with pytest.raises(VendorForbidden, match="No rights"):
        server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("cwa:412")])


def test_preview_of_a_computer_that_was_never_inventoried_knows_nothing(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats(), [update(500001, installed=True)])
    server.patching(413, stats(), [])
    ids = [DeviceId("cwa:412"), DeviceId("cwa:413")]
    previews = server.account().preview(CLIENT, JobKind.INSTALL, ids)
    assert (previews[ids[0]].count, previews[ids[0]].patch_keys) == (0, frozenset())
    assert (previews[ids[1]].count, previews[ids[1]].patch_keys) == (None, None)
