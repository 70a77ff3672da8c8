"""What can be read: customers and agents in pages, and the updates of one agent."""

from typing import Final

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.atera import rows
from sandbox.rmm.atera.errors import RefusalError
from sandbox.rmm.atera.rows import Row
from sandbox.rmm.atera.state import State

API_KEY: Final = "5a6d0b0c6f8e4d3c9b1a000000000001"
#: May not look at patches.
LIMITED_API_KEY: Final = "5a6d0b0c6f8e4d3c9b1a000000000002"
#: More rows are not put on a page, whatever is asked for.
PAGE_MAX = 50
_PAGE = 20


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/customers": self._customers,
            "/agents": self._agents,
            "/agents/{id}": self._agent,
            "/agents/{guid}/available-patches": self._available,
            "/agents/{guid}/installed-patches": self._installed,
        }

    async def _customers(self, request: web.Request) -> web.Response:
        return _page(request, [rows.customer(item) for item in self._state.fleet.companies])

    async def _agents(self, request: web.Request) -> web.Response:
        now = self._state.world.clock.now()
        nodes = sorted(self._state.fleet.nodes.items())
        return _page(request, [rows.agent(node, now) for _, node in nodes])

    async def _agent(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["id"])
        return web.json_response(rows.agent(node, self._state.world.clock.now()))

    async def _available(self, request: web.Request) -> web.Response:
        guid = _patches_of(request)
        found = self._state.look(guid).available
        return web.json_response({"DeviceGuid": guid, "AvailableUpdates": list(found)})

    async def _installed(self, request: web.Request) -> web.Response:
        guid = _patches_of(request)
        found = self._state.look(guid).installed
        return web.json_response({"DeviceGuid": guid, "InstalledUpdates": list(found)})


def check_key(request: web.Request) -> None:
    if request.headers.get("X-API-KEY") not in (API_KEY, LIMITED_API_KEY):
        raise RefusalError(401, "The API key is not valid.")


def _patches_of(request: web.Request) -> str:
    if request.headers["X-API-KEY"] == LIMITED_API_KEY:
        raise RefusalError(403, "The API key may not do that.")
    return request.match_info["guid"]


def _page(request: web.Request, found: list[Row]) -> web.Response:
    """The rows of the page asked for; one beyond the last is empty. Raises RefusalError."""
    number, size = _asked(request, "page", 1), min(_asked(request, "itemsInPage", _PAGE), PAGE_MAX)
    pages = max(1, -(-len(found) // size))
    return web.json_response(
        {
            "items": found[(number - 1) * size : number * size],
            "totalItemCount": len(found),
            "page": number,
            "itemsInPage": size,
            "totalPages": pages,
            "prevLink": _link(request, number - 1, size) if number > 1 else None,
            "nextLink": _link(request, number + 1, size) if number < pages else None,
        }
    )


def _asked(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, str(usual))
    if not text.isdecimal() or int(text) < 1:
        raise RefusalError(400, f"{name} is not valid.")
    return int(text)


def _link(request: web.Request, number: int, size: int) -> str:
    return str(request.url.with_query(page=number, itemsInPage=size))
