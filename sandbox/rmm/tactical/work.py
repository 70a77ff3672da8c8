"""What agents do when told to over the message bus, which keeps nothing for those that do not listen.

At pace 1 an install takes some 4 to 8 s: one update after the other, a moment's rest, then a word on
whether a restart is owed; the server answers that with an order to restart, where its policy says so. An
agent that starts up scans. Nothing of this has a number, and nothing says when it began.
"""

from datetime import datetime
from functools import partial
from typing import Final

from sandbox.estate.model import Device, Update
from sandbox.rmm.fleet import Fleet, offer_releases, spread
from sandbox.rmm.installs import attempt, reboot, scan
from sandbox.rmm.tactical.policies import Policies
from sandbox.rmm.tactical.records import Record, Records
from sandbox.rmm.tactical.words import agent_id

#: Faults on this path, and what an order adds to it ("/bus/ping/<agent_id>"), take the bus away.
BUS: Final = "/bus"

_SCAN_S = 1.5
_REST_S = 1.0
_RESTART_S = 1.5


class Agents:
    """The agents of all devices, and the witness of what devices do by themselves."""

    def __init__(self, target: str, fleet: Fleet, records: Records, policies: Policies) -> None:
        self._target = target
        self._fleet = fleet
        self._records = records
        self._policies = policies
        self._installing: set[str] = set()
        self._owes = {device.uid: device.reboot_needed for device in fleet.devices}

    def owes_restart(self, device: Device) -> bool:
        """What the agent last said."""
        return self._owes[device.uid]

    # Told over the bus.

    def bus_is_up(self, device: Device, order: str) -> bool:
        path = f"{BUS}/{order}/{agent_id(device)}"
        struck = self._fleet.world.faults.take(self._target, "PUBLISH", path)
        return all(fault.kind == "latency" for fault in struck)

    def scan(self, device: Device, now: datetime) -> bool:
        """Have an agent scan; whether it heard."""
        heard = device.online and self.bus_is_up(device, "getwinupdates")
        if heard:
            self._fleet.later(now, _SCAN_S, partial(self._scanned, device))
        return heard

    def install(self, device: Device, records: list[Record], now: datetime) -> bool:
        """Have an agent install; whether it heard. One that is at it already does no more."""
        heard = device.online and self.bus_is_up(device, "installwinupdates")
        if heard and device.uid not in self._installing:
            self._installing.add(device.uid)
            whole = 3.0 + spread(device, 4)
            for place, record in enumerate(records, 1):
                share = place * whole / (len(records) + 1)
                self._fleet.later(now, share, partial(self._try, record))
            self._fleet.later(now, whole + _REST_S, partial(self._installed, device))
        return heard

    def restart(self, device: Device, now: datetime) -> bool:
        """Have a device restart; whether it heard."""
        heard = device.online and self.bus_is_up(device, "rebootnow")
        if heard:
            device.online, device.last_seen = False, now
            self._fleet.later(now, _RESTART_S, partial(self._come_up, device))
        return heard

    # The witness.

    def scanned(self, device: Device, at: datetime) -> None:
        self._records.report(device)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        for record in self._records.of(device):
            if record.update.id == update.id:
                self._records.tried(record, installed, at)

    def rebooted(self, device: Device, at: datetime) -> None:
        self._owes[device.uid] = device.reboot_needed

    def came_online(self, device: Device, at: datetime) -> None:
        self._fleet.later(at, _SCAN_S, partial(self._scanned, device))

    # Step by step.

    def _scanned(self, device: Device, at: datetime) -> None:
        if device.patch_policy:
            offer_releases(device, at)
            scan(device, at)
            self._records.report(device)

    def _try(self, record: Record, at: datetime) -> None:
        if record.update.state == "superseded":
            self._records.drop(record)
        elif not record.installed:
            self._records.tried(record, attempt(record.device, record.update, at), at)

    def _installed(self, device: Device, at: datetime) -> None:
        """The agent's last word of a run; the server's answer may be to restart."""
        self._installing.discard(device.uid)
        self._owes[device.uid] = device.reboot_needed
        if self._policies.restarts(device):
            self.restart(device, at)

    def _come_up(self, device: Device, at: datetime) -> None:
        reboot(device, at)
        self._owes[device.uid] = False
        self._scanned(device, at)
