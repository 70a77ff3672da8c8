"""What every change to a tenant can tell of itself, and how long its traces may take to show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from core.domain.events import StepResult
from core.domain.remediation import Job, JobState, StepState
from core.ports import Clock, Evidence, Report, Truth

#: Graph reads from replicas: a change that is not seen this long after the call was not made.
SETTLED_AFTER = timedelta(seconds=20)
_LOOKS = (1.0, 2.0, 4.0, 8.0, 8.0)


class Change(Protocol):
    """One kind of job in one tenant."""

    def mark(self) -> Mapping[str, str]:
        """What was so before the call. Raises VendorError."""

    def dispatch(self) -> Report:
        """Make the call; see core.ports.Effector."""

    def verify(self) -> tuple[StepResult, ...]:
        """Read back. Raises VendorError."""

    def reconcile(self) -> Evidence:
        """Look whether a call that was cut off was carried out. Raises VendorError."""

    def follow(self) -> Report:
        """Graph carries out at once, so what was sent is done; reading back shows the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Looks again until replicas had the time to agree."""

    clock: Clock
    sleep: Callable[[float], None]

    def until_seen(
        self, job: Job, targets: frozenset[str], look: Callable[[], frozenset[str]]
    ) -> frozenset[str]:
        """The targets whose change `look` shows, at the latest when it would surely show."""
        seen = look() & targets
        for wait in _LOOKS:
            if seen == targets or self.settled(job):
                break
            self.sleep(wait)
            seen = look() & targets
        return seen

    def settled(self, job: Job) -> bool:
        """Whether replicas have had the time to agree on a job."""
        sent = job.dispatched_at
        return sent is not None and self.clock.now() >= sent + SETTLED_AFTER


def evidence(seen: frozenset[str], wanted: frozenset[str], shown: str) -> Evidence:
    """All or some: it was sent, and reading back tells for whom. `shown`: "in the group"."""
    if not wanted or seen == wanted:
        return Evidence(truth=Truth.SENT, detail=f"Entra shows all {len(wanted)} {shown}.")
    if not seen:
        return Evidence(
            truth=Truth.NOT_SENT, detail=f"Entra shows none of the {len(wanted)} {shown}."
        )
    return Evidence(
        truth=Truth.SENT, detail=f"Entra shows {len(seen)} of the {len(wanted)} {shown}."
    )


def report(results: tuple[StepResult, ...]) -> Report:
    """A finished call; failed only where it failed for everyone."""
    failed = bool(results) and all(result.state is StepState.FAILED for result in results)
    return Report(state=JobState.FAILED if failed else JobState.DONE, results=results)
