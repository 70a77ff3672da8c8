"""Socket Mode over websocket-client with our own SSLContext, back within two seconds of a lost server."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from websocket import WebSocket, WebSocketApp

from integrations.http.patience import retry_after
from integrations.slack.web import BROKEN

log = logging.getLogger(__name__)

#: Ping the server so often; a pong that is overdue for so long means the line is dead, in seconds.
PING_EVERY, PONG_WITHIN = 5, 3
#: The pause between tries to connect, in seconds; after so many tries in vain it grows, to at most so long.
PAUSE, QUICK_TRIES, LONGEST_PAUSE = 0.5, 20, 30.0


class TlsSocketModeClient(SocketModeClient):
    """The stock client, which cannot be given a CA, with an SSLContext of ours and one thread that connects.

    The stock client reconnects from three threads and so asks Slack for two sockets at every loss. Written
    for slack_sdk 3.47.0 (pinned); a test holds the two together.
    """

    def __init__(self, *, app_token: str, web_client: WebClient, context: ssl.SSLContext) -> None:
        self._context = context
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._opened: WebSocket | None = None
        super().__init__(
            app_token=app_token,
            web_client=web_client,
            auto_reconnect_enabled=False,
            logger=_fewer_words(),
            on_open_listeners=[self._note_opened],
        )

    def start(self) -> None:
        """From now on there is a socket whenever Slack can be reached."""
        self._wanted.set()

    def close(self) -> None:
        """Take nothing in any more."""
        self._ended.set()
        self._wanted.set()
        self.closed = True
        self.message_queue.put(None)  # wakes the thread that looks only once a second otherwise
        super().close()

    def issue_new_wss_url(self) -> str:
        """Where the next socket is. Unlike the stock method this never sleeps: `close` would wait for it."""
        opened = self.web_client.apps_connections_open(app_token=self.app_token)
        return str(opened["url"])

    def connect_to_new_endpoint(self, force: bool = False) -> None:
        """`force` comes with Slack's notice that it will close this socket; the next one follows its end."""
        if force:
            self.disconnect()
        else:
            super().connect_to_new_endpoint()

    def disconnect(self) -> None:
        """Let the session's own thread end it: two threads that close one socket leave it half open."""
        session = self.current_session
        if session is None:
            return
        session.keep_running = False
        if session.sock is not None and session.sock.sock is not None:
            with suppress(OSError):  # not through SSLSocket, which would go on in plain text
                socket.socket.shutdown(session.sock.sock, socket.SHUT_RD)

    def _run_current_session(self) -> None:
        """The stock client's own thread comes here and stays until the end."""
        lost: WebSocketApp | None = None
        in_vain = 0
        self._wanted.wait()
        while not self._ended.is_set():
            session = self.current_session
            if session is None or session is lost:
                wait = self._connect_anew(in_vain)
            else:
                wait = self._listen(session, in_vain)
                lost = session
            in_vain = in_vain + 1 if wait else 0
            self._ended.wait(wait)

    def _connect_anew(self, in_vain: int) -> float:
        """Ask Slack for the next socket; how long to wait before another try, 0 where there is one now."""
        try:
            self.connect_to_new_endpoint()
        except BROKEN as error:
            if not in_vain:
                log.warning("Slack gives no socket (%s); trying on", type(error).__name__)
            return _asked(error) or _pause(in_vain)
        return 0.0

    def _listen(self, session: WebSocketApp, in_vain: int) -> float:
        """Until the socket ends; how long to wait before the next, 0 where it had been open."""
        self._opened = None
        try:
            session.run_forever(
                ping_interval=PING_EVERY,
                ping_timeout=PONG_WITHIN,
                sslopt={"context": self._context},
            )
        except Exception:
            log.exception("The socket ended in an error; it is opened anew")
            session.close()
        if self._opened is None:
            return _pause(in_vain)
        self._opened.shutdown()  # the library leaves it open where the server closed first
        return 0.0

    def _note_opened(self, session: WebSocketApp) -> None:
        self._opened = session.sock
        log.info("Connected to Slack")


def _fewer_words() -> logging.Logger:
    """For slack_sdk, which tells of every try."""
    logger = log.getChild("sdk")
    logger.setLevel(logging.WARNING)
    return logger


def _pause(in_vain: int) -> float:
    return min(LONGEST_PAUSE, PAUSE * max(1, in_vain - QUICK_TRIES))


def _asked(error: Exception) -> float:
    """What Slack itself asks us to wait, in seconds."""
    headers = error.response.headers if isinstance(error, SlackApiError) else {}
    return (retry_after(headers) or timedelta()).total_seconds()


class SocketIntake(BaseSocketModeHandler):
    """Feeds what comes through the socket to Bolt. `answered` is told of each payload whose answer has left."""

    def __init__(
        self,
        app: App,
        *,
        app_token: str,
        context: ssl.SSLContext,
        answered: Callable[[Mapping[str, Any]], object],
    ) -> None:
        self.app = app
        self._answered = answered
        self.client: TlsSocketModeClient = TlsSocketModeClient(
            app_token=app_token, web_client=app.client, context=context
        )
        self.client.socket_mode_request_listeners.append(self.handle)
        self.client.message_listeners.append(self._heard)
        #: How many connections Slack says this app has; ghosts among them swallow clicks.
        self.sockets: int | None = None

    def start(self) -> None:
        """Connect, and connect again whenever the socket is lost; Slack may be down at first."""
        self.client.start()

    def stop(self) -> None:
        """Take nothing in any more."""
        self.client.close()

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Let Bolt's listener answer, and send its acknowledgement."""
        try:
            response = run_bolt_app(self.app, req)
            send_response(client, req, response, 0)
        finally:
            self._answered(req.payload)

    def _heard(
        self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self.sockets = message.get("num_connections")
