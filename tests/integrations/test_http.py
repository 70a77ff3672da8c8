"""What every adapter relies on: whom we trust, what is tried again, and which error says what."""

import json
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import trustme
from aiohttp import web

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
    VendorUntrusted,
)
from integrations.http import Authorize, Call, Http, Pace, Patience, in_background, ssl_context
from integrations.http import answer as answers
from integrations.http.failure import not_reached, worth_another
from integrations.http.patience import retry_after
from integrations.rmm.per_device import ask_each
from sandbox.estate.model import Estate
from sandbox.frame.clock import SandboxClock
from sandbox.frame.target import make_target
from sandbox.frame.world import World
from tests.integrations.proxy import ConnectProxy
from tests.sandbox.serving import TlsHost

Serve = Callable[[web.Application], str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATIENCE = Patience(tries=3, longest_wait=timedelta(seconds=10), jitter=lambda: 1.0)


@dataclass
class Service:
    """A service that answers what it is told to, and what was asked of it."""

    world: World
    answers: list[web.Response] = field(default_factory=list)
    seen: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.seen.append(request)
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"fine": True})

    def fault(self, kind: str, **more: object) -> None:
        self.world.faults.add({"target": "service", "kind": kind, **more})


@pytest.fixture
def service(serve_tls: Serve) -> Service:
    world = World(
        estate=Estate(seed=0, made_at=datetime.now(UTC), companies=[]), clock=SandboxClock()
    )
    made = Service(world)
    app = make_target("service", world)
    app.router.add_route("*", "/{path:.*}", made.answer)
    made.address = serve_tls(app)
    return made


@dataclass
class Sleeps:
    """Instead of sleeping: what would have been slept."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


Connect = Callable[..., Http]


@pytest.fixture
def connect(service: Service, ca_file: Path, sleeps: Sleeps) -> Iterator[Connect]:
    made: list[Http] = []

    def make(authorize: Authorize | None = None, **more: object) -> Http:
        fields: dict[str, object] = {
            "base_url": service.address,
            "context": ssl_context(ca_file),
            "patience": PATIENCE,
            "sleep": sleeps,
            **more,
        }
        http = Http(source="Service", authorize=authorize, **fields)  # type: ignore[arg-type]
        made.append(http)
        return http

    yield make
    for http in made:
        http.sessions.close()


def refusal(status: int, body: object = None, **headers: str) -> web.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.json_response(body, status=status, headers=named)


# Whom we trust.


def test_our_certificate_authority_holds_whatever_the_environment_names(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect().get_json("x") == {"fine": True}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    assert connect().get_json("x") == {"fine": True}


def test_the_environment_cannot_add_an_authority(
    connect: Connect, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    with pytest.raises(VendorDown, match="certificate is not trusted") as caught:
        connect(context=ssl_context()).get_json("x")
    assert "ca_file" in caught.value.remedy


def test_a_certificate_of_another_authority_is_refused_and_not_tried_again(
    connect: Connect, tmp_path: Path, service: Service, sleeps: Sleeps
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    with pytest.raises(VendorUntrusted, match="certificate"):
        connect(context=ssl_context(other)).get_json("x")
    assert service.seen == []
    assert sleeps.seconds == []


def test_a_handshake_that_breaks_may_be_a_passing_fault() -> None:
    broken = requests.exceptions.SSLError(ssl.SSLError(1, "wrong version number"))
    failure = not_reached("Service", broken)
    assert worth_another(failure)
    assert "ca_file" in failure.remedy


@pytest.mark.parametrize("tls_to_the_proxy", [False, True])
def test_the_same_holds_through_a_proxy(
    connect: Connect,
    service: Service,
    tls_host: TlsHost,
    monkeypatch: pytest.MonkeyPatch,
    tls_to_the_proxy: bool,
) -> None:
    context = tls_host.ca.server_context() if tls_to_the_proxy else None
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ConnectProxy(context) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        assert connect().get_json("x") == {"fine": True}
        assert connect().send("POST", "x").json() == {"fine": True}
        with pytest.raises(VendorDown):
            connect(context=ssl_context()).get_json("x")
        service.fault("drop_after")
        with pytest.raises(OutcomeUnknown):
            connect().send("POST", "x")
        assert proxy.tunnels >= 3
    with pytest.raises(VendorDown, match="proxy"):
        connect().send("POST", "x")


def test_an_address_without_tls_is_refused(ca_file: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        Http(source="S", base_url="http://localhost", context=ssl_context(ca_file))


def test_a_login_in_netrc_never_replaces_ours(
    connect: Connect, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connect(lambda fresh: {"Authorization": "Bearer ours"}).get_json("x")
    connect().get_json("x")
    assert service.seen[0].headers["Authorization"] == "Bearer ours"
    assert "Authorization" not in service.seen[1].headers


def test_cookies_of_one_answer_do_not_travel_to_the_next_call(
    connect: Connect, service: Service
) -> None:
    service.answers = [refusal(200, {}, Set_Cookie="who=tenant-a; Path=/")]
    http = connect()
    http.get_json("x")
    http.get_json("x")
    assert "Cookie" not in service.seen[1].headers


def test_each_thread_has_a_session_of_its_own(connect: Connect) -> None:
    http = connect()
    mine = http.sessions.mine()
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(http.sessions.mine()))
    thread.start()
    thread.join()
    assert http.sessions.mine() is mine
    assert theirs[0] is not mine


# Where we go.


def test_a_redirect_is_not_followed_and_says_what_to_correct(
    connect: Connect, service: Service
) -> None:
    service.answers = [refusal(302, None, Location="https://elsewhere.example/login")]
    with pytest.raises(VendorError, match="elsewhere") as caught:
        connect().get_json("x")
    assert "base_url" in caught.value.remedy
    assert len(service.seen) == 1


def test_a_link_to_another_host_is_never_called(connect: Connect, service: Service) -> None:
    with pytest.raises(MalformedAnswer, match="another host, localhost:1;"):
        connect(lambda fresh: {"Authorization": "Bearer ours"}).get_json("https://localhost:1/next")
    assert connect().get_json(f"{service.address}/next?page=2") == {"fine": True}


# What is tried again.


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
    service.fault("latency", seconds=0.8)
    http = connect(timeouts=(1.0, 0.2), patience=Patience(tries=1))
    with pytest.raises(VendorDown, match="did not answer in time"):
        http.get_json("x")
    with pytest.raises(OutcomeUnknown, match="did not answer in time"):
        http.send("POST", "x")


def test_an_answer_beyond_the_limit_is_not_swallowed_whole(
    connect: Connect, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_BYTES", 1 << 20)
    service.answers = [web.json_response(["x" * (1 << 21)]) for _ in range(2)]
    with pytest.raises(MalformedAnswer, match="larger than 1 MiB"):
        connect().get_json("x")
    assert len(service.seen) == 1


# Writes.


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


# Credentials.


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


# What a refusal is called.


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


# Pace.


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_window_ever_holds_more_calls_than_allowed() -> None:
    fake = FakeTime()
    pace = Pace(5, timedelta(seconds=10), monotonic=fake.monotonic, sleep=fake.sleep)
    starts = []
    for number in range(23):
        pace.wait()
        starts.append(fake.now)
        fake.now += 0.1 * (number % 3)
    for start in starts:
        assert sum(start <= other < start + 10 for other in starts) <= 5
    assert starts[4] < 110


def test_background_work_leaves_every_tenth_place_free() -> None:
    fake = FakeTime()
    pace = Pace(20, timedelta(seconds=60), monotonic=fake.monotonic, sleep=fake.sleep)
    for _ in range(18):
        in_background(pace.wait)()
    assert fake.now == 100
    pace.wait()
    pace.wait()
    assert fake.now == 100
    in_background(pace.wait)()
    assert fake.now == pytest.approx(160, abs=0.01)


def test_no_window_ever_holds_more_calls_whoever_makes_them() -> None:
    fake = FakeTime()
    pace = Pace(10, timedelta(seconds=10), monotonic=fake.monotonic, sleep=fake.sleep)
    starts = []
    for number in range(60):
        (pace.wait if number % 4 == 0 else in_background(pace.wait))()
        starts.append(fake.now)
        fake.now += 0.1 * (number % 3)
    for start in starts:
        assert sum(start <= other < start + 10 for other in starts) <= 10


def test_job_goes_before_scans_that_wait_already() -> None:
    """The scan's call is next in line when a job comes: it wakes, finds its place taken, and waits on."""
    fake = FakeTime()
    order: list[tuple[str, float]] = []

    def job() -> None:
        pace.wait()
        order.append(("job", round(fake.now, 2)))

    def sleep(seconds: float) -> None:
        fake.now += seconds
        if comes:
            comes.pop()()

    pace = Pace(1, timedelta(seconds=1), monotonic=fake.monotonic, sleep=sleep)
    comes: list[Callable[[], None]] = []
    pace.wait()
    comes.append(job)
    in_background(pace.wait)()
    order.append(("scan", round(fake.now, 2)))
    assert order == [("job", 101.0), ("scan", 102.0)]


def test_background_is_over_when_the_work_is_and_reaches_the_threads_it_starts() -> None:
    fake = FakeTime()
    pace = Pace(10, timedelta(seconds=60), monotonic=fake.monotonic, sleep=fake.sleep)

    @in_background
    def read() -> None:
        ask_each(range(9), lambda _: pace.wait(), at_once=3)

    read()
    assert fake.now == 100
    pace.wait()
    assert fake.now == 100
    read_one = in_background(lambda: ask_each([1], lambda _: pace.wait(), at_once=1))
    read_one()
    assert fake.now > 159


def test_threads_share_one_pace() -> None:
    """They come at the same moment, and each is told to sleep a place longer than another."""
    slept: list[float] = []
    pace = Pace(1, timedelta(seconds=1), monotonic=lambda: 100.0, sleep=slept.append)
    threads = [threading.Thread(target=pace.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [1, 2, 3]


def test_service_that_says_no_pause_gets_the_one_it_is_known_to_want(
    connect: Connect, service: Service, sleeps: Sleeps
) -> None:
    """One above what is waited for is told to the caller, and nothing is tried again meanwhile."""
    for asked, tries in ((timedelta(seconds=1), 2), (timedelta(hours=1), 1)):
        service.answers = [refusal(429)]
        service.seen.clear()
        http = connect(unsaid_wait=asked)
        if tries == 1:
            with pytest.raises(VendorBusy) as caught:
                http.get_json("x")
            assert caught.value.wait == asked
        else:
            http.get_json("x")
            assert sum(sleeps.seconds) >= 1
        assert len(service.seen) == tries
    service.answers = [refusal(429, Retry_After="7200")]
    with pytest.raises(VendorBusy) as told:
        connect(unsaid_wait=timedelta(seconds=1)).get_json("x")
    assert told.value.wait == timedelta(hours=1)


def test_a_pause_one_caller_was_asked_for_holds_for_all(connect: Connect, service: Service) -> None:
    fake = FakeTime()
    pace = Pace(100, timedelta(seconds=1), monotonic=fake.monotonic, sleep=fake.sleep)
    service.answers = [refusal(429, Retry_After="7")]
    connect().get_json("x", pace=pace)
    assert fake.now == pytest.approx(107)
