"""Which listings by script are under way, and when each device had its last one, in a journal."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock

from core.domain.remediation import Job
from core.errors import StorageFailed
from core.ports import Clock
from storage.codec import decode, encode
from storage.journal import Journal, Record

#: How long the last run of a device is remembered.
MEMORY = timedelta(days=30)


class ScriptRunJournal:
    """Runs by device; the last record of a device counts."""

    def __init__(self, path: Path, *, clock: Clock, damaged: Path) -> None:
        self._lock = Lock()
        self._clock = clock
        self._runs: dict[str, Job] = {}
        self._journal = Journal(path, damaged=damaged)
        self._journal.replay(self._replay)
        self._rewrite()

    def all(self) -> tuple[Job, ...]:
        """The last run of every device, whether or not it has ended."""
        with self._lock:
            return tuple(self._runs.values())

    def put(self, run: Job) -> None:
        """Keep it in place of its device's last one. Raises StorageFailed."""
        with self._lock:
            self._journal.append(encode(run))
            self._take_in(run)
            if self._journal.has_grown:
                with suppress(StorageFailed):  # it is kept either way
                    self._rewrite()

    def close(self) -> None:
        self._journal.close()

    def _take_in(self, run: Job) -> None:
        (device,) = run.targets
        self._runs[device] = run

    def _replay(self, record: Record) -> None:
        self._take_in(decode(Job, record))

    def _rewrite(self) -> None:
        limit = self._clock.now() - MEMORY
        self._runs = {
            device: run
            for device, run in self._runs.items()
            if not run.state.final or (run.dispatched_at is not None and run.dispatched_at > limit)
        }
        self._journal.rewrite(encode(run) for run in self._runs.values())
