"""What all of Action1's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.estate.model import Company
from sandbox.frame.world import World
from sandbox.rmm.action1.approvals import agree
from sandbox.rmm.action1.errors import forbidden, not_found
from sandbox.rmm.action1.instances import Instances
from sandbox.rmm.fleet import Fleet, Node

TARGET: Final = "action1"


class State:
    """The fleet and the runs of automations, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        for company in self.fleet.companies:
            agree(company)
        self.instances = Instances(self.fleet)
        self._nodes = {node.device.uid: node for node in self.fleet.nodes.values()}
        self.fleet.live(self.instances)

    def catch_up(self) -> None:
        self.instances.start_waiting(self.fleet.catch_up())

    def company(self, request: web.Request) -> Company:
        """The organisation the path names; one out of reach looks like one that is not there."""
        wanted = request.match_info["org"]
        found = next((c for c in self.fleet.companies if c.rmm_uid == wanted), None)
        if found is None:
            raise forbidden()
        return found

    def nodes(self, company: Company) -> list[Node]:
        return [Node(company, device) for device in company.devices]

    def node(self, company: Company, endpoint: str) -> Node:
        """Raises RefusalError 404."""
        node = self._nodes.get(endpoint)
        if node is None or node.company is not company:
            raise not_found("Endpoint")
        return node
