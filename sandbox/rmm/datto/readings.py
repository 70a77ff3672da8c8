"""What can be read: account, sites, devices, components, alerts, the activity log and the system."""

from collections.abc import Callable

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.datto.component import components
from sandbox.rmm.datto.errors import RefusalError
from sandbox.rmm.datto.pages import PAGE_MAX, Row, page_of
from sandbox.rmm.datto.rows import ACCOUNT_UID, account, sites
from sandbox.rmm.datto.state import State

_ALERTS_PAGE_MAX = 100
#: Query parameter -> the field it filters, in part and without case.
_LIKE: dict[str, Callable[[Row], str | None]] = {
    "hostname": lambda row: row["hostname"],
    "deviceType": lambda row: (row["deviceType"] or {}).get("category"),
    "operatingSystem": lambda row: row["operatingSystem"],
    "siteName": lambda row: row["siteName"],
}


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/account": self._account,
            "/account/sites": self._sites,
            "/account/devices": self._devices,
            "/account/components": self._components,
            "/account/alerts/open": self._alerts,
            "/site/{siteUid}/devices": self._devices_of_site,
            "/site/{siteUid}/alerts/open": self._alerts,
            "/device/{deviceUid}": self._one_device,
            "/device/{deviceUid}/alerts/open": self._alerts,
            "/activity-logs": self._activity_logs,
            "/system/status": self._status,
            "/system/pagination": self._pagination,
            "/system/request_rate": self._request_rate,
        }

    async def _account(self, request: web.Request) -> web.Response:
        return web.json_response(account(self._state.device_rows()))

    async def _sites(self, request: web.Request) -> web.Response:
        rows = sites(self._state.fleet.companies, self._state.device_rows())
        wanted = request.query.get("siteName", "").lower()
        rows = [row for row in rows if wanted in row["name"].lower()]
        return web.json_response(page_of(request, "sites", rows))

    async def _devices(self, request: web.Request) -> web.Response:
        if "filterId" in request.query:
            raise RefusalError(404, "Filter was not found")
        rows = [row for row in self._state.device_rows() if _like(request, row)]
        return web.json_response(page_of(request, "devices", rows))

    async def _devices_of_site(self, request: web.Request) -> web.Response:
        uid = request.match_info["siteUid"]
        known = {row["uid"] for row in sites(self._state.fleet.companies, [])}
        if uid not in known or "filterId" in request.query:
            raise RefusalError(404, "Site or filter not found")
        rows = [row for row in self._state.device_rows() if row["siteUid"] == uid]
        return web.json_response(page_of(request, "devices", rows))

    async def _one_device(self, request: web.Request) -> web.Response:
        uid = request.match_info["deviceUid"]
        row = next((row for row in self._state.device_rows() if row["uid"] == uid), None)
        if row is None:
            raise RefusalError(404, "Device was not found")
        return web.json_response(row)

    async def _components(self, request: web.Request) -> web.Response:
        return web.json_response(page_of(request, "components", components()))

    async def _alerts(self, request: web.Request) -> web.Response:
        """Open alerts, of the site or device where the path names one; none of them is muted."""
        rows = [] if request.query.get("muted") == "true" else self._state.alerts()
        for name, uid in request.match_info.items():
            rows = [row for row in rows if row["alertSourceInfo"][name] == uid]
        return web.json_response(page_of(request, "alerts", rows, _ALERTS_PAGE_MAX))

    async def _activity_logs(self, request: web.Request) -> web.Response:
        return web.json_response(self._state.log.page(request, self._state.world.clock.now()))

    async def _status(self, request: web.Request) -> web.Response:
        started = self._state.world.estate.made_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return web.json_response({"version": "14.9.0", "status": "OK", "started": started})

    async def _pagination(self, request: web.Request) -> web.Response:
        return web.json_response({"max": PAGE_MAX})

    async def _request_rate(self, request: web.Request) -> web.Response:
        now = self._state.world.clock.now()
        return web.json_response(self._state.limits.status(ACCOUNT_UID, now))


def _like(request: web.Request, row: Row) -> bool:
    return all(
        request.query[name].lower() in (field(row) or "").lower()
        for name, field in _LIKE.items()
        if name in request.query
    )
