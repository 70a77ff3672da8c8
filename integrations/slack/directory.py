"""Who and where in the workspace: accounts, channels, direct messages."""

import threading
from collections.abc import Mapping
from typing import Any

from core.domain.people import ChatIdentity, Person
from core.errors import NotAllowed, Refused
from integrations.slack.web import SlackRefused, SlackWeb

PAGE = 200


class Workspace:
    """Looks accounts and channels up. Accounts are never cached; ids of channels are."""

    def __init__(self, web: SlackWeb) -> None:
        self._web = web
        self._lock = threading.Lock()
        self._own: Mapping[str, Any] | None = None
        self._channels: dict[str, str] = {}
        self._directs: dict[str, str] = {}

    def own(self) -> Mapping[str, Any]:
        """auth.test: team_id, enterprise_id, user_id, bot_id, url. Asked once."""
        if self._own is None:
            self._own = self._web.read("auth.test")
        return self._own

    def scopes(self) -> frozenset[str]:
        """What the bot's token may do, as Slack tells it with every answer."""
        return self._web.scopes()

    def who(self, user_id: str) -> ChatIdentity:
        """The account as Slack describes it now. Raises NotAllowed where Slack does not show it."""
        try:
            user = self._web.read("users.info", user=user_id)["user"]
        except SlackRefused as refusal:
            if refusal.code in ("user_not_found", "user_not_visible"):
                raise NotAllowed(
                    "Slack does not show us who you are, so nothing can be done."
                ) from refusal
            raise
        return self._identity(user)

    def account_of(self, person: Person) -> str | None:
        """A Slack account id to reach a person by; None where there is none."""
        for user_id in sorted(person.chat_ids):
            if not self.who(user_id).deactivated:
                return user_id
        for email in sorted(person.emails):
            try:
                return str(self._web.read("users.lookupByEmail", email=email)["user"]["id"])
            except SlackRefused:
                continue
        return None

    def direct_channel(self, user_id: str) -> str:
        """The id of the direct-message channel with an account."""
        with self._lock:
            known = self._directs.get(user_id)
        if known is not None:
            return known
        channel = str(self._web.read("conversations.open", users=user_id)["channel"]["id"])
        with self._lock:
            self._directs[user_id] = channel
        return channel

    def channel(self, name: str) -> str:
        """The id of a channel named in the configuration, by name or id.

        Raises Refused where it is shared with another company or Gatehouse is not in it.
        """
        wanted = name.removeprefix("#")
        with self._lock:
            known = self._channels.get(wanted)
        channel_id = known or self._look_for(wanted)
        if self.shared(channel_id):
            raise Refused(
                f"#{wanted} is shared with another company, so Gatehouse posts nothing there."
            )
        with self._lock:
            self._channels[wanted] = channel_id
        return channel_id

    def shared(self, channel_id: str) -> bool:
        """Whether people of another company can read the channel."""
        channel = self._web.read("conversations.info", channel=channel_id)["channel"]
        return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))

    def surely_shared(self, channel_id: str) -> bool:
        """As `shared`, but False for a channel Gatehouse cannot see (its answers there are private)."""
        try:
            return self.shared(channel_id)
        except SlackRefused:
            return False

    def _look_for(self, wanted: str) -> str:
        cursor = ""
        while True:
            page = self._web.read(
                "users.conversations",
                types="public_channel,private_channel",
                exclude_archived="true",
                limit=str(PAGE),
                cursor=cursor or None,
            )
            for channel in page["channels"]:
                if wanted in (channel["id"], channel["name"]):
                    return str(channel["id"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                raise Refused(f"Gatehouse is not in #{wanted}. Invite it there: /invite @Gatehouse")

    def _identity(self, user: Mapping[str, Any]) -> ChatIdentity:
        own = self.own()
        enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
        same_team = user.get("team_id") == own["team_id"]
        same_grid = enterprise is not None and enterprise == own.get("enterprise_id")
        foreign = bool(user.get("is_stranger") or user.get("is_external"))
        profile = user.get("profile") or {}
        return ChatIdentity(
            user_id=user["id"],
            team_id=str(user.get("team_id") or ""),
            name=str(user.get("real_name") or profile.get("real_name") or user.get("name") or ""),
            email=profile.get("email") if user.get("is_email_confirmed", True) else None,
            deactivated=bool(user.get("deleted")),
            bot=bool(user.get("is_bot") or user.get("is_app_user")),
            guest=bool(
                user.get("is_restricted")
                or user.get("is_ultra_restricted")
                or user.get("is_invited_user")
            ),
            external=foreign or not (same_team or same_grid),
        )
