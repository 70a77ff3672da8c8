"""Patch runs: scheduled, worked through in simulated time, ended by the agent's reboot action and a scan.

At pace 1 a run takes some 5 to 10 s. The reboot action is the agent's own: at once where nobody is logged
on, else not at all. What went in stays on the list until the scan that follows. A second order adds to the
first.
"""

from datetime import datetime
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.fleet import Fleet, offer_releases, spread
from sandbox.rmm.installs import MISSING, attempt, reboot, scan
from sandbox.rmm.vsa9.words import is_handled, on_windows

#: What SchedTogether says: not scheduled, scheduled, failed.
NOT_SCHEDULED, SCHEDULED, FAILED = 0, 1, 8

_PICK_UP_S = 1.0
_RESTART_S = 1.5
_SCAN_S = 1.0


class Work:
    """The patch runs of all agents, and the witness of what machines do by themselves."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        #: By device: updates that are due, and updates that went in since the last scan.
        self._due: dict[str, set[str]] = {device.uid: set() for device in fleet.devices}
        self._unscanned: dict[str, set[str]] = {device.uid: set() for device in fleet.devices}
        self._running: set[str] = set()

    def listed(self, device: Device) -> list[tuple[Update, int]]:
        """What the last scan found to be missing, and how each update stands."""
        if device.last_scan is None or not on_windows(device):
            return []
        return [
            (update, self._standing(device, update))
            for update in device.updates
            if is_handled(update)
            and (update.state in MISSING or update.id in self._unscanned[device.uid])
        ]

    def schedule(self, device: Device, update_ids: set[str], now: datetime) -> None:
        """Have an agent install these updates."""
        self._due[device.uid] |= update_ids
        if device.uid not in self._running:
            self._running.add(device.uid)
            self._fleet.later(now, _PICK_UP_S, partial(self._run, device))

    def _standing(self, device: Device, update: Update) -> int:
        if update.id in self._due[device.uid] or update.id in self._unscanned[device.uid]:
            return SCHEDULED
        return FAILED if update.state == "failed" else NOT_SCHEDULED

    # The witness.

    def scanned(self, device: Device, at: datetime) -> None:
        self._unscanned[device.uid].clear()

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """What a machine installs by itself, its daily scan shows at once."""

    def rebooted(self, device: Device, at: datetime) -> None:
        """A restart shows in the agent's own date."""

    def came_online(self, device: Device, at: datetime) -> None:
        """Orders skip machines that are off, so none waits."""

    # One run.

    def _run(self, device: Device, at: datetime) -> None:
        todo = [u for u in device.updates if u.id in self._due[device.uid]]
        whole = 3.0 + spread(device, 4)
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(self._attempt, device, update))
        self._fleet.later(at, whole, partial(self._installed, device))

    def _attempt(self, device: Device, update: Update, at: datetime) -> None:
        self._due[device.uid].discard(update.id)
        if update.state in MISSING and attempt(device, update, at):
            self._unscanned[device.uid].add(update.id)

    def _installed(self, device: Device, at: datetime) -> None:
        if device.reboot_needed and device.user is None:
            device.online, device.last_seen = False, at
            self._fleet.later(at, _RESTART_S, partial(self._come_up, device))
        else:
            self._fleet.later(at, _SCAN_S, partial(self._scan, device))

    def _come_up(self, device: Device, at: datetime) -> None:
        reboot(device, at)
        self._fleet.later(at, _SCAN_S, partial(self._scan, device))

    def _scan(self, device: Device, at: datetime) -> None:
        self._running.discard(device.uid)
        offer_releases(device, at)
        scan(device, at)
        self.scanned(device, at)
        if self._due[device.uid]:
            self.schedule(device, set(), at)
