"""Whose credentials are used, and which error says what."""

import json
import logging

import pytest

from core.errors import (
    VendorAuthError,
    VendorDown,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
)
from integrations.http import Call, Patience
from integrations.http import answer as answers
from tests.integrations.http.service import Connect, Service, refusal


def test_a_refused_credential_is_renewed_once(connect: Connect, service: Service) -> None:
    asked: list[bool] = []

    def authorize(fresh: bool) -> dict[str, str]:
        asked.append(fresh)
        return {"Authorization": f"Bearer {len(asked)}"}

    service.answers = [refusal(401)]
    assert connect(authorize).send("POST", "x").ok
    assert asked == [False, True]
    assert [r.headers["Authorization"] for r in service.seen] == ["Bearer 1", "Bearer 2"]

    service.answers = [refusal(401), refusal(401)]
    with pytest.raises(VendorAuthError):
        connect(authorize).get_json("x")
    assert len(service.seen) == 4


def test_siblings_use_their_own_credentials_and_the_same_connections(
    connect: Connect, service: Service
) -> None:
    first = connect(lambda fresh: {"Authorization": "Bearer a"})
    second = first.with_authorization(lambda fresh: {"Authorization": "Bearer b"})
    first.get_json("x")
    second.get_json("x")
    assert [r.headers["Authorization"] for r in service.seen] == ["Bearer a", "Bearer b"]
    assert first.sessions is second.sessions


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, VendorRefused),
        (403, VendorForbidden),
        (404, VendorNotFound),
        (409, VendorRefused),
        (422, VendorRefused),
    ],
)
def test_a_refusal_keeps_the_vendors_code_and_words(
    connect: Connect, service: Service, status: int, kind: type[VendorError]
) -> None:
    body = {"error": {"code": "Request_BadRequest", "message": "No such\nthing."}}
    for call in (connect().get_json, lambda path: connect().send("POST", path)):
        service.answers = [refusal(status, body)]
        with pytest.raises(VendorError) as caught:
            call("x")
        assert type(caught.value) is kind
        assert (caught.value.status, caught.value.code) == (status, "Request_BadRequest")
        assert caught.value.reason == f"HTTP {status} Request_BadRequest: No such thing."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "invalid_client", "error_description": "no"}, ("invalid_client", "no")),
        ({"resultCode": "FAILURE", "errorMessage": "no"}, ("FAILURE", "no")),
        ({"message": "no"}, (None, "no")),
        (["no"], (None, "")),
        ({"detail": "no"}, (None, "no")),
        ({"Message": "no"}, (None, "no")),
        ("no", (None, "no")),
        (7, (None, "")),
    ],
)
def test_the_ways_vendors_word_a_refusal_are_understood(
    body: object, said: tuple[str | None, str]
) -> None:
    answer = answers.Answer(status=400, headers={}, body=json.dumps(body).encode())
    assert answers.explain(answer) == said


def test_a_vendors_words_are_bounded_and_without_tokens(connect: Connect, service: Service) -> None:
    message = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig " + "x" * 5000
    service.answers = [refusal(400, {"error": {"code": "c" * 500, "message": message}})]
    with pytest.raises(VendorRefused) as caught:
        connect().get_json("x")
    assert len(caught.value.reason) < 450
    assert "eyJ" not in caught.value.reason


def test_a_read_may_be_a_post(connect: Connect, service: Service) -> None:
    service.answers = [refusal(503)]
    assert connect().read(Call(method="POST", path="x", json=[1])) == {"fine": True}
    assert service.bodies == [b"[1]", b"[1]"]


def test_an_outage_is_logged_once_and_its_end_once(
    connect: Connect, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "integrations.http")
    http = connect(patience=Patience(tries=1))
    service.answers = [refusal(503), refusal(503)]
    for _ in range(2):
        with pytest.raises(VendorDown):
            http.get_json("x")
    http.get_json("x")
    http.get_json("x")
    said = [record.getMessage() for record in caplog.records]
    assert said == ["Service does not answer: HTTP 503", "Service answers again"]
