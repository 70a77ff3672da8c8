"""Carrying out installs at VSA 9, whose order names one agent and the updates it is to install.

An order has no number. What becomes of it is told by the agent's list of missing updates and by its last
patch scan, compared with what they were just before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId, Patch, PatchState
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import VendorBusy, VendorNotFound, VendorRefused
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm import read_back
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row
from integrations.rmm.vsa9 import mapping, runs
from integrations.rmm.vsa9.api import AT_ONCE, Vsa9Api
from integrations.rmm.vsa9.patching import judged, missing_on
from integrations.rmm.vsa9.reading import FleetReader

_NO_SCAN = "VSA 9's own call for a scan is reported to remove the device's recurring one, so it is never made."
_BUSY = "An install is scheduled on this device already, and another order may replace it."


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one agent."""

    api: Vsa9Api
    account: str
    clock: Clock
    zone: tzinfo | None
    #: Whether the list of missing updates shows which of them were ordered.
    orders_show: bool

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the devices again. A plan names what it takes, so nothing can make it wider."""
        rows = self.rows(client, targets)
        return Recheck(
            gone={target: "no longer in VSA 9" for target in targets if target not in rows},
            offline=frozenset(
                target
                for target in targets
                if target in rows and mapping.online(rows[target]) is Fact.NO
            ),
        )

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """What is left of the job's updates. Raises VendorBusy where an install is scheduled on the agent already."""
        agent_id = self.agent_id(_target(job))
        if job.kind is not JobKind.INSTALL:
            return {}
        rows = self.api.missing(agent_id, hide_denied=False)
        if self.orders_show and any(mapping.is_scheduled(row) for row in rows):
            raise VendorBusy(self.api.source, _BUSY)
        missing = judged(self.api, self.account, agent_id, rows)
        ours = [patch for patch in missing if patch.key in job.chosen]
        return runs.mark_of(ours, self.api.patch_status(agent_id), self.zone)

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the one call. VSA takes no name or key for it, so the request's id goes nowhere."""
        agent_id = self.agent_id(_target(job))
        if job.kind is not JobKind.INSTALL:
            raise VendorRefused(self.api.source, _NO_SCAN)
        wanted = runs.wanted(job.mark)
        if wanted is None or not job.chosen:
            raise VendorRefused(self.api.source, "The request names no updates to install.")
        if not wanted:
            words = "nothing of it was missing and approved any more, so nothing was ordered"
            return Report(state=JobState.DONE, detail=words)
        self.api.schedule(agent_id, wanted)
        return Report(state=JobState.DISPATCHED, detail="accepted by VSA")

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        agent_id = self.agent_id(_target(job))
        rows = self.api.missing(agent_id, hide_denied=False)
        scanned, shown = self._scanned_since(job), self.orders_show
        return runs.progress(self.api.source, job.mark, rows, scanned=scanned, orders_show=shown)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """Never NOT_SENT: an order taken may still wait. Never SENT: nothing says whose order it was."""
        report = self.follow(client, job)
        if report.state is JobState.DISPATCHED:
            words = "VSA shows no install since the call was cut off; it may still wait"
        else:
            words = (
                "VSA shows a change on this device since the call was cut off; "
                "it may be our install or a scheduled one"
            )
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        target = _target(job)
        row = self.rows(client, [target]).get(target)
        if row is None:
            return (_result(target, StepState.NOT_VERIFIED, "no longer in VSA 9"),)
        if mapping.online(row) is not Fact.YES:
            return (_result(target, StepState.DONE, "offline since; nothing can be read back"),)
        return (self._read_back(job, target, plan),)

    def _read_back(self, job: Job, target: str, plan: Plan) -> StepResult:
        """What failed, what stays, whether a scan has looked since, and what is owed."""
        agent_id, ours = self.agent_id(target), self._ours(job, plan.target(target).basis)
        missing = missing_on(self.api, self.account, agent_id)
        failed = [p for p in missing if p.state is PatchState.FAILED and p.key in ours]
        unsettled = read_back.unsettled(ours, missing, failed)
        if unsettled is not None:
            return replace(unsettled, target=target)
        status = self.api.patch_status(agent_id)
        if runs.wanted(job.mark) and not runs.scanned_since(job.mark, status, self.zone):
            return _result(target, StepState.DONE, "the device's next patch scan is awaited")
        if mapping.reboot_pending(status) is Fact.YES:
            return _result(target, StepState.NOT_VERIFIED, "restart owed")
        return _result(target, StepState.VERIFIED, f"{len(ours)} no longer missing")

    def _ours(self, job: Job, basis: frozenset[str] | None) -> frozenset[str]:
        """What was approved; what the order named where the plan knew nothing."""
        if basis is not None:
            return basis
        return frozenset(str(number) for number in runs.wanted(job.mark) or ())

    def _scanned_since(self, job: Job) -> bool:
        status = self.api.patch_status(self.agent_id(_target(job)))
        return runs.scanned_since(job.mark, status, self.zone)

    # Reading for jobs.

    def rows(self, client: Client, targets: Sequence[str]) -> dict[str, Row]:
        """The rows of those devices that still are in one of the client's organisations."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        ids = {self.agent_id(target) for target in targets}
        agents = self.reader().agents(list(bound), only=next(iter(ids)) if len(ids) == 1 else None)
        return {
            mapping.device_id(self.account, key): agent.row
            for key, agent in agents.items()
            if key in ids
        }

    def listings(self, targets: Sequence[str]) -> dict[DeviceId, list[Patch]]:
        """What each device lacks; one that has gone meanwhile is left out. Raises VendorError."""
        asked = ask_each(
            targets,
            lambda target: missing_on(self.api, self.account, self.agent_id(target)),
            at_once=AT_ONCE,
        )
        for failure in asked.failed.values():
            if not isinstance(failure, VendorNotFound):
                raise failure
        return {DeviceId(target): found for target, found in asked.found.items()}

    def was_scanned(self, target: str) -> bool:
        status = self.api.patch_status(self.agent_id(target))
        return mapping.last_scan(status, self.zone) is not None

    def reader(self) -> FleetReader:
        return FleetReader(api=self.api, account=self.account, now=self.clock.now(), zone=self.zone)

    def agent_id(self, target: str) -> str:
        """VSA's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, agent_id = target.rpartition(":")
        if account != self.account or not (agent_id.isascii() and agent_id.isdecimal()):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return agent_id


def _target(job: Job) -> str:
    (target,) = job.targets
    return target


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
