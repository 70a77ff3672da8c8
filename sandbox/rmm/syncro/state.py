"""What all of Syncro's handlers share."""

from datetime import datetime
from typing import Final

from sandbox.estate.model import Device, Update
from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.syncro.errors import RefusalError
from sandbox.rmm.syncro.evaluations import Evaluation, evaluate
from sandbox.rmm.window import Window

TARGET: Final = "syncro"
#: Requests an address may make in a minute.
REQUESTS_PER_MINUTE = 180


class State:
    """The fleet and what is known of its updates, kept up with the clock; the witness of what devices do by themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.evaluations: dict[str, Evaluation] = {d.uid: evaluate(d) for d in self.fleet.devices}
        self._requests = Window(REQUESTS_PER_MINUTE)
        self.fleet.live(self)

    def take(self) -> None:
        """Let time catch up and count a request; raise RefusalError 429 for one too many."""
        if not self._requests.take(self.fleet.catch_up()):
            raise RefusalError(429, "Too many requests, please wait a minute")

    def node(self, number: str) -> Node:
        """Find a device; raise RefusalError 404."""
        node = self.fleet.nodes.get(int(number)) if number.isdecimal() else None
        if node is None:
            raise RefusalError(404, "Asset not found")
        return node

    # The witness.

    def scanned(self, device: Device, at: datetime) -> None:
        self.evaluations[device.uid] = evaluate(device)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """Shows with the scan that follows."""

    def rebooted(self, device: Device, at: datetime) -> None:
        """Shows with the next sync."""

    def came_online(self, device: Device, at: datetime) -> None:
        """Shows with the next sync."""
