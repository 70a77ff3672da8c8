"""Carrying out scans and installs at N-central: the update script as a task of one device, run at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Device
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import VendorNotFound, VendorRefused
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm.listings import NO_SHELF, Shelf
from integrations.rmm.ncentral import mapping, tasks, verdicts
from integrations.rmm.ncentral.api import NCentralApi
from integrations.rmm.ncentral.tasks import Course
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row
from integrations.rmm.update_script import NoOutputError, Output, OutputError, command_line

_CUSTOMER = "customer"
_GONE = "no longer in N-central"


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, because a direct task is."""

    api: NCentralApi
    account: str
    clock: Clock
    #: The update script's number; None: nothing can be run.
    script: int | None
    shelf: Shelf = NO_SHELF

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the devices again. How much an install would take is not told, so nothing can be wider."""
        found = self.devices(client, targets)
        return Recheck(
            gone={t: _GONE for t in targets if t not in found},
            offline=frozenset(t for t, device in found.items() if device.online is Fact.NO),
        )

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """The customer the device is at, which an order has to name."""
        target = _target(job)
        row = self._row(client, target)
        if row is None:
            raise VendorNotFound(self.api.source, f"{target} is {_GONE}.")
        return {_CUSTOMER: mapping.customer(self.api.source, row)}

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Run the script on the device; the task is the reference, and bears the job's id in its name."""
        device, script = self.number(_target(job)), self._configured()
        customer = job.mark.get(_CUSTOMER, "")
        if not customer.isdecimal():
            raise VendorRefused(self.api.source, f"Job {job.id} names no customer.")
        task = self.api.run_script(
            tasks.name_of(job.id),
            script,
            {"customerId": int(customer), "deviceId": int(device)},
            command_line(job.kind, job.id, job.chosen),
        )
        return Report(state=JobState.DISPATCHED, reference=task, detail="accepted by N-central")

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """SENT where a task bears the job's name. Never NOT_SENT: how soon the list knows is not documented."""
        task = self._find(job)
        if task is None:
            words = "N-central lists no task of this job's name on the device, but may be late"
            return Evidence(truth=Truth.UNKNOWN, detail=words)
        words = "a task at N-central bears this job's name"
        return Evidence(truth=Truth.SENT, reference=task, detail=words)

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        seen = self._course(job)
        if seen is None:
            return Report(state=JobState.DISPATCHED, detail="not yet picked up by the device")
        if seen.state is JobState.FAILED:
            output = self._printed(seen, job)
            if isinstance(output, Output) and output.failures:
                return Report(state=seen.state, detail=output.failures)
        # Words we do not know end nothing; the caller's time limit does.
        return Report(state=seen.state or job.state, detail=seen.words)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """From the script's own output, once it is there."""
        target = _target(job)
        device = self.devices(client, [target]).get(target)
        if device is None:
            return (StepResult(target=target, state=StepState.NOT_VERIFIED, reason=_GONE),)
        output = self._printed(self._course(job), job)
        if job.kind is JobKind.SCAN:
            return (verdicts.of_scan(target, output),)
        return (verdicts.of_install(target, output, online=device.online, named=job.chosen),)

    def _printed(self, seen: Course | None, job: Job) -> Output | OutputError:
        """What the script printed for this job, which is kept, or why it cannot be taken."""
        if seen is None:
            return NoOutputError("the task has not begun")
        printed = seen.output()
        if isinstance(printed, OutputError):
            return printed
        try:
            output = printed.of_job(job.kind, job.id)
        except OutputError as failure:
            return failure
        self.shelf.keep(_target(job), output)
        return output

    # Reading for jobs.

    def devices(self, client: Client, targets: Sequence[str]) -> dict[str, Device]:
        """Those targets that still are at one of the client's customers, with their services."""
        asked = ask_each(targets, lambda t: self._device(client, t), at_once=self.api.lanes.width)
        for failure in asked.failed.values():
            raise failure
        return {target: device for target, device in asked.found.items() if device is not None}

    def _device(self, client: Client, target: str) -> Device | None:
        row = self._row(client, target)
        if row is None:
            return None
        try:
            services = self.api.services(self.number(target))
        except VendorNotFound:
            return None
        now, source = self.clock.now(), self.api.source
        return mapping.device(self.account, source, row, services, now)

    def _row(self, client: Client, target: str) -> Row | None:
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        row = self.api.device(self.number(target))
        return row if row is not None and mapping.customer(self.api.source, row) in bound else None

    def number(self, target: str) -> str:
        """N-central's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, device = target.rpartition(":")
        if account != self.account or not device.isdecimal():
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return device

    def _course(self, job: Job) -> Course | None:
        task = job.reference or self._find(job)
        if task is None:
            return None
        return tasks.course(self.api.task_details(task), self.number(_target(job)))

    def _find(self, job: Job) -> str | None:
        return tasks.named(self.api.tasks_of(self.number(_target(job))), job.id)

    def _configured(self) -> int:
        if self.script is None:
            remedy = "Add the update script as docs/vendors/ncentral.md says and set its number."
            words = "No script_item_id is configured."
            raise VendorRefused(self.api.source, words, remedy=remedy)
        return self.script


def _target(job: Job) -> str:
    (target,) = job.targets
    return target
