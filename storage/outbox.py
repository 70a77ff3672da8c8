"""Which messages were meant to be posted, and which surely were, in an fsynced journal."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from core.errors import StorageFailed
from core.ports import Clock, MessageRef, Post, PostState
from storage.codec import decode, encode
from storage.journal import Journal, Record

#: How long the place of a message is remembered, so that its card can still be updated.
MEMORY = timedelta(days=90)


class OutboxJournal:
    """Posts by key; the last record of a key counts."""

    def __init__(self, path: Path, *, clock: Clock, damaged: Path) -> None:
        self._lock = Lock()
        self._clock = clock
        self._journal = Journal(path, damaged=damaged)
        self._posts: dict[str, Post] = {}
        self._journal.replay(self._replay)
        self._cut_off = {p.key for p in self._posts.values() if p.state is PostState.SENDING}
        self._rewrite()

    def begin(self, key: str, channel: str, at: datetime) -> Post:
        """Record the intent. The state told is the one before this call: NEW means "go and post it"."""
        with self._lock:
            fresh = Post(key=key, state=PostState.NEW, channel=channel, at=at)
            before = self._posts.get(key, fresh)
            if before.state is not PostState.NEW:
                return before
            self._keep(replace(fresh, state=PostState.SENDING))
            return before

    def settle(
        self, key: str, state: PostState, ref: MessageRef | None = None, *, face: str = ""
    ) -> None:
        """Record the outcome: SENT with its place and face, UNKNOWN, or NEW where it was surely not posted."""
        with self._lock:
            self._keep(replace(self._posts[key], state=state, ref=ref, face=face))
            self._cut_off.discard(key)
            if self._journal.has_grown:
                with suppress(StorageFailed):  # the outcome is recorded either way
                    self._rewrite()

    def find(self, key: str) -> Post | None:
        """What is known of a post."""
        with self._lock:
            return self._posts.get(key)

    def cut_off(self) -> tuple[Post, ...]:
        """Posts that were being sent when an earlier process died."""
        with self._lock:
            return tuple(self._posts[key] for key in sorted(self._cut_off))

    def close(self) -> None:
        self._journal.close()

    def _replay(self, record: Record) -> None:
        post = decode(Post, record)
        self._posts[post.key] = post

    def _keep(self, post: Post) -> None:
        self._journal.append(encode(post))
        self._posts[post.key] = post

    def _rewrite(self) -> None:
        limit = self._clock.now() - MEMORY
        self._posts = {
            key: post
            for key, post in self._posts.items()
            if post.at > limit or post.state is not PostState.SENT
        }
        self._journal.rewrite(encode(post) for post in self._posts.values())
