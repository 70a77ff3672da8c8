"""Our own threads for all work, so that none of it ever runs on Bolt's few listener threads."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)


class Executor:
    """Runs work by key: work of one key never overlaps, and waits at most once.

    `submit` of a key that is already waiting does nothing; of a key that is running, runs it once more
    afterwards. So "advance request R4K7Q" may be asked for as often as anyone likes.

    A key is "lane:name". Each lane has so many threads of its own: a hundred slow scans keep nobody's click
    waiting. They do not outlive the process: what has not ended when draining did is left to the next one.
    """

    def __init__(self, workers: int = 16) -> None:
        self._workers = workers
        self._changed = threading.Condition()
        self._lanes: dict[str, _Lane] = {}
        self._waiting: dict[str, Callable[[], object]] = {}
        self._running: set[str] = set()
        self._closed = False

    def submit(self, key: str, work: Callable[[], object]) -> bool:
        """False where the executor takes no more work (it is draining)."""
        with self._changed:
            if self._closed:
                return False
            self._waiting[key] = work
            if key not in self._running:
                self._running.add(key)
                self._start(key)
            return True

    def drain(self, seconds: float) -> bool:
        """Take no more work and wait for what runs; False where some did not end in time."""
        with self._changed:
            self._closed = True
            ended = self._changed.wait_for(lambda: not self._running, seconds)
            self._waiting.clear()
            return ended

    def _start(self, key: str) -> None:
        lane = key.rpartition(":")[0]
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, self._workers, self._run)
        self._lanes[lane].put(key)

    def _run(self, key: str) -> None:
        with self._changed:
            work = self._waiting.pop(key, None)
        try:
            if work is not None:
                work()
        except Exception:
            log.exception("Work %s failed", key)
        finally:
            self._again_or_end(key)

    def _again_or_end(self, key: str) -> None:
        with self._changed:
            if key in self._waiting and not self._closed:
                self._start(key)
                return
            self._waiting.pop(key, None)
            self._running.discard(key)
            self._changed.notify_all()


class _Lane:
    """Up to `workers` threads, started when needed, that run keys in the order of `put`."""

    def __init__(self, name: str, workers: int, run: Callable[[str], None]) -> None:
        self._name = name
        self._left = workers
        self._run = run
        self._keys: SimpleQueue[str] = SimpleQueue()
        self._idle = threading.Semaphore(0)

    def put(self, key: str) -> None:
        """Its caller holds the executor's lock."""
        self._keys.put(key)
        if self._left and not self._idle.acquire(blocking=False):
            self._left -= 1
            threading.Thread(target=self._serve, name=f"work {self._name}", daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._run(self._keys.get())
            self._idle.release()
