"""What can be read: clients, agents, and the rows of updates of one agent."""

import asyncio

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.fleet import Node
from sandbox.rmm.tactical.errors import complaint
from sandbox.rmm.tactical.keys import guarded
from sandbox.rmm.tactical.rows import (
    agent_detail,
    agent_row,
    client_row,
    short_agent_row,
    site_number,
    update_row,
)
from sandbox.rmm.tactical.state import State

#: How long the server tries to reach an agent before it says offline.
_PING_S = 7.5


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/clients/": guarded("can_list_clients", self._clients),
            "/agents/": guarded("can_list_agents", self._agents),
            "/agents/{agent_id}/": guarded("can_list_agents", self._agent),
            "/agents/{agent_id}/ping/": guarded("can_list_agents", self._ping),
            "/winupdate/{agent_id}/": guarded("can_manage_winupdates", self._updates),
            "/accounts/roles/": guarded("can_list_roles", self._roles),
        }

    async def _clients(self, request: web.Request) -> web.Response:
        return web.json_response([client_row(company) for company in self._state.fleet.companies])

    async def _agents(self, request: web.Request) -> web.Response:
        """One list without pages; `detail` is on unless it is anything but "true"."""
        now = self._state.world.clock.now()
        chosen = [node for node in self._state.nodes() if _is_asked_for(request, node)]
        if request.query.get("detail", "true") != "true":
            return web.json_response([short_agent_row(node) for node in chosen])
        return web.json_response([agent_row(self._state, node, now) for node in chosen])

    async def _agent(self, request: web.Request) -> web.Response:
        now = self._state.world.clock.now()
        return web.json_response(agent_detail(self._state, self._state.node(request), now))

    async def _ping(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        hears = device.online and self._state.agents.bus_is_up(device, "ping")
        if not hears:
            await asyncio.sleep(_PING_S * self._state.world.pace)
        status = "online" if hears else "offline"
        return web.json_response({"name": device.name, "status": status})

    async def _updates(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        return web.json_response([update_row(record) for record in self._state.records.of(device)])

    async def _roles(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": 1, "name": "Gatehouse", "user_count": 1}])


def _is_asked_for(request: web.Request, node: Node) -> bool:
    """A site beats a client."""
    kind = request.query.get("monitoring_type")
    if kind not in (None, "server", "workstation"):
        raise complaint("monitoring type does not exist")
    if kind is not None and (kind == "server") != node.device.server:
        return False
    if "site" in request.query:
        return request.query["site"] == str(site_number(node.company))
    client = request.query.get("client")
    return client is None or client == str(node.company.rmm_number)
