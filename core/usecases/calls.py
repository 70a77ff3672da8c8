"""What one process remembers of the calls it makes; a restart forgets it, and loses nothing by that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.remediation import JobId, RequestId

#: A call that was not carried out is tried again with the next pass, then after so long, doubling up to so long.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """Which calls are under way here, and when those that were not carried out are tried again."""

    _in_flight: set[JobId] = field(default_factory=set)
    #: How often a call was not carried out in a row, and before when it is not tried again.
    _failed: dict[JobId, tuple[int, datetime]] = field(default_factory=dict)

    #: When a request's devices were last looked at.
    _looked: dict[RequestId, datetime] = field(default_factory=dict)

    def under_way(self, job_id: JobId) -> bool:
        return job_id in self._in_flight

    @contextmanager
    def making(self, job_id: JobId) -> Iterator[None]:
        """Around one call, from its intent to its outcome."""
        self._in_flight.add(job_id)
        try:
            yield
        finally:
            self._in_flight.discard(job_id)

    def not_carried_out(self, job_id: JobId, now: datetime) -> None:
        times, _ = self._failed.get(job_id, (0, now))
        wait = timedelta(0) if times == 0 else min(FIRST_WAIT * 2 ** (times - 1), LONGEST_WAIT)
        self._failed[job_id] = (times + 1, now + wait)

    def answered(self, job_id: JobId) -> None:
        self._failed.pop(job_id, None)

    def may_try(self, job_id: JobId, now: datetime) -> bool:
        return job_id not in self._failed or now >= self._failed[job_id][1]

    def may_look(self, request_id: RequestId, now: datetime, every: timedelta) -> bool:
        """Whether it is time to look again; taken as done."""
        last = self._looked.get(request_id)
        if last is not None and now < last + every:
            return False
        self._looked[request_id] = now
        return True
