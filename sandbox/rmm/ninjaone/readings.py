"""What can be read: organisations, devices, patches, health, jobs and the activity log."""

from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.fleet import Node
from sandbox.rmm.ninjaone.activities import activity_row
from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.filters import Match, device_filter
from sandbox.rmm.ninjaone.pages import after_page, page_size, whole_number
from sandbox.rmm.ninjaone.rows import (
    Row,
    attempted_patches,
    current_patches,
    detailed_device_row,
    device_row,
    health,
    organization,
    report_row,
)
from sandbox.rmm.ninjaone.scripts import LIBRARY, script_row
from sandbox.rmm.ninjaone.state import State
from sandbox.rmm.ninjaone.work import job_row

Find = Callable[[web.Request, Node], list[Row]]

_EPOCH = datetime.fromtimestamp(0, UTC)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/organizations": self._organizations,
            "/devices": self._devices(device_row),
            "/devices-detailed": self._devices(detailed_device_row),
            "/device/{id}": self._one_device,
            "/jobs": self._report_of_jobs,
            "/activities": self._report_of_activities,
            "/automation/scripts": self._scripts,
            "/queries/device-health": self._report(self._health),
            "/queries/os-patches": self._report(_collected(_current(software=False))),
            "/queries/software-patches": self._report(_collected(_current(software=True))),
            "/queries/os-patch-installs": self._report(_collected(_attempted(software=False))),
            "/queries/software-patch-installs": self._report(_collected(_attempted(software=True))),
            "/device/{id}/os-patches": self._of_device(_current(software=False)),
            "/device/{id}/software-patches": self._of_device(_current(software=True)),
            "/device/{id}/os-patch-installs": self._of_device(_attempted(software=False)),
            "/device/{id}/software-patch-installs": self._of_device(_attempted(software=True)),
            "/device/{id}/jobs": self._of_device(self._jobs),
            "/device/{id}/activities": self._activities_of_device,
        }

    async def _organizations(self, request: web.Request) -> web.Response:
        rows = [organization(company) for company in self._state.fleet.companies]
        return web.json_response(after_page(request, rows))

    async def _scripts(self, _: web.Request) -> web.Response:
        return web.json_response([script_row(script) for script in LIBRARY])

    def _devices(self, shape: Callable[[Node, datetime], Row]) -> Handler:
        async def devices(request: web.Request) -> web.Response:
            now = self._state.world.clock.now()
            chosen = self._state.chosen(device_filter(request.query.get("df")))
            return web.json_response(after_page(request, [shape(node, now) for node in chosen]))

        return devices

    async def _one_device(self, request: web.Request) -> web.Response:
        row = detailed_device_row(self._state.node(request), self._state.world.clock.now())
        return web.json_response(row)

    def _of_device(self, find: Find) -> Handler:
        async def of_device(request: web.Request) -> web.Response:
            return web.json_response(find(request, self._state.node(request)))

        return of_device

    def _report(self, find: Find) -> Handler:
        async def report(request: web.Request) -> web.Response:
            match = device_filter(request.query.get("df"), ignore_class=True)

            def rows() -> list[Row]:
                return [row for node in self._state.chosen(match) for row in find(request, node)]

            now = self._state.world.clock.now()
            return web.json_response(self._state.cursors.page(request, rows, now))

        return report

    def _health(self, request: web.Request, node: Node) -> list[Row]:
        row = health(node.device, len(self._state.work.jobs_of(node.device)))
        return [row] if request.query.get("health") in (None, row["healthStatus"]) else []

    def _jobs(self, _: web.Request, node: Node) -> list[Row]:
        return [job_row(job) for job in self._state.work.jobs_of(node.device)]

    async def _report_of_jobs(self, request: web.Request) -> web.Response:
        chosen = self._state.chosen(device_filter(request.query.get("df")))
        return web.json_response([row for node in chosen for row in self._jobs(request, node)])

    async def _report_of_activities(self, request: web.Request) -> web.Response:
        match = device_filter(request.query.get("df"))
        return web.json_response(self._log(request, match, request.query.get("type")))

    async def _activities_of_device(self, request: web.Request) -> web.Response:
        asked = self._state.node(request)
        kind = request.query.get("activityType")
        return web.json_response(self._log(request, lambda node: node is asked, kind))

    def _log(self, request: web.Request, match: Match, kind: str | None) -> Row:
        """Activities newest first; `newerThan` and `olderThan` are ids, not times."""
        size = page_size(request, 200)
        if not 10 <= size <= 1000:
            raise RefusalError(400, "pageSize must be between 10 and 1000")
        activities, nodes = self._state.activities, self._state.fleet.nodes
        status = request.query.get("status")
        newer, older = _id(request, "newerThan"), _id(request, "olderThan")
        rows = [
            activity_row(number, line)
            for number, line in activities.newest_first(newer, older)
            if kind in (None, line.type)
            and status in (None, line.code)
            and match(nodes[line.device.number])
        ]
        return {"lastActivityId": activities.last_id, "activities": rows[:size]}


def _collected(find: Find) -> Find:
    """Rows as the reports over all devices carry them: whose they are, and when collected."""
    return lambda request, node: [report_row(node.device, row) for row in find(request, node)]


def _current(*, software: bool) -> Find:
    def find(request: web.Request, node: Node) -> list[Row]:
        return _filtered(request, current_patches(node.device, software=software))

    return find


def _attempted(*, software: bool) -> Find:
    def find(request: web.Request, node: Node) -> list[Row]:
        after = _moment(request, "installedAfter", _EPOCH)
        before = _moment(request, "installedBefore", _FOR_EVER)
        rows = _filtered(request, attempted_patches(node.device, software=software))
        return [row for row in rows if after < row["installedAt"] < before]

    return find


def _filtered(request: web.Request, rows: list[Row]) -> list[Row]:
    """Rows with the status, type, severity, impact and product asked for, compared without case."""
    wanted = {
        name: request.query[name].upper()
        for name in ("status", "type", "severity", "impact", "productIdentifier")
        if name in request.query
    }
    return [
        row
        for row in rows
        if all(str(row.get(name)).upper() == value for name, value in wanted.items())
    ]


def _moment(request: web.Request, name: str, default: datetime) -> float:
    """Read a date: seconds since the epoch, `yyyyMMdd`, or ISO 8601 (UTC where it does not say)."""
    text = request.query.get(name)
    if text is None:
        return default.timestamp()
    try:
        if text.replace(".", "", 1).isdecimal() and len(text) != len("yyyyMMdd"):
            return float(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusalError(400, f"Invalid value for parameter {name}: {text}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _id(request: web.Request, name: str) -> int | None:
    return whole_number(request, name, 0) if name in request.query else None
