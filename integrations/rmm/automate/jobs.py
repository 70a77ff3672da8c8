"""Carrying out installs and restarts at Automate, which answers a deployment with 204 and no handle.

What becomes of it is told by the computer's own "a patch job runs", by the patch history since, and by what
stays on the list of updates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Patch, PatchState
from core.domain.remediation import (
    RESTART_OWED,
    Action,
    Job,
    JobKind,
    JobState,
    Plan,
    RequestId,
    StepState,
)
from core.errors import VendorBusy, VendorForbidden, VendorNotFound, VendorRefused
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm import read_back
from integrations.rmm.automate import history, mapping
from integrations.rmm.automate.api import AutomateApi, of_clients
from integrations.rmm.automate.approved import Approved
from integrations.rmm.automate.restarting import Restarting, look
from integrations.rmm.growth import Growth
from integrations.rmm.restarts import NOT_OWED, Look
from integrations.rmm.rows import Row

_GONE = "no longer in Automate"
_INVENTORY, _ATTEMPT = "last inventory", "last attempt"
#: The history is asked from well before the call: nothing says whose time its lines are in.
_CLOCKS_APART = timedelta(days=1)
_NO_NUMBER = "entity_type_computer is not set, and what number this server has for a computer is in no document."
_NUMBER_REMEDY = "Set entity_type_computer and prove it as docs/vendors/automate.md says."


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one computer. `entity_type` is None where nobody has set it."""

    api: AutomateApi
    account: str
    growth_percent: int
    entity_type: int | None
    restart_command: int | None
    clock: Clock
    approved: Approved = field(default_factory=Approved)

    @property
    def restarting(self) -> Restarting:
        return Restarting(api=self.api, number=self.restart_command)

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the plan's computers again, and for an install what is approved on them now."""
        computers = self.computers(client, [target.id for target in plan.targets])
        installs = plan.action is Action.INSTALL_PATCHES
        gone = {target: _GONE for target in targets if target not in computers}
        if plan.action is Action.RESTART_DEVICES:
            owed = {t: look(computers[t]).owed for t in targets if t in computers}
            gone |= {t: NOT_OWED for t in owed if owed[t] is Fact.NO}
        return Recheck(
            gone=gone,
            offline=frozenset(
                target
                for target in targets
                if target in computers and mapping.online(computers[target]) is Fact.NO
            ),
            wider=self._wider(plan, targets, computers) if installs else None,
        )

    def _wider(
        self, plan: Plan, targets: Sequence[str], computers: Mapping[str, Row]
    ) -> str | None:
        now = self.approved.on(
            computers, fresh=targets, now=self.clock.now(), read=self._approved_on
        )
        return Growth(plan, targets, self.growth_percent).wider(now)

    def _approved_on(self, target: str) -> list[Patch]:
        return [item for item in self.updates(target) if read_back.is_approved(item)]

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """The computer's last inventory and attempt, or start. Raises VendorBusy where a patch job runs already."""
        stats = self.api.patching_stats(self.vendor_id(_target(job)))
        if mapping.job_running(stats) is Fact.YES:
            raise VendorBusy(self.api.source, "A patch job runs on this computer already.")
        if job.kind is JobKind.RESTART:
            return self._look(client, job).mark()
        tried = self._attempts(job, self.clock.now())
        last = [item.installed_at for item in tried if item.installed_at is not None][-1:]
        return {_INVENTORY: _iso(mapping.last_inventory(stats)), _ATTEMPT: _iso(*last)}

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the one call. Automate takes no name or key for it, so the request's id goes nowhere."""
        vendor_id = self.vendor_id(_target(job))
        if job.kind is JobKind.RESTART:
            self.restarting.order(vendor_id)
            return Report(state=JobState.DISPATCHED, detail="accepted by Automate")
        if job.kind is not JobKind.INSTALL:
            raise VendorRefused(self.api.source, "Automate has no call that starts a patch scan.")
        if self.entity_type is None:
            raise VendorForbidden(self.api.source, _NO_NUMBER, remedy=_NUMBER_REMEDY)
        self.api.deploy_all_approved(vendor_id, entity_type=self.entity_type)
        return Report(state=JobState.DISPATCHED, detail="accepted by Automate")

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        """A job that was seen to run and runs no more is done; one never seen has left its attempts behind."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).report(job)
        stats = self.api.patching_stats(self.vendor_id(_target(job)))
        if mapping.job_running(stats) is Fact.YES:
            return Report(state=JobState.RUNNING, detail="running on the computer")
        if job.state is JobState.RUNNING or self.attempts_since(job):
            return Report(state=JobState.DONE, detail="the patch job has ended")
        words = "accepted by Automate, not yet picked up by the computer"
        return Report(state=JobState.DISPATCHED, detail=words)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """Never NOT_SENT: an order taken may still wait. Never SENT: nothing says whose order a job is."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).evidence(job)
        stats = self.api.patching_stats(self.vendor_id(_target(job)))
        if mapping.job_running(stats) is Fact.YES or self.attempts_since(job):
            words = "Automate shows a patch job since the call was cut off; it may be ours or a scheduled one"
        else:
            words = "Automate shows no patch job since the call was cut off; it may still wait"
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        target = _target(job)
        row = self.computers(client, [target]).get(target)
        if row is None:
            return (_result(target, StepState.NOT_VERIFIED, _GONE),)
        if job.kind is JobKind.RESTART:
            return (look(row).verdict(job),)
        if mapping.online(row) is not Fact.YES:
            return (_result(target, StepState.DONE, "offline since; nothing can be read back"),)
        return (self._read_back(job, target, plan, row),)

    def _read_back(self, job: Job, target: str, plan: Plan, row: Row) -> StepResult:
        """What failed, what stays, whether what we see is newer than the run, and what is owed."""
        basis = plan.target(target).basis
        updates = self.updates(target)
        missing = [item for item in updates if item.state is not PatchState.INSTALLED]
        unsettled = read_back.unsettled(basis, missing, self._tried(job, basis, updates))
        if unsettled is not None:
            return replace(unsettled, target=target)
        installed = read_back.installed(updates) & (basis or frozenset())
        if (basis is None or installed != basis) and not self._inventoried_since(job):
            return _result(target, StepState.DONE, "the computer's next patch inventory is awaited")
        if Fact.of(row.get("IsRebootNeeded")) is Fact.YES:
            return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
        words = f"{len(installed)} installed" if installed else "nothing of it is missing any more"
        return _result(target, StepState.VERIFIED, words)

    def _tried(
        self, job: Job, basis: frozenset[str] | None, updates: Sequence[Patch]
    ) -> Sequence[Patch]:
        """What was approved was not failed then, so that a failure of it is this run's."""
        if basis is None:
            return self.attempts_since(job)
        return [item for item in updates if item.key in basis]

    def _inventoried_since(self, job: Job) -> bool:
        stats = self.api.patching_stats(self.vendor_id(_target(job)))
        done = mapping.job_running(stats) is not Fact.YES
        return done and _iso(mapping.last_inventory(stats)) > job.mark.get(_INVENTORY, "")

    def attempts_since(self, job: Job) -> list[Patch]:
        """What was tried after the newest attempt before the call, told apart by Automate's own times."""
        before = job.mark.get(_ATTEMPT, "")
        tried = self._attempts(job, job.dispatched_at or self.clock.now())
        return [item for item in tried if _iso(item.installed_at) > before]

    def _attempts(self, job: Job, about: datetime) -> list[Patch]:
        vendor_id = self.vendor_id(_target(job))
        rows = self.api.patch_history(about - _CLOCKS_APART, computer_id=vendor_id)
        return history.attempts(self.account, self.api.source, rows)

    # Reading for jobs.

    def computers(self, client: Client, targets: Sequence[str]) -> dict[str, Row]:
        """The rows of those computers that still are in one of the client's organisations."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        ids = {self.vendor_id(target) for target in targets}
        condition = f"Id = {min(ids)}" if len(ids) == 1 else of_clients(bound)
        rows = self.api.computers(condition) if condition else []
        found = {mapping.ident(self.api.source, row, "Id", "computers"): row for row in rows}
        return {
            mapping.device_id(self.account, key): row
            for key, row in found.items()
            if key in ids and mapping.client_id(self.api.source, row) in bound
        }

    def _look(self, client: Client, job: Job) -> Look:
        """What its one computer shows of a restart. Raises VendorNotFound."""
        row = self.computers(client, job.targets).get(_target(job))
        if row is None:
            raise VendorNotFound(self.api.source, f"{_target(job)} is {_GONE}.")
        return look(row)

    def updates(self, target: str) -> list[Patch]:
        """All of Microsoft's updates on one computer."""
        vendor_id = self.vendor_id(target)
        rows = self.api.microsoft_updates(vendor_id)
        return [mapping.patch(self.account, self.api.source, vendor_id, row) for row in rows]

    def vendor_id(self, target: str) -> str:
        """Automate's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, vendor_id = target.rpartition(":")
        if account != self.account or not (vendor_id.isascii() and vendor_id.isdecimal()):
            raise VendorNotFound(self.api.source, f"{target} is not a computer of this account.")
        return vendor_id


def _target(job: Job) -> str:
    (target,) = job.targets
    return target


def _iso(moment: datetime | None = None) -> str:
    """Sorts as the times do; "" is before them all."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") if moment is not None else ""


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
