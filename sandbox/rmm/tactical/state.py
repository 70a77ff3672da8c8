"""What all of Tactical's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.estate.model import Device
from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.tactical.errors import detail
from sandbox.rmm.tactical.policies import Policies
from sandbox.rmm.tactical.records import Records
from sandbox.rmm.tactical.words import agent_id
from sandbox.rmm.tactical.work import Agents

TARGET: Final = "tactical"


class State:
    """The fleet, the server's rows about it, and its agents, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.policies = Policies()
        self.records = Records(self.fleet.devices)
        self.agents = Agents(TARGET, self.fleet, self.records, self.policies)
        self._by_agent = {agent_id(node.device): node for node in self.fleet.nodes.values()}
        self.fleet.live(self.agents)

    def catch_up(self) -> None:
        self.fleet.catch_up()

    def nodes(self) -> list[Node]:
        return [node for _, node in sorted(self.fleet.nodes.items())]

    def node(self, request: web.Request) -> Node:
        """Find the agent the path names; raise RefusalError 404."""
        node = self._by_agent.get(request.match_info["agent_id"])
        if node is None:
            raise detail(404, "No Agent matches the given query.")
        return node

    def waits(self, device: Device) -> bool:
        """Whether something approved is not installed."""
        return any(record.waits for record in self.records.of(device))
