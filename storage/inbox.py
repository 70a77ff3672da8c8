"""What came in from chat and is not yet worked off, in a journal that is fsynced before the ack."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from core.errors import StorageFailed
from core.ports import Clock, Received
from storage.codec import decode, encode
from storage.journal import Journal, Record

#: How long the key of a finished item is remembered. Slack repeats an event for an hour at most.
MEMORY = timedelta(days=7)


class InboxJournal:
    """Items by once-key. A finished item's payload is dropped at the next rewrite, its key is kept."""

    def __init__(self, path: Path, *, clock: Clock, damaged: Path) -> None:
        self._lock = Lock()
        self._clock = clock
        self._pending: dict[str, Received] = {}
        self._seen: dict[str, datetime] = {}
        self._journal = Journal(path, damaged=damaged)
        self._journal.replay(self._replay)
        self._rewrite()

    def append(self, item: Received) -> bool:
        """Keep it, on the disk before this returns; False where this key was taken in before."""
        with self._lock:
            if item.key in self._seen:
                return False
            self._journal.append({"in": encode(item)})
            self._take_in(item)
            return True

    def done(self, key: str) -> None:
        """It was worked off, or refused for good."""
        with self._lock:
            if key not in self._pending:
                return
            self._journal.append({"done": key})
            del self._pending[key]
            if self._journal.has_grown:
                with suppress(StorageFailed):  # the item is done either way
                    self._rewrite()

    def pending(self) -> tuple[Received, ...]:
        """What is not done, oldest first."""
        with self._lock:
            return tuple(self._pending.values())

    def close(self) -> None:
        self._journal.close()

    def _take_in(self, item: Received) -> None:
        self._seen[item.key] = item.at
        self._pending[item.key] = item

    def _replay(self, record: Record) -> None:
        if "in" in record:
            self._take_in(decode(Received, record["in"]))
        elif "seen" in record:
            self._seen[record["seen"]] = decode(datetime, record["at"])
        else:
            self._pending.pop(record["done"], None)

    def _rewrite(self) -> None:
        limit = self._clock.now() - MEMORY
        self._seen = {k: at for k, at in self._seen.items() if at > limit or k in self._pending}
        self._journal.rewrite(self._live())

    def _live(self) -> Iterator[Record]:
        for key, at in self._seen.items():
            if key not in self._pending:
                yield {"seen": key, "at": encode(at)}
        for item in self._pending.values():
            yield {"in": encode(item)}
