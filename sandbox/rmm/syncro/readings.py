"""What can be read: customers, their assets, and the updates of one asset, all in pages of a fixed size."""

from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.syncro import rows
from sandbox.rmm.syncro.errors import RefusalError
from sandbox.rmm.syncro.evaluations import Row
from sandbox.rmm.syncro.keys import ADMIN_API_TOKEN, ASSETS, CUSTOMERS, DETAILS, guarded, token_of
from sandbox.rmm.syncro.state import State

#: Rows on a page of customers and assets, and of available patches.
PAGE, PATCH_PAGE = 25, 50


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/customers": guarded(CUSTOMERS, self._customers),
            "/customer_assets": guarded(ASSETS, self._assets),
            "/customer_assets/{id}": guarded(DETAILS, self._asset),
            "/customer_assets/{id}/patches": guarded(ASSETS, self._patches),
            "/me": guarded(None, self._me),
        }

    async def _customers(self, request: web.Request) -> web.Response:
        found = [
            {**rows.customer(company), "contacts": []} for company in self._state.fleet.companies
        ]
        some, meta = _page(request, found, PAGE)
        return web.json_response({"customers": some, "meta": meta})

    async def _assets(self, request: web.Request) -> web.Response:
        now, fleet = self._state.world.clock.now(), self._state.fleet
        wanted = request.query.get("customer_id")
        companies = [c for c in fleet.companies if wanted in (None, str(c.rmm_number))]
        numbers = {company.rmm_number for company in companies}
        nodes = [
            node for _, node in sorted(fleet.nodes.items()) if node.company.rmm_number in numbers
        ]
        found = [rows.asset(node, now) for node in nodes]
        found += [rows.printer(company) for company in companies]
        some, meta = _page(request, found, PAGE)
        return web.json_response({"assets": some, "meta": meta})

    async def _asset(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["id"])
        return web.json_response({"asset": rows.asset(node, self._state.world.clock.now())})

    async def _patches(self, request: web.Request) -> web.Response:
        node = self._state.node(request.match_info["id"])
        found = self._state.evaluations[node.device.uid]
        some, meta = _page(request, list(found.available), PATCH_PAGE)
        answer = {
            "installed_patches": list(found.installed),
            "available_patches": some,
            "available_patches_meta": meta,
        }
        return web.json_response(answer)

    async def _me(self, request: web.Request) -> web.Response:
        admin = token_of(request) == ADMIN_API_TOKEN
        return web.json_response(
            {
                "user_email": "gatehouse@harborit.example",
                "user_name": "Gatehouse",
                "user_id": 7,
                "admin": admin,
                "can_use_app": True,
                "two_factor_required": False,
                "subdomain": "harborit",
            }
        )


def _page(request: web.Request, found: list[Row], size: int) -> tuple[list[Row], dict[str, Any]]:
    """The rows of the page asked for; one beyond the last is empty. Raises RefusalError."""
    text = request.query.get("page", "1")
    if not text.isdecimal() or int(text) < 1:
        raise RefusalError(422, "page is invalid")
    number = int(text)
    meta = {
        "total_pages": max(1, -(-len(found) // size)),
        "total_entries": len(found),
        "per_page": size,
        "page": number,
    }
    return found[(number - 1) * size : number * size], meta
