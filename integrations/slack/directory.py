"""Who and where in the workspace: accounts, channels, direct messages."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.domain.people import ChatIdentity, Person
from core.errors import NotAllowed, Refused
from integrations.slack.inbound import Inbound
from integrations.slack.recent import Recent
from integrations.slack.web import SlackRefused, SlackWeb

PAGE = 200
#: How long a person's account, and whether a channel is shared, need not be asked again, in seconds.
REACHABLE_SECONDS, SHARED_SECONDS = 300, 60

_NOBODY = ("user_not_found", "users_not_found", "user_not_visible")


class Workspace:
    """Looks accounts and channels up. Who somebody is, is never taken from memory."""

    def __init__(self, web: SlackWeb, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._lock = threading.Lock()
        self._own: Mapping[str, Any] | None = None
        self._channels: dict[str, str] = {}
        self._directs: dict[str, str] = {}
        self._reachable = Recent[str | None](REACHABLE_SECONDS, monotonic=monotonic)
        self._shared = Recent[bool](SHARED_SECONDS, monotonic=monotonic)

    def own(self) -> Mapping[str, Any]:
        """auth.test: team_id, enterprise_id, user_id, bot_id, url. Asked once."""
        if self._own is None:
            self._own = self._web.read("auth.test")
        return self._own

    def is_ours(self, inbound: Inbound) -> bool:
        """Whether it came from our own workspace, or another one of its grid."""
        own = self.own()
        grid = own.get("enterprise_id")
        same_grid = grid is not None and inbound.enterprise_id == grid
        return bool(inbound.team_id == own["team_id"] or same_grid)

    def scopes(self) -> frozenset[str]:
        """What the bot's token may do, as Slack tells it with every answer."""
        return self._web.scopes()

    # Accounts.

    def who(self, user_id: str) -> ChatIdentity:
        """The account as Slack describes it now. Raises NotAllowed where Slack does not show it."""
        try:
            user = self._web.read("users.info", user=user_id)["user"]
        except SlackRefused as refusal:
            if refusal.code in _NOBODY:
                raise NotAllowed(
                    "Slack does not show us who you are, so nothing can be done."
                ) from refusal
            raise
        return self._identity(user)

    def account_of(self, person: Person) -> str | None:
        """An account of our own workspace to reach a person by; None where there is none."""
        return self._reachable.get(person.key, lambda: self._first_of_ours(person))

    def _first_of_ours(self, person: Person) -> str | None:
        """The configured ids come first: an e-mail address finds one of several accounts."""
        identities = map(self._identity, self._accounts(person))
        return next((i.user_id for i in identities if _is_full_member(i)), None)

    def _accounts(self, person: Person) -> Iterator[Mapping[str, Any]]:
        for user_id in sorted(person.chat_ids):
            yield from self._found("users.info", user=user_id)
        for email in sorted(person.emails):
            yield from self._found("users.lookupByEmail", email=email)

    def _found(self, method: str, **by: str) -> Iterator[Mapping[str, Any]]:
        try:
            yield self._web.read(method, **by)["user"]
        except SlackRefused as refusal:
            if refusal.code not in _NOBODY:
                raise

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
            # An address nobody has confirmed is no evidence of who somebody is.
            email=profile.get("email") if user.get("is_email_confirmed") else None,
            deactivated=bool(user.get("deleted")),
            bot=bool(user.get("is_bot") or user.get("is_app_user")),
            guest=bool(
                user.get("is_restricted")
                or user.get("is_ultra_restricted")
                or user.get("is_invited_user")
            ),
            external=foreign or not (same_team or same_grid),
        )

    # Channels.

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
        return self._shared.get(channel_id, lambda: self._is_shared(channel_id))

    def surely_shared(self, channel_id: str) -> bool:
        """As `shared`, but False for a channel Gatehouse cannot see (its answers there are private)."""
        try:
            return self.shared(channel_id)
        except SlackRefused:
            return False

    def _is_shared(self, channel_id: str) -> bool:
        channel = self._web.read("conversations.info", channel=channel_id)["channel"]
        return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))

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


def _is_full_member(identity: ChatIdentity) -> bool:
    return not (identity.deactivated or identity.bot or identity.guest or identity.external)
