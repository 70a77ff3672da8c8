"""Read every client's tenant and devices, judge them, and keep the result as the newest snapshot."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Coverage, Unread
from core.domain.findings import DeviceVerdict, MfaSection, PatchSection, Snapshot
from core.domain.patching import History, RmmReading
from core.domain.policy import Policy
from core.ports import Clock, Directory, Parallel, Rmm, Snapshots
from core.rules.inheritance import Lines, inherit, lines_by_serial, newcomers
from core.rules.mfa_changes import remembered
from core.rules.mfa_gaps import judge_mfa
from core.rules.one_home import kept_away, settled
from core.rules.overdue_patches import judge_patches
from core.rules.same_device import shown_once
from core.rules.unmanaged import register_of

log = logging.getLogger(__name__)

#: What a fault of our own is called where people read it; the log has the rest.
FAULT = "Gatehouse could not make sense of what it read"
FAULT_REMEDY = "Send Gatehouse's log to whoever runs it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanner:
    """Scans some or all clients. One read per RMM account, one per tenant."""

    #: All of them, whichever are scanned: a device may come from one to another.
    clients: Sequence[Client]
    directory: Directory
    rmms: Mapping[str, Rmm]
    snapshots: Snapshots
    policy: Policy
    clock: Clock
    parallel: Parallel

    def scan(self, clients: Sequence[Client]) -> tuple[Snapshot, ...]:
        """Read and judge; every client gets a snapshot, whatever could not be read."""
        before = {c.key: self._before(c) for c in (*self.clients, *clients)}
        round_ = _Round(
            fleet=self._read_fleets(clients),
            before=before,
            by_serial=lines_by_serial(before.values()),
        )
        jobs = [lambda c=c: self._scan_one(c, round_) for c in clients]
        scanned = {snapshot.client: snapshot for snapshot in self.parallel(jobs)}
        now = self._settle(before | scanned)
        return tuple(now[client.key] for client in clients)

    def _before(self, client: Client) -> Snapshot:
        return self.snapshots.get(client.key) or Snapshot(client=client.key)

    def _settle(self, snapshots: Mapping[ClientKey, Snapshot]) -> Mapping[ClientKey, Snapshot]:
        """Every machine under one client; those that were not scanned now may have one less or more."""
        try:
            after = settled(tuple(snapshots.values()))
        except Exception:
            log.exception("Devices that two clients list could not be told apart")
            return snapshots
        for snapshot in after:
            if snapshot != snapshots[snapshot.client]:
                self.snapshots.put(snapshot)
        return {snapshot.client: snapshot for snapshot in after}

    def _read_fleets(self, clients: Sequence[Client]) -> Mapping[RmmBinding, RmmReading]:
        by_account: dict[str, list[RmmBinding]] = {}
        for binding in _bindings(clients):
            by_account.setdefault(binding.account, []).append(binding)
        jobs = [
            lambda account=account, bound=bound: self._read_account(account, bound)
            for account, bound in by_account.items()
        ]
        readings = self.parallel(jobs)
        return {
            binding: reading[binding.organisation]
            for bound, reading in zip(by_account.values(), readings, strict=True)
            for binding in bound
        }

    def _read_account(self, account: str, bound: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """A fault of ours at one account is told like an outage of it, and hides no other account."""
        try:
            return self.rmms[account].read(bound)
        except Exception:
            log.exception("The account %s could not be read", account)
            now = self.clock.now()
            lost = Coverage(unread=(_fault(account, "devices", now),))
            return {
                binding.organisation: RmmReading(
                    account=account,
                    organisation=binding.organisation,
                    coverage=lost,
                    observed_at=now,
                )
                for binding in bound
            }

    def _scan_one(self, client: Client, round_: "_Round") -> Snapshot:
        now = self.clock.now()
        before = round_.before[client.key]
        snapshot = self._section(
            "patches", before, lambda: self._with_patches(client, before, round_, now)
        )
        judged = self._section("mfa", snapshot, lambda: self._with_mfa(client, snapshot))
        done = replace(judged, tried_at=now)
        self.snapshots.put(done)
        return done

    def _section(self, name: str, before: Snapshot, judge: Callable[[], Snapshot]) -> Snapshot:
        """A fault of ours in one section is shown as not read, and hides neither section nor client."""
        try:
            return judge()
        except Exception:
            log.exception("The %s of %s could not be judged", name, before.client)
            lost = Coverage(unread=(_fault("Gatehouse", name, self.clock.now()),))
            return replace(before, failing=_failing(before.failing, name, lost))

    def _with_mfa(self, client: Client, before: Snapshot) -> Snapshot:
        if client.tenant_id is None:
            return replace(before, mfa=None, register=None, marks=())
        reading = self.directory.read(client)
        before = replace(before, register=register_of(reading, before.register))
        if not reading.coverage.covers("users"):
            failing = _failing(before.failing, "mfa", reading.coverage)
            return replace(before, failing=failing)
        section = judge_mfa(reading, client, self.policy.mfa, now=self.clock.now())
        return replace(
            before,
            mfa=_dated(section, before.mfa),
            marks=remembered(before.marks, section),
            failing=_recovered(before.failing, "mfa"),
        )

    def _with_patches(
        self,
        client: Client,
        before: Snapshot,
        round_: "_Round",
        now: datetime,
    ) -> Snapshot:
        readings = [round_.fleet[binding] for binding in client.rmm]
        if not readings:
            return replace(before, patches=None)
        read = [reading for reading in readings if reading.coverage.covers("devices")]
        unread = [reading for reading in readings if not reading.coverage.covers("devices")]
        lost = Coverage(unread=tuple(u for r in unread for u in r.coverage.unread))
        if not read:
            return replace(before, failing=_failing(before.failing, "patches", lost))
        known = self._inherited(client, before, read, round_)
        section, history = judge_patches(read, known, client, self.policy.overdue, now=now)
        others = [r for binding, r in round_.fleet.items() if binding not in client.rmm]
        kept = _kept(before.patches, {reading.account for reading in unread}, others)
        section = replace(
            section,
            devices=(*section.devices, *kept),
            coverage=section.coverage.plus(*lost.unread),
        )
        section = shown_once(kept_away(section, before.patches))
        return replace(
            before,
            patches=_dated(section, before.patches),
            history=history,
            failing=_recovered(before.failing, "patches"),
        )

    def _inherited(
        self, client: Client, before: Snapshot, read: Sequence[RmmReading], round_: "_Round"
    ) -> History:
        """The client's history, and that of devices that came from another client or account."""
        new = newcomers(before.history, read)
        if not new:
            return before.history
        accounts = {binding.account for binding in client.rmm}
        neighbours = (
            other.key
            for other in self.clients
            if other.key != client.key and any(b.account in accounts for b in other.rmm)
        )
        return inherit(
            before.history,
            new,
            elsewhere=[round_.before[key].history for key in neighbours],
            before=before.patches,
            accounts=accounts,
            by_serial=round_.by_serial,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    """What is known of all clients while some are scanned."""

    #: What their RMMs tell now, of those that are scanned.
    fleet: Mapping[RmmBinding, RmmReading]
    before: Mapping[ClientKey, Snapshot]
    by_serial: Mapping[str, Lines]


S = TypeVar("S", MfaSection, PatchSection)


def _dated(section: S, before: S | None) -> S:
    """What was already missing at the last scan keeps its first date."""
    earlier = before.coverage if before is not None else Coverage()
    return replace(section, coverage=section.coverage.since_first_missing(earlier))


def _kept(
    before: PatchSection | None, accounts: Collection[str], others: Iterable[RmmReading]
) -> list[DeviceVerdict]:
    """Devices of accounts that could not be read now stay as last seen, unless others have them now."""
    if before is None or not accounts:
        return []
    moved = {device.id for reading in others for device in reading.devices}
    return [
        device
        for device in before.by_account()
        if device.account in accounts and device.device_id not in moved
    ]


def _failing(before: Coverage, section: str, now: Coverage) -> Coverage:
    """Note that a whole section could not be read, keeping since when."""
    new = Coverage(
        unread=tuple(replace(item, what=f"{section}: {item.what}") for item in now.unread)
    ).since_first_missing(before)
    others = tuple(i for i in before.unread if not i.what.startswith(f"{section}: "))
    return Coverage(unread=(*others, *new.unread))


def _recovered(before: Coverage, section: str) -> Coverage:
    return Coverage(unread=tuple(i for i in before.unread if not i.what.startswith(f"{section}: ")))


def _bindings(clients: Iterable[Client]) -> list[RmmBinding]:
    return list(dict.fromkeys(binding for client in clients for binding in client.rmm))


def _fault(source: str, what: str, now: datetime) -> Unread:
    return Unread(source=source, what=what, reason=FAULT, remedy=FAULT_REMEDY, since=now)
