"""Socket Mode over websocket-client with our own SSLContext, back within two seconds of a lost server."""

import logging
import ssl
import time
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient

log = logging.getLogger(__name__)

#: How often the client looks whether its socket still lives, in seconds.
LOOK_EVERY = 0.5
#: Ping the server so often; a pong that is overdue for so long means the line is dead, in seconds.
PING_EVERY, PONG_WITHIN = 5, 3
#: A socket just asked for gets so long to open before another is asked for, in seconds. After so many tries
#: in vain the pauses grow, to at most so long: Slack allows this call only so often.
SETTLE, QUICK_TRIES, LONGEST_PAUSE = 1.0, 20, 30.0


class TlsSocketModeClient(SocketModeClient):
    """The stock client, which cannot be given a CA, with an SSLContext of ours.

    Overrides `_run_current_session` and `_monitor_current_session` of slack_sdk 3.47.0 (pinned); a test
    holds the two together.
    """

    def __init__(self, *, app_token: str, web_client: WebClient, context: ssl.SSLContext) -> None:
        self._context = context
        self._asked_at = -LONGEST_PAUSE
        self._in_vain = 0
        super().__init__(
            app_token=app_token, web_client=web_client, ping_interval=LOOK_EVERY, logger=log
        )

    def keep_trying(self) -> None:
        """Connect as soon as Slack can be reached."""
        self.current_app_monitor_started = True
        self.current_app_monitor.start()

    def issue_new_wss_url(self) -> str:
        """Ask Slack for a socket. Raises what slack_sdk raises."""
        self._asked_at = time.monotonic()
        self._in_vain += 1
        address = super().issue_new_wss_url()
        self._in_vain = 0
        return address

    def _monitor_current_session(self) -> None:
        pause = min(LONGEST_PAUSE, SETTLE * max(1, self._in_vain - QUICK_TRIES))
        if time.monotonic() - self._asked_at >= pause:
            super()._monitor_current_session()  # type: ignore[no-untyped-call]

    def _run_current_session(self) -> None:
        session = self.current_session
        if session is None:
            return
        try:
            session.run_forever(
                ping_interval=PING_EVERY,
                ping_timeout=PONG_WITHIN,
                sslopt={"context": self._context},
            )
        except Exception:
            log.exception("The socket ended in an error; it is opened anew")
            session.close()


class SocketIntake(BaseSocketModeHandler):
    """Feeds what comes through the socket to Bolt."""

    def __init__(self, app: App, *, app_token: str, context: ssl.SSLContext) -> None:
        self.app = app
        self.client: TlsSocketModeClient = TlsSocketModeClient(
            app_token=app_token, web_client=app.client, context=context
        )
        self.client.socket_mode_request_listeners.append(self.handle)
        self.client.message_listeners.append(self._heard)
        #: How many connections Slack says this app has; ghosts among them swallow clicks.
        self.sockets: int | None = None

    def start(self) -> None:
        """Connect; from then on the client reconnects by itself, also where Slack is down just now."""
        try:
            self.client.connect()
        except (SlackClientError, OSError) as error:
            log.warning("Slack cannot be reached yet (%s); trying on", type(error).__name__)
            self.client.keep_trying()

    def stop(self) -> None:
        """Take nothing in any more."""
        self.client.close()

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Let Bolt's listener answer, and send its acknowledgement."""
        response = run_bolt_app(self.app, req)
        send_response(client, req, response, 0)

    def _heard(
        self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self.sockets = message.get("num_connections")
