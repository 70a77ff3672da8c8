"""Whether being in the group is felt: Entra's own what-if, asked for one of those who were added."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.remediation import JobId, StepState
from core.domain.what_if import WhatIf
from core.errors import VendorError
from core.ports import Clock
from core.rules.what_if import asks_for_mfa

#: While Entra asks for no MFA yet. Every job has a question of its own, and a tenant takes one per second.
ASK_AGAIN_AFTER = timedelta(minutes=1)


class Samples:
    """Keeps each job that waits from asking at every look at it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_in_vain: dict[JobId, datetime] = {}

    def confirm(
        self, job: JobId, results: tuple[StepResult, ...], ask: Callable[[str], WhatIf]
    ) -> tuple[StepResult, ...]:
        """The results once all are verified, with what Entra says of the first of them.

        Where it would ask for no MFA yet, that one is not done; a question that fails proves nothing.
        """
        if not results or any(result.state is not StepState.VERIFIED for result in results):
            return results
        sample, *others = results
        return (_told(sample, self._answer(job, sample.target, ask)), *others)

    def _answer(self, job: JobId, target: str, ask: Callable[[str], WhatIf]) -> Fact:
        now = self._clock.now()
        with self._lock:
            if job in self._recent(now):
                return Fact.NO
        try:
            answer = asks_for_mfa(ask(target))
        except VendorError:
            return Fact.UNKNOWN
        if answer is Fact.NO:
            with self._lock:
                self._asked_in_vain = {**self._recent(now), job: now}
        return answer

    def _recent(self, now: datetime) -> dict[JobId, datetime]:
        return {j: at for j, at in self._asked_in_vain.items() if now - at < ASK_AGAIN_AFTER}


def _told(sample: StepResult, asked: Fact) -> StepResult:
    match asked:
        case Fact.YES:
            return replace(sample, reason=f"{sample.reason}; what-if asks for MFA")
        case Fact.NO:
            reason = f"{sample.reason}, but what-if asks for no MFA yet"
            return replace(sample, state=StepState.DONE, reason=reason)
        case _:
            return replace(sample, reason=f"{sample.reason}; what-if could not tell")
