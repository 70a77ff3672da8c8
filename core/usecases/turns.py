"""Whose turn it is among the jobs of a request: some go first, and some never in one night."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.events import RestStopped, StepResult, StepsMoved
from core.domain.policy import RingPolicy
from core.domain.remediation import Job, JobState, Request, StepState
from core.rules.local_times import local
from core.rules.nights import in_the_way, night_began
from core.rules.notice_period import day_words, is_held
from core.rules.policy_turns import why_in_vain, why_waits
from core.rules.rings import Gate, canary, not_back
from core.usecases.job_record import JobRecord
from core.usecases.servers_sent import changes_devices, servers_sent

FROZEN = "waits, because Gatehouse is frozen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """Holds jobs back whose turn has not come, and says why on the card."""

    record: JobRecord
    client: Client
    policy: RingPolicy

    def why_held(self, request: Request, job: Job) -> str | None:
        """Why a planned job is not sent yet; None where its turn has come."""
        if request.job(job.id).state is not JobState.PLANNED:
            return None
        if job.not_before is not None and is_held(job, self.record.clock.now()):
            return f"on notice until {day_words(job.not_before)}"
        seen = canary(request, self.policy)
        if seen.gate is not Gate.OPEN:
            return seen.words
        return why_waits(request, job) or self.why_not_tonight(request, job)

    def why_not_tonight(self, request: Request, job: Job) -> str | None:
        """Which server, of whichever request, has to stand while this job's is down; None where none has."""
        targets = [request.plan.target(target) for target in job.targets]
        servers = [target for target in targets if target.is_server]
        if not servers or not changes_devices(request, job):
            return None
        now = self.record.clock.now()
        since = night_began(self.client.maintenance_window, now)
        sent = servers_sent(self.record.requests, self.client.key, since)
        met = {o.name for t in servers for o in in_the_way(t, sent, self.client, now)}
        return f"never in one night with {', '.join(sorted(met))}" if met else None

    def stop_where_due(self, request: Request) -> Request:
        """Commit, once, that the rest is never sent: what went first failed, or a server is not back."""
        unsent = any(job.state is JobState.PLANNED for job in request.jobs)
        if request.stopped or not unsent:
            return request
        now, seen = self.record.clock.now(), canary(request, self.policy)
        why = seen.words if seen.gate is Gate.STOPPED else not_back(request, self.policy, now)
        why = why or why_in_vain(request)
        if why is None:
            return request
        return self.record.commit(request, RestStopped(at=now, reason=why))

    def say_why(self, request: Request) -> Request:
        """Put on the steps that are held back why they are; no freeze does it any more."""
        thawed = {step.target: "" for step in request.steps if step.reason == FROZEN}
        held = thawed | {
            target: why
            for job in request.jobs
            if (why := self.why_held(request, job)) is not None
            for target in job.targets
        }
        return self._say(request, held)

    def say_when_shut(self, request: Request) -> Request:
        """Between two openings of the maintenance window: put on what was not sent when it goes on."""
        window, now = self.client.maintenance_window, self.record.clock.now()
        if request.window is None or (window and window.opening_on(now)):
            return request
        why = "waits for a maintenance window, and none is configured any more"
        if window is not None:
            why = f"continues {local(window.next_opening(now)[0], window.time_zone)}"
        return self._say(request, {step.target: why for step in request.steps})

    def say_frozen(self, request: Request) -> Request:
        """Put on what was not sent why nothing happens."""
        return self._say(request, {step.target: FROZEN for step in request.steps})

    def _say(self, request: Request, held: Mapping[str, str]) -> Request:
        """Unless it stands there already."""
        results = tuple(
            StepResult(target=step.target, state=StepState.PLANNED, reason=held[step.target])
            for step in request.steps
            if step.state is StepState.PLANNED and held.get(step.target, step.reason) != step.reason
        )
        if not results:
            return request
        event = StepsMoved(at=self.record.clock.now(), results=results)
        return self.record.commit(request, event)
