"""What all of NinjaOne's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.frame.world import World
from sandbox.rmm.fleet import Fleet, Node
from sandbox.rmm.ninjaone.activities import Activities
from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.filters import Match
from sandbox.rmm.ninjaone.pages import Cursors
from sandbox.rmm.ninjaone.work import Work

TARGET: Final = "ninjaone"


class State:
    """The fleet, its log and its work, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.activities = Activities(self.fleet.devices, world.estate.made_at)
        self.work = Work(self.fleet, self.activities)
        self.cursors = Cursors()
        self.fleet.live(self.work)

    def catch_up(self) -> None:
        self.work.start_waiting(self.fleet.catch_up())

    def node(self, request: web.Request) -> Node:
        """Find the device the path names; raise RefusalError 404."""
        text = request.match_info["id"]
        node = self.fleet.nodes.get(int(text)) if text.isdecimal() else None
        if node is None:
            raise RefusalError(404, "Device not found")
        return node

    def chosen(self, match: Match) -> list[Node]:
        """The devices a filter lets through, by id."""
        return [node for _, node in sorted(self.fleet.nodes.items()) if match(node)]
