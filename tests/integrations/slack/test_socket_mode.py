"""The socket: our certificates, back at once after a loss, patient while Slack is away, and quick to stop."""

import hashlib
import inspect
import ssl
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import slack_sdk
from slack_bolt import Ack, App
from slack_sdk.socket_mode.websocket_client import SocketModeClient

from integrations.slack.socket_mode import SocketIntake, TlsSocketModeClient
from sandbox.app import Sandbox
from sandbox.slack.installation import APP_TOKEN
from tests.integrations.slack.rig import CLIENT_CHANNEL, Rig, trusting
from tests.patience import PATIENCE_S
from tests.sandbox.slack.bot import People, eventually

HOURS_S = 7200


@contextmanager
def intake(
    rig: Rig, context: ssl.SSLContext | None = None, answered: Callable[[Any], object] = id
) -> Iterator[SocketIntake]:
    """An app that answers /mfa with what was typed."""
    app = App(client=rig.web.client, token_verification_enabled=False)

    @app.command("/mfa")
    def answer(ack: Ack, body: dict[str, Any]) -> None:
        ack(text=f"heard {body['text']}")

    made = SocketIntake(
        app,
        app_token=APP_TOKEN,
        context=context or trusting(rig.sandbox),
        answered=answered,
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


def connected(sandbox: Sandbox) -> Callable[[], bool]:
    return lambda: len(sandbox.slack.sockets) == 1


def greeted(socket: SocketIntake) -> Callable[[], bool]:
    """Both sides know of the connection."""
    return lambda: socket.sockets == 1


def abort(persons: People) -> None:
    assert persons.delete("/sockets").status_code == 200


def test_a_command_comes_in_and_its_acknowledgement_goes_out(rig: Rig, persons: People) -> None:
    answered: list[dict[str, Any]] = []
    with intake(rig, answered=answered.append) as socket:
        eventually(greeted(socket))
        outcome = persons.command("tech", "/mfa gaps", channel=CLIENT_CHANNEL)
        assert outcome["acked"] is True
        eventually(lambda: [payload["text"] for payload in answered] == ["gaps"])


def test_the_socket_is_back_at_once_after_a_hard_kill(
    rig: Rig, persons: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a ping without a pong has to show the loss, nor is there a pause before the first try."""
    monkeypatch.setattr("integrations.slack.socket_mode.PING_EVERY", HOURS_S)
    monkeypatch.setattr("integrations.slack.socket_mode.PAUSE", HOURS_S)
    with intake(rig) as socket:
        eventually(greeted(socket))
        for _ in range(3):
            socket.sockets = None
            abort(persons)
            eventually(greeted(socket))
            outcome = persons.command("tech", "/mfa gaps", channel=CLIENT_CHANNEL)
            assert outcome["acked"] is True


def test_one_lost_socket_asks_slack_for_one_new_socket(rig: Rig, persons: People) -> None:
    """Slack allows that call only so often, and every socket too many swallows clicks."""
    with intake(rig):
        eventually(connected(rig.sandbox))
        for _ in range(3):
            abort(persons)
            eventually(connected(rig.sandbox))
        assert rig.calls("apps.connections.open") == 1 + 3


def test_slacks_wish_for_a_new_socket_is_followed(rig: Rig, persons: People) -> None:
    with intake(rig):
        eventually(connected(rig.sandbox))
        persons.delete("/sockets", how="refresh")
        eventually(connected(rig.sandbox))
        outcome = persons.command("tech", "/mfa gaps", channel=CLIENT_CHANNEL)
        assert outcome["acked"] is True
        assert len(rig.sandbox.slack.sockets) == 1
        assert rig.calls("apps.connections.open") == 2


def test_it_waits_for_a_slack_that_is_down_when_it_starts(rig: Rig) -> None:
    rig.fault("apps.connections.open", "drop_before")
    with intake(rig):
        eventually(lambda: rig.calls("apps.connections.open") >= 2)
        rig.sandbox.world.faults.remove()
        eventually(connected(rig.sandbox))


def test_an_outage_is_told_once_and_so_is_its_end(
    rig: Rig, persons: People, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "integrations.slack.socket_mode"), intake(rig) as socket:
        eventually(greeted(socket))
        rig.fault("apps.connections.open", "drop_before", count=3)
        abort(persons)
        eventually(lambda: rig.calls("apps.connections.open") >= 5 and connected(rig.sandbox)())
        eventually(lambda: _lines(caplog, "Connected to Slack") == 2)
    assert _lines(caplog, "Slack gives no socket") == 1


def _lines(caplog: pytest.LogCaptureFixture, start: str) -> int:
    return sum(record.getMessage().startswith(start) for record in caplog.records)


def test_slacks_own_wait_is_kept_between_tries(rig: Rig) -> None:
    rig.fault("apps.connections.open", "status", status=429, retry_after=HOURS_S, count=1)
    with intake(rig):
        eventually(lambda: rig.calls("apps.connections.open") == 1)
        time.sleep(0.8)
        assert rig.calls("apps.connections.open") == 1
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE_S  # stopping does not wait for it


def test_a_stopped_socket_stays_closed(rig: Rig) -> None:
    with intake(rig):
        eventually(connected(rig.sandbox))
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE_S
    eventually(lambda: len(rig.sandbox.slack.sockets) == 0)
    time.sleep(0.8)
    assert rig.calls("apps.connections.open") == 1


def test_our_context_decides_whom_the_socket_trusts(
    rig: Rig, foreign_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variable that such libraries read may speak for or against a server."""
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(foreign_bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign_bundle))
    with intake(rig):
        eventually(connected(rig.sandbox))


def test_a_socket_server_that_our_context_does_not_trust_gets_nothing(rig: Rig) -> None:
    """The Web API is trusted here and hands out an address; the socket's own handshake must refuse it."""
    untrusting = ssl.create_default_context()
    with intake(rig, untrusting):
        eventually(lambda: rig.calls("apps.connections.open") >= 2)
        assert len(rig.sandbox.slack.sockets) == 0


# Held together with the library.


def test_the_library_is_pinned_to_the_version_that_we_override() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert "slack-sdk==3.47.0" in pyproject["project"]["dependencies"]
    assert slack_sdk.version.__version__ == "3.47.0"


def test_what_we_override_is_what_it_was_when_we_read_it() -> None:
    """When this fails, read the library's new code beside ours before changing the number."""
    parts = (
        SocketModeClient.__init__,
        SocketModeClient.connect,
        SocketModeClient.close,
        SocketModeClient.disconnect,
        SocketModeClient._run_current_session,
        SocketModeClient._monitor_current_session,
        SocketModeClient.connect_to_new_endpoint,
        SocketModeClient.issue_new_wss_url,
    )
    source = "".join(inspect.getsource(part) for part in parts)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == "c45944688e305a9e"
    own = {name for name, value in vars(TlsSocketModeClient).items() if inspect.isfunction(value)}
    assert own & set(dir(SocketModeClient)) == {
        "__init__",
        "close",
        "connect_to_new_endpoint",
        "disconnect",
        "issue_new_wss_url",
        "_run_current_session",
    }
