"""Who is told that something changed: one queue per open page."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.slack.model import Json

#: A page that stopped reading loses the oldest news; it re-reads everything on reconnecting anyway.
_WAITING = 1000


@dataclass
class Changes:
    """Listeners by user id. None in the place of a change ends the stream."""

    _listeners: dict[str, list[asyncio.Queue[Json | None]]] = field(default_factory=dict)

    @contextmanager
    def listen(self, user_id: str) -> Iterator["asyncio.Queue[Json | None]"]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._listeners.setdefault(user_id, []).append(queue)
        try:
            yield queue
        finally:
            self._listeners[user_id].remove(queue)

    def tell(self, user_id: str, kind: str, **detail: object) -> None:
        """`kind` is "message", "view" or "home"."""
        for queue in self._listeners.get(user_id, []):
            if queue.qsize() >= _WAITING:
                queue.get_nowait()
            queue.put_nowait({"kind": kind, **detail})

    def end(self) -> None:
        for queues in self._listeners.values():
            for queue in queues:
                queue.put_nowait(None)
