"""What all of VSA's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.vsa9.envelope import RefusalError
from sandbox.rmm.vsa9.words import agent_id
from sandbox.rmm.vsa9.work import Work

TARGET: Final = "vsa9"


class State:
    """The fleet and its patch runs, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.work = Work(self.fleet)
        self._by_agent = {agent_id(node.device): node for node in self.fleet.nodes.values()}
        self.fleet.live(self.work)

    def catch_up(self) -> None:
        self.fleet.catch_up()

    def nodes(self) -> list[Node]:
        return [node for _, node in sorted(self.fleet.nodes.items())]

    def node(self, request: web.Request) -> Node:
        """Find the agent the path names; raise RefusalError 404, which comes as HTTP 200."""
        node = self._by_agent.get(request.match_info["agent_id"])
        if node is None:
            raise RefusalError(404, "The agent was not found.")
        return node
