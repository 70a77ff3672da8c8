"""What can be read: customers, devices, their services and the details of one."""

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.ncentral.errors import HiddenRefusalError
from sandbox.rmm.ncentral.pages import Row, page
from sandbox.rmm.ncentral.rows import (
    customer_row,
    detail_row,
    device_row,
    patch_task,
    printer_row,
    service_rows,
)
from sandbox.rmm.ncentral.state import State


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/customers": self._customers,
            "/devices": self._devices,
            "/devices/{device}": self._device,
            "/devices/{device}/service-monitor-status": self._services,
            "/appliance-tasks/{task}": self._detail,
        }

    async def _customers(self, request: web.Request) -> web.Response:
        return page(request, [customer_row(c) for c in self._state.fleet.companies])

    async def _devices(self, request: web.Request) -> web.Response:
        """Computers, and whatever else was found on the customers' networks."""
        now, fleet = self._state.world.clock.now(), self._state.fleet
        found: list[Row] = [device_row(node, now) for _, node in sorted(fleet.nodes.items())]
        return page(request, [*found, *(printer_row(c, now) for c in fleet.companies)])

    async def _device(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["device"])
        return web.json_response({"data": device_row(node, self._state.world.clock.now())})

    async def _services(self, request: web.Request) -> web.Response:
        device = self._state.node(request.match_info["device"]).device
        now = self._state.world.clock.now()
        return web.json_response({"data": service_rows(device, now)})

    async def _detail(self, request: web.Request) -> web.Response:
        now, wanted = self._state.world.clock.now(), request.match_info["task"]
        for device in self._state.fleet.devices:
            if str(patch_task(device)) == wanted:
                return web.json_response({"data": detail_row(device, now)})
        raise HiddenRefusalError(f"No appliance task {wanted}.")
