"""Carrying out scans and installs at ConnectWise RMM: tasks that run the update script once, on one device.

An install names the updates that were approved here, and takes no others.

A task has an id and, for its one run, an instance with a result per device. Its name carries our ids, so that
after a call that was cut off the list of tasks may tell whether it was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Patch
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import VendorNotFound, VendorRefused
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm import read_back
from integrations.rmm.asio import tasks, verdicts
from integrations.rmm.asio.api import AsioApi
from integrations.rmm.asio.fleet import Fleet
from integrations.rmm.asio.tasks import Instance, Result
from integrations.rmm.update_script import NoOutputError, Output, OutputError, variables

_COMPLAINT_SHOWN = 200
_STATES: Mapping[JobState, str] = {
    JobState.DISPATCHED: "waiting for the device to take it",
    JobState.RUNNING: "running on the device",
    JobState.DONE: "the script has ended",
}


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, so that each has a task of its own."""

    api: AsioApi
    account: str
    clock: Clock
    fleet: Fleet
    #: The update script's id; None: nothing can be run.
    script: str | None

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the devices again. A plan names what it takes, so nothing can make it wider."""
        devices = self.fleet.devices(client, targets)
        return Recheck(
            gone={t: "no longer in ConnectWise RMM" for t in targets if t not in devices},
            offline=frozenset(t for t, device in devices.items() if device.online is Fact.NO),
        )

    def taken(self, target: str) -> list[Patch] | None:
        """What an install would be asked for now; None where the device was never assessed.

        Definitions come and go daily and are left out; the script can be told of nothing without a KB number.
        """
        known = self.fleet.updates(target)
        if known is None:
            return None
        return [patch for patch in known[0] if read_back.is_approved(patch) and patch.kb]

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """Nothing: a task is told by its name, and an assessment by its time."""
        return {}

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Schedule the one task; its id is the reference."""
        if job.kind is JobKind.INSTALL and not job.chosen:
            # Without names the script would take whatever it finds approved.
            words = "It is not known what this device misses, so no update can be named."
            raise VendorRefused(self.api.source, words)
        task = self.api.schedule(
            self.fleet.endpoint_id(_target(job)),
            name=task_name(job, request_id),
            script=self.configured(),
            parameters=variables(job.kind, job.id, job.chosen),
        )
        detail = "accepted by ConnectWise RMM"
        return Report(state=JobState.DISPATCHED, reference=task, detail=detail)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """SENT where the list of tasks names ours. Never NOT_SENT: how soon it knows is not documented."""
        name = task_name(job, request_id)
        definition = tasks.task_named(self.api.tasks(), name)
        if definition is not None:
            words = f"ConnectWise RMM lists the task {name!r}"
            reference = tasks.task_id(definition)
            return Evidence(truth=Truth.SENT, reference=reference, detail=words)
        words = f"ConnectWise RMM does not list the task {name!r}, but may be late"
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        if job.reference is None:
            return self._follow_by_list(job)
        instance = self._instance(job.reference)
        if instance is None:
            return Report(state=job.state, detail="ConnectWise RMM shows no single run of the task")
        if instance.state is None:
            # A word we do not know ends nothing; the caller's time limit does.
            return Report(state=job.state, detail=f"ConnectWise RMM says {instance.words!r}")
        if instance.state is JobState.FAILED:
            return Report(state=instance.state, detail=self._why_failed(job, instance))
        return Report(state=instance.state, detail=_STATES[instance.state])

    def _follow_by_list(self, job: Job) -> Report:
        """Without the task's id, a new assessment of the device is all that shows."""
        known = self.fleet.updates(_target(job))
        at = None if known is None else known[1].assessed
        if at is not None and job.dispatched_at is not None and at >= job.dispatched_at:
            words = "the task's id was lost; the device was assessed since"
            return Report(state=JobState.DONE, detail=words)
        return Report(state=job.state, detail=job.detail)

    def _instance(self, task: str) -> Instance | None:
        """The task's one run; None where there is none yet, or more than the one we asked for."""
        found = tasks.instances(self.api.source, self.api.instances(task))
        return found[0] if len(found) == 1 else None

    def _why_failed(self, job: Job, instance: Instance) -> str:
        result = self._result(job, instance) or Result()
        output = result.output()
        if isinstance(output, Output) and output.failures:
            return output.failures
        said = (result.complaint or result.printed)[:_COMPLAINT_SHOWN].strip()
        words = f"the script failed ({instance.words})"
        return f"{words}: {said}" if said else words

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """From the script's own result, then from the device's updates once it was assessed anew."""
        target = _target(job)
        device = self.fleet.devices(client, [target]).get(target)
        if device is None:
            words = "no longer in ConnectWise RMM"
            return (StepResult(target=target, state=StepState.NOT_VERIFIED, reason=words),)
        output = self.output(job)
        if job.kind is JobKind.SCAN:
            return (verdicts.of_scan(target, output),)
        if device.online is not Fact.YES:
            words = "offline since; nothing can be read back"
            return (StepResult(target=target, state=StepState.DONE, reason=words),)
        wrong = verdicts.by_output(target, output)
        return (wrong if wrong is not None else self._by_list(job, plan, output),)

    def _by_list(self, job: Job, plan: Plan, output: Output | OutputError | None) -> StepResult:
        target = _target(job)
        known = self.fleet.updates(target)
        if known is None:
            return verdicts.awaited(target, output)
        basis = plan.target(target).basis
        return verdicts.by_list(target, basis, *known, output=output, sent=job.dispatched_at)

    def output(self, job: Job) -> Output | OutputError | None:
        """What the script printed, or why it cannot be taken; None where the task's id was lost."""
        if job.reference is None:
            return None
        instance = self._instance(job.reference)
        result = self._result(job, instance) if instance is not None else None
        if result is None:
            return NoOutputError("there is none")
        printed = result.output()
        if isinstance(printed, OutputError):
            return printed
        try:
            return printed.of_job(job.kind, job.id)
        except OutputError as failure:
            return failure

    def _result(self, job: Job, instance: Instance) -> Result | None:
        key = self.fleet.endpoint_id(_target(job))
        answer = self.api.results(job.reference or "", instance.id)
        return tasks.result_on(self.api.source, answer, key)

    # The script.

    def configured(self) -> str:
        if self.script is None:
            remedy = "Put the update script into the library as docs/vendors/asio.md says and set its id."
            raise VendorRefused(self.api.source, "No script_id is configured.", remedy=remedy)
        return self.script

    def check_script(self) -> None:
        """Raise VendorNotFound where the configured script is not in the library."""
        script = self.configured()
        if all(row.get("id") != script for row in self.api.scripts()):
            words = f"The script library has no script {script} (script_id)."
            raise VendorNotFound(self.api.source, words)


def task_name(job: Job, request_id: str) -> str:
    """Our ids, for the list of tasks and for whoever looks at it."""
    return f"Gatehouse {request_id} {job.id}"


def _target(job: Job) -> str:
    (target,) = job.targets
    return target
