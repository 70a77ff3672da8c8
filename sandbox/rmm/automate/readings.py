"""What can be read: clients, computers, and what each computer's patching has come to."""

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.automate.commands import COMMANDS
from sandbox.rmm.automate.query import answer
from sandbox.rmm.automate.rows import (
    client_row,
    computer_row,
    listed,
    software_row,
    stats_row,
    third_party,
    update_row,
)
from sandbox.rmm.automate.state import State


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/Clients": self._clients,
            "/Computers": self._computers,
            "/Computers/{id}/PatchingStats": self._stats,
            "/Computers/{id}/MicrosoftUpdates": self._updates,
            "/Computers/{id}/ThirdPartyPatches": self._software,
            "/PatchHistory": self._history,
            "/Commands": self._commands,
        }

    async def _clients(self, request: web.Request) -> web.Response:
        return answer(request, [client_row(company) for company in self._state.fleet.companies])

    async def _computers(self, request: web.Request) -> web.Response:
        now = self._state.world.clock.now()
        return answer(request, [computer_row(node, now) for node in self._state.nodes()])

    async def _stats(self, request: web.Request) -> web.Response:
        device, now = self._state.node(request).device, self._state.world.clock.now()
        running = self._state.work.is_running(device)
        return web.json_response(stats_row(device, now, running=running))

    async def _updates(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        return answer(request, [update_row(device, update) for update in listed(device)])

    async def _software(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        return answer(request, [software_row(device, update) for update in third_party(device)])

    async def _history(self, request: web.Request) -> web.Response:
        return answer(request, self._state.history.rows())

    async def _commands(self, request: web.Request) -> web.Response:
        return answer(request, [{"Id": str(n), "Name": name} for n, name in COMMANDS.items()])
