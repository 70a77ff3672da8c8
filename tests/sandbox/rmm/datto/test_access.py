"""Who is let in at Datto RMM, and how often."""

from collections.abc import Callable

import pytest
import requests
from aiohttp import web

from sandbox.rmm.datto import API_KEY, API_SECRET, INSTALL_COMPONENT_UID, limits, make_app
from tests.sandbox.rmm.datto.asking import TOKEN_PATH, put_job, sign_in, start
from tests.sandbox.rmm_desk import Desk, make_world, willing


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


def test_the_request_rate_tells_reads_and_writes_apart_and_counts_itself(desk: Desk) -> None:
    start(desk, desk.one(willing), mode="scan")
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
    device = desk.one(willing)
    body = {"jobName": "x", "jobComponent": {"componentUid": INSTALL_COMPONENT_UID}}
    statuses = [put_job(desk, device, body).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert len(desk.effects()) == 3
    assert desk.status("/api/v2/system/pagination") == 200
