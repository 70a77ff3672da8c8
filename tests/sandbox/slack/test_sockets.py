"""Socket Mode: tickets, hello, one arbitrary socket per payload, acks in time, redelivered events."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import websocket
from slack_bolt import Ack, App, Say
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient

from sandbox.app import Sandbox
from sandbox.slack import sockets
from sandbox.slack.installation import APP_TOKEN
from sandbox.slack.sockets import MOST_SOCKETS
from tests.sandbox.slack.bot import NEVER, Bot, People, eventually, trusting, web_client


def test_nobody_is_ready_before_a_socket_is_connected(sandbox: Sandbox, people: People) -> None:
    before = people.get("/person/ready")
    assert (before.status_code, before.json()["ready"]) == (503, False)
    with Bot(sandbox):
        ready = people.get("/person/ready")
        assert (ready.status_code, ready.json()["sockets"]) == (200, 1)
        assert ready.json()["targets"] == sandbox.targets
    eventually(lambda: people.get("/person/ready").status_code == 503)


def test_hello_tells_how_many_sockets_there_are(sandbox: Sandbox) -> None:
    with Bot(sandbox) as first, Bot(sandbox) as second:
        assert first.hello["type"] == "hello"
        assert (first.hello["num_connections"], second.hello["num_connections"]) == (1, 2)


def test_a_ticket_opens_one_socket(sandbox: Sandbox) -> None:
    url = web_client(sandbox, APP_TOKEN).apps_connections_open(app_token=APP_TOKEN)["url"]
    sslopt = {"context": trusting(sandbox)}
    websocket.create_connection(url, sslopt=sslopt, timeout=30).close()
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(url, sslopt=sslopt, timeout=30)


def test_the_eleventh_socket_is_turned_away(sandbox: Sandbox) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_SOCKETS):
            stack.enter_context(Bot(sandbox))
        eleventh = Bot(sandbox)
        assert (eleventh.hello["type"], eleventh.hello["reason"]) == (
            "disconnect",
            "too_many_websockets",
        )
        eleventh.socket.shutdown()  # type: ignore[no-untyped-call]


def test_each_payload_goes_to_one_arbitrary_socket(sandbox: Sandbox, people: People) -> None:
    with Bot(sandbox) as first, Bot(sandbox) as second:
        for number in range(24):
            assert people.command("tech", f"/mfa {number}")["acked"]
        texts = Counter(e["payload"]["text"] for bot in (first, second) for e in bot.seen)
        assert texts == Counter(str(number) for number in range(24))
        assert first.seen, "both sockets get a share"
        assert second.seen, "both sockets get a share"


def test_an_ack_in_time_is_reported_with_how_long_it_took(bot: Bot, people: People) -> None:
    def slowly(_: Any) -> None:
        time.sleep(0.3)

    bot.answer = slowly
    answer = people.command("tech", "/mfa gaps")
    assert (answer["acked"], answer["status"]) == (True, "ok")
    assert 300 <= answer["ack_ms"] < 3000


def test_slack_waits_three_seconds_for_an_ack() -> None:
    assert sockets.ACK_WITHIN_S == 3


@pytest.mark.usefixtures("impatient")
def test_no_ack_in_time_is_a_timeout_and_never_sent_again(bot: Bot, people: People) -> None:
    bot.answer = lambda envelope: NEVER
    started = time.monotonic()
    answer = people.command("tech", "/mfa gaps")
    assert time.monotonic() - started >= sockets.ACK_WITHIN_S
    assert answer == {
        "acked": False,
        "ack_ms": None,
        "status": "operation_timeout",
        "shown": '/mfa failed with the error "operation_timeout"',
    }
    eventually(lambda: bot.seen)
    time.sleep(0.2)
    assert len(bot.seen) == 1


@pytest.mark.usefixtures("impatient")
def test_a_late_ack_changes_nothing(bot: Bot, people: People) -> None:
    bot.answer = lambda envelope: NEVER
    people.command("tech", "/mfa late")
    eventually(lambda: bot.seen)
    late = {"envelope_id": bot.seen[-1]["envelope_id"], "payload": {"text": "too late"}}
    bot.socket.send(json.dumps(late))
    bot.answer = lambda envelope: None
    people.command("tech", "/mfa again")
    assert "too late" not in [row["text"] for row in people.messages("tech", "acme-dental")]


def test_without_a_socket_the_dispatch_fails_at_once(sandbox: Sandbox, people: People) -> None:
    eventually(lambda: len(sandbox.slack.sockets) == 0)
    answer = people.command("tech", "/mfa gaps")
    assert (answer["acked"], answer["status"]) == (False, "dispatch_failed")


@pytest.mark.usefixtures("impatient")
def test_an_unacked_event_is_redelivered_three_times_with_its_reason(
    sandbox: Sandbox, bot: Bot, people: People
) -> None:
    bot.answer = lambda envelope: NEVER
    people.post("/person/message", as_="tech", channel="@gatehouse", text="are you there?")
    eventually(lambda: len(bot.seen) == 2)

    def tried_four_times_as_time_passes() -> bool:
        sandbox.world.clock.advance(1)
        return len(bot.seen) == 4

    eventually(tried_four_times_as_time_passes)
    sandbox.world.clock.advance(3600)
    time.sleep(0.4)
    assert [e["retry_attempt"] for e in bot.seen] == [0, 1, 2, 3]
    assert {e["retry_reason"] for e in bot.seen[1:]} == {"timeout"}
    assert len({e["payload"]["event_id"] for e in bot.seen}) == 1


def test_an_acked_event_is_not_redelivered(bot: Bot, people: People) -> None:
    people.post("/person/message", as_="tech", channel="@gatehouse", text="hello")
    assert bot.payload["event"]["channel_type"] == "im"
    time.sleep(0.3)
    assert len(bot.seen) == 1


def test_only_subscribed_events_with_a_scope_are_sent(bot: Bot, people: People) -> None:
    people.post("/person/message", as_="tech", channel="acme-dental", text="hi @gatehouse")
    assert bot.seen == []


def test_torn_sockets_are_gone_and_a_new_one_takes_over(sandbox: Sandbox, people: People) -> None:
    with Bot(sandbox) as torn:
        assert people.done(people.delete("/sockets"))["removed"] == 1
        eventually(lambda: not torn._thread.is_alive())
        with Bot(sandbox) as fresh:
            assert fresh.hello["num_connections"] == 1
            assert people.command("tech", "/mfa gaps")["acked"]


def test_a_refresh_asks_the_app_to_reconnect(sandbox: Sandbox, people: People) -> None:
    with Bot(sandbox) as bot:
        people.done(people.delete("/sockets", how="refresh"))
        eventually(lambda: bot.seen)
        assert (bot.seen[0]["type"], bot.seen[0]["reason"]) == ("disconnect", "refresh_requested")


@pytest.fixture
def bolt(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[App, SocketModeHandler]]:
    """A Bolt app on the websocket-client adapter, which takes no CA: run_forever is told of it here."""
    original = websocket.WebSocketApp.run_forever

    def run_forever(self: Any, **options: Any) -> Any:
        return original(self, sslopt={"context": trusting(sandbox)}, **options)

    monkeypatch.setattr(websocket.WebSocketApp, "run_forever", run_forever)
    app = App(client=web_client(sandbox))
    handler = SocketModeHandler(app, APP_TOKEN)
    yield app, handler
    handler.client.close()


def test_a_bolt_app_answers_a_command_and_a_click(
    bolt: tuple[App, SocketModeHandler], web: WebClient, people: People
) -> None:
    app, handler = bolt

    @app.command("/mfa")
    def gaps(ack: Ack, say: Say) -> None:
        ack(text="On it")
        button = {"type": "button", "text": {"type": "plain_text", "text": "Refresh"}}
        block = {"type": "actions", "elements": [{**button, "action_id": "refresh", "value": "v1"}]}
        say(text="No gaps", blocks=[block])

    @app.action("refresh")
    def refresh(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        value = body["actions"][0]["value"]
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        client.chat_update(**where, text=f"Refreshed {value}")

    handler.client.connect()
    eventually(lambda: people.get("/person/ready").status_code == 200)
    assert people.command("tech", "/mfa gaps")["acked"]
    posted = eventually(
        lambda: [m for m in people.messages("tech", "acme-dental") if m["text"] == "No gaps"]
    )[-1]
    immediate = [m for m in people.messages("tech", "acme-dental") if m["text"] == "On it"]
    assert immediate[-1]["ephemeral"] is True
    assert people.click("tech", posted["ts"], "refresh")["acked"]
    eventually(lambda: people.messages("tech", "acme-dental")[-1]["text"] == "Refreshed v1" or None)
