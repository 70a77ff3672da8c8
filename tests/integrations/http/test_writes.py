"""A write is never repeated unless it was surely not carried out."""

import json
from datetime import timedelta

import pytest
from aiohttp import web

from core.errors import OutcomeUnknown, VendorBusy, VendorDown
from integrations.http import ssl_context
from tests.integrations.http.service import Connect, Service, Sleeps, refusal


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "garbage", "html"])
def test_a_write_whose_answer_is_lost_is_unknown_and_never_repeated(
    connect: Connect, service: Service, kind: str
) -> None:
    service.fault(kind)
    with pytest.raises(OutcomeUnknown):
        connect().send("POST", "x", json={"a": 1}, not_done={429})
    [row] = service.world.calls.rows("service")
    assert row["count"] == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_write_answered_by_a_failing_server_is_unknown(
    connect: Connect, service: Service, status: int
) -> None:
    service.answers = [refusal(status)]
    with pytest.raises(OutcomeUnknown) as caught:
        connect().send("POST", "x")
    assert caught.value.status == status
    assert len(service.seen) == 1


def test_a_write_that_never_left_was_surely_not_carried_out(
    connect: Connect, service: Service
) -> None:
    with pytest.raises(VendorDown):
        connect(base_url="https://localhost:1").send("POST", "x")
    with pytest.raises(VendorDown):
        connect(base_url="https://nowhere.invalid").send("POST", "x")
    with pytest.raises(VendorDown, match="certificate"):
        connect(context=ssl_context()).send("POST", "x")
    assert service.seen == []


def test_a_throttled_write_is_repeated_only_where_the_caller_says_so(
    connect: Connect, service: Service, sleeps: Sleeps
) -> None:
    service.answers = [refusal(429, Retry_After="1")]
    with pytest.raises(VendorBusy) as caught:
        connect().send("POST", "x")
    assert caught.value.wait == timedelta(seconds=1)
    assert len(service.seen) == 1

    service.answers = [refusal(429, Retry_After="1")]
    assert connect().send("POST", "x", json={"a": 1}, not_done={429}).status == 200
    assert len(service.seen) == 3
    assert service.bodies[-1] == service.bodies[-2] == json.dumps({"a": 1}).encode()
    assert len(sleeps.seconds) == 1


def test_a_write_may_be_answered_with_nothing(connect: Connect, service: Service) -> None:
    service.answers = [web.Response(status=204)]
    answer = connect().send("PATCH", "x", json={})
    assert (answer.status, answer.json()) == (204, None)
