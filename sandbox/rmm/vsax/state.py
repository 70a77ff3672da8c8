"""What all of VSA X's handlers share."""

from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.vsax.envelope import missing
from sandbox.rmm.vsax.executions import Executions
from sandbox.rmm.vsax.rows import TARGET


class State:
    """The fleet and the executions, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.executions = Executions(self.fleet)
        self.nodes = {node.device.uid: node for node in self.fleet.nodes.values()}
        self.fleet.live(self.executions)

    def catch_up(self) -> None:
        self.executions.start_waiting(self.fleet.catch_up())

    def node(self, identifier: str) -> Node:
        """Find a device; raise RefusalError 404."""
        node = self.nodes.get(identifier)
        if node is None:
            raise missing()
        return node
