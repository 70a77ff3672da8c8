"""A bare app for the sandbox's Slack: real sockets and the real WebClient, and acks exactly as a test wants them."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import requests
import websocket
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.app import Sandbox
from sandbox.slack.installation import APP_TOKEN, BOT_TOKEN
from tests.patience import PATIENCE_S

Json = dict[str, Any]
#: Answered in place of an ack payload: do not ack at all.
NEVER = "never"

MANIFEST: Json = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/mfa", "description": "MFA gaps", "usage_hint": "gaps [client]"},
            {"command": "/who", "description": "Mentions", "should_escape": True},
        ],
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "message.im"]}},
}


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=sandbox.ca.pem.decode())


def web_client(sandbox: Sandbox, token: str = BOT_TOKEN) -> WebClient:
    """The real client, which retries nothing."""
    base_url = sandbox.targets["slack"] + "/api/"
    return WebClient(token=token, base_url=base_url, ssl=trusting(sandbox), retry_handlers=[])


def refusal(call: Callable[[], object]) -> Json:
    """The body of Slack's refusal; fails where the call goes through."""
    try:
        call()
    except SlackApiError as error:
        body: Json = error.response.data
        return body
    raise AssertionError("the call was accepted")


class Bot:
    """One Socket Mode connection. `answer(envelope)` gives the ack payload, None for a bare ack, or NEVER."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.web = web_client(sandbox)
        self.answer: Callable[[Json], Any] = lambda envelope: None
        self.seen: list[Json] = []
        opened = web_client(sandbox, APP_TOKEN).apps_connections_open(app_token=APP_TOKEN)
        self.socket = websocket.create_connection(
            opened["url"], sslopt={"context": trusting(sandbox)}, timeout=30
        )
        self.hello: Json = json.loads(self.socket.recv())
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self._thread.join(timeout=30)
        # After a close by the server the library lets go of the connection without closing it.
        self.socket.shutdown()  # type: ignore[no-untyped-call]

    @property
    def payload(self) -> Json:
        """The last payload."""
        payload: Json = self.seen[-1]["payload"]
        return payload

    def _listen(self) -> None:
        while True:
            try:
                text = self.socket.recv()
            except (OSError, websocket.WebSocketException):
                return
            if not text:
                return
            self._take(json.loads(text))

    def _take(self, envelope: Json) -> None:
        self.seen.append(envelope)
        answer = self.answer(envelope) if "envelope_id" in envelope else NEVER
        if answer == NEVER:
            return
        ack = {"envelope_id": envelope["envelope_id"]}
        self.socket.send(json.dumps(ack if answer is None else {**ack, "payload": answer}))


class People:
    """The person API, as scripts use it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = sandbox.url
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, /, **query: Any) -> requests.Response:
        return self._session.get(self._url + path, params=_spelt(query), timeout=30)

    def post(self, path: str, /, **body: Any) -> requests.Response:
        return self._session.post(self._url + path, json=_spelt(body), timeout=30)

    def delete(self, path: str, /, **query: Any) -> requests.Response:
        return self._session.delete(self._url + path, params=query, timeout=30)

    def messages(self, who: str, channel: str, **query: Any) -> list[Json]:
        response = self.get("/person/messages", as_=who, channel=channel, **query)
        rows: list[Json] = response.json()["messages"]
        return rows

    def command(self, who: str, line: str, channel: str = "acme-dental") -> Json:
        return self.done(self.post("/person/command", as_=who, channel=channel, text=line))

    def click(self, who: str, ts: str, action_id: str, **more: Any) -> Json:
        body = {"channel": "acme-dental", **more}
        return self.done(self.post("/person/action", as_=who, ts=ts, action_id=action_id, **body))

    def view(self, who: str) -> Any:
        return self.done(self.get("/person/view", as_=who))["view"]

    def submit(self, who: str, view_id: str, **values: Any) -> Json:
        body = {"as_": who, "view_id": view_id, "values": values}
        return self.done(self.post("/person/view/submit", **body))

    @staticmethod
    def done(response: requests.Response) -> Json:
        assert response.status_code == 200, response.text
        body: Json = response.json()
        return body


def _spelt(given: Json) -> Json:
    return {key.removesuffix("_"): value for key, value in given.items()}


def eventually(condition: Callable[[], Any]) -> Any:
    """Wait for something that happens in another thread; fail when it does not."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
