"""Carrying out scans, installs and restarts at NinjaOne, which takes a trigger and gives no handle on it.

An install is one call for the system's updates and one for other makers' software, as far as both were approved.

What becomes of a trigger is told by the device's activities newer than the newest one before it, by the
install history since, and by what stays on the list of missing updates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId, Family, Patch, PatchClass, family_of
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
from core.errors import VendorNotFound
from core.ports import Evidence, Recheck, Report, Truth
from integrations.rmm import read_back, restarts
from integrations.rmm.growth import Growth
from integrations.rmm.ninjaone import mapping
from integrations.rmm.ninjaone.api import NinjaOneApi, id_filter
from integrations.rmm.ninjaone.orders import Orders
from integrations.rmm.ninjaone.runs import MARK, rescanned, whole_course
from integrations.rmm.rows import Row

_GONE = "no longer in NinjaOne"
#: Devices stamp their own attempts, and their clocks differ from ours.
_CLOCKS_APART = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, because NinjaOne's triggers are."""

    api: NinjaOneApi
    account: str
    growth_percent: int
    #: The update script's number in the library; None: whatever is approved is installed.
    script: int | None

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the plan's devices again, and what the action would still find to do on them."""
        devices = self.devices(client, [target.id for target in plan.targets])
        gone = dict.fromkeys((target for target in targets if target not in devices), _GONE)
        if plan.action is Action.RESTART_DEVICES:
            gone |= self._waiting_no_more({t: devices[t] for t in targets if t in devices})
        return Recheck(
            gone=gone,
            offline=frozenset(
                target
                for target in targets
                if target in devices and mapping.online(devices[target]) is Fact.NO
            ),
            wider=self._wider(plan, targets) if plan.action is Action.INSTALL_PATCHES else None,
        )

    def _waiting_no_more(self, devices: Mapping[str, Row]) -> dict[str, str]:
        owed = self.restarts_owed(devices)
        return {target: restarts.NOT_OWED for target in owed if owed[target] is Fact.NO}

    def _wider(self, plan: Plan, targets: Sequence[str]) -> str | None:
        """A device whose updates are named takes no others of the system's."""
        named = {target.id for target in plan.targets if target.chosen}
        listed = [target.id for target in plan.targets if target.id not in named]
        updated = [target.id for target in plan.targets if Family.SOFTWARE in target.families]
        now = self.approved(listed) if listed else {}
        for device, patches in (self.approved(updated, software=True) if updated else {}).items():
            now.setdefault(device, []).extend(patches)
        return Growth(plan, targets, self.growth_percent).wider(now)

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """The device's newest activity, so that later ones can be told from earlier ones; how it last started."""
        if job.kind is JobKind.RESTART:
            return self._look(client, job).mark()
        return {MARK: str(self.api.last_activity_id(self._filter(_target(job))))}

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the job's calls. NinjaOne takes no name or key for them; of a restart it keeps the reason."""
        vendor_id = self.vendor_id(_target(job))
        if job.kind is JobKind.RESTART:
            self.api.restart(vendor_id, reason=f"Gatehouse request {request_id}")
            return Report(state=JobState.DISPATCHED, detail="accepted by NinjaOne")
        taken = Orders(api=self.api, script=self.script).send(job, vendor_id)
        return Report(state=JobState.DISPATCHED, reference=taken.reference, detail=taken.words)

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        if job.kind is JobKind.RESTART:
            return self._look(client, job).report(job)
        seen = whole_course(self.api, self._filter(_target(job)), job)
        return Report(state=seen.state, detail=seen.words)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """Never NOT_SENT: an accepted call shows only when the device picks it up, and it may be queued.

        Never SENT either: an activity does not say whose call caused it.
        """
        if job.kind is JobKind.RESTART:
            return self._look(client, job).evidence(job)
        seen = whole_course(self.api, self._filter(_target(job)), job)
        if seen.started_at is None:
            words = "NinjaOne shows no such run since the call was cut off; it may still be queued"
        else:
            words = (
                f"NinjaOne shows a run started at {seen.started_at:%Y-%m-%d %H:%M} UTC, after the call "
                "was cut off; it may be ours or a scheduled one"
            )
        return Evidence(truth=Truth.UNKNOWN, detail=words)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        target = _target(job)
        row = self.devices(client, [target]).get(target)
        if row is None:
            return (_result(target, StepState.NOT_VERIFIED, _GONE),)
        if job.kind is JobKind.RESTART:
            return (self._look_at(target, row).verdict(job),)
        if job.kind is JobKind.SCAN:
            return (self._verify_scan(job, target),)
        if mapping.online(row) is not Fact.YES:
            return (_result(target, StepState.DONE, "offline since; nothing can be read back"),)
        return (self._verify_install(job, target, plan, row),)

    def _verify_scan(self, job: Job, target: str) -> StepResult:
        if whole_course(self.api, self._filter(_target(job)), job).state is JobState.DONE:
            return _result(target, StepState.VERIFIED, "scanned")
        return _result(target, StepState.DONE, "no completed scan is shown yet")

    def _verify_install(self, job: Job, target: str, plan: Plan, row: Row) -> StepResult:
        """What failed, what stays, whether what we see is newer than the run, and what is owed."""
        df, basis = self._filter(target), plan.target(target).basis
        missing, tried = self._missing(df, job), self._tried(df, job, basis)
        unsettled = read_back.unsettled(basis, missing, tried)
        if unsettled is not None:
            return replace(unsettled, target=target)
        installed = read_back.installed(tried)
        if not all(self._shows(family, job, basis, installed) for family in job.families):
            return _result(target, StepState.DONE, "rescan awaited")
        if self._reboot_needed(df, row) is Fact.YES:
            return _result(target, StepState.NOT_VERIFIED, RESTART_OWED)
        words = f"{len(installed)} installed" if installed else "nothing of it is missing any more"
        return _result(target, StepState.VERIFIED, words)

    def _missing(self, df: str, job: Job) -> list[Patch]:
        found: list[Patch] = []
        if Family.SYSTEM in job.families:
            found += self._patches(self.api.os_patches(df))
        if Family.SOFTWARE in job.families:
            found += self._patches(self.api.software_patches(df), mapping.software_patch)
        return found

    def _tried(self, df: str, job: Job, basis: frozenset[str] | None) -> list[Patch]:
        """Attempts since the call. Where updates were named, others are nobody's business here."""
        since, found = _dispatched(job) - _CLOCKS_APART, list[Patch]()
        if Family.SYSTEM in job.families:
            found += self._patches(self.api.os_patch_installs(df, since))
        if Family.SOFTWARE in job.families:
            rows = self.api.software_patch_installs(df, since)
            found += self._patches(rows, mapping.software_patch)
        return [p for p in found if p.key in basis] if job.chosen and basis is not None else found

    def _patches(self, rows: Sequence[Row], read: mapping.Read = mapping.patch) -> list[Patch]:
        return list(mapping.patches(self.account, self.api.source, rows, read).values())

    def _shows(
        self, family: Family, job: Job, basis: frozenset[str] | None, installed: frozenset[str]
    ) -> bool:
        """Whether all of a family went in, or its list was made since: what is not listed there is not missing."""
        ours = None if basis is None else {key for key in basis if family_of(key) is family}
        return (ours is not None and ours <= installed) or rescanned(
            self.api, self._filter(_target(job)), family, job
        )

    def _reboot_needed(self, df: str, row: Row) -> Fact:
        health = mapping.by_device(self.api.source, self.api.device_health(df), "device health")
        return mapping.reboot_needed(row, health.get(row["id"]))

    def _look(self, client: Client, job: Job) -> restarts.Look:
        """What its one device shows of a restart. Raises VendorNotFound."""
        target = _target(job)
        row = self.devices(client, [target]).get(target)
        if row is None:
            raise VendorNotFound(self.api.source, f"{target} is {_GONE}.")
        return self._look_at(target, row)

    def _look_at(self, target: str, row: Row) -> restarts.Look:
        return restarts.Look(
            online=mapping.online(row),
            booted_at=mapping.booted_at(row),
            owed=self._reboot_needed(self._filter(target), row),
        )

    # Reading for jobs.

    def devices(self, client: Client, targets: Sequence[str]) -> dict[str, Row]:
        """The rows of those devices that still are in one of the client's organisations."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        ids = {int(self.vendor_id(target)) for target in targets}
        return {
            mapping.device_id(self.account, row["id"]): row
            for row in self.api.devices(id_filter(ids), at_most=len(ids))
            if str(row.get("organizationId")) in bound
        }

    def restarts_owed(self, devices: Mapping[str, Row]) -> dict[str, Fact]:
        """Which of the devices wait for a restart."""
        if not devices:
            return {}
        df = id_filter(row["id"] for row in devices.values())
        health = mapping.by_device(self.api.source, self.api.device_health(df), "device health")
        return {
            target: mapping.reboot_needed(row, health.get(row["id"]))
            for target, row in devices.items()
        }

    def approved(
        self, targets: Sequence[str], *, software: bool = False
    ) -> dict[DeviceId, list[Patch]]:
        """What an install would take now, by device. Definitions come and go daily and are left out."""
        wanted = id_filter(int(self.vendor_id(target)) for target in targets)
        report = self.api.software_patches if software else self.api.os_patches
        read = mapping.software_patch if software else mapping.patch
        rows = report(wanted, status="APPROVED")
        found: dict[DeviceId, list[Patch]] = {}
        for patch in mapping.patches(self.account, self.api.source, rows, read).values():
            if patch.patch_class is not PatchClass.DEFINITION:
                found.setdefault(patch.device_id, []).append(patch)
        return found

    def vendor_id(self, target: str) -> str:
        """NinjaOne's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, vendor_id = target.rpartition(":")
        if account != self.account or not vendor_id.isdecimal():
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return vendor_id

    def _filter(self, target: str) -> str:
        return id_filter([int(self.vendor_id(target))])


def _target(job: Job) -> str:
    (target,) = job.targets
    return target


def _dispatched(job: Job) -> datetime:
    if job.dispatched_at is None:
        raise ValueError(f"job {job.id} was never dispatched")
    return job.dispatched_at


def _result(target: str, state: StepState, reason: str) -> StepResult:
    return StepResult(target=target, state=state, reason=reason)
