"""Every post exactly once: intent in the outbox, the call, the outcome; never sent again blindly."""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from core.errors import OutcomeUnknown, VendorBusy, VendorError
from core.ports import Clock, MessageRef, Outbox, Post, PostState
from integrations.http import Pace
from integrations.slack.rendering.message import Message
from integrations.slack.web import SlackRefused, SlackWeb

log = logging.getLogger(__name__)

#: The event type under which a post carries its outbox key.
METADATA = "gatehouse_post"
#: Slack's own limit for chat.update is 50 a minute for the whole workspace; we keep below it.
EDITS_PER_MINUTE = 40
PATIENCE = 5
LOOK_BACK = 100

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Poster:
    """Posts and edits messages. `lost` is told about posts whose fate nobody can find out."""

    web: SlackWeb
    outbox: Outbox
    clock: Clock
    lost: Callable[[Post], None] = lambda _post: None
    _edits: Pace = field(default_factory=lambda: Pace(EDITS_PER_MINUTE, timedelta(minutes=1)))
    _shown: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def show(
        self, key: str, channel: str, message: Message, *, thread: MessageRef | None = None
    ) -> MessageRef | None:
        """Post the message under its key, or edit what stands there, unless it shows just this.

        None where it is unknown whether the post arrived.
        """
        face = _face(message)
        ref = self._posted(key)
        if ref is None:
            ref = self.once(key, channel, message, thread=thread)
            if ref is None:
                return None
        elif self._shown.get(key) != face:
            self._edit(ref, message)
        with self._lock:
            self._shown[key] = face
        return ref

    def once(
        self, key: str, channel: str, message: Message, *, thread: MessageRef | None = None
    ) -> MessageRef | None:
        """Post the message unless that was done before; None where it is unknown whether it arrived."""
        post = self.outbox.begin(key, channel, self.clock.now())
        match post.state:
            case PostState.SENT:
                return post.ref
            case PostState.UNKNOWN:
                return None
            case PostState.SENDING:
                return self._look_up_or_send(post, message, thread)
            case PostState.NEW:
                return self._send(post, message, thread)

    def _posted(self, key: str) -> MessageRef | None:
        post = self.outbox.find(key)
        return post.ref if post is not None and post.state is PostState.SENT else None

    def _send(self, post: Post, message: Message, thread: MessageRef | None) -> MessageRef | None:
        try:
            answer = _patiently(lambda: self._post_message(post, message, thread))
        except OutcomeUnknown:
            return self._look_up(post)
        except VendorError:
            self.outbox.settle(post.key, PostState.NEW)
            raise
        ref = MessageRef(channel=str(answer["channel"]), ts=str(answer["ts"]))
        self.outbox.settle(post.key, PostState.SENT, ref)
        return ref

    def _post_message(self, post: Post, message: Message, thread: MessageRef | None) -> Any:
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

    def _look_up_or_send(
        self, post: Post, message: Message, thread: MessageRef | None
    ) -> MessageRef | None:
        """An earlier process died while posting this: post it only where it surely is not there."""
        found = self._search(post)
        if found is _CANNOT_TELL:
            self._give_up(post)
            return None
        if isinstance(found, MessageRef):
            self.outbox.settle(post.key, PostState.SENT, found)
            return found
        return self._send(post, message, thread)

    def _look_up(self, post: Post) -> MessageRef | None:
        found = self._search(post)
        if isinstance(found, MessageRef):
            self.outbox.settle(post.key, PostState.SENT, found)
            return found
        self._give_up(post)
        return None

    def _give_up(self, post: Post) -> None:
        self.outbox.settle(post.key, PostState.UNKNOWN)
        log.warning("It is unknown whether the post %s arrived in %s", post.key, post.channel)
        self.lost(post)

    def _search(self, post: Post) -> "MessageRef | _CannotTell | None":
        """Look for a post by its key in the channel's newest messages; None: surely not there."""
        try:
            history = self.web.read(
                "conversations.history",
                channel=post.channel,
                include_all_metadata="true",
                oldest=f"{(post.at - timedelta(minutes=5)).timestamp():.6f}",
                limit=str(LOOK_BACK),
            )
        except VendorError:
            return _CANNOT_TELL
        for message in history["messages"]:
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("id") == post.key:
                return MessageRef(channel=post.channel, ts=str(message["ts"]))
        return _CANNOT_TELL if history.get("has_more") or ":thread:" in post.key else None

    def _edit(self, ref: MessageRef, message: Message) -> None:
        self._edits.wait()
        try:
            _patiently(
                lambda: self.web.write(
                    "chat.update",
                    channel=ref.channel,
                    ts=ref.ts,
                    text=message.text,
                    blocks=list(message.blocks),
                )
            )
        except SlackRefused as refusal:
            if refusal.code not in ("message_not_found", "cant_update_message"):
                raise
            log.warning("The message %s in %s is gone", ref.ts, ref.channel)


class _CannotTell:
    """History may not be read, or does not reach back far enough."""


_CANNOT_TELL = _CannotTell()


def _patiently(call: Callable[[], T]) -> T:
    """Wait as Slack asks, a few times; a call it turned away was not carried out."""
    for _ in range(PATIENCE):
        try:
            return call()
        except VendorBusy as busy:
            time.sleep(min(busy.wait.total_seconds() if busy.wait else 1, 30))
    return call()


def _face(message: Message) -> str:
    whole = json.dumps([message.text, list(message.blocks)], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
