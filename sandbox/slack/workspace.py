"""The state of the workspace: people, conversations, messages and files."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.frame.world import World
from sandbox.slack import cast
from sandbox.slack.changes import Changes
from sandbox.slack.installation import BOT_HANDLE, BOT_USER_ID
from sandbox.slack.model import Channel, File, Message, User
from sandbox.slack.sight import sees


def new_id(prefix: str) -> str:
    """An id as Slack makes them: a letter and ten capitals or digits."""
    return prefix + secrets.token_hex(5).upper()


@dataclass
class Workspace:
    world: World
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    _last_us: int = 0

    @classmethod
    def make(cls, world: World) -> "Workspace":
        workspace = cls(world)
        everyone = [*cast.people(), *cast.machines()]
        workspace.users = {user.id: user for user in everyone}
        names = [company.channel for company in world.estate.companies]
        rooms = cast.channels(names, int(world.clock.timestamp()))
        workspace.channels = {room.id: room for room in rooms}
        return workspace

    def now_ts(self) -> str:
        """A timestamp no other message has."""
        self._last_us = max(int(self.world.clock.timestamp() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06}"

    def user(self, name: str) -> User | None:
        """By id, cast key, handle, real name or display name, with or without "@"."""
        wanted = name.removeprefix("@")
        if wanted in self.users:
            return self.users[wanted]
        for user in self.users.values():
            if wanted in (user.role, user.handle, user.name, user.display_name or user.name):
                return user
        return None

    def channel(self, name: str) -> Channel | None:
        """By id or name, with or without "#"; direct channels by id only."""
        wanted = name.removeprefix("#")
        found = self.channels.get(wanted)
        named = (c for c in self.channels.values() if c.kind != "im" and c.name == wanted)
        return found or next(named, None)

    def direct_channel(self, user_id: str) -> Channel | None:
        """The bot's conversation with this person, if one was ever opened."""
        direct = (c for c in self.channels.values() if c.im_with == user_id)
        return next(direct, None)

    def open_direct_channel(self, user_id: str) -> Channel:
        existing = self.direct_channel(user_id)
        if existing is not None:
            return existing
        channel = Channel(
            id=new_id("D"),
            name=f"@{BOT_HANDLE}",
            kind="im",
            members=[BOT_USER_ID, user_id],
            im_with=user_id,
            made_at=int(self.world.clock.timestamp()),
        )
        self.channels[channel.id] = channel
        return channel

    def post(self, channel: Channel, user_id: str, text: str, **fields: Any) -> Message:
        """Add a message and tell whoever can see it."""
        message = Message(ts=self.now_ts(), channel=channel.id, user=user_id, text=text, **fields)
        channel.messages[message.ts] = message
        parent = channel.messages.get(message.thread_ts or "")
        if parent is not None and not message.ephemeral:
            parent.thread_ts = parent.ts
        self.tell(channel, message)
        return message

    def tell(self, channel: Channel, message: Message) -> None:
        for user in self.users.values():
            if sees(user, channel) and message.seen_by in (None, user.id):
                self.changes.tell(user.id, "message", channel=channel.id, ts=message.ts)

    def remove(self, channel: Channel, message: Message) -> None:
        del channel.messages[message.ts]
        self.tell(channel, message)
