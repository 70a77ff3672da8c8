"""Carrying out scans, installs and restarts at Datto RMM: quick jobs that run the MSP's own component.

A quick job has a uid, and a result per device. Its name carries our ids, so that after a cut-off call the
account's log can tell whether the job was made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Device
from core.domain.remediation import Action, Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import VendorForbidden, VendorNotFound, VendorRefused
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm import restarts
from integrations.rmm.datto import mapping, verdicts
from integrations.rmm.datto.api import DattoApi
from integrations.rmm.datto.component import missing_variables, read_output, read_restart
from integrations.rmm.growth import grown_counts
from integrations.rmm.listings import NO_SHELF, Shelf
from integrations.rmm.rows import Row, text
from integrations.rmm.update_script import Output, OutputError, restart_variables, variables

#: Datto stamps its log by its own clock.
_CLOCKS_APART = timedelta(minutes=15)
_STDERR_SHOWN = 200
_GONE = "no longer in Datto RMM"

_WAITING = {
    "pending": (JobState.DISPATCHED, "waiting for the device to fetch it"),
    "running": (JobState.RUNNING, "running on the device"),
}
_ENDED = frozenset({"success", "warning"})
_FAILED = {
    "failure": "the component failed",
    "expired": "the device did not fetch it before it expired",
    "retired": "it was retired before it ran",
}


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, because quick jobs are."""

    api: DattoApi
    account: str
    clock: Clock
    component_uid: str | None
    may_restart: bool
    growth_percent: int
    shelf: Shelf = NO_SHELF

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Check the component, read the plan's devices again, and for an install their counts."""
        self.check_component()
        devices = self.devices(client, [target.id for target in plan.targets])
        offline = {t for t in targets if t in devices and devices[t].online is Fact.NO}
        gone = {target: _GONE for target in targets if target not in devices}
        if plan.action is Action.RESTART_DEVICES:
            owed = {t: devices[t].reboot_needed for t in targets if t in devices}
            gone |= {t: restarts.NOT_OWED for t in owed if owed[t] is Fact.NO}
        return Recheck(
            gone=gone,
            offline=frozenset(offline),
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
        """What a restart is known by; nothing else, as a quick job is known by its uid, or by its name."""
        return self._look(client, job).mark() if job.kind is JobKind.RESTART else {}

    def check_component(self) -> None:
        """Raise VendorRefused where the component is not there or not as its contract says."""
        component = self.component()
        if component is None:
            raise self._unfit("The account has no component of the uid install_component_uid.")
        lacking = missing_variables(component)
        if lacking:
            raise self._unfit(f"The component lacks the variables {', '.join(sorted(lacking))}.")

    def component(self) -> Row | None:
        """The configured component as the account lists it."""
        if self.component_uid is None:
            return None
        found = (row for row in self.api.components() if row.get("uid") == self.component_uid)
        return next(found, None)

    def _unfit(self, words: str) -> VendorRefused:
        remedy = "Install the component as docs/components.md says."
        return VendorRefused(self.api.source, words, remedy=remedy)

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the one quick job; its uid is the reference."""
        if self.component_uid is None:
            raise self._unfit("No install_component_uid is configured.")
        uid = self.api.create_quick_job(
            self.uid(_target(job)),
            name=job_name(job, request_id),
            component_uid=self.component_uid,
            variables=self._variables(job),
        )
        return Report(state=JobState.DISPATCHED, reference=uid, detail="accepted by Datto RMM")

    def _variables(self, job: Job) -> dict[str, str]:
        if job.kind is not JobKind.RESTART:
            return variables(job.kind, job.id, job.chosen)
        if not self.may_restart:
            raise VendorForbidden(self.api.source, "may_restart is not set for this account.")
        return restart_variables(job.id)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """SENT where the log names our job. Never NOT_SENT: how soon the log knows is not documented."""
        name = job_name(job, request_id)
        if self._logged(job, name):
            words = f"the log of Datto RMM names the job {name!r}, whose uid was lost"
            return Evidence(truth=Truth.SENT, detail=words)
        words = f"the log of Datto RMM does not name the job {name!r}, but may be late"
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        if job.reference is None:
            return self._follow_by_log(client, job)
        result = self.api.job_result(job.reference, self.uid(_target(job)))
        if result is None:
            return Report(state=JobState.DISPATCHED, detail="not fetched by the device yet")
        word = text(result.get("jobDeploymentStatus"))
        if word.lower() in _WAITING:
            state, detail = _WAITING[word.lower()]
            return Report(state=state, detail=detail)
        if word.lower() in _ENDED and job.kind is JobKind.RESTART:
            return self._look(client, job).report(job)
        if word.lower() in _ENDED:
            return Report(state=JobState.DONE, detail="the component has ended")
        if word.lower() in _FAILED:
            return Report(state=JobState.FAILED, detail=self._why_failed(job, word.lower()))
        # A word we do not know ends nothing; the caller's time limit does.
        return Report(state=job.state, detail=f"Datto RMM says {word!r}")

    def _follow_by_log(self, client: Client, job: Job) -> Report:
        """Without a uid, the log's entries on the job's end are all there is; a restart shows on the device."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).report(job)
        name = job_name(job, _request_of(job))
        actions = {text(row.get("action")).lower() for row in self._logged(job, name)}
        if "deployment" in actions:
            return Report(state=JobState.DONE, detail="the log of Datto RMM shows that it ran")
        if "expired" in actions:
            return Report(state=JobState.FAILED, detail=_FAILED["expired"])
        return Report(state=job.state, detail=job.detail)

    def _logged(self, job: Job, name: str) -> list[Row]:
        """The log's entries that name a job."""
        now = self.clock.now()
        since = (job.dispatched_at or now) - _CLOCKS_APART
        whole_name = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        entries = self.api.job_activities(since, now + _CLOCKS_APART)
        return [row for row in entries if whole_name.search(text(row.get("details")))]

    def _why_failed(self, job: Job, word: str) -> str:
        if word != "failure":
            return _FAILED[word]
        output = self.output(job) if job.kind is not JobKind.RESTART else None
        self.shelf.keep(_target(job), output)
        if isinstance(output, Output) and output.failures:
            return output.failures
        lines = self.api.job_output(job.reference or "", self.uid(_target(job)), stream="stderr")
        said = " ".join(text(row.get("stdData")) for row in lines)[:_STDERR_SHOWN].strip()
        return f"{_FAILED[word]}: {said}" if said else _FAILED[word]

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """From the component's own result, then from the device's counts once an audit has renewed them."""
        target = _target(job)
        device = self.devices(client, [target]).get(target)
        if device is None:
            return (StepResult(target=target, state=StepState.NOT_VERIFIED, reason=_GONE),)
        if job.kind is JobKind.RESTART:
            return (self._verify_restart(client, job),)
        output = self.output(job) if job.reference is not None else None
        self.shelf.keep(target, output)
        if job.kind is JobKind.SCAN:
            return (verdicts.of_scan(target, output),)
        return (verdicts.of_install(target, output, device, since=job.dispatched_at),)

    def _verify_restart(self, client: Client, job: Job) -> StepResult:
        """From the device alone; while it does not show, output that breaks the contract leaves it to a person."""
        shown = self._look(client, job).verdict(job)
        if shown.state is StepState.VERIFIED or job.reference is None:
            return shown
        lines = self.api.job_output(job.reference, self.uid(_target(job)))
        try:
            read_restart(lines, self.component_uid or "", job.id)
        except OutputError as failure:
            return verdicts.unusable(_target(job), failure)
        return shown

    def output(self, job: Job) -> Output | OutputError:
        """What the component printed, or why it cannot be taken."""
        lines = self.api.job_output(job.reference or "", self.uid(_target(job)))
        try:
            return read_output(lines, self.component_uid or "", kind=job.kind, job_id=job.id)
        except OutputError as failure:
            return failure

    # Reading for jobs.

    def devices(self, client: Client, targets: Sequence[str]) -> dict[str, Device]:
        """Those devices that still are in one of the client's sites: one call for one, else by site."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        uids = {self.uid(target) for target in targets}
        rows = self._rows(uids, bound)
        found = [
            mapping.device(self.account, self.api.source, row)
            for row in rows
            if row.get("uid") in uids and row.get("siteUid") in bound and mapping.is_patched(row)
        ]
        return {device.id: device for device in found}

    def _look(self, client: Client, job: Job) -> restarts.Look:
        """What its one device shows of a restart. Raises VendorNotFound."""
        target = _target(job)
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        row = self.api.device(self.uid(target))
        if row is None or row.get("siteUid") not in bound:
            raise VendorNotFound(self.api.source, f"{target} is {_GONE}.")
        return restarts.Look(
            online=Fact.of(row.get("online")),
            booted_at=mapping.booted_at(row),
            owed=mapping.reboot_needed(row),
        )

    def _rows(self, uids: set[str], bound: set[str]) -> list[Row]:
        if len(uids) == 1:
            row = self.api.device(next(iter(uids)))
            return [] if row is None else [row]
        return [row for site in sorted(bound) for row in self.api.devices_of_site(site)]

    def uid(self, target: str) -> str:
        """Datto's uid in a target's id. Raises VendorNotFound for any other id."""
        account, _, uid = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[\w-]+", uid):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return uid


def job_name(job: Job, request_id: str) -> str:
    """Our ids, for the log and for whoever looks at the device's jobs."""
    return f"Gatehouse {request_id} {job.id}"


def _request_of(job: Job) -> str:
    """Job ids are the request's id and a number."""
    return job.id.rpartition("-")[0]


def _target(job: Job) -> str:
    (target,) = job.targets
    return target
