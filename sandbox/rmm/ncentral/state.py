"""What all of N-central's handlers share."""

from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.ncentral.errors import RefusalError
from sandbox.rmm.ncentral.rows import TARGET
from sandbox.rmm.ncentral.tasks import Tasks


class State:
    """The fleet and the tasks, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.tasks = Tasks(self.fleet)
        self.fleet.live(self.tasks)

    def catch_up(self) -> None:
        self.tasks.start_waiting(self.fleet.catch_up())

    def node(self, number: object) -> Node:
        """Find a device; raise RefusalError 404."""
        text = str(number)
        node = self.fleet.nodes.get(int(text)) if text.isdecimal() else None
        if node is None:
            raise RefusalError(404, f"Device {text} was not found.")
        return node
