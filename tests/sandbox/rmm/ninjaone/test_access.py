"""Who is let in at NinjaOne, to what, and how often."""

import pytest

from sandbox.rmm.ninjaone import CLIENT_ID, CLIENT_SECRET, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, app
from tests.sandbox.rmm.ninjaone.asking import sign_in, trigger
from tests.sandbox.rmm_desk import Desk, willing


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
    device = desk.one(willing)
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
