"""Slack's Web API as the bot sees it, without a network."""

import itertools
from collections.abc import Mapping
from typing import Any

from slack_bolt import App
from slack_bolt.middleware.authorization import SingleTeamAuthorization
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from core.errors import VendorDown
from integrations.slack.web import SlackRefused
from tests.handlers.staff import ACME_CHANNEL, OURS, SHARED_CHANNEL, THEIRS


def an_account(user_id: str, **other: Any) -> dict[str, Any]:
    """A user as users.info tells it."""
    return {
        "id": user_id,
        "team_id": OURS,
        "real_name": user_id.title(),
        "is_email_confirmed": True,
        "profile": {},
    } | other


class FakeWeb:
    """Slack's Web API as SlackWeb offers it; keeps what was written."""

    def __init__(self) -> None:
        self.down = False
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.responses: list[tuple[str, dict[str, Any]]] = []
        self.files: list[tuple[str, str, bytes]] = []
        self.asked: list[str] = []
        self.refuse: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.users: dict[str, dict[str, Any]] = {
            user["id"]: user
            for user in (
                an_account("UTESS"),
                an_account("UMAYA"),
                an_account("UMAYA2"),
                an_account("UDEVON", profile={"email": "Devon@MSP.example"}),
                an_account("UDEVON2", profile={"email": "devon@msp.example"}),
                an_account("UVIK"),
                an_account("UBO"),
                an_account("UEVE"),
                an_account("UGUEST", is_restricted=True, profile={"email": "tess@msp.example"}),
                an_account("UGONE", deleted=True, profile={"email": "devon@msp.example"}),
                an_account("UBOT", is_bot=True, profile={"email": "devon@msp.example"}),
                an_account("UFAR", team_id=THEIRS, profile={"email": "devon@msp.example"}),
                an_account(
                    "UTYPED", is_email_confirmed=False, profile={"email": "devon@msp.example"}
                ),
            )
        }
        self.channels: dict[str, dict[str, Any]] = {
            ACME_CHANNEL: {"id": ACME_CHANNEL, "name": "acme"},
            SHARED_CHANNEL: {"id": SHARED_CHANNEL, "name": "joint", "is_ext_shared": True},
            "C9": {"id": "C9", "name": "approvals"},
        }

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        self._reach(method)
        match method:
            case "auth.test":
                return {"team_id": OURS, "user_id": "UGATE"}
            case "users.info":
                return {"user": self._user(arguments["user"])}
            case "users.lookupByEmail":
                return {"user": self._user_of(arguments["email"])}
            case "conversations.info":
                return {"channel": self._channel(arguments["channel"])}
            case "users.conversations":
                return {"channels": list(self.channels.values())}
            case "conversations.open":
                return {"channel": {"id": f"D-{arguments['users']}"}}
        raise AssertionError(method)

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        self._reach(method)
        self.written.append((method, arguments))
        number = next(self._numbers)
        return {
            "channel": arguments.get("channel"),
            "ts": f"{number}.0",
            "view": {"id": f"V{number}"},
        }

    def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        if self.down:
            return False
        self.responses.append((response_url, dict(body)))
        return True

    def upload(self, channel: str, *, name: str, content: bytes, comment: str) -> None:
        self._reach("files.upload")
        self.files.append((channel, name, content))

    def _reach(self, method: str) -> None:
        self.asked.append(method)
        if self.down:
            raise VendorDown("Slack", "could not be reached")
        if method in self.refuse:
            raise SlackRefused(self.refuse[method])

    def _user(self, user_id: str) -> Mapping[str, Any]:
        if user_id not in self.users:
            raise SlackRefused("user_not_found")
        return self.users[user_id]

    def _user_of(self, email: str) -> Mapping[str, Any]:
        for user in self.users.values():
            if user["profile"].get("email", "").lower() == email:
                return user
        raise SlackRefused("users_not_found")

    def _channel(self, channel_id: str) -> Mapping[str, Any]:
        if channel_id not in self.channels:
            raise SlackRefused("channel_not_found")
        return self.channels[channel_id]


def an_app() -> App:
    """Bolt's app as the bot makes it, knowing beforehand what it would ask Slack about itself."""
    app = App(client=WebClient("xoxb-test"), token_verification_enabled=False)
    own = {"ok": True, "team_id": OURS, "user_id": "UGATE", "bot_id": "BGATE", "user": "gatehouse"}
    for middleware in app._middleware_list:
        if isinstance(middleware, SingleTeamAuthorization):
            middleware.auth_test_result = SlackResponse(
                client=app.client,
                http_verb="POST",
                api_url="",
                req_args={},
                data=own,
                headers={},
                status_code=200,
            )
    return app
