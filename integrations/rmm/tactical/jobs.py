"""Carrying out scans, installs and restarts at Tactical RMM, which answers a trigger with 200 whether or not it arrived.

The order goes over a message bus that keeps nothing for an agent that does not listen, and a run has no
number. What becomes of it is told by the device's rows, compared with what they were just before.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId, Patch
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
from core.errors import VendorForbidden, VendorNotFound
from core.ports import Clock, Evidence, Recheck, Report, Truth
from integrations.rmm import restarts
from integrations.rmm.growth import Growth
from integrations.rmm.read_back import counts
from integrations.rmm.rows import Row, text
from integrations.rmm.tactical import mapping, policy, runs, verdicts
from integrations.rmm.tactical.api import TacticalApi
from integrations.rmm.tactical.mapping import Listing
from integrations.rmm.tactical.verdicts import result

#: An agent says whether a restart is owed some five seconds after its last install.
_WORD_ON_RESTART = timedelta(seconds=30)
#: A scan takes minutes; one that has changed nothing by then has found nothing new, or never ran.
_SCAN_SHOWS_WITHIN = timedelta(minutes=30)
_GONE = "no longer in Tactical RMM"
_NEVER_REPORTED = (
    "its agent has never reported its updates, so nothing would be installed; have it scan first"
)
_NO_TRACE = "Tactical RMM shows no trace of a scan that finds nothing new"


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, because Tactical's triggers are."""

    api: TacticalApi
    account: str
    clock: Clock
    zone: tzinfo | None
    may_act: bool
    may_restart: bool
    growth_percent: int
    #: When each job's updates were first seen to be all in: what follows them has to be given time.
    settled: dict[str, datetime] = field(default_factory=dict, repr=False)

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the devices again, and for an install what it would take on them now.

        A device whose turn has come is asked whether it listens: an order to one that does not is lost.
        """
        listed = self.rows(client, targets)
        offline = {t for t in targets if t in listed and mapping.online(listed[t]) is Fact.NO}
        if len(targets) == 1:
            offline |= {t for t in targets if t in listed and t not in offline and self._is_deaf(t)}
        gone = {t: _GONE for t in targets if t not in listed}
        if plan.action is Action.RESTART_DEVICES:
            owed = {t: mapping.reboot_needed(listed[t]) for t in targets if t in listed}
            gone |= {t: restarts.NOT_OWED for t in owed if owed[t] is Fact.NO}
        installs = plan.action is Action.INSTALL_PATCHES
        now = {t: self._would_take(t) for t in targets if installs and t in listed}
        gone |= {t: _NEVER_REPORTED for t in now if now[t] is None and t not in offline}
        return Recheck(gone=gone, offline=frozenset(offline), wider=self._wider(plan, now))

    def _is_deaf(self, target: str) -> bool:
        return self.api.hears(self.agent_id(target)) is Fact.NO

    def _wider(self, plan: Plan, now: Mapping[str, list[Patch] | None]) -> str | None:
        """Each device is measured by itself once its turn has come: reading all for each would be too many."""
        own = replace(plan, targets=tuple(t for t in plan.targets if t.id in now))
        takes = {DeviceId(target): patches or [] for target, patches in now.items()}
        return Growth(own, tuple(now), self.growth_percent).wider(takes)

    def _would_take(self, target: str) -> list[Patch] | None:
        """As `taken`; nothing where the device is no longer there."""
        try:
            return self.taken(target)
        except VendorNotFound:
            return []

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """The device's rows as they are, as far as the job may change them."""
        target = _target(job)
        if job.kind is JobKind.RESTART:
            return self._look(client, job).mark()
        if job.kind is JobKind.SCAN:
            return runs.scan_mark(self.api.source, self.api.updates(self.agent_id(target)))
        return runs.mark_of(self._patches(target, approving=self._approving(target)))

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the one call. Tactical takes no name or key for it, so the request's id goes nowhere."""
        if job.kind is JobKind.RESTART:
            return self._restart(job)
        if not self.may_act:
            raise VendorForbidden(self.api.source, "may_act is not set for this account.")
        agent_id = self.agent_id(_target(job))
        if job.kind is JobKind.INSTALL:
            self.api.install(agent_id)
        else:
            self.api.scan(agent_id)
        words = "passed on by Tactical RMM, which does not say whether the device heard it"
        return Report(state=JobState.DISPATCHED, detail=words)

    def _restart(self, job: Job) -> Report:
        if not self.may_restart:
            raise VendorForbidden(self.api.source, "may_restart is not set for this account.")
        self.api.restart(self.agent_id(_target(job)))
        return Report(state=JobState.DISPATCHED, detail="heard by the device")

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        if job.kind is JobKind.RESTART:
            return self._look(client, job).report(job)
        if job.kind is JobKind.SCAN:
            return self._follow_scan(job)
        seen = self._changes(job)
        words = f"{len(seen.over)} of {len(job.mark)} updates are in"
        words += f", {len(seen.failed)} failed" if seen.failed else ""
        words += f", {len(seen.unclear)} failed before" if seen.unclear else ""
        return Report(state=seen.state, detail=words if seen.any else "nothing has changed yet")

    def _follow_scan(self, job: Job) -> Report:
        if self._has_scanned(job):
            return Report(state=JobState.DONE, detail="its updates were reported anew")
        since = job.dispatched_at or self.clock.now()
        if self.clock.now() - since >= _SCAN_SHOWS_WITHIN:
            return Report(state=JobState.DONE, detail=_NO_TRACE)
        return Report(state=JobState.DISPATCHED, detail="nothing has changed yet")

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """Never NOT_SENT: an order shows only by what it changes. Never SENT: a change says not by whom."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).evidence(job)
        scan = job.kind is JobKind.SCAN
        changed = self._has_scanned(job) if scan else self._changes(job).any
        if changed:
            words = (
                "rows of this device have changed since the call was cut off; "
                "it may be our run or a scheduled one"
            )
        else:
            words = "nothing has changed on this device since the call was cut off"
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        target = _target(job)
        row = self.rows(client, [target]).get(target)
        if row is None:
            return (result(target, StepState.NOT_VERIFIED, _GONE),)
        if job.kind is JobKind.RESTART:
            return (_shown(row).verdict(job),)
        if job.kind is JobKind.SCAN:
            return (self._verify_scan(job, target),)
        if mapping.online(row) is not Fact.YES:
            words = "offline since; whether a restart is owed cannot be read back"
            return (result(target, StepState.DONE, words),)
        return (self._verify_install(job, plan, row),)

    def _verify_scan(self, job: Job, target: str) -> StepResult:
        if self._has_scanned(job):
            return result(target, StepState.VERIFIED, "scanned")
        return result(target, StepState.DONE, _NO_TRACE)

    def _verify_install(self, job: Job, plan: Plan, row: Row) -> StepResult:
        """What failed, what stays, and then what the agent says of a restart."""
        target = _target(job)
        now = self._patches(target)
        open_ = verdicts.of_install(plan.target(target).basis, job.mark, now)
        if open_ is not None:
            return replace(open_, target=target)
        if not self._restart_is_told(job):
            return result(target, StepState.DONE, "the agent's word on a restart is awaited")
        if mapping.reboot_needed(row) is Fact.YES:
            return self._restart_owed(target)
        return result(target, StepState.VERIFIED, verdicts.installed(job.mark, now))

    def _restart_is_told(self, job: Job) -> bool:
        now = self.clock.now()
        return now - self.settled.setdefault(job.id, now) >= _WORD_ON_RESTART

    def _restart_owed(self, target: str) -> StepResult:
        """Final where nothing restarts the device by itself; else its restart may be on the way."""
        never = policy.never_restarts(self.api.agent(self.agent_id(target)))
        state = StepState.NOT_VERIFIED if never else StepState.DONE
        return result(target, state, RESTART_OWED)

    # Reading for jobs.

    def rows(self, client: Client, targets: Sequence[str]) -> dict[str, Row]:
        """The rows of those devices that still are the client's: its own for one, else by client."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        if len(targets) == 1:
            return self._own_row(targets[0], bound)
        rows = {
            mapping.device_id(self.account, mapping.agent_id(self.api.source, row)): row
            for client_id in sorted(bound)
            for row in self.api.agents(client_id)
        }
        return {target: row for target, row in rows.items() if target in targets}

    def _own_row(self, target: str, bound: set[str]) -> dict[str, Row]:
        """An agent's own row tells its client by name; names are unique in Tactical."""
        try:
            row = self.api.agent(self.agent_id(target))
        except VendorNotFound:
            return {}
        names = {
            text(item.get("name")) for item in self.api.clients() if str(item.get("id")) in bound
        }
        return {target: row} if text(row.get("client")) in names else {}

    def _look(self, client: Client, job: Job) -> restarts.Look:
        """What its one device shows of a restart. Raises VendorNotFound."""
        target = _target(job)
        row = self.rows(client, [target]).get(target)
        if row is None:
            raise VendorNotFound(self.api.source, f"{target} is {_GONE}.")
        return _shown(row)

    def taken(self, target: str) -> list[Patch] | None:
        """What an install would take now; None where the agent has never reported its updates.

        Definitions come and go daily and are left out.
        """
        found = self._patches(target, approving=self._approving(target)).values()
        if not found:
            return None
        return [patch for patch in found if runs.is_taken(patch) and counts(patch)]

    def _approving(self, target: str) -> frozenset[str]:
        return policy.approving(self.api.agent(self.agent_id(target)))

    def _patches(self, target: str, *, approving: frozenset[str] = frozenset()) -> dict[int, Patch]:
        agent_id = self.agent_id(target)
        listing = Listing(
            account=self.account,
            source=self.api.source,
            agent_id=agent_id,
            zone=self.zone,
            approving=approving,
        )
        return listing.patches(self.api.updates(agent_id))

    def agent_id(self, target: str) -> str:
        """Tactical's id in a device's. Raises VendorNotFound for any other id."""
        account, _, agent_id = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[\w-]+", agent_id):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return agent_id

    def _changes(self, job: Job) -> runs.Changes:
        return runs.changes(job.mark, self._patches(_target(job)))

    def _has_scanned(self, job: Job) -> bool:
        agent_id = self.agent_id(_target(job))
        now = runs.scan_mark(self.api.source, self.api.updates(agent_id))
        return now != dict(job.mark)


def _target(job: Job) -> str:
    (target,) = job.targets
    return target


def _shown(row: Row) -> restarts.Look:
    return restarts.Look(
        online=mapping.online(row),
        booted_at=mapping.booted_at(row),
        owed=mapping.reboot_needed(row),
    )
