"""What all of Automate's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.frame.world import World
from sandbox.rmm.automate.errors import RefusalError
from sandbox.rmm.automate.history import History
from sandbox.rmm.automate.work import Work
from sandbox.rmm.fleet import Fleet, Node

TARGET: Final = "automate"


class State:
    """The fleet, its patch history and its patch jobs, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.history = History(self.fleet.nodes.values(), world.estate.made_at)
        self.work = Work(self.fleet, self.history)
        self.fleet.live(self.work)

    def catch_up(self) -> None:
        self.work.start_waiting(self.fleet.catch_up())

    def node(self, request: web.Request) -> Node:
        """Find the computer the path names; raise RefusalError 404."""
        text = request.match_info["id"]
        node = self.fleet.nodes.get(int(text)) if text.isdecimal() else None
        if node is None:
            raise RefusalError(404, f"Computer {text} was not found.")
        return node

    def nodes(self) -> list[Node]:
        return [node for _, node in sorted(self.fleet.nodes.items())]
