"""Reading a person's request: who asks, about which conversation, message or view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.actions import Posted
from sandbox.slack.installation import BOT_HANDLE
from sandbox.slack.model import Channel, User, View
from sandbox.slack.service import Slack
from sandbox.slack.sight import sees


def refused(status: int, code: str, message: str) -> RefusedError:
    return RefusedError(status, code, message)


@dataclass(frozen=True)
class Ask:
    """The query or the JSON body of a request, with Slack's state to look names up in."""

    slack: Slack
    given: Mapping[str, Any]

    def optional(self, name: str) -> str | None:
        value = self.given.get(name)
        if value is not None and not isinstance(value, str):
            raise refused(400, "invalid_arguments", f"{name} must be a string.")
        return value

    def text(self, name: str) -> str:
        value = self.optional(name)
        if not value:
            raise refused(400, "invalid_arguments", f"{name} is missing.")
        return value

    def moment(self, name: str) -> float:
        """A ts as a number, 0 where absent."""
        try:
            return float(self.optional(name) or 0)
        except ValueError as error:
            raise refused(400, "invalid_arguments", f"{name} is no timestamp.") from error

    def flag(self, name: str) -> bool:
        return self.given.get(name) in (True, "1", "true")

    @property
    def person(self) -> User:
        """Who acts: only people with a working account."""
        user = self.slack.workspace.user(self.text("as"))
        if user is None or user.bot or user.role == "slackbot":
            raise refused(404, "user_not_found", f"There is no person {self.given['as']!r}.")
        if user.deleted:
            raise refused(403, "account_inactive", f"The account of {user.name} is deactivated.")
        return user

    @property
    def channel(self) -> Channel:
        """A conversation the person sees; "@gatehouse" is the app's direct channel with them."""
        name, person = self.text("channel"), self.person
        if name == f"@{BOT_HANDLE}":
            return self._direct(person)
        channel = self.slack.workspace.channel(name)
        if channel is None or not sees(person, channel):
            raise refused(404, "channel_not_found", f"{person.name} sees no channel {name!r}.")
        return channel

    def _direct(self, person: User) -> Channel:
        """Guests and people from elsewhere cannot start a conversation with the app."""
        existing = self.slack.workspace.direct_channel(person.id)
        if existing is None and (person.guest or person.external):
            raise refused(
                404, "channel_not_found", f"{person.name} has no conversation with the app."
            )
        return existing or self.slack.workspace.open_direct_channel(person.id)

    @property
    def writable(self) -> Channel:
        channel, person = self.channel, self.person
        if channel.archived:
            raise refused(403, "is_archived", f"#{channel.name} is archived.")
        if person.id not in channel.members:
            raise refused(
                403, "not_in_channel", f"{person.name} is not a member of #{channel.name}."
            )
        return channel

    @property
    def posted(self) -> Posted:
        channel = self.channel
        message = channel.messages.get(self.text("ts"))
        if message is None or message.seen_by not in (None, self.person.id):
            raise refused(404, "message_not_found", "That message is not (or no longer) there.")
        return Posted(channel, message)

    @property
    def view(self) -> View:
        """The modal on top, or the person's Home."""
        person, view_id = self.person, self.text("view_id")
        for view in (self.slack.views.top(person.id), self.slack.views.homes.get(person.id)):
            if view is not None and view.id == view_id:
                return view
        raise refused(404, "view_not_found", "That view is not (or no longer) on top.")

    @property
    def modal(self) -> View:
        view = self.view
        if view.kind != "modal":
            raise refused(400, "not_a_modal", "Home cannot be submitted or closed.")
        return view
