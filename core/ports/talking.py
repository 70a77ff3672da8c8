"""What comes in from chat once, what goes out once, and chat itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.domain.digest import Digest
from core.domain.exemptions import Reminder
from core.domain.people import ChatIdentity
from core.domain.remediation import Request
from core.ports.keeping import Freeze


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One thing that came in from chat. `key` is the hash of its payload: the once-key."""

    key: str
    kind: str
    payload: Mapping[str, object]
    at: datetime


class Inbox(Protocol):
    """What came in and is not yet worked off; survives a restart."""

    def append(self, item: Received) -> bool:
        """Keep it, on the disk before this returns; False where this key was taken in before."""

    def done(self, key: str) -> None:
        """It was worked off, or refused for good."""

    def pending(self) -> tuple[Received, ...]:
        """What is not done, oldest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRef:
    """Where a message stands in chat."""

    channel: str
    ts: str


class PostState(StrEnum):
    """How far one post has come."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One message that shall exist once; `key` names it ("R4K7Q:card")."""

    key: str
    state: PostState
    channel: str
    ref: MessageRef | None = None
    at: datetime
    #: The hash of what the message shows now, so that it is edited only where that differs.
    face: str = ""


class Outbox(Protocol):
    """Which messages were meant to be posted, and which surely were."""

    def begin(self, key: str, channel: str, at: datetime) -> Post:
        """Record the intent. The state told is the one before this call: NEW means "go and post it"."""

    def settle(
        self, key: str, state: PostState, ref: MessageRef | None = None, *, face: str = ""
    ) -> None:
        """Record the outcome: SENT with its place and face, UNKNOWN, or NEW where it was surely not posted."""

    def find(self, key: str) -> Post | None:
        """What is known of a post."""

    def cut_off(self) -> tuple[Post, ...]:
        """Posts that were being sent when an earlier process died."""


class Chat(Protocol):
    """The chat service. All posts go through the outbox, so that none is lost or made twice."""

    def who(self, user_id: str) -> ChatIdentity:
        """The account as the chat service describes it now, never from a cache. Raises VendorError."""

    def show_request(self, request: Request) -> None:
        """Make the request's card, its direct messages and its thread show this version."""

    def post_digest(self, digest: Digest) -> bool:
        """Post a digest once; False where it is unknown whether it arrived (the owner is told)."""

    def show_freeze(self, freeze: Freeze) -> None:
        """Announce it, who asked to end it and that it has ended, once each, where requests are decided."""

    def remind(self, reminder: Reminder) -> None:
        """Tell one person, once, that exemptions end soon."""
