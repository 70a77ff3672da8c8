"""Runs of automations: each endpoint works through the packages of its order, in simulated time.

At pace 1 an endpoint picks its order up after a second (one that is disconnected, when it is back, unless the
order has expired by then), installs for 3 to 6 s, restarts where it was told to, and has its result.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.action1.words import package_of
from sandbox.rmm.fleet import Fleet, Node, offer_releases, spread
from sandbox.rmm.installs import WAITING, attempt, reboot, scan

_PICK_UP_S = 1.0
_RESTART_S = 1.5


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an automation was told to do. `packages`: id -> version."""

    name: str
    packages: dict[str, str]
    auto_reboot: bool
    retry: timedelta

    def todo(self, device: Device) -> list[Update]:
        """What of it an endpoint misses and does not yet have."""
        return [
            update
            for update in device.updates
            if update.state in WAITING | {"pending"}
            and self.packages.get(package_of(update).id) == package_of(update).version
        ]


@dataclass
class Instance:
    """One run on one endpoint."""

    order: Order
    node: Node
    created: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    description: str = ""
    due: bool = False
    ended: datetime | None = None
    failures: int = 0


class Instances:
    """All runs, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.all: list[Instance] = []

    def start(self, order: Order, node: Node) -> Instance:
        now = self._fleet.world.clock.now()
        instance = Instance(order, node, now)
        self.all.append(instance)
        self._fleet.later(now, _PICK_UP_S, partial(self._pick_up, instance))
        return instance

    def stop(self, instance: Instance, now: datetime) -> None:
        """An endpoint that has begun is not stopped any more."""
        if instance.status == "Pending":
            instance.status, instance.ended = "Stopped", now

    def start_waiting(self, now: datetime) -> None:
        for instance in self.all:
            self._begin(instance, now)

    # What devices do by themselves: the server assesses them anew each time, without a trace of its own.

    def scanned(self, device: Device, at: datetime) -> None: ...
    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None: ...
    def rebooted(self, device: Device, at: datetime) -> None: ...

    def came_online(self, device: Device, at: datetime) -> None:
        self.start_waiting(at)

    # One run.

    def _pick_up(self, instance: Instance, at: datetime) -> None:
        instance.due = True
        self._begin(instance, at)

    def _begin(self, instance: Instance, at: datetime) -> None:
        if not instance.due or instance.status != "Pending":
            return
        device = instance.node.device
        if not device.online:
            if at - instance.created > instance.order.retry:
                self._end(instance, "Expired", "The endpoint was not connected in time.", at)
            return
        instance.status = "Running"
        todo = instance.order.todo(device)
        whole = 3.0 + spread(device, 4)
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(self._attempt, instance, update))
        self._fleet.later(at, whole, partial(self._done, instance))

    def _attempt(self, instance: Instance, update: Update, at: datetime) -> None:
        if update.state in WAITING | {"pending"}:
            instance.failures += not attempt(instance.node.device, update, at)

    def _done(self, instance: Instance, at: datetime) -> None:
        device = instance.node.device
        offer_releases(device, at)
        scan(device, at)
        if instance.failures:
            words = f"{instance.failures} of {len(instance.order.packages)} updates failed."
            self._end(instance, "Error", words, at)
        else:
            self._end(instance, "Success", "", at)
        if instance.order.auto_reboot and device.reboot_needed and device.user is None:
            device.online, device.last_seen = False, at
            self._fleet.later(at, _RESTART_S, partial(_come_up, device))

    def _end(self, instance: Instance, status: str, words: str, at: datetime) -> None:
        instance.status, instance.description, instance.ended = status, words, at


def _come_up(device: Device, at: datetime) -> None:
    reboot(device, at)
