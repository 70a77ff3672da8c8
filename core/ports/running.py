"""The clock, and work side by side."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """The only source of the time."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""


class Parallel(Protocol):
    """Runs independent reads side by side, with at most so many in flight; a job may ask for more."""

    def __call__(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """All results, in the order of the jobs."""


class Lanes(Parallel, Protocol):
    """The same, and single reads that are begun while others go on."""

    def start(self, job: Callable[[], T]) -> Callable[[], T]:
        """Begin as soon as may be; the answer, called once, gives the result and may have to fetch it first."""
