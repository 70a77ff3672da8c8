"""Independent reads side by side, with at most so many in flight."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


class ThreadParallel:
    """Runs jobs on threads that stay, and so keep their connections.

    Whoever asks takes part: what no thread is free for, it does itself. A job may therefore ask for more
    jobs; nobody waits for a thread that waits for them. The first exception is raised after all have ended.
    """

    def __init__(self, workers: int = 16) -> None:
        """`workers` counts the one who asks."""
        self._pool = ThreadPoolExecutor(workers - 1, "read") if workers > 1 else None

    def __call__(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        if self._pool is None or len(jobs) <= 1:
            return [job() for job in jobs]
        first, *others = jobs
        offered = [self._pool.submit(job) for job in others]
        futures = [_done(first), *map(_taken_back, offered, others)]
        wait(futures)
        return [future.result() for future in futures]

    def start(self, job: Callable[[], T]) -> Callable[[], T]:
        """Offer a job to the threads; its result is to be asked for once."""
        if self._pool is None:
            return job
        offered = self._pool.submit(job)
        return lambda: _taken_back(offered, job).result()


def _taken_back(offered: Future[T], job: Callable[[], T]) -> Future[T]:
    """What nobody has started yet is done here and now."""
    return _done(job) if offered.cancel() else offered


def _done(job: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(job())
    except Exception as error:  # noqa: BLE001 - raised where the result is asked for
        future.set_exception(error)
    return future
