"""Carrying out scans, installs and restarts at Kaseya VSA X: a workflow of the MSP's that runs the update script.

A run has an execution per device. VSA X starts none where the workflow runs on the device already: that
one, somebody else's or an earlier one of ours, is followed instead, and said to be what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Device
from core.domain.remediation import Action, Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import MalformedAnswer, OutcomeUnknown, VendorBusy, VendorForbidden, VendorRefused
from core.ports import Evidence, Recheck, Report, Truth
from integrations.rmm.growth import grown_counts
from integrations.rmm.listings import NO_SHELF, Shelf
from integrations.rmm.restarts import Look
from integrations.rmm.rows import Row
from integrations.rmm.update_script import (
    NoOutputError,
    Output,
    OutputError,
    read_restart,
    restart_variables,
    variables,
)
from integrations.rmm.vsax import verdicts
from integrations.rmm.vsax.api import VsaxApi
from integrations.rmm.vsax.executions import Execution, Reference, started
from integrations.rmm.vsax.fleet import Fleet
from integrations.rmm.vsax.runs import Runs

_OUTCOME_SHOWN = 200
_STATES: Mapping[JobState, str] = {
    JobState.DISPATCHED: "waiting for the device to take it",
    JobState.RUNNING: "running on the device",
    JobState.DONE: "the workflow has ended",
}
_THERE_ALREADY = "the workflow was running there already; nothing was started, that run is followed"


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, so that each has an execution and a result of its own."""

    api: VsaxApi
    account: str
    fleet: Fleet
    #: None: nothing can be run.
    runs: Runs | None
    may_restart: bool
    growth_percent: int
    shelf: Shelf = NO_SHELF

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the plan's devices again, their counts for an install, and who of `targets` is online."""
        devices = self.fleet.devices(client, [target.id for target in plan.targets])
        online = {target: self.fleet.online(target) for target in targets if target in devices}
        gone = [target for target in targets if online.get(target) is None]
        return Recheck(
            gone=dict.fromkeys(gone, "no longer in Kaseya VSA X"),
            offline=frozenset(target for target, fact in online.items() if fact is Fact.NO),
            wider=self._wider(plan, devices) if plan.action is Action.INSTALL_PATCHES else None,
        )

    def _wider(self, plan: Plan, devices: Mapping[str, Device]) -> str | None:
        now = {
            target: device.counts.at_most
            for target, device in devices.items()
            if device.counts is not None and device.counts.at_most is not None
        }
        return grown_counts(plan, now, self.growth_percent)

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """The newest execution on the device before the call; what a restart is known by."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).mark()
        return self._configured().mark(self.fleet.identifier(_target(job)))

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Run the workflow on the device; the execution is the reference. The job's id travels as requestId."""
        device, runs = self.fleet.identifier(_target(job)), self._configured()
        data = self.api.run_workflow(runs.workflow, device, self._variables(job))
        reference = self._started(data, device)
        if reference.ours:
            detail = "accepted by Kaseya VSA X"
            return Report(state=JobState.DISPATCHED, reference=str(reference), detail=detail)
        if job.kind is JobKind.RESTART:
            raise VendorBusy(self.api.source, "The workflow runs on the device already.")
        return Report(state=JobState.RUNNING, reference=str(reference), detail=_THERE_ALREADY)

    def _variables(self, job: Job) -> dict[str, str]:
        if job.kind is not JobKind.RESTART:
            return variables(job.kind, job.id, job.chosen)
        if not self.may_restart:
            raise VendorForbidden(self.api.source, "may_restart is not set for this account.")
        return restart_variables(job.id)

    def _started(self, data: Row, device: str) -> Reference:
        """What an accepted run came to. Raises OutcomeUnknown."""
        try:
            reference = started(self.api.source, data, device)
        except MalformedAnswer as failure:
            raise OutcomeUnknown(self.api.source, failure.reason) from failure
        if reference is None:
            words = "It accepted the run and named no execution on the device."
            raise OutcomeUnknown(self.api.source, words)
        return reference

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """SENT only where an execution printed this job's id: who caused one is not told.

        Never NOT_SENT: how soon the list of executions knows is not documented.
        """
        if job.kind is JobKind.RESTART:
            return self._look(client, job).evidence(job)
        device, runs = self.fleet.identifier(_target(job)), self._configured()
        later = runs.since(device, job.mark)
        ours = runs.ours(later, job)
        if ours is not None:
            words = "an execution of the workflow printed this job's id"
            return Evidence(truth=Truth.SENT, reference=ours.id, detail=words)
        return Evidence(truth=Truth.UNKNOWN, detail=_seen(later))

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        restart = job.kind is JobKind.RESTART
        if job.reference is None:
            return (
                self._look(client, job).report(job)
                if restart
                else Report(state=job.state, detail=job.detail)
            )
        reference = Reference.read(job.reference)
        execution = self._configured().one(reference.id)
        if execution is None:
            return Report(state=job.state, detail="Kaseya VSA X does not show its execution")
        if execution.state is None:
            # Words we do not know end nothing; the caller's time limit does.
            return Report(state=job.state, detail=f"Kaseya VSA X says {execution.words!r}")
        if restart and execution.state is JobState.DONE:
            return self._look(client, job).report(job)
        prefix = "" if reference.ours else f"{_THERE_ALREADY}: "
        return Report(state=execution.state, detail=prefix + _told(execution))

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """From the script's own output, then from the device's counts, once they agree with it."""
        target = _target(job)
        device = self.fleet.devices(client, [target]).get(target)
        online = self.fleet.online(target) if device is not None else None
        if device is None or online is None:
            reason = "no longer in Kaseya VSA X"
            return (StepResult(target=target, state=StepState.NOT_VERIFIED, reason=reason),)
        if job.kind is JobKind.RESTART:
            return (self._verify_restart(client, job),)
        ours = job.reference is None or Reference.read(job.reference).ours
        output = self.output(job, ours=ours)
        self.shelf.keep(target, output)
        if job.kind is JobKind.SCAN:
            return (verdicts.of_scan(target, output),)
        before = plan.target(target).count
        verdict = verdicts.of_install(
            target, output, device.counts, before=before, online=online, ours=ours
        )
        return (verdict,)

    def _verify_restart(self, client: Client, job: Job) -> StepResult:
        """From the device alone; while it does not show, output that breaks the contract leaves it to a person."""
        shown = self._look(client, job).verdict(job)
        execution = self._configured().one(job.reference) if job.reference is not None else None
        if shown.state is StepState.VERIFIED or execution is None:
            return shown
        try:
            read_restart(execution.printed, job.id)
        except OutputError as failure:
            return verdicts.unusable(_target(job), failure)
        return shown

    def _look(self, client: Client, job: Job) -> Look:
        return self.fleet.look(client, _target(job))

    def output(self, job: Job, *, ours: bool) -> Output | OutputError:
        """What the script printed, or why it cannot be taken. A run that was there already has another job's id."""
        execution = self._execution(job)
        if execution is None:
            return NoOutputError("no execution is known to be this job's")
        printed = execution.output()
        if isinstance(printed, OutputError) or not ours:
            return printed
        try:
            return printed.of_job(job.kind, job.id)
        except OutputError as failure:
            return failure

    def _execution(self, job: Job) -> Execution | None:
        """The job's execution; where its id was lost, the one that printed the job's id."""
        runs = self._configured()
        if job.reference is not None:
            return runs.one(Reference.read(job.reference).id)
        device = self.fleet.identifier(_target(job))
        return runs.ours(runs.since(device, job.mark), job)

    def _configured(self) -> Runs:
        if self.runs is None:
            remedy = "Make the workflow as docs/vendors/vsax.md says and set its id."
            words = "No install_workflow_id is configured."
            raise VendorRefused(self.api.source, words, remedy=remedy)
        return self.runs


def _told(execution: Execution) -> str:
    """How far an execution is; of one that failed, why."""
    if execution.state is not JobState.FAILED:
        return _STATES[execution.state] if execution.state is not None else ""
    printed = execution.output()
    if isinstance(printed, Output) and printed.failures:
        return printed.failures
    said = execution.outcome[:_OUTCOME_SHOWN]
    return f"the workflow failed: {said}" if said else "the workflow failed"


def _seen(later: Sequence[Execution]) -> str:
    created = next((run.created for run in later if run.created is not None), None)
    if not later:
        return "Kaseya VSA X lists no run of the workflow on the device since, but may be late"
    at = f"created at {created:%Y-%m-%d %H:%M} UTC" if created is not None else "of unknown age"
    return (
        f"Kaseya VSA X lists a run of the workflow on the device, {at}, after the call was cut off; "
        "it may be ours or somebody else's"
    )


def _target(job: Job) -> str:
    (target,) = job.targets
    return target
