"""What is read again, how long is waited for it, and what is swallowed."""

from datetime import timedelta

import pytest
from aiohttp import web

from core.errors import MalformedAnswer, OutcomeUnknown, VendorBusy, VendorDown
from integrations.http import Patience
from integrations.http import answer as answers
from integrations.http.patience import retry_after
from tests.integrations.http.service import Connect, Service, Sleeps, refusal
from tests.patience import PATIENCE_S


def test_a_read_is_tried_again_and_ends(connect: Connect, service: Service, sleeps: Sleeps) -> None:
    service.answers = [refusal(503), refusal(502)]
    assert connect().get_json("x") == {"fine": True}
    assert sleeps.seconds == [0.5, 1.0]

    service.answers = [refusal(503) for _ in range(9)]
    with pytest.raises(VendorDown) as caught:
        connect().get_json("x")
    assert caught.value.status == 503
    assert len(service.seen) == 3 + 3


def test_waits_vary_by_chance() -> None:
    waits = {Patience().backoff(2) for _ in range(20)}
    assert len(waits) > 1
    assert all(timedelta(seconds=0.5) <= wait <= timedelta(seconds=1) for wait in waits)


def test_a_read_waits_as_long_as_it_is_asked_to(
    connect: Connect, service: Service, sleeps: Sleeps
) -> None:
    service.answers = [refusal(429, Retry_After="2.128")]
    connect().get_json("x")
    assert 2.128 <= sleeps.seconds[0] < 2.5


def test_a_read_does_not_sleep_longer_than_its_patience(
    connect: Connect, service: Service, sleeps: Sleeps
) -> None:
    service.answers = [refusal(429, Retry_After="600")]
    with pytest.raises(VendorBusy) as caught:
        connect().get_json("x")
    assert caught.value.wait == timedelta(minutes=10)
    assert sleeps.seconds == []
    assert len(service.seen) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "3"}, timedelta(seconds=3)),
        ({"Retry-After": "2.128"}, timedelta(seconds=2.128)),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            timedelta(seconds=30),
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:30 GMT",
            },
            timedelta(0),
        ),
        ({"Retry-After": "99999999999999999999"}, timedelta(hours=1)),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_every_form_of_retry_after_is_read(headers: dict[str, str], wait: timedelta | None) -> None:
    assert retry_after(headers) == wait


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        (b'{"details": {"retry_after": 5}}', timedelta(seconds=5)),
        (b'{"details": {"retry_after": "7"}}', timedelta(seconds=7)),
        (b'{"details": {"retry_after": null}}', None),
        (b'{"details": "later"}', None),
        (b"<html>", None),
    ],
)
def test_wait_that_only_the_body_tells_is_read(body: bytes, wait: timedelta | None) -> None:
    assert answers.Answer(status=429, headers={}, body=body).wait() == wait
    told = answers.Answer(status=429, headers={"Retry-After": "0"}, body=body)
    assert told.wait() == timedelta(0)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "garbage", "html"])
def test_a_broken_answer_to_a_read_is_asked_for_again(
    connect: Connect, service: Service, kind: str
) -> None:
    service.fault(kind, count=1)
    assert connect().get_json("x") == {"fine": True}
    service.fault(kind)
    with pytest.raises((VendorDown, MalformedAnswer)):
        connect().get_json("x")


def test_silence_ends(connect: Connect, service: Service) -> None:
    service.fault("latency", seconds=PATIENCE_S)
    http = connect(timeouts=(PATIENCE_S, 0.2), patience=Patience(tries=1))
    with pytest.raises(VendorDown, match="did not answer in time"):
        http.get_json("x")
    with pytest.raises(OutcomeUnknown, match="did not answer in time"):
        http.send("POST", "x")
    service.world.faults.remove()


def test_an_answer_beyond_the_limit_is_not_swallowed_whole(
    connect: Connect, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_BYTES", 1 << 20)
    service.answers = [web.json_response(["x" * (1 << 21)]) for _ in range(2)]
    with pytest.raises(MalformedAnswer, match="larger than 1 MiB"):
        connect().get_json("x")
    assert len(service.seen) == 1
