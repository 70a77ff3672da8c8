"""Socket Mode over websocket-client with our own SSLContext, back within two seconds of a lost server."""

import logging
import ssl
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient

log = logging.getLogger(__name__)

#: How often the client looks whether its socket still lives, in seconds.
LOOK_EVERY = 0.5
#: Ping the server so often; a pong that is overdue for so long means the line is dead, in seconds.
PING_EVERY, PONG_WITHIN = 5, 3


class TlsSocketModeClient(SocketModeClient):
    """The stock client, which cannot be given a CA, with an SSLContext of ours.

    Overrides `_run_current_session` of slack_sdk 3.47.0 (pinned); a test holds the two together.
    """

    def __init__(self, *, app_token: str, web_client: WebClient, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(
            app_token=app_token, web_client=web_client, ping_interval=LOOK_EVERY, logger=log
        )

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
        """Connect; from then on the client reconnects by itself."""
        self.client.connect()

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
