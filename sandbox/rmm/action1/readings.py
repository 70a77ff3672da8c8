"""What can be read: organisations, endpoints, and who misses what."""

from aiohttp import web

from sandbox.estate.model import Company, Device, Update
from sandbox.frame.target import Handler
from sandbox.rmm.action1.pages import Row, page
from sandbox.rmm.action1.rows import endpoint_row, missing, organization_row, package_rows
from sandbox.rmm.action1.state import State
from sandbox.rmm.action1.words import package_of


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/organizations": self._organizations,
            "/endpoints/managed/{org}": self._endpoints,
            "/endpoints/managed/{org}/{endpoint}": self._endpoint,
            "/endpoints/managed/{org}/{endpoint}/missing-updates": self._missing,
            "/updates/{org}": self._updates,
            "/updates/{org}/{package}/versions/{version}/endpoints": self._missing_it,
        }

    async def _organizations(self, request: web.Request) -> web.Response:
        return page(request, [organization_row(c) for c in self._state.fleet.companies])

    async def _endpoints(self, request: web.Request) -> web.Response:
        now, whole = self._state.world.clock.now(), _whole(request)
        nodes = self._state.nodes(self._state.company(request))
        return page(request, [endpoint_row(node, now, whole=whole) for node in nodes])

    async def _endpoint(self, request: web.Request) -> web.Response:
        node = self._state.node(self._state.company(request), request.match_info["endpoint"])
        now = self._state.world.clock.now()
        return web.json_response(endpoint_row(node, now, whole=_whole(request)))

    async def _missing(self, request: web.Request) -> web.Response:
        company = self._state.company(request)
        node = self._state.node(company, request.match_info["endpoint"])
        return page(request, package_rows(company, missing(node.device)))

    async def _updates(self, request: web.Request) -> web.Response:
        """Without the field `versions`, or all fields, packages come without their versions."""
        company = self._state.company(request)
        rows = package_rows(company, [u for d in company.devices for u in missing(d)])
        fields = request.query.get("fields", "#").split(",")
        if not {"*", "versions"} & set(fields):
            for row in rows:
                del row["versions"]
        return page(request, rows)

    async def _missing_it(self, request: web.Request) -> web.Response:
        company = self._state.company(request)
        wanted = (request.match_info["package"], request.match_info["version"])
        return page(request, [_affected(device) for device in _missing(company, wanted)])


def _missing(company: Company, wanted: tuple[str, str]) -> list[Device]:
    return [
        device
        for device in company.devices
        if any(_names(update) == wanted for update in missing(device))
    ]


def _names(update: Update) -> tuple[str, str]:
    package = package_of(update)
    return package.id, package.version_id


def _affected(device: Device) -> Row:
    return {"id": device.uid, "type": "Endpoint", "name": device.name, "installed_version": ""}


def _whole(request: web.Request) -> bool:
    return request.query.get("fields") == "*"
