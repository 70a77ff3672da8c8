"""What can be read: companies, endpoints, heartbeats, and updates with their counts."""

from datetime import datetime

from aiohttp import web

from sandbox.rmm.asio import resources, rows
from sandbox.rmm.asio.assessments import Assessment
from sandbox.rmm.asio.errors import RefusalError, bad_request, not_found
from sandbox.rmm.asio.pages import Row, page, site_id
from sandbox.rmm.asio.state import State
from sandbox.rmm.fleet import Node

_CATEGORIES = frozenset({"platform", "network", "cloud", "all"})


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    async def rate_limits(self, request: web.Request) -> web.Response:
        return web.json_response(self._state.limits.status(self._now))

    async def companies(self, request: web.Request) -> web.Response:
        return web.json_response([rows.company(c) for c in self._state.fleet.companies])

    # Endpoints, version 2.

    async def endpoints(self, request: web.Request) -> web.Response:
        category = request.match_info["category"]
        if category not in _CATEGORIES:
            raise bad_request("Invalid Category")
        nodes = await resources.in_body(request, self._state)
        managed = nodes if category in ("platform", "all") else []
        fields = frozenset(request.query.get("field", "").split(","))
        return page(request, "platform", managed, lambda node: rows.endpoint(node, fields))

    async def heartbeat(self, request: web.Request) -> web.Response:
        """No pages; what could not be looked up would be among the failed records."""
        nodes = resources.in_query(request, self._state)
        if not nodes:
            raise not_found()
        records: dict[str, list[Row]] = {}
        for node in nodes:
            beat = rows.heartbeat(node, self._now)
            records.setdefault(node.company.rmm_uid, []).append(beat)
        found = [
            {"companyID": uid, "siteID": site_id(uid), "endpoints": beats}
            for uid, beats in records.items()
        ]
        answer = {"status": "success", "successfulRecords": found, "failedRecords": []}
        return web.json_response(answer)

    # Endpoints, version 1.

    async def company_endpoints(self, request: web.Request) -> web.Response:
        wanted = request.match_info["clientID"]
        nodes = [node for node in self._state.nodes.values() if node.company.rmm_uid == wanted]
        if not nodes:
            raise not_found()
        return web.json_response({"endpoints": [rows.short_endpoint(node) for node in nodes]})

    async def endpoint(self, request: web.Request) -> web.Response:
        return web.json_response(rows.endpoint_detail(self._node(request), self._now))

    # Updates.

    async def compliance(self, request: web.Request) -> web.Response:
        """A row for every endpoint that was assessed."""
        nodes = await resources.in_body(request, self._state)
        known = {n.device.uid: found for n in nodes if (found := self._assessment(n)) is not None}
        assessed = [node for node in nodes if node.device.uid in known]
        return page(
            request, "data", assessed, lambda node: rows.compliance(node, known[node.device.uid])
        )

    async def patches(self, request: web.Request) -> web.Response:
        found = self._assessment(self._node(request))
        if found is None:
            raise RefusalError(404, "not_found", "Endpoint patches not found")
        return web.json_response(rows.patches(found))

    async def software_counts(self, request: web.Request) -> web.Response:
        nodes = [n for n in await resources.in_body(request, self._state) if rows.software(n)]
        return page(request, "data", nodes, rows.software_count)

    async def software(self, request: web.Request) -> web.Response:
        """Of endpoints that are named one by one."""
        nodes = await resources.endpoints_in_body(request, self._state)
        return page(request, "data", [n for n in nodes if rows.software(n)], rows.software_row)

    def _assessment(self, node: Node) -> Assessment | None:
        return self._state.tasks.assessments[node.device.uid]

    def _node(self, request: web.Request) -> Node:
        return self._state.node(request.match_info["endpointID"])

    @property
    def _now(self) -> datetime:
        return self._state.world.clock.now()
