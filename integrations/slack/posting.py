"""Every post exactly once: intent in the outbox, the call, the outcome; never sent again blindly."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from core.errors import OutcomeUnknown, VendorBusy, VendorDown, VendorError
from core.ports import Clock, MessageRef, Outbox, Post, PostState
from integrations.http import Pace
from integrations.slack.rendering.message import Message
from integrations.slack.web import SOURCE, SlackRefused, SlackWeb

log = logging.getLogger(__name__)

#: The event type under which a post carries its outbox key.
METADATA = "gatehouse_post"
#: Slack's own limit for chat.update is 50 a minute for the whole workspace; we keep below it.
EDITS_PER_MINUTE = 40
#: Progress is spread out and leaves a third of the budget, so that a decision never waits for it.
SECONDS_PER_PROGRESS = 2.3
LOOK_BACK = 100
#: A call that was cut off may still be carried out for so long.
ON_ITS_WAY = timedelta(minutes=2)
#: Answers with which Slack is done with a call; a gateway gives up (502, 504) on one that may go on.
_OVER = frozenset({500, 503})
#: Slack's codes for a message that cannot be edited any more.
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")


def edit_budget() -> Pace:
    """Of all edits."""
    return Pace(EDITS_PER_MINUTE, timedelta(minutes=1))


def progress_budget() -> Pace:
    """Of edits that show progress only."""
    return Pace(1, timedelta(seconds=SECONDS_PER_PROGRESS))


@dataclass(frozen=True, kw_only=True)
class Poster:
    """Posts and edits messages. `lost` is told about posts whose fate nobody can find out."""

    web: SlackWeb
    outbox: Outbox
    clock: Clock
    lost: Callable[[Post], None] = lambda _post: None
    edits: Pace = field(default_factory=edit_budget)
    progress: Pace = field(default_factory=progress_budget)
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    #: By key, for as long as somebody holds one: two threads never send the same post at once.
    _locks: WeakValueDictionary[str, threading.RLock] = field(default_factory=WeakValueDictionary)
    #: By key: when this process's own call was cut off, where it could not be looked up since.
    _cut_off: dict[str, datetime] = field(default_factory=dict)

    def show(
        self, key: str, channel: str, message: Message, *, urgent: bool = True
    ) -> MessageRef | None:
        """Post the message under its key, or edit what stands there, unless it shows just this.

        None where it is unknown whether the post arrived. What is not urgent waits for its turn.
        """
        with self._lock(key):
            place, face = self.place(key) or self.once(key, channel, message), _face(message)
            post = self.outbox.find(key)
            if place is not None and (post is None or post.face != face):
                self._edit(place, message, urgent=urgent)
                self.outbox.settle(key, PostState.SENT, place, face=face)
            return place

    def once(
        self, key: str, channel: str, message: Message, *, thread: MessageRef | None = None
    ) -> MessageRef | None:
        """Post the message unless that was done before; None where it is unknown whether it arrived."""
        with self._lock(key):
            post = self.outbox.begin(key, channel, self.clock.now())
            match post.state:
                case PostState.SENT:
                    return post.ref
                case PostState.UNKNOWN:
                    return None
                case PostState.SENDING:
                    return self._look_up_or_send(post, message, thread)
                case PostState.NEW:
                    return self._send(replace(post, channel=channel), message, thread)

    def place(self, key: str) -> MessageRef | None:
        """Where a post stands, once it surely does."""
        post = self.outbox.find(key)
        return post.ref if post is not None and post.state is PostState.SENT else None

    def settled(self, key: str) -> bool:
        """Whether there is nothing left to do for a post that is made once."""
        post = self.outbox.find(key)
        return post is not None and post.state in (PostState.SENT, PostState.UNKNOWN)

    def _lock(self, key: str) -> threading.RLock:
        with self._mutex:
            return self._locks.setdefault(key, threading.RLock())

    # Posting.

    def _send(self, post: Post, message: Message, thread: MessageRef | None) -> MessageRef | None:
        try:
            answer = self._post_message(post, message, thread)
        except OutcomeUnknown as unknown:
            if unknown.status in _OVER:
                # Whoever tries again looks it up first, and sends it where it is not there.
                raise VendorDown(SOURCE, unknown.reason) from unknown
            self._cut_off[post.key] = self.clock.now()
            return self._look_up(post, message, thread)
        except VendorError:
            self.outbox.settle(post.key, PostState.NEW)
            raise
        ref = MessageRef(channel=str(answer["channel"]), ts=str(answer["ts"]))
        return self._sent(post, ref, _face(message))

    def _post_message(
        self, post: Post, message: Message, thread: MessageRef | None
    ) -> Mapping[str, Any]:
        return self.web.write(
            "chat.postMessage",
            channel=post.channel,
            text=message.text,
            blocks=list(message.blocks),
            thread_ts=thread.ts if thread is not None else None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": METADATA, "event_payload": {"id": post.key}},
        )

    def _sent(self, post: Post, ref: MessageRef, face: str) -> MessageRef:
        self.outbox.settle(post.key, PostState.SENT, ref, face=face)
        self._cut_off.pop(post.key, None)
        return ref

    # After a call whose outcome nobody knows.

    def _look_up_or_send(
        self, post: Post, message: Message, thread: MessageRef | None
    ) -> MessageRef | None:
        """An earlier call was cut off: post it only where it surely is not there and will not come.

        What is found may show what was true back then.
        """
        found = self._search(post, thread)
        if isinstance(found, _CannotTell):
            self._give_up(post)
            return None
        if found is not None:
            return self._sent(post, MessageRef(channel=post.channel, ts=found), "")
        self._refuse_while_on_its_way(post)
        return self._send(post, message, thread)

    def _refuse_while_on_its_way(self, post: Post) -> None:
        """Of an earlier process's call nothing is under way any more."""
        since = self._cut_off.get(post.key)
        left = since + ON_ITS_WAY - self.clock.now() if since is not None else timedelta(0)
        if left > timedelta(0):
            raise VendorBusy(SOURCE, f"may still carry out the call for {post.key}", wait=left)

    def _look_up(
        self, post: Post, message: Message, thread: MessageRef | None
    ) -> MessageRef | None:
        """This process's own call was cut off just now: it may still arrive, so it is not sent again."""
        found = self._search(post, thread)
        if isinstance(found, str):
            return self._sent(post, MessageRef(channel=post.channel, ts=found), _face(message))
        self._give_up(post)
        return None

    def _give_up(self, post: Post) -> None:
        self.outbox.settle(post.key, PostState.UNKNOWN)
        self._cut_off.pop(post.key, None)
        log.warning("It is unknown whether the post %s arrived in %s", post.key, post.channel)
        self.lost(post)

    def _search(self, post: Post, thread: MessageRef | None) -> "str | _CannotTell | None":
        """The `ts` of a post by its key, among what was said since; None: surely not there.

        Raises VendorBusy or VendorDown where it has to be looked up later, once Slack is back.
        """
        oldest = f"{(post.at - timedelta(minutes=5)).timestamp():.6f}"
        where = (
            {"channel": post.channel}
            if thread is None
            else {"channel": thread.channel, "ts": thread.ts}
        )
        method = "conversations.history" if thread is None else "conversations.replies"
        try:
            said = self.web.read(
                method, **where, include_all_metadata="true", oldest=oldest, limit=str(LOOK_BACK)
            )
        except (VendorBusy, VendorDown):
            raise
        except VendorError:
            return _CannotTell()
        found = next((str(m["ts"]) for m in said["messages"] if _key_of(m) == post.key), None)
        return _CannotTell() if found is None and said.get("has_more") else found

    # Editing.

    def _edit(self, ref: MessageRef, message: Message, *, urgent: bool) -> None:
        """Always with text and blocks: Slack keeps whichever is left out, or drops it."""
        if not urgent:
            self.progress.wait()
        self.edits.wait()
        try:
            self.web.write(
                "chat.update",
                channel=ref.channel,
                ts=ref.ts,
                text=message.text,
                blocks=list(message.blocks),
            )
        except SlackRefused as refusal:
            if refusal.code not in _GONE:
                raise
            log.warning("The message %s in %s can no longer be edited", ref.ts, ref.channel)


class _CannotTell:
    """History may not be read, or there is more of it than was read."""


def _key_of(message: Mapping[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    ours = metadata.get("event_type") == METADATA
    return (metadata.get("event_payload") or {}).get("id") if ours else None


def _face(message: Message) -> str:
    whole = json.dumps([message.text, list(message.blocks)], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
