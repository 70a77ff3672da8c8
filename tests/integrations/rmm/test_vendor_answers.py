"""What the vendors' APIs may answer against their own documents, and what we make of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Fact
from core.domain.remediation import Job, JobId, JobKind, JobState, RequestId
from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Truth
from integrations.http import Patience
from integrations.rmm import datto, ninjaone
from integrations.rmm.datto.account import DattoAccount
from integrations.rmm.datto.settings import DattoSettings
from integrations.rmm.ninjaone.account import NinjaOneAccount
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from tests.storage.making import START, SetClock

PATIENCE = Patience(tries=1)
REQUEST = RequestId("R4K7Q")
COMPONENT = "5b8f0c1e"
DEVICE = "6f0c0000-0000-4000-8000-000000000101"


@dataclass
class Service:
    """A server of canned answers: (method, path) -> status and body, or what makes them of a request."""

    url: str = ""
    ca_file: Path = Path()
    canned: dict[tuple[str, str], Any] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)

    def says(self, path: str, body: Any, *, status: int = 200, method: str = "GET") -> None:
        self.canned[method, path] = (status, body)

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, request.path, dict(request.query)))
        canned = self.canned.get(
            (request.method, request.path), (404, {"message": "no such thing"})
        )
        status, body = canned(request) if callable(canned) else canned
        if isinstance(body, str):
            return web.Response(text=body, status=status)
        return web.json_response(body, status=status)

    def ninjaone(self) -> NinjaOneAccount:
        self.says("/ws/oauth/token", {"access_token": "t", "expires_in": 3600}, method="POST")
        account = ninjaone.connect(
            "ninja",
            NinjaOneSettings(
                base_url=self.url,
                ca_file=self.ca_file,
                client_id="reader",
                client_secret=SecretStr("x"),
                write_client_id="writer",
                write_client_secret=SecretStr("x"),
            ),
            clock=SetClock(),
            patience=PATIENCE,
        )
        self.closers.append(account.close)
        return account

    def datto(self) -> DattoAccount:
        self.says("/auth/oauth/token", {"access_token": "t", "expires_in": 360000}, method="POST")
        account = datto.connect(
            "datto",
            DattoSettings(
                base_url=self.url,
                ca_file=self.ca_file,
                api_key=SecretStr("x"),
                api_secret=SecretStr("x"),
                install_component_uid=COMPONENT,
            ),
            clock=SetClock(),
            patience=PATIENCE,
        )
        self.closers.append(account.close)
        return account


@pytest.fixture
def service(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Service]:
    made = Service(ca_file=ca_file)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    made.url = serve_tls(app)
    yield made
    for close in made.closers:
        close()


def a_client(vendor: str, organisation: str) -> Client:
    return Client(
        key=ClientKey("acme"),
        name="Acme",
        rmm=(RmmBinding(account=vendor, vendor=vendor, organisation=organisation),),
        channel="acme",
        time_zone="Europe/London",
        digest_at=time(7),
    )


def a_job(account: str, vendor_id: str, kind: JobKind = JobKind.INSTALL, **more: Any) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"),
        kind=kind,
        account=account,
        client=ClientKey("acme"),
        targets=(f"{account}:{vendor_id}",),
        dispatched_at=START,
        **more,
    )


# NinjaOne.


@pytest.mark.parametrize("bare", [False, True])
def test_activities_come_as_a_list_or_in_an_object(service: Service, bare: bool) -> None:
    rows = [
        {
            "id": 901,
            "activityTime": 1.79e9,
            "activityType": "PATCH_MANAGEMENT",
            "statusCode": "PATCH_MANAGEMENT_APPLY_PATCH_STARTED",
        }
    ]
    service.says("/v2/activities", rows if bare else {"lastActivityId": 905, "activities": rows})
    account = service.ninjaone()
    job = a_job("ninja", "42", mark={"newest activity": "900"})
    assert account.follow(a_client("ninja", "1"), job).state is JobState.RUNNING
    assert dict(account.mark(a_client("ninja", "1"), job)) == {"newest activity": "901"}


def test_device_without_activities_is_marked_from_the_beginning(service: Service) -> None:
    service.says("/v2/activities", {"activities": []})
    assert dict(service.ninjaone().mark(a_client("ninja", "1"), a_job("ninja", "42"))) == {
        "newest activity": "0"
    }


def test_list_that_gives_the_same_page_for_ever_ends(service: Service) -> None:
    service.says("/v2/organizations", [{"id": 1, "name": "Acme"}, {"id": 2, "name": "Bolt"}])
    rows = service.ninjaone().api.organizations()
    assert [row["id"] for row in rows] == [1, 2]


def test_rows_out_of_order_do_not_end_the_list_early(service: Service) -> None:
    pages = {"0": [{"id": 9}, {"id": 3}], "9": [{"id": 12}], "12": []}
    service.canned["GET", "/v2/organizations"] = lambda request: (
        200,
        pages[request.query.get("after", "0")],
    )
    assert [row["id"] for row in service.ninjaone().api.organizations()] == [9, 3, 12]


@pytest.mark.parametrize("body", [{}, None, [1], [{"id": "1"}], [{"name": "Acme"}]])
def test_list_that_is_no_list_is_malformed(service: Service, body: Any) -> None:
    service.says("/v2/organizations", body)
    with pytest.raises(MalformedAnswer):
        service.ninjaone().api.organizations()


def test_client_of_another_region_is_a_refused_credential(service: Service) -> None:
    account = service.ninjaone()
    service.says(
        "/ws/oauth/token", {"errorMessage": "Client app not exist"}, status=404, method="POST"
    )
    with pytest.raises(VendorAuthError) as caught:
        account.api.organizations()
    assert "region" in caught.value.remedy


def test_client_app_without_the_scope_lacks_a_permission(service: Service) -> None:
    account = service.ninjaone()
    service.says("/ws/oauth/token", {"error": "invalid_scope"}, status=400, method="POST")
    with pytest.raises(VendorForbidden) as caught:
        account.dispatch(a_client("ninja", "1"), a_job("ninja", "42"), REQUEST)
    assert "Administration > Apps > API" in caught.value.remedy


def test_scope_that_was_left_out_silently_is_seen_by_the_proof(service: Service) -> None:
    account = service.ninjaone()
    told = {"access_token": "t", "expires_in": 3600, "scope": "monitoring"}
    service.says("/ws/oauth/token", told, method="POST")
    service.says("/v2/organizations", [])
    proof = account.prove([])
    management = [p for p in proof.permissions if p.name == "management"]
    assert [(p.present, p.needed) for p in management] == [(Fact.NO, True)]


def test_scope_the_reading_client_should_not_have_is_seen_by_the_proof(service: Service) -> None:
    account = service.ninjaone()
    told = {"access_token": "t", "expires_in": 3600, "scope": "monitoring management control"}
    service.says("/ws/oauth/token", told, method="POST")
    service.says("/v2/organizations", [])
    too_much = [
        p.name for p in account.prove([]).permissions if not p.needed and p.present is Fact.YES
    ]
    assert too_much == ["management, for the reading client", "control, for the writing client"]


def test_policy_that_does_not_patch_refuses_the_device(service: Service) -> None:
    body = {"resultCode": "FAILURE", "errorMessage": "Device is not applicable for os apply"}
    service.says("/v2/device/42/patch/os/apply", body, status=400, method="POST")
    with pytest.raises(VendorRefused, match="not applicable for os apply"):
        service.ninjaone().dispatch(a_client("ninja", "1"), a_job("ninja", "42"), REQUEST)


@pytest.mark.parametrize(
    "target", ["42", "other:42", "ninja:", "ninja:4 2", "ninja:../8", "ninja:x"]
)
def test_target_that_is_no_device_of_ours_is_refused_unsent(service: Service, target: str) -> None:
    job = Job(
        id=JobId("j"), kind=JobKind.INSTALL, account="ninja", client=ClientKey("acme"),
        targets=(target,),
    )  # fmt: skip
    with pytest.raises(VendorRefused):
        service.ninjaone().dispatch(a_client("ninja", "1"), job, REQUEST)
    assert service.seen == []


# Datto RMM.


def page(
    name: str, rows: list[Any], *, total: int | None = None, following: str | None = None
) -> Any:
    details = {"count": len(rows), "totalCount": total, "nextPageUrl": following}
    return {"pageDetails": details, name: rows}


def site(number: int) -> dict[str, Any]:
    return {"uid": f"s{number}", "name": f"Site {number}"}


def test_fewer_rows_than_told_are_half_a_list(service: Service) -> None:
    service.says("/api/v2/account/sites", page("sites", [site(1)], total=3))
    with pytest.raises(MalformedAnswer, match="1 of 3 sites"):
        service.datto().api.sites()


def test_page_on_another_host_is_not_followed(service: Service) -> None:
    elsewhere = "https://evil.example/api/v2/account/sites?page=1"
    service.says("/api/v2/account/sites", page("sites", [site(1)], following=elsewhere))
    with pytest.raises(MalformedAnswer, match="another host"):
        service.datto().api.sites()


def test_pages_are_followed_by_the_address_given(service: Service) -> None:
    def pages(request: web.Request) -> tuple[int, Any]:
        if request.query.get("page") == "1":
            return 200, page("sites", [site(2)], total=2)
        following = f"{service.url}/api/v2/account/sites?page=1&max=1"
        return 200, page("sites", [site(1)], total=2, following=following)

    service.canned["GET", "/api/v2/account/sites"] = pages
    assert [row["uid"] for row in service.datto().api.sites()] == ["s1", "s2"]


def test_wrong_api_key_is_a_refused_credential(service: Service) -> None:
    account = service.datto()
    body = {"error": "invalid_grant", "error_description": "Bad credentials"}
    service.says("/auth/oauth/token", body, status=400, method="POST")
    with pytest.raises(VendorAuthError) as caught:
        account.api.sites()
    assert "api_secret" in caught.value.remedy


def test_accepted_job_without_a_uid_is_an_unknown_outcome(service: Service) -> None:
    service.says(f"/api/v2/device/{DEVICE}/quickjob", {"job": {}}, method="PUT")
    with pytest.raises(OutcomeUnknown):
        service.datto().dispatch(a_client("datto", "s1"), a_job("datto", DEVICE), REQUEST)


def test_full_write_limit_keeps_the_job_from_being_sent(service: Service) -> None:
    rate = {"accountWriteCount": 95, "accountWriteRateLimit": 100}
    service.says("/api/v2/system/request_rate", rate)
    account = service.datto()
    with pytest.raises(Exception, match="writes are used up"):
        account.dispatch(a_client("datto", "s1"), a_job("datto", DEVICE), REQUEST)
    assert "PUT" not in {method for method, _, _ in service.seen}


RESULT = f"/api/v2/job/job-1/results/{DEVICE}"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Pending", JobState.DISPATCHED),
        ("Running", JobState.RUNNING),
        ("Success", JobState.DONE),
        ("Warning", JobState.DONE),
        ("Failure", JobState.FAILED),
        ("Expired", JobState.FAILED),
        ("Retired", JobState.FAILED),
        ("Quarantined", JobState.RUNNING),
        (None, JobState.RUNNING),
    ],
)
def test_every_word_of_a_job_has_its_meaning(
    service: Service, word: str | None, state: JobState
) -> None:
    service.says(RESULT, {"jobDeploymentStatus": word})
    job = a_job("datto", DEVICE, reference="job-1", state=JobState.RUNNING)
    assert service.datto().follow(a_client("datto", "s1"), job).state is state


def test_job_without_a_result_yet_is_still_on_its_way(service: Service) -> None:
    job = a_job("datto", DEVICE, reference="job-1")
    assert service.datto().follow(a_client("datto", "s1"), job).state is JobState.DISPATCHED


def test_component_that_could_not_start_says_why(service: Service) -> None:
    service.says(RESULT, {"jobDeploymentStatus": "Failure"})
    service.says(f"{RESULT}/stdout", [])
    said = [{"componentUid": COMPONENT, "stdData": "This component needs PowerShell 5.1"}]
    service.says(f"{RESULT}/stderr", said)
    job = a_job("datto", DEVICE, reference="job-1")
    detail = service.datto().follow(a_client("datto", "s1"), job).detail
    assert detail == "the component failed: This component needs PowerShell 5.1"


LOG = "/api/v2/activity-logs"


def entry(name: str, action: str = "create") -> dict[str, Any]:
    return {"action": action, "category": "job", "details": f'{{"text": "Quick job {name}"}}'}


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("Gatehouse R4K7Q R4K7Q-1", Truth.SENT),
        ("Gatehouse R4K7Q R4K7Q-12", Truth.UNKNOWN),
        ("XGatehouse R4K7Q R4K7Q-1", Truth.UNKNOWN),
        ("Gatehouse R4K7Q R4K7Q-2", Truth.UNKNOWN),
    ],
)
def test_only_our_very_job_in_the_log_is_evidence(
    service: Service, name: str, truth: Truth
) -> None:
    service.says(LOG, {"pageDetails": {}, "activities": [entry(name)]})
    job = a_job("datto", DEVICE)
    evidence = service.datto().reconcile(a_client("datto", "s1"), job, REQUEST)
    assert evidence.truth is truth
    (_, _, query) = service.seen[-1]
    asked = datetime.strptime(query["from"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert asked == START - timedelta(minutes=15)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("create", JobState.DISPATCHED),
        ("deployment", JobState.DONE),
        ("expired", JobState.FAILED),
    ],
)
def test_job_whose_uid_was_lost_is_followed_through_the_log(
    service: Service, action: str, state: JobState
) -> None:
    name = "Gatehouse R4K7Q R4K7Q-1"
    entries = [entry(name), entry(f"{name}: Success", action), entry("Other", "deployment")]
    service.says(LOG, {"pageDetails": None, "activities": entries})
    job = a_job("datto", DEVICE, state=JobState.DISPATCHED)
    assert service.datto().follow(a_client("datto", "s1"), job).state is state


def components(*rows: dict[str, Any]) -> Any:
    return page("components", list(rows), total=len(rows))


def test_proof_names_the_components_there_are_where_ours_is_not(service: Service) -> None:
    service.says("/api/v2/account/sites", page("sites", []))
    service.says("/api/v2/account/devices", page("devices", []))
    seen = [{"uid": "c1", "name": "Clear queue"}, {"uid": "c2", "name": "gatehouse-updates"}]
    service.says("/api/v2/account/components", components(*seen))
    permissions = {p.name: p for p in service.datto().prove([]).permissions}
    missing = permissions["component (not found)"]
    assert missing.present is Fact.NO
    assert "gatehouse-updates (c2), Clear queue (c1)" in missing.remedy


def test_component_without_its_variables_is_refused_and_named(service: Service) -> None:
    lacking = {"uid": COMPONENT, "name": "gatehouse-updates", "variables": [{"name": "mode"}]}
    service.says("/api/v2/account/components", components(lacking))
    account = service.datto()
    with pytest.raises(VendorRefused, match="kbs, requestId"):
        account.check_component()


@pytest.mark.parametrize("target", ["datto:", "datto:../x", "datto:a/b", "other:u", "u"])
def test_target_that_is_no_uid_of_ours_is_refused_unsent(service: Service, target: str) -> None:
    job = Job(
        id=JobId("j"), kind=JobKind.INSTALL, account="datto", client=ClientKey("acme"),
        targets=(target,),
    )  # fmt: skip
    with pytest.raises(VendorRefused):
        service.datto().dispatch(a_client("datto", "s1"), job, REQUEST)
    assert service.seen == []
