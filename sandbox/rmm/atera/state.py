"""What all of Atera's handlers share."""

from datetime import datetime
from typing import Final

from sandbox.estate.model import Device, Update
from sandbox.frame.world import World
from sandbox.rmm.atera.errors import RefusalError
from sandbox.rmm.atera.rows import Look, look
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.window import Window

TARGET: Final = "atera"
#: Requests a key may make in a minute.
REQUESTS_PER_MINUTE = 700


class State:
    """The fleet and what is known of its updates, kept up with the clock; the witness of what devices do by themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.looks: dict[str, Look] = {device.uid: look(device) for device in self.fleet.devices}
        self._requests = Window(REQUESTS_PER_MINUTE)
        self.fleet.live(self)

    def take(self) -> None:
        """Let time catch up and count a request; raise RefusalError 429 for one too many."""
        if not self._requests.take(self.fleet.catch_up()):
            raise RefusalError(429, "Too many requests.")

    def node(self, number: str) -> Node:
        """Find a device by its agent's number; raise RefusalError 404."""
        node = self.fleet.nodes.get(int(number)) if number.isdecimal() else None
        if node is None:
            raise RefusalError(404, "Agent not found.")
        return node

    def look(self, guid: str) -> Look:
        """Find what is known of a device's updates; raise RefusalError 404."""
        found = self.looks.get(guid)
        if found is None:
            raise RefusalError(404, "Device not found.")
        return found

    # The witness.

    def scanned(self, device: Device, at: datetime) -> None:
        self.looks[device.uid] = look(device)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """Shows with the scan that follows."""

    def rebooted(self, device: Device, at: datetime) -> None:
        """Shows in the agent's row, which is always of now."""

    def came_online(self, device: Device, at: datetime) -> None:
        """Shows in the agent's row, which is always of now."""
