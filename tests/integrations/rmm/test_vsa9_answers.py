"""What VSA 9 answers against all custom (refusals inside HTTP 200, redirects), and what we make of it."""

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
from core.domain.patching import DeviceId, RmmReading
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
    OutcomeUnknown,
    VendorAuthError,
    VendorBusy,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Truth
from integrations.http import Patience
from integrations.rmm import vsa9
from integrations.rmm.vsa9.account import Vsa9Account
from integrations.rmm.vsa9.settings import Vsa9Settings
from integrations.rmm.vsa9.trial import ScheduleTrial
from tests.integrations.rmm.canned import Canned
from tests.storage.making import START, SetClock

BASE = "/api/v1.0"
AUTH, AGENTS = f"{BASE}/auth", f"{BASE}/assetmgmt/agents"
SCHEDULE = f"{BASE}/assetmgmt/patch/7/schedule"
REQUEST = RequestId("R4K7Q")
BINDING = RmmBinding(account="k", vendor="vsa9", organisation="10")
CLIENT = Client(
    key=ClientKey("copper"), name="Copper", rmm=(BINDING,), channel="copper",
    time_zone="America/Chicago", digest_at=time(7),
)  # fmt: skip


def enveloped(rows: Any, **more: Any) -> dict[str, Any]:
    total = {"TotalRecords": len(rows)} if isinstance(rows, list) else {}
    return {**total, "Result": rows, "ResponseCode": 0, "Status": "OK", "Error": "None", **more}


def refused(code: Any, words: str = "no") -> dict[str, Any]:
    return {"Result": None, "ResponseCode": code, "Status": "Error", "Error": words}


def agent(number: int, **more: Any) -> dict[str, Any]:
    return {"AgentId": str(number), "ComputerName": f"PC-{number}", "Online": 1, "OSType": "11",
            "OSInfo": "Professional", "OrgId": "10", **more}  # fmt: skip


def lacking(number: int, **more: Any) -> dict[str, Any]:
    return {"PatchDataId": number, "KBArticle": f"{5_000_000 + number}", "Description": f"Update {number}",
            "UpdateClassification": 100, "SchedTogether": 0, **more}  # fmt: skip


@dataclass
class Server(Canned):
    """One VSA server with canned answers; a list is given whole, whatever page is asked for."""

    def lists(self, path: str, rows: list[Any]) -> None:
        self.says(f"{BASE}/{path}", enveloped(rows))

    def fleet(self, *agents: dict[str, Any]) -> None:
        self.lists("system/orgs", [{"OrgId": "10", "OrgName": "Copperleaf"}])
        self.lists("assetmgmt/agents", list(agents))

    def patching(self, number: int, *missing: Any, denied: Any = (), **status: Any) -> None:
        path = f"assetmgmt/patch/{number}"
        told = {"LastPatchScan": f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z", **status}
        self.says(f"{BASE}/{path}/status", enveloped(told))
        self.lists(f"{path}/machineupdate/false", [*missing, *denied])
        self.lists(f"{path}/machineupdate/true", list(missing))
        self.lists(f"{path}/history", [])

    def account(self, **more: Any) -> Vsa9Account:
        made = vsa9.connect(
            "k",
            Vsa9Settings(
                base_url=self.url,
                ca_file=self.ca_file,
                username="reader",
                access_token=SecretStr("x"),
                write_username="writer",
                write_access_token=SecretStr("y"),
                **more,
            ),
            clock=SetClock(),
            patience=Patience(tries=2, first_wait=timedelta(milliseconds=1)),
        )
        self.closers.append(made.close)
        return made

    def reading(self) -> RmmReading:
        return self.account().read([BINDING])["10"]


@pytest.fixture
def server(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Server]:
    made = Server(ca_file=ca_file)
    made.url = serve_tls(made.app())
    end = f"{START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}"
    session = {"Token": "t", "SessionExpiration": end, "OffSetInMinutes": 0}
    made.says(AUTH, enveloped(session))
    yield made
    for close in made.closers:
        close()


def a_job(**mark: str) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"), kind=JobKind.INSTALL, account="k", client=CLIENT.key,
        targets=("k:7",), chosen=("299", "301"), mark=mark, dispatched_at=START,
    )  # fmt: skip


def order(server: Server, **mark: str) -> None:
    server.account().dispatch(CLIENT, a_job(**(mark or {"patches": "299 301"})), REQUEST)


# Signing in.


def test_user_and_token_are_sent_once_and_then_the_session(server: Server) -> None:
    server.fleet()
    server.account().api.agents()
    sign_in, *calls = server.seen
    assert sign_in.headers["authorization"] == "Basic cmVhZGVyOng="
    assert {item.headers["authorization"] for item in calls} == {"Bearer t"}


def test_session_refused_inside_http_200_is_replaced_once(server: Server) -> None:
    answers = iter([refused(401, "session expired"), enveloped([agent(7)])])
    server.answers["GET", AGENTS] = lambda _: (200, next(answers))
    assert len(server.account().api.agents()) == 1
    assert server.count(AUTH) == 2


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_user_that_is_not_taken_is_an_auth_error(server: Server, status: int) -> None:
    server.says(AUTH, refused(401, "bad token"), status=status)
    with pytest.raises(VendorAuthError) as caught:
        server.account().api.agents()
    assert "access_token" in caught.value.remedy


# Refusals inside HTTP 200.


@pytest.mark.parametrize(
    ("code", "error"),
    [(403, VendorForbidden), (404, VendorRefused), (429, VendorBusy), (4, VendorRefused), ("403", VendorForbidden)],
)  # fmt: skip
def test_code_in_the_body_counts_more_than_http_200(
    server: Server, code: Any, error: type[Exception]
) -> None:
    server.says(AGENTS, refused(code, "not for you"))
    with pytest.raises(error, match="not for you"):
        server.account().api.agents()


def test_trouble_told_inside_http_200_is_tried_again(server: Server) -> None:
    answers = iter([refused(503), enveloped([agent(7)])])
    server.answers["GET", AGENTS] = lambda _: (200, next(answers))
    assert len(server.account().api.agents()) == 1


@pytest.mark.parametrize("code", [0, 200, 201, "0", "200"])
def test_codes_of_success(server: Server, code: Any) -> None:
    server.says(AGENTS, enveloped([agent(7)], ResponseCode=code))
    assert len(server.account().api.agents()) == 1


@pytest.mark.parametrize("body", [[], [{"AgentId": "7"}], {"ResponseCode": 0}, "OK", {"Result": 7}])
def test_answer_that_is_no_envelope_is_not_an_empty_fleet(server: Server, body: Any) -> None:
    server.says(AGENTS, body)
    with pytest.raises(MalformedAnswer):
        server.account().api.agents()


# Lists.


def test_list_that_gives_nothing_by_pages_is_asked_for_whole(server: Server) -> None:
    whole = enveloped([agent(7), agent(8)])
    server.answers["GET", AGENTS] = lambda request: (
        200,
        enveloped([], TotalRecords=2) if "$top" in request.query else whole,
    )
    assert len(server.account().api.agents()) == 2


def test_list_that_gives_less_than_it_says_is_not_whole(server: Server) -> None:
    server.answers["GET", AGENTS] = lambda request: (
        200,
        enveloped([agent(7)] if request.query.get("$skip") == "0" else [], TotalRecords=3),
    )
    with pytest.raises(MalformedAnswer, match="1 of 3"):
        server.account().api.agents()


def test_list_that_does_not_say_how_long_it_is_ends_with_a_short_page(server: Server) -> None:
    pages = {"0": [agent(n) for n in range(100)], "100": [agent(100)]}
    server.answers["GET", AGENTS] = lambda request: (
        200,
        {**enveloped(pages[request.query["$skip"]]), "TotalRecords": None},
    )
    assert len(server.account().api.agents()) == 101


# Redirects.


def redirect(_: web.Request) -> Any:
    return 301, {}


def test_redirect_is_not_followed_and_names_its_setting(server: Server) -> None:
    server.fleet()
    server.answers["GET", AGENTS] = redirect
    problem = server.account().prove([BINDING])
    assert problem.problem is not None
    assert "301" in problem.problem
    assert "trailing_slash" in problem.remedy


def test_order_that_is_sent_elsewhere_was_not_carried_out(server: Server) -> None:
    server.answers["PUT", SCHEDULE] = redirect
    with pytest.raises(VendorRefused, match="301"):
        order(server)
    assert server.count(SCHEDULE) == 1


def test_slash_is_put_behind_every_path_where_the_server_wants_it(server: Server) -> None:
    session = {"Token": "t", "SessionExpiration": None}
    server.says(f"{AUTH}/", enveloped(session))
    server.lists("assetmgmt/agents/", [agent(7)])
    server.says(f"{SCHEDULE}/", refused(0), method="PUT")
    account = server.account(trailing_slash=True)
    assert len(account.api.agents()) == 1
    account.dispatch(CLIENT, a_job(patches="299"), REQUEST)
    assert all(item.path.endswith("/") for item in server.seen)


# Whose an agent is.


def test_agent_that_does_not_tell_its_organisation_is_found_by_its_group(server: Server) -> None:
    server.fleet(agent(7, OrgId=None, MachineGroupId="61"), agent(8, OrgId="11"))
    groups = [{"MachineGroupId": "61", "OrgId": 10}]
    server.lists("system/machinegroups", groups)
    server.patching(7)
    assert [device.vendor_id for device in server.reading().devices] == ["7"]


def test_groups_are_not_read_where_every_agent_tells(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    assert server.reading().coverage.complete
    assert server.count(f"{BASE}/system/machinegroups") == 0


# Patching.


def test_denied_updates_are_listed_and_not_approved(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7, lacking(299), denied=[lacking(300)])
    states = {patch.key: patch.state for patch in server.reading().patches}
    assert states == {"299": "approved", "300": "pending"}


@pytest.mark.parametrize("never", [None, "1900-01-01T00:00:00", ""])
def test_agent_that_was_never_scanned_is_not_clean_and_not_asked(
    server: Server, never: Any
) -> None:
    server.fleet(agent(7))
    server.patching(7, LastPatchScan=never)
    reading = server.reading()
    assert reading.rows_known_for == frozenset()
    assert server.count(f"{BASE}/assetmgmt/patch/7/machineupdate/false") == 0


def test_status_in_a_list_is_read_as_well(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    told = [{"LastPatchScan": f"{START:%Y-%m-%dT%H:%M:%S}Z", "RebootPending": 1}]
    server.says(f"{BASE}/assetmgmt/patch/7/status", enveloped(told))
    (device,) = server.reading().devices
    assert (device.last_scan, device.reboot_needed) == (START, Fact.YES)


def test_one_agent_that_cannot_be_read_is_counted_and_the_others_are_read(server: Server) -> None:
    server.fleet(agent(7), agent(8))
    server.patching(8, lacking(299))
    reading = server.reading()
    assert reading.rows_known_for == {"k:8"}
    assert reading.coverage.unread[0].reason.startswith("Could not be read for 1 of 2 devices")


def test_mac_is_listed_and_never_asked_about(server: Server) -> None:
    server.fleet(agent(7, OSType="Mac OS X"))
    (device,) = server.reading().devices
    assert device.has_policy is Fact.NO
    assert not any("/patch/" in item.path for item in server.seen)


# Orders.


def test_order_names_one_agent_and_the_updates_and_wakes_nobody(server: Server) -> None:
    server.says(SCHEDULE, enveloped(None), method="PUT")
    order(server)
    sent = [item.body for item in server.seen if item.method == "PUT"]
    assert sent == [
        {"ServerTimeZone": True, "SkipIfOffLine": True, "PowerUpIfOffLine": False, "PatchIds": [299, 301]}
    ]  # fmt: skip


def test_order_that_is_answered_with_nothing_was_taken(server: Server) -> None:
    server.says(SCHEDULE, None, status=204, method="PUT")
    order(server)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refused(403), VendorForbidden),
        (refused(404), VendorRefused),
        (refused(429), VendorBusy),
        (refused(500), OutcomeUnknown),
        (refused(503), OutcomeUnknown),
        ({"hello": 1}, OutcomeUnknown),
        ([], OutcomeUnknown),
    ],
)
def test_order_is_sent_once_whatever_its_answer_says(
    server: Server, body: Any, error: type[Exception]
) -> None:
    server.says(SCHEDULE, body, method="PUT")
    with pytest.raises(error):
        order(server)
    assert server.count(SCHEDULE) == 1


def test_order_of_nothing_is_done_without_being_sent(server: Server) -> None:
    report = server.account().dispatch(CLIENT, a_job(patches=""), REQUEST)
    assert report.state is JobState.DONE
    unnamed = replace(a_job(patches="299"), chosen=())
    for job in (a_job(), unnamed):
        with pytest.raises(VendorRefused, match="names no updates"):
            server.account().dispatch(CLIENT, job, REQUEST)
    assert server.seen == []


def test_what_was_in_already_is_verified_without_a_scan(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    scanned = f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S.%f}"
    job = a_job(**{"patches": "", "last patch scan": scanned})
    (result,) = server.account().verify(CLIENT, job, a_plan("299"))
    assert result.state is StepState.VERIFIED
    ordered = a_job(**{"patches": "299", "last patch scan": scanned})
    (result,) = server.account().verify(CLIENT, ordered, a_plan("299"))
    assert (result.state, result.reason) == (
        StepState.DONE,
        "the device's next patch scan is awaited",
    )


def test_where_due_is_not_ordered_the_list_and_the_scan_alone_tell(server: Server) -> None:
    server.patching(7, lacking(299, SchedTogether=1))
    account = server.account(sched_together="due")
    assert account.mark(CLIENT, a_job())["patches"] == "299"
    job = a_job(**{"patches": "299", "last patch scan": f"{START:%Y-%m-%dT%H:%M:%S.%f}"})
    assert account.follow(CLIENT, job).state is JobState.DISPATCHED
    job = a_job(**{"patches": "299", "last patch scan": ""})
    assert account.follow(CLIENT, job).state is JobState.DONE


# What proves an order.


@pytest.mark.parametrize(
    ("standing", "took"),
    [
        ([], True),
        ([lacking(299)], True),
        ([lacking(299), lacking(301)], False),
        ([lacking(299), lacking(301, SchedTogether=1)], False),
        ([lacking(299), lacking(301, SchedTogether=8)], True),
    ],
)
def test_order_took_where_one_of_its_updates_went_in_or_failed(
    server: Server, standing: list[Any], took: bool
) -> None:
    server.patching(7, *standing)
    assert ScheduleTrial(server.account()).took(a_job(patches="299 301")) is took


def test_traces_are_orders_failures_and_installs_and_not_what_a_scan_finds(server: Server) -> None:
    server.fleet(agent(7), agent(8, OrgId="11"), agent(9, OSType="Mac OS X"))
    for number in (7, 8):
        server.patching(number, lacking(299))
    trial = ScheduleTrial(server.account())
    before = trial.traces()
    assert set(before) == {"k:7", "k:8"}
    server.patching(7, lacking(299), lacking(300), LastPatchScan=f"{START:%Y-%m-%dT%H:%M:%S}Z")
    assert trial.traces() == before
    server.patching(8, lacking(299, SchedTogether=1))
    assert trial.traces()[DeviceId("k:8")] != before[DeviceId("k:8")]
    server.patching(8)
    server.lists("assetmgmt/patch/8/history", [{"InstallDate": "2026-11-23T05:00:00"}])
    assert trial.traces()[DeviceId("k:8")] != before[DeviceId("k:8")]


def test_traces_of_half_a_fleet_are_none(server: Server) -> None:
    server.fleet(agent(7), agent(8))
    server.patching(7)
    with pytest.raises(VendorRefused):
        ScheduleTrial(server.account()).traces()


def test_scan_is_refused_and_scannow_never_called(server: Server) -> None:
    job = replace(a_job(), kind=JobKind.SCAN)
    with pytest.raises(VendorRefused, match="recurring"):
        server.account().dispatch(CLIENT, job, REQUEST)
    assert not server.account().capabilities.scan
    assert server.seen == []


@pytest.mark.parametrize("target", ["k:", "k:x", "k:7/scannow?", "other:7", "7", "k:²"])
def test_target_that_is_no_number_of_ours_is_refused_unsent(server: Server, target: str) -> None:
    with pytest.raises(VendorRefused):
        server.account().dispatch(CLIENT, replace(a_job(patches="1"), targets=(target,)), REQUEST)
    assert server.seen == []


def test_mark_names_of_the_jobs_updates_those_missing_and_approved_still(server: Server) -> None:
    asked = replace(a_job(), chosen=("5", "6", "298", "299", "300", "301"))
    definition = lacking(5, Description="Security Intelligence Update for Defender")
    failed = lacking(6, SchedTogether=8)
    since = lacking(302)
    server.patching(7, lacking(301), lacking(299), definition, failed, since, denied=[lacking(300)])
    assert server.account().mark(CLIENT, asked)["patches"] == "299 301"
    assert server.account().mark(CLIENT, replace(asked, chosen=()))["patches"] == ""


def test_agent_with_somebodys_schedule_is_left_alone(server: Server) -> None:
    server.patching(7, lacking(299), lacking(300, SchedTogether=1))
    with pytest.raises(VendorBusy, match="may replace it"):
        server.account().mark(CLIENT, a_job())


def a_plan(*basis: str) -> Plan:
    target = Target(id="k:7", name="PC-7", basis=frozenset(basis))
    return Plan(
        client=CLIENT.key, client_name="Copper", account="k", action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES, options=Options(), targets=(target,), made_at=START,
    )  # fmt: skip


# The course of a job.


@pytest.mark.parametrize(
    ("standing", "scanned", "state"),
    [
        ([lacking(299)], False, JobState.DISPATCHED),
        ([lacking(299, SchedTogether=1)], False, JobState.RUNNING),
        ([lacking(299, SchedTogether=1)], True, JobState.RUNNING),
        ([lacking(299)], True, JobState.DONE),
        ([lacking(299, SchedTogether=8)], True, JobState.DONE),
        ([], False, JobState.DONE),
        ([lacking(300, SchedTogether=1)], False, JobState.DONE),
    ],
)
def test_progress_is_told_by_the_list_and_the_scan(
    server: Server, standing: list[Any], scanned: bool, state: JobState
) -> None:
    server.patching(7, *standing)
    before = START - timedelta(hours=3 if scanned else 1)
    job = a_job(**{"patches": "299", "last patch scan": f"{before:%Y-%m-%dT%H:%M:%S.%f}"})
    account = server.account()
    assert account.follow(CLIENT, job).state is state
    assert account.reconcile(CLIENT, job, REQUEST).truth is Truth.UNKNOWN


def test_preview_of_a_scanned_agent_that_lacks_nothing_counts_none(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("k:7")])
    assert previews[DeviceId("k:7")].count == 0
    server.patching(7, LastPatchScan=None)
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("k:7")])
    assert previews[DeviceId("k:7")].count is None


# Proving.


def test_proof_names_what_the_reading_user_may_not_read(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    server.says(f"{BASE}/assetmgmt/patch/7/status", refused(403))
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patch status"] is Fact.NO
    assert present["missing updates"] is Fact.YES
    assert present["scheduling updates"] is Fact.UNKNOWN


def test_proof_without_a_device_knows_nothing_of_patching(server: Server) -> None:
    server.fleet()
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patch status"] is Fact.UNKNOWN
    assert present["organisations and agents"] is Fact.YES
