"""What all of the platform's handlers share."""

from typing import Final

from sandbox.frame.world import World
from sandbox.rmm.asio.errors import not_found
from sandbox.rmm.asio.limits import Limits
from sandbox.rmm.asio.tasks import Tasks
from sandbox.rmm.fleet import Fleet, Node

TARGET: Final = "asio"


class State:
    """The fleet, what is known of its updates, and the tasks, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.tasks = Tasks(self.fleet)
        self.limits = Limits()
        self.nodes = {node.device.uid: node for node in self.fleet.nodes.values()}
        self.fleet.live(self.tasks)

    def catch_up(self) -> None:
        self.tasks.start_waiting(self.fleet.catch_up())

    def node(self, endpoint_id: str) -> Node:
        """Find a device; raise RefusalError 404."""
        node = self.nodes.get(endpoint_id)
        if node is None:
            raise not_found()
        return node
