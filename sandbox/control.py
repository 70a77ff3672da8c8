"""Behind the scenes: what was called, what took effect, faults, the clock, and breaking sockets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.frame.faults import FaultError
from sandbox.frame.plain import RefusedError, body_of
from sandbox.frame.world import World
from sandbox.slack.sockets import Sockets

DOCS = Path(__file__).parent.parent / "docs" / "sandbox.md"
_NUMBERS = ("seconds", "rate", "duration_s", "status", "count")


def add_control_api(
    app: web.Application, world: World, sockets: Sockets, targets: Mapping[str, str]
) -> None:
    """`targets` maps the stand-ins' names to their origins; faults strike only these."""
    control = _Control(world, sockets, targets)
    app.router.add_get("/calls", control.calls)
    app.router.add_delete("/calls", control.forget_calls)
    app.router.add_get("/effects", control.effects)
    app.router.add_get("/faults", control.faults)
    app.router.add_post("/faults", control.add_fault)
    app.router.add_delete("/faults", control.remove_fault)
    app.router.add_delete("/faults/{id}", control.remove_fault)
    app.router.add_get("/clock", control.clock)
    app.router.add_post("/clock", control.advance)
    app.router.add_delete("/sockets", control.break_sockets)
    app.router.add_get("/docs", control.docs)


class _Control:
    """Handlers over the world."""

    def __init__(self, world: World, sockets: Sockets, targets: Mapping[str, str]) -> None:
        self._world = world
        self._sockets = sockets
        self._targets = targets

    async def calls(self, request: web.Request) -> web.Response:
        return web.json_response({"calls": self._world.calls.rows(request.query.get("target"))})

    async def forget_calls(self, request: web.Request) -> web.Response:
        self._world.calls.clear()
        return web.json_response({})

    async def effects(self, request: web.Request) -> web.Response:
        return web.json_response({"effects": self._world.effects.rows(request.query.get("target"))})

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self._world.faults.rows()})

    async def add_fault(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        _check_numbers(body)
        self._check_target(body)
        try:
            fault = self._world.faults.add(body)
        except FaultError as refusal:
            raise RefusedError(400, "invalid_fault", str(refusal)) from refusal
        return web.json_response({"id": fault.id})

    def _check_target(self, body: dict[str, Any]) -> None:
        known = ["*", *self._targets]
        if "target" in body and body["target"] not in known:
            raise RefusedError(400, "invalid_fault", f"target must be one of {', '.join(known)}.")

    async def remove_fault(self, request: web.Request) -> web.Response:
        fault_id = request.match_info.get("id")
        removed = self._world.faults.remove(fault_id)
        if fault_id is not None and not removed:
            raise RefusedError(404, "fault_not_found", f"There is no fault {fault_id!r}.")
        return web.json_response({"removed": removed})

    async def clock(self, request: web.Request) -> web.Response:
        return web.json_response(self._clock())

    async def advance(self, request: web.Request) -> web.Response:
        seconds: Any = (await body_of(request)).get("advance_s")
        if not _is_number(seconds) or seconds < 0:
            raise RefusedError(
                400, "invalid_arguments", "advance_s must be a number of seconds, 0 or more."
            )
        self._world.clock.advance(seconds)
        return web.json_response(self._clock())

    async def break_sockets(self, request: web.Request) -> web.Response:
        """`how=abort` (default) tears the connections; `how=refresh` asks the app to reconnect."""
        if request.query.get("how", "abort") == "refresh":
            return web.json_response(
                {"removed": await self._sockets.disconnect("refresh_requested")}
            )
        return web.json_response({"removed": self._sockets.abort()})

    async def docs(self, request: web.Request) -> web.Response:
        return web.Response(text=DOCS.read_text(encoding="utf-8"), content_type="text/plain")

    def _clock(self) -> dict[str, Any]:
        clock = self._world.clock
        return {"now": clock.now().isoformat(), "offset_s": clock.offset_s}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_numbers(body: dict[str, Any]) -> None:
    for name in _NUMBERS:
        if name in body and not _is_number(body[name]):
            raise RefusedError(400, "invalid_fault", f"{name} must be a number.")
