"""What a Web API method is: its arguments, scopes and tier, and the call a handler works on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.slack.errors import SlackError, invalid_arguments
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.model import Channel, Json, User
from sandbox.slack.rates import Tier
from sandbox.slack.service import Slack
from sandbox.slack.workspace import Workspace

_TRUE = (True, "true", "1", "True")
_FALSE = (False, "false", "0", "False")
#: Bolt sends it with every call of a listener's client; only tokens of a whole organisation need it.
_EVERYWHERE = ("team_id",)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authorised call: decoded arguments, without the token."""

    slack: Slack
    method: str
    arguments: Json

    @property
    def workspace(self) -> Workspace:
        return self.slack.workspace

    def text(self, name: str) -> str:
        """A string, empty where absent."""
        value = self.arguments.get(name)
        if value is not None and not isinstance(value, (str, int, float)):
            raise invalid_arguments(f"must be a string [json-pointer:/{name}]")
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        value = self.arguments.get(name)
        if value is None:
            return False
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise invalid_arguments(f"must be a boolean [json-pointer:/{name}]")

    def number(self, name: str, refusal: str) -> int | None:
        value = self.arguments.get(name)
        try:
            return None if value is None else int(value)
        except (TypeError, ValueError) as error:
            raise SlackError(refusal) from error

    def channel(self, name: str = "channel") -> Channel:
        """A conversation the bot may know of: public ones, and private ones it is in."""
        channel = self.workspace.channel(self.text(name))
        hidden = channel is not None and channel.kind != "channel"
        if channel is None or (hidden and BOT_USER_ID not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def user(self, name: str, refusal: str = "user_not_found") -> User:
        """Only ids are taken, never names."""
        user = self.workspace.users.get(self.text(name))
        if user is None:
            raise SlackError(refusal)
        return user

    def need_scope(self, *scopes: str) -> None:
        """Any one of them will do."""
        if not set(scopes) & set(self.slack.scopes):
            raise missing_scope(scopes, self.slack.scopes)


def missing_scope(needed: tuple[str, ...], provided: tuple[str, ...]) -> SlackError:
    return SlackError("missing_scope", needed=",".join(needed), provided=",".join(provided))


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method as data. `scopes`: any one is enough; `takes_json` false: a JSON body is not read."""

    name: str
    run: Callable[[Call], Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    tier: Tier
    takes_json: bool = True
    caller: Literal["bot", "app"] = "bot"

    def check_arguments(self, arguments: dict[str, Any]) -> None:
        missing = [name for name in self.required if arguments.get(name) in (None, "")]
        known = {*self.required, *self.optional, *_EVERYWHERE}
        unknown = sorted(set(arguments) - known)
        problems = [f"missing required field: {name}" for name in missing]
        problems += [f"unknown argument: {name}" for name in unknown]
        if problems:
            raise invalid_arguments(*problems)
