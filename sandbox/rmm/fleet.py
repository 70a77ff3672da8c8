"""The devices of one vendor's companies, and what happens to them by itself as the days pass."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sandbox.estate.model import Company, Device, RmmVendor, Update
from sandbox.estate.releases import Release, definition, monthly, patch_days
from sandbox.estate.systems import system_of
from sandbox.estate.updates import make_update
from sandbox.frame.world import World
from sandbox.rmm.agenda import Agenda, Happening
from sandbox.rmm.installs import attempt, reboot, same_line, scan, supersede

#: An online device whose last scan is older than this when the estate is made has a stuck patch agent.
_STUCK_AFTER = timedelta(hours=48)
#: A laptop last seen no longer ago than this comes back within a working day; others stay away.
_COMES_BACK_WITHIN = timedelta(days=4)
#: A device that left an approved update alone for so long never installs anything by itself.
_LEFT_BEHIND_AFTER = timedelta(days=14)


class Witness(Protocol):
    """Hears of what devices do of their own accord, so that a vendor can write it down."""

    def scanned(self, device: Device, at: datetime) -> None: ...
    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None: ...
    def rebooted(self, device: Device, at: datetime) -> None: ...
    def came_online(self, device: Device, at: datetime) -> None: ...


@dataclass(frozen=True)
class Node:
    """A device and whose it is."""

    company: Company
    device: Device


class Fleet:
    """One vendor's companies and devices, an agenda, and each device's daily round.

    The daily round of a device that is online and whose patch agent is not stuck: new definitions,
    the month's releases once they are out, approved updates installed some days later, a scan.
    """

    def __init__(self, world: World, vendor: RmmVendor) -> None:
        self.world = world
        self.companies: list[Company] = world.estate.of_rmm(vendor)
        nodes = [Node(company, device) for company in self.companies for device in company.devices]
        self.nodes = {node.device.number: node for node in nodes}
        if len(self.nodes) != len(nodes):
            raise ValueError(f"two {vendor} devices of the estate share a number")
        self.devices = [node.device for node in nodes]
        self.agenda = Agenda()
        made_at = world.estate.made_at
        self._idle = {d.uid for d in self.devices if _left_behind(d, made_at)}
        self._stuck = {d.uid for d in self.devices if _stuck(d, made_at)}

    def live(self, witness: Witness) -> None:
        """Put every device's daily round, and the return of resting laptops, on the agenda."""
        made_at = self.world.estate.made_at
        for device in self.devices:
            round_ = partial(self._daily_round, device, witness)
            self.agenda.at(_first_round(device, made_at), round_)
            if not device.online and made_at - device.last_seen < _COMES_BACK_WITHIN:
                back_at = made_at + timedelta(hours=2 + spread(device, 10))
                self.agenda.at(back_at, partial(_come_online, device, witness))

    def stop_scanning(self, device: Device) -> None:
        """Take a device's recurring scan away: it has no daily round any more."""
        self._stuck.add(device.uid)

    def later(self, at: datetime, seconds: float, step: Happening) -> None:
        """Have a step of some device's work happen so long after `at`, at the sandbox's pace."""
        self.agenda.at(at + timedelta(seconds=seconds * self.world.pace), step)

    def catch_up(self) -> datetime:
        """Let everything happen that was due by now; give the time."""
        now = self.world.clock.now()
        self.agenda.catch_up(now)
        return now

    def _daily_round(self, device: Device, witness: Witness, at: datetime) -> None:
        self.agenda.at(at + timedelta(days=1), partial(self._daily_round, device, witness))
        if not device.online or not device.patch_policy or device.uid in self._stuck:
            return
        offer_releases(device, at)
        if device.uid not in self._idle:
            _install_by_itself(device, witness, at)
        scan(device, at)
        witness.scanned(device, at)


def spread(device: Device, width: int) -> int:
    """A number below `width` that is always the same for a device."""
    return zlib.crc32(device.uid.encode()) % width


def offer_releases(device: Device, at: datetime) -> None:
    """Put what has come out by `at` on a device's list, in place of what it supersedes."""
    system = system_of(device.os_name, device.os_build)
    if system.style != "mac":
        _renew_definitions(device, at)
    for release in monthly(system, patch_days(at, 1)[0]):
        if all(update.title != release.title for update in device.updates):
            _offer(device, release, at)


def _offer(device: Device, release: Release, at: datetime) -> None:
    """A new release is treated like its forerunner where that was held back, and approved else."""
    update = make_update(release, "approved", at)
    for older in device.updates:
        if same_line(older, update) and older.state in ("pending", "rejected"):
            update.state = older.state
    supersede(device, update)
    device.updates.append(update)


def _renew_definitions(device: Device, at: datetime) -> None:
    """Yesterday's definitions make room for today's, already installed on most devices."""
    today = definition(at.date())
    if any(update.title == today.title for update in device.updates):
        return
    device.updates = [update for update in device.updates if update.kind != "definition"]
    installed = (spread(device, 97) + at.toordinal()) % 10 >= 3
    update = make_update(today, "installed" if installed else "approved", at)
    update.installed_at = at if installed else None
    device.updates.append(update)


def _install_by_itself(device: Device, witness: Witness, at: datetime) -> None:
    """What the vendor's own schedule does some days after the approval, overnight and with a reboot."""
    patience = timedelta(days=2 + spread(device, 8))
    for update in device.updates:
        if update.state == "approved" and not update.fails and at - update.seen_at > patience:
            witness.attempted(device, update, attempt(device, update, at), at)
            if update.needs_reboot:
                reboot(device, at)
                witness.rebooted(device, at)


def _come_online(device: Device, witness: Witness, at: datetime) -> None:
    device.online = True
    device.last_seen = at
    witness.came_online(device, at)


def _first_round(device: Device, made_at: datetime) -> datetime:
    """Some time in the small hours, the first of them after the estate was made."""
    three = made_at.replace(hour=3, minute=0, second=0, microsecond=0)
    first = three + timedelta(minutes=spread(device, 120))
    return first if first > made_at else first + timedelta(days=1)


def _stuck(device: Device, made_at: datetime) -> bool:
    return (
        device.online and device.last_scan is not None and made_at - device.last_scan > _STUCK_AFTER
    )


def _left_behind(device: Device, made_at: datetime) -> bool:
    """True for a device that lags as the estate is made: it keeps to its ways, and so grows older."""
    return any(
        update.state == "superseded"
        or (update.state == "approved" and made_at - update.seen_at > _LEFT_BEHIND_AFTER)
        for update in device.updates
    )
