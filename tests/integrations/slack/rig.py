"""The chat adapter put together as the product does it, against the sandbox's Slack over TLS."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.people import EVERY_CLIENT, People, Person, PersonKey, Role
from core.ports import Post
from integrations.http import Pace, Patience
from integrations.slack.chat import SlackChat
from integrations.slack.directory import Workspace
from integrations.slack.posting import Poster
from integrations.slack.rendering.blocks import message, section
from integrations.slack.rendering.message import Message
from integrations.slack.web import SlackWeb
from sandbox.app import Sandbox
from sandbox.slack.installation import BOT_TOKEN
from tests.fakes.memory_store import MemoryStore

#: Where the bot may read what was said, and where it may not.
APPROVALS, CLIENT_CHANNEL = "C0APPROVAL", "C0CLIENT002"
MAYA, DEVON, TESS = "U0MANAGER1", "U0MANAGER2", "U0TECH0001"


class HandTime:
    """Time that passes only where somebody sleeps; `slept` holds every sleep in seconds."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    def pace(self, calls: int, per: timedelta) -> Pace:
        return Pace(calls, per, monotonic=self.monotonic, sleep=self.sleep)


@dataclass(frozen=True)
class WorldClock:
    """The sandbox's clock, which its messages' timestamps come from."""

    sandbox: Sandbox

    def now(self) -> datetime:
        return self.sandbox.world.clock.now()


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=sandbox.ca.pem.decode())


def web_of(sandbox: Sandbox, time: HandTime | None = None, token: str = BOT_TOKEN) -> SlackWeb:
    sleep = (time or HandTime()).sleep
    return SlackWeb(
        token=token,
        base_url=f"{sandbox.targets['slack']}/api/",
        context=trusting(sandbox),
        patience=Patience(tries=3, jitter=lambda: 1.0),
        sleep=sleep,
    )


def staff() -> People:
    """Devon has a second account with the same e-mail address: that of the sandbox's tech2."""
    return People(
        (
            _person("tess", Role.TECHNICIAN, TESS),
            _person("maya", Role.OWNER, MAYA),
            _person("devon", Role.APPROVER, DEVON, email="devon@harborit.example"),
        )
    )


def _person(key: str, role: Role, user_id: str, *, email: str | None = None) -> Person:
    return Person(
        key=PersonKey(key),
        name=key.title(),
        chat_ids=frozenset({user_id}),
        emails=frozenset({email} if email else ()),
        roles={EVERY_CLIENT: role},
    )


@dataclass
class Rig:
    """`restart` is a new process over the same store; `lost` holds posts of unknown fate."""

    sandbox: Sandbox
    people: People = field(default_factory=staff)
    approval_channel: str = "gatehouse-approvals"
    time: HandTime = field(default_factory=HandTime)
    lost: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore(WorldClock(self.sandbox))
        self._put_together()

    def restart(self) -> None:
        self.store = self.store.restarted()
        self._put_together()

    def _put_together(self) -> None:
        self.web = web_of(self.sandbox, self.time)
        self.workspace = Workspace(self.web, monotonic=self.time.monotonic)
        self.poster = Poster(
            web=self.web,
            outbox=self.store.outbox,
            clock=WorldClock(self.sandbox),
            lost=self._note_lost,
            edits=self.time.pace(40, timedelta(minutes=1)),
            progress=self.time.pace(1, timedelta(seconds=2)),
        )
        self.chat = SlackChat(
            web=self.web,
            workspace=self.workspace,
            poster=self.poster,
            people=self.people,
            clock=WorldClock(self.sandbox),
            approval_channel=self.approval_channel,
            frozen=self.store.switch.frozen,
        )

    def _note_lost(self, post: Post) -> None:
        self.lost.append(post)
        self.chat.tell_owners_of_lost(post)

    # What Slack was asked, and what it did.

    def fault(self, method: str, kind: str, **more: Any) -> None:
        self.sandbox.world.faults.add(
            {"target": "slack", "path": f"/api/{method}", "kind": kind, **more}
        )

    def calls(self, method: str) -> int:
        rows = self.sandbox.world.calls.rows("slack")
        return sum(row["count"] for row in rows if row["path_template"] == f"/api/{method}")

    def posted(self, channel: str) -> list[Any]:
        """Everything that stands in a channel for all to see, oldest first."""
        found = self.sandbox.slack.workspace.channels[channel]
        return [m for m in found.messages.values() if not m.ephemeral]

    def direct(self, user_id: str) -> list[Any]:
        channel = self.sandbox.slack.workspace.direct_channel(user_id)
        return [] if channel is None else list(channel.messages.values())


def a_message(text: str = "hello") -> Message:
    return message(text, [section(text)])


@contextmanager
def with_user(sandbox: Sandbox, user_id: str, **changes: Any) -> Iterator[None]:
    """An account as it is for a while."""
    user = sandbox.slack.workspace.users[user_id]
    before = {name: getattr(user, name) for name in changes}
    try:
        for name, value in changes.items():
            setattr(user, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(user, name, value)
