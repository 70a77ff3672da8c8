"""How the Graph stand-in speaks: tokens, refusals, throttles, batches, faults and counts."""

import uuid
from typing import Any

import pytest
import requests

from sandbox.entra.protocol import Caller, GraphError
from sandbox.entra.throttle import Throttle
from sandbox.entra.tokens import Grant
from tests.sandbox.entra_desk import EntraDesk

REPORT = "/reports/authenticationMethods/userRegistrationDetails"
POLICIES = "/identity/conditionalAccess/policies"
JSON = {"Content-Type": "application/json"}


def raw(entra: EntraDesk, path: str, **headers: str) -> requests.Response:
    return entra.session.get(f"{entra.graph}{path}", headers=headers, timeout=30)


def code(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def item(number: int, url: str, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "method": "GET", "url": url, **more}


def test_request_without_a_token_is_refused_with_a_challenge(entra: EntraDesk) -> None:
    response = raw(entra, "/v1.0/users")
    assert code(response) == (401, "InvalidAuthenticationToken")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_token_somebody_else_signed_is_refused(entra: EntraDesk, registered_apps: Any) -> None:
    foreign = type(registered_apps.mint)()
    grant = Grant(
        tenant_id=entra.tenant("harbor").id,
        app_id=entra.apps.read.app_id,
        app_name="x",
        audience="https://graph.microsoft.com",
        roles=("User.Read.All",),
        by_certificate=True,
    )
    response = raw(entra, "/v1.0/users", Authorization=f"Bearer {foreign.mint(grant)}")
    assert code(response) == (401, "InvalidAuthenticationToken")


def test_token_for_another_audience_is_refused(entra: EntraDesk) -> None:
    grant = Grant(
        tenant_id=entra.tenant("harbor").id,
        app_id=entra.apps.read.app_id,
        app_name="x",
        audience="https://vault.example",
        roles=("User.Read.All",),
        by_certificate=True,
    )
    bearer = f"Bearer {entra.apps.mint.mint(grant)}"
    assert code(raw(entra, "/v1.0/users", Authorization=bearer))[0] == 401


def test_app_removed_from_a_tenant_cannot_be_established(entra: EntraDesk) -> None:
    bearer = f"Bearer {entra.token('kestrel')}"
    entra.tenant("kestrel").read_roles = None
    response = raw(entra, "/v1.0/users", Authorization=bearer)
    assert code(response) == (401, "Authorization_IdentityNotFound")


def test_token_keeps_its_roles_until_it_is_renewed(entra: EntraDesk) -> None:
    bearer = f"Bearer {entra.token('kestrel')}"
    entra.tenant("kestrel").read_roles = []
    assert raw(entra, "/v1.0/users", Authorization=bearer).status_code == 200
    renewed = f"Bearer {entra.token('kestrel')}"
    assert raw(entra, "/v1.0/users", Authorization=renewed).status_code == 403


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users", "Authorization_RequestDenied"),
        ("/subscribedSkus", "Authorization_RequestDenied"),
        ("/roleManagement/directory/roleAssignments", "Authorization_RequestDenied"),
        (POLICIES, "AccessDenied"),
        ("/policies/identitySecurityDefaultsEnforcementPolicy", "AccessDenied"),
        (REPORT, "Authentication_MSGraphPermissionMissing"),
        ("/auditLogs/signIns", "Authentication_MSGraphPermissionMissing"),
    ],
)
def test_missing_role_is_refused_in_the_words_of_the_service_behind(
    entra: EntraDesk, path: str, expected: str
) -> None:
    assert entra.refusal("GET", path, roles=("Mail.Read",))[:2] == (403, expected)


def test_read_app_cannot_write_and_write_app_cannot_read_registrations(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    user = next(iter(acme.users))
    path = f"/groups/{acme.mfa_group_id}/members/$ref"
    body = {"@odata.id": f"{entra.graph}/v1.0/directoryObjects/{user}"}
    assert entra.refusal("POST", path, body=body)[0] == 403
    assert entra.refusal("POST", f"/users/{user}/revokeSignInSessions")[0] == 403
    assert entra.refusal("GET", REPORT, app="write")[0] == 403


def test_errors_carry_request_ids_and_the_callers_own(entra: EntraDesk) -> None:
    own = str(uuid.uuid4())
    response = entra.call("GET", "/users/nobody@x.example", headers={"client-request-id": own})
    inner = response.json()["error"]["innerError"]
    assert inner["client-request-id"] == own == response.headers["client-request-id"]
    assert inner["request-id"] == response.headers["request-id"]


def test_unknown_paths_methods_and_options_are_refused(entra: EntraDesk) -> None:
    bearer = f"Bearer {entra.token('harbor')}"
    unknown = raw(entra, "/v1.0/usres", Authorization=bearer)
    assert code(unknown) == (400, "BadRequest")
    assert "'usres'" in unknown.json()["error"]["message"]
    wrong = entra.session.post(
        f"{entra.graph}/v1.0/organization", headers={"Authorization": bearer}, json={}, timeout=30
    )
    assert wrong.status_code == 405
    message = entra.refusal("GET", "/subscribedSkus?$top=5")[2]
    assert message == "Query option 'Top' is not allowed."


def test_reports_allow_five_in_ten_seconds_per_app_and_say_when_to_return(entra: EntraDesk) -> None:
    statuses = [entra.call("GET", f"{REPORT}?$top=1").status_code for _ in range(5)]
    assert statuses == [200] * 5
    refusals = [entra.call("GET", f"{REPORT}?$top=1") for _ in range(2)]
    assert [code(item) for item in refusals] == [(429, "TooManyRequests")] * 2
    waits = [item.headers["Retry-After"] for item in refusals]
    assert all(0 < float(wait) <= 11 for wait in waits)
    assert ["." in wait for wait in waits] == [True, False]
    assert entra.call("GET", REPORT, tenant="kestrel").status_code == 200


def test_sign_ins_and_registrations_share_a_bucket(entra: EntraDesk) -> None:
    for _ in range(5):
        assert entra.call("GET", "/auditLogs/signIns?$top=1").status_code == 200
    assert entra.call("GET", REPORT).status_code == 429


def test_conditional_access_allows_one_a_second_for_all_apps_and_does_not_say_when(
    entra: EntraDesk,
) -> None:
    assert entra.call("GET", POLICIES).status_code == 200
    refusal = entra.call("GET", POLICIES, app="write")
    assert code(refusal) == (429, "TooManyRequests")
    assert "Retry-After" not in refusal.headers
    assert entra.call("GET", POLICIES, tenant="kestrel").status_code == 200


def test_rejected_requests_count_so_that_hammering_never_gets_through(entra: EntraDesk) -> None:
    now = 100.0
    throttle = Throttle(monotonic=lambda: now)
    caller = Caller(app_id="a", app_name="a", tenant=entra.tenant("harbor"), roles=frozenset())
    throttle.take("conditional_access", caller)
    for _ in range(10):
        now += 0.5
        with pytest.raises(GraphError):
            throttle.take("conditional_access", caller)
    now += 1.0
    throttle.take("conditional_access", caller)


def test_batch_answers_each_item_by_its_id_with_its_own_status(entra: EntraDesk) -> None:
    user = entra.user("acme-dental", "Harriet Langford")
    nobody = "00000000-0000-4000-8000-000000000000"
    answers = entra.batch(
        item(1, f"/users/{user.id}?$select=id,displayName"),
        item(2, f"/users/{nobody}"),
        item(3, "/domains"),
        item(4, f"/users/{user.id}/authentication/methods"),
    )
    assert {key: answer["status"] for key, answer in answers.items()} == {
        "1": 200,
        "2": 404,
        "3": 403,
        "4": 200,
    }
    assert answers["1"]["body"]["displayName"] == "Harriet Langford"
    assert answers["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_batch_answers_come_in_no_particular_order(entra: EntraDesk) -> None:
    users = list(entra.tenant("acme-dental").users)[:20]
    requests_ = [item(number, f"/users/{user}") for number, user in enumerate(users)]
    response = entra.call("POST", "/$batch", body={"requests": requests_})
    order = [answer["id"] for answer in response.json()["responses"]]
    assert sorted(order) == sorted(str(number) for number in range(20))
    assert order != [str(number) for number in range(20)]


def test_items_of_a_batch_are_throttled_one_by_one(entra: EntraDesk) -> None:
    answers = entra.batch(*(item(number, f"{REPORT}?$top=1") for number in range(7)))
    statuses = [answer["status"] for answer in answers.values()]
    assert sorted(statuses) == [200] * 5 + [429] * 2
    refused = [answer for answer in answers.values() if answer["status"] == 429]
    assert all(float(answer["headers"]["Retry-After"]) > 0 for answer in refused)


def test_beta_paths_are_batched_at_beta(entra: EntraDesk) -> None:
    user = entra.user("cedar-finch", "Delphine Crane")
    url = f"/users/{user.id}/authentication/requirements"
    answers = entra.batch(item(1, url), tenant="cedar-finch", version="beta")
    assert answers["1"]["body"]["perUserMfaState"] == "enforced"


def test_next_link_inside_a_batch_is_absolute(entra: EntraDesk) -> None:
    answers = entra.batch(item(1, "/users?$top=5&$select=id"))
    link = answers["1"]["body"]["@odata.nextLink"]
    assert link.startswith(f"{entra.graph}/v1.0/users?")
    assert len(entra.get(link.removeprefix(f"{entra.graph}/v1.0"))["value"]) == 5


def test_item_that_depends_on_a_failed_one_is_not_run(entra: EntraDesk) -> None:
    user = entra.user("acme-dental", "Harriet Langford")
    answers = entra.batch(
        item(1, "/domains"),
        item(2, f"/users/{user.id}", dependsOn=["1"]),
        item(3, f"/users/{user.id}"),
        item(4, f"/users/{user.id}", dependsOn=["3"]),
    )
    assert [answers[key]["status"] for key in ("1", "2", "3", "4")] == [403, 424, 200, 200]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([item(number, "/organization") for number in range(21)], "maximum value of 20"),
        ([item(1, "/organization"), item(1, "/domains")], "unique"),
        ([{"id": "a", "method": "GET", "url": "/x"}, {"id": "A", "method": "GET", "url": "/x"}], "unique"),
        ([{"id": "1", "method": "GET"}], "needs an id"),
        ([item(1, "https://graph.microsoft.com/v1.0/users")], "relative"),
        ([{"id": "1", "method": "POST", "url": "/x", "body": {}}], "Content-Type"),
        ([item(1, "/organization", dependsOn=["9"])], "earlier"),
        ([], "Invalid batch"),
    ],
)  # fmt: skip
def test_malformed_batch_is_refused_whole(
    entra: EntraDesk, items: list[dict[str, Any]], words: str
) -> None:
    status, error, message = entra.refusal("POST", "/$batch", body={"requests": items})
    assert (status, error) == (400, "BadRequest")
    assert words in message


def test_fault_can_strike_single_items_inside_a_batch_that_succeeds(entra: EntraDesk) -> None:
    first, second = list(entra.tenant("acme-dental").users)[:2]
    entra.world.faults.add(
        {
            "target": "graph-batch",
            "kind": "status",
            "status": 429,
            "retry_after": 2.128,
            "path": f"/v1.0/users/{first}/*",
            "count": 1,
        }
    )
    items = [
        item(1, f"/users/{first}/authentication/methods"),
        item(2, f"/users/{second}/authentication/methods"),
    ]
    answers = entra.batch(*items)
    assert [answers[key]["status"] for key in ("1", "2")] == [429, 200]
    assert answers["1"]["headers"]["Retry-After"] == "2.128"
    assert entra.batch(*items)["1"]["status"] == 200


def test_calls_are_counted_by_template_and_batch_items_apart(entra: EntraDesk) -> None:
    for user in list(entra.tenant("acme-dental").users)[:3]:
        entra.call("GET", f"/users/{user}")
    entra.batch(item(1, "/organization"), item(2, "/domains"))
    rows = {row["path_template"]: row["by_status"] for row in entra.world.calls.rows("graph")}
    assert rows == {"/v1.0/users/{user_id}": {"200": 3}, "/v1.0/$batch": {"200": 1}}
    items = {
        row["path_template"]: row["by_status"] for row in entra.world.calls.rows("graph-batch")
    }
    assert items == {"/v1.0/organization": {"200": 1}, "/v1.0/domains": {"403": 1}}


def test_body_that_is_no_json_is_refused(entra: EntraDesk) -> None:
    response = entra.session.post(
        f"{entra.graph}/v1.0/$batch",
        headers={"Authorization": f"Bearer {entra.token('harbor')}", **JSON},
        data="{",
        timeout=30,
    )
    assert code(response) == (400, "BadRequest")
