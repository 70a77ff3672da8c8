"""Our own pool for all work, so that none of it ever runs on Bolt's few listener threads."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

log = logging.getLogger(__name__)


class Executor:
    """Runs work by key: work of one key never overlaps, and waits at most once.

    `submit` of a key that is already waiting does nothing; of a key that is running, runs it once more
    afterwards. So "advance request R4K7Q" may be asked for as often as anyone likes.
    """

    def __init__(self, workers: int = 16) -> None:
        self._pool = ThreadPoolExecutor(workers, "work")
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[], object]] = {}
        self._running: set[str] = set()
        self._futures: set[Future[None]] = set()
        self._closed = False

    def submit(self, key: str, work: Callable[[], object]) -> bool:
        """False where the executor takes no more work (it is draining)."""
        with self._lock:
            if self._closed:
                return False
            self._waiting[key] = work
            if key in self._running:
                return True
            self._running.add(key)
            self._start(key)
            return True

    def drain(self, seconds: float) -> bool:
        """Take no more work and wait for what runs; False where some did not end in time."""
        with self._lock:
            self._closed = True
            pending = set(self._futures)
        _, late = wait(pending, timeout=seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not late

    def _start(self, key: str) -> None:
        future = self._pool.submit(self._run, key)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)

    def _run(self, key: str) -> None:
        with self._lock:
            work = self._waiting.pop(key)
        try:
            work()
        except Exception:
            log.exception("Work %s failed", key)
        finally:
            self._again_or_end(key)

    def _again_or_end(self, key: str) -> None:
        with self._lock:
            if key in self._waiting and not self._closed:
                self._start(key)
            else:
                self._waiting.pop(key, None)
                self._running.discard(key)
