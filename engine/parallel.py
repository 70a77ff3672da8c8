"""Independent reads side by side, with at most so many in flight."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class ThreadParallel:
    """Runs jobs on a pool of threads; the first exception is raised after all have ended."""

    def __init__(self, workers: int = 16) -> None:
        self._workers = workers

    def __call__(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        if len(jobs) <= 1:
            return [job() for job in jobs]
        with ThreadPoolExecutor(min(self._workers, len(jobs)), "read") as pool:
            return [future.result() for future in [pool.submit(job) for job in jobs]]
