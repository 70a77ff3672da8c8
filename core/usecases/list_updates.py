"""Have update scripts list what devices miss, every so often, at RMMs that only count."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    JobState,
    Options,
    Plan,
    RequestId,
    StepState,
    Target,
)
from core.errors import (
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorForbidden,
    VendorRefused,
)
from core.ports import AuditLog, Clock, Listings, Rmm, ScriptRuns, ShownSnapshots, Switch
from core.rules.binding import mismatch

log = logging.getLogger(__name__)

#: Surely not carried out: the device's turn comes again.
_NOT_SENT = (VendorBusy, VendorDown, VendorAuthError, VendorForbidden)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListUpdates:
    """Scans by script that no person asks for: only where the configuration says how often, by account.

    A run is made at most once per device and period, whatever became of it; freezing stops new ones. Asked
    again and again; each pass follows what is under way and starts as many more as there is room for.
    """

    every: Mapping[str, timedelta]
    rmms: Mapping[str, Rmm]
    clients: Sequence[Client]
    snapshots: ShownSnapshots
    listings: Listings
    runs: ScriptRuns
    switch: Switch
    audit: AuditLog
    clock: Clock
    #: Runs under way per account, and the time after which one is given up.
    at_once: int = 30
    patience: timedelta = timedelta(hours=4)

    def __call__(self) -> None:
        """One pass over all accounts. Raises StorageFailed, and then nothing more is started."""
        for run in self.runs.all():
            if not run.state.final:
                self._follow(run)
        if self.switch.frozen() is None:
            for account in self.every:
                self._start(account)

    # What is under way.

    def _follow(self, run: Job) -> None:
        client = next((client for client in self.clients if client.key == run.client), None)
        rmm = self.rmms.get(run.account)
        cut_off = run.state is JobState.DISPATCHING
        if client is None or rmm is None or cut_off or self._is_too_long(run):
            self._end(run, JobState.UNKNOWN, "cut off" if cut_off else "no end was seen in time")
            return
        try:
            self._look(run, client, rmm)
        except VendorError as failure:
            log.info("The listing of %s could not be followed: %s", run.targets[0], failure)

    def _look(self, run: Job, client: Client, rmm: Rmm) -> None:
        """A run that has ended is read back: that is when its listing is kept."""
        report = rmm.follow(client, run)
        if report.state is not JobState.DONE:
            if report.state.final:
                self._end(run, report.state, report.detail)
            return
        (result,) = rmm.verify(client, run, _plan(client, run, self.clock.now()))
        if result.state is not StepState.DONE:
            known = result.state is StepState.VERIFIED
            self._end(run, JobState.DONE if known else JobState.UNKNOWN, result.reason)

    def _is_too_long(self, run: Job) -> bool:
        return run.dispatched_at is None or self.clock.now() - run.dispatched_at > self.patience

    def _end(self, run: Job, state: JobState, detail: str) -> None:
        self.runs.put(replace(run, state=state, detail=detail, ended_at=self.clock.now()))

    # What is due.

    def _start(self, account: str) -> None:
        under_way = [
            run for run in self.runs.all() if run.account == account and not run.state.final
        ]
        room = self.at_once - len(under_way)
        for client, devices in self._due(account, {run.targets[0] for run in under_way}):
            taken = devices[: max(room, 0)]
            room -= len(taken)
            if taken and not self._start_at(account, client, taken):
                return

    def _due(self, account: str, busy: set[str]) -> Iterator[tuple[Client, list[DeviceVerdict]]]:
        ran = {run.targets[0]: run.dispatched_at for run in self.runs.all()}
        for client in self.clients:
            if all(binding.account != account for binding in client.rmm):
                continue
            devices = [
                device
                for device in self._devices(client)
                if device.account == account
                and device.device_id not in busy
                and self._is_due(device, ran.get(device.device_id))
            ]
            yield client, devices

    def _devices(self, client: Client) -> Iterable[DeviceVerdict]:
        """Nothing is run on devices of which it is not sure whose they are."""
        snapshot = self.snapshots.get(client.key)
        if snapshot is None or snapshot.patches is None:
            return ()
        sure = mismatch(snapshot.mfa, snapshot.patches, client) is None
        return (d for d in snapshot.patches.devices if sure and _may_run(d))

    def _is_due(self, device: DeviceVerdict, ran: datetime | None) -> bool:
        listing = self.listings.get(device.device_id)
        times = (ran, listing.listed_at if listing is not None else None)
        last = max((time for time in times if time is not None), default=None)
        return last is None or self.clock.now() - last >= self.every[device.account]

    # Starting.

    def _start_at(self, account: str, client: Client, devices: Sequence[DeviceVerdict]) -> bool:
        """Start runs on some devices of a client; False where the vendor takes no more now."""
        round_id = RequestId(f"listing-{self.clock.now():%Y%m%d%H%M%S}")
        self.audit.append(
            "listing_begun",
            actor="gatehouse",
            client=client.key,
            account=account,
            round=round_id,
            devices=[device.device_id for device in devices],
        )
        return all(self._run(client, device, round_id) for device in devices)

    def _run(self, client: Client, device: DeviceVerdict, round_id: RequestId) -> bool:
        """Make the one call; False where it was not carried out, so that others wait as well."""
        if self.switch.frozen() is not None:
            return False
        rmm, number = self.rmms[device.account], filter(str.isalnum, device.device_id)
        job = Job(
            id=JobId(f"{round_id}-{''.join(number)[-32:]}"),
            kind=JobKind.SCAN,
            account=device.account,
            client=client.key,
            targets=(device.device_id,),
        )
        try:
            mark = rmm.mark(client, job)
        except VendorError:
            return False
        now = self.clock.now()
        job = replace(job, state=JobState.DISPATCHING, mark=mark, dispatched_at=now)
        self.runs.put(job)
        try:
            report = rmm.dispatch(client, job, round_id)
        except _NOT_SENT as failure:
            log.info("The listing of %s has to wait: %s", device.name, failure)
            self._end(replace(job, dispatched_at=None), JobState.SKIPPED, failure.sentence)
            return False
        except VendorRefused as failure:
            self._end(job, JobState.FAILED, failure.sentence)
            return False
        except VendorError as failure:
            self._end(job, JobState.UNKNOWN, failure.sentence)
            return True
        self.runs.put(replace(job, state=report.state, reference=report.reference))
        return True


def _may_run(device: DeviceVerdict) -> bool:
    """Online, not protected, and as far as its system is known, one the script runs on."""
    windows = not device.os or "windows" in device.os.casefold()
    return device.online is Fact.YES and not device.protected and windows


def _plan(client: Client, run: Job, now: datetime) -> Plan:
    (target,) = run.targets
    return Plan(
        client=client.key,
        client_name=client.name,
        account=run.account,
        action=Action.SCAN_PATCHES,
        direction=Direction.NEUTRAL,
        options=Options(),
        targets=(Target(id=target, name=target),),
        made_at=now,
    )
