"""The shapes of the workspace's state; times are Slack timestamps ("seconds.microseconds") unless said otherwise."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.slack.installation import TEAM_ID

Json = dict[str, Any]
Kind = Literal["channel", "group", "im"]


@dataclass(kw_only=True)
class User:
    """An account. `role` is the cast key by which scripts may name it."""

    id: str
    handle: str
    name: str
    email: str | None
    role: str
    display_name: str = ""
    team_id: str = TEAM_ID
    time_zone: str = "America/Chicago"
    deleted: bool = False
    bot: bool = False
    guest: bool = False
    admin: bool = False

    @property
    def external(self) -> bool:
        return self.team_id != TEAM_ID


@dataclass(kw_only=True)
class File:
    """An upload. `shared_in` stays empty until completeUploadExternal names a channel."""

    id: str
    name: str
    title: str
    length: int
    made_at: int
    alt_text: str | None = None
    content: bytes | None = None
    completed: bool = False
    shared_in: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Message:
    """One message. `seen_by` names the only person an ephemeral message is for."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    seen_by: str | None = None
    metadata: Json | None = None
    files: list[File] = field(default_factory=list)
    edited: str | None = None
    broadcast: bool = False
    attachments: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    #: What each person chose in this message's inputs: user -> (block_id, action_id) -> state value.
    chosen: dict[str, dict[tuple[str, str], Json]] = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        return self.seen_by is not None

    @property
    def top_level(self) -> bool:
        return self.thread_ts in (None, self.ts) or self.broadcast


@dataclass(kw_only=True)
class Channel:
    """A conversation. `im_with` is the person on the other side of the bot's direct channel."""

    id: str
    name: str
    kind: Kind = "channel"
    members: list[str] = field(default_factory=list)
    shared_with: list[str] = field(default_factory=list)
    archived: bool = False
    general: bool = False
    im_with: str | None = None
    made_at: int = 0
    messages: dict[str, Message] = field(default_factory=dict)

    def posted(self, ts: str) -> Message | None:
        """A message everybody in the channel can see; ephemeral ones have no address."""
        message = self.messages.get(ts)
        return None if message is None or message.ephemeral else message

    def replies(self, ts: str) -> list[Message]:
        return [
            message
            for message in self.messages.values()
            if message.thread_ts == ts and message.ts != ts and not message.ephemeral
        ]


@dataclass(kw_only=True)
class View:
    """An open modal or a published Home. `typed` is what the person chose: (block_id, action_id) -> state value."""

    id: str
    kind: Literal["modal", "home"]
    user: str
    hash: str
    body: Json
    root_id: str
    previous_id: str | None = None
    typed: dict[tuple[str, str], Json] = field(default_factory=dict)
    #: Response URLs an input with `response_url_enabled` asks for need the channel the person came from.
    origin: str | None = None

    @property
    def blocks(self) -> list[Json]:
        return list(self.body["blocks"])
