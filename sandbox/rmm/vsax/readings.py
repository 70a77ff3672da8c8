"""What can be read: organisations, devices and their assets."""

from aiohttp import web

from sandbox.rmm.vsax import rows
from sandbox.rmm.vsax.envelope import answer
from sandbox.rmm.vsax.odata import Row, page
from sandbox.rmm.vsax.state import State


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    async def organizations(self, request: web.Request) -> web.Response:
        return page(request, [rows.organization(c) for c in self._state.fleet.companies])

    async def devices(self, request: web.Request) -> web.Response:
        managed = [rows.device_row(node) for node in self._state.nodes.values()]
        return page(request, managed + rows.other_rows(self._state.fleet.companies))

    async def device(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["identifier"])
        return answer(rows.device_detail(node, self._state.world.clock.now()))

    async def assets(self, request: web.Request) -> web.Response:
        return page(request, [self._asset(uid) for uid in self._state.nodes])

    async def asset(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["identifier"])
        return answer(self._asset(node.device.uid))

    def _asset(self, uid: str) -> Row:
        counts = self._state.executions.counts[uid]
        return rows.asset_row(self._state.nodes[uid], counts, self._state.world.clock.now())
