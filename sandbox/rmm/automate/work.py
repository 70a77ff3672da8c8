"""Patch jobs: picked up, worked through in simulated time, ended by a restart where policy wants one and an inventory.

At pace 1 a job takes some 5 to 10 s. A computer has one job at a time, and a second order while one runs
adds nothing. The restart is the patch policy's doing: at once where nobody is logged on, else not at all.
An order for a computer that is offline waits for it.
"""

from datetime import datetime
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.automate.history import Attempt, History
from sandbox.rmm.fleet import Fleet, offer_releases, spread
from sandbox.rmm.installs import attempt, reboot, scan

_PICK_UP_S = 1.0
_RESTART_S = 1.5
_INVENTORY_S = 1.0


class Work:
    """The patch jobs of all computers, and the witness of what computers do by themselves."""

    def __init__(self, fleet: Fleet, history: History) -> None:
        self._fleet = fleet
        self._history = history
        self._waiting: set[int] = set()
        self._picked_up: set[int] = set()
        self._running: set[int] = set()

    def deploy(self, device: Device, now: datetime) -> None:
        """Order the installation of everything approved; nothing comes of it without a patch policy."""
        if device.patch_policy and device.number not in self._picked_up:
            self._waiting.add(device.number)
            self._start(device, now)

    def restart(self, device: Device, now: datetime) -> None:
        """Restart a computer that is there; one that is not takes its commands later, or never."""
        if device.online:
            self._fleet.later(now, _PICK_UP_S, partial(self._go_down, device))

    def is_running(self, device: Device) -> bool:
        return device.number in self._running

    def start_waiting(self, now: datetime) -> None:
        """Start what waited for computers that are online by now."""
        for number in sorted(self._waiting):
            self._start(self._fleet.nodes[number].device, now)

    # The witness.

    def scanned(self, device: Device, at: datetime) -> None:
        """An inventory shows in the computer's own date."""

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        self._history.add(Attempt(device=device, update=update, installed=installed, at=at))

    def rebooted(self, device: Device, at: datetime) -> None:
        """A restart shows in the computer's own date."""

    def came_online(self, device: Device, at: datetime) -> None:
        if device.number in self._waiting:
            self._start(device, at)

    # One job.

    def _start(self, device: Device, at: datetime) -> None:
        if device.online:
            self._waiting.discard(device.number)
            self._picked_up.add(device.number)
            self._fleet.later(at, _PICK_UP_S, partial(self._run, device))

    def _run(self, device: Device, at: datetime) -> None:
        self._running.add(device.number)
        todo = [u for u in device.updates if u.state == "approved" and u.kind != "third_party"]
        whole = 3.0 + spread(device, 4)
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(self._attempt, device, update))
        self._fleet.later(at, whole, partial(self._installed, device))

    def _attempt(self, device: Device, update: Update, at: datetime) -> None:
        if update.state == "approved":
            self.attempted(device, update, attempt(device, update, at), at)

    def _installed(self, device: Device, at: datetime) -> None:
        if device.reboot_needed and device.user is None:
            self._go_down(device, at)
        else:
            self._fleet.later(at, _INVENTORY_S, partial(self._inventory, device))

    def _go_down(self, device: Device, at: datetime) -> None:
        device.online, device.last_seen = False, at
        self._fleet.later(at, _RESTART_S, partial(self._come_up, device))

    def _come_up(self, device: Device, at: datetime) -> None:
        reboot(device, at)
        self._fleet.later(at, _INVENTORY_S, partial(self._inventory, device))

    def _inventory(self, device: Device, at: datetime) -> None:
        offer_releases(device, at)
        scan(device, at)
        self._running.discard(device.number)
        self._picked_up.discard(device.number)
