"""What changes things: an install of chosen updates on one machine, and the scan that costs its schedule."""

import json
from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.installs import MISSING, scan
from sandbox.rmm.vsa9.envelope import RefusalError, wrapped
from sandbox.rmm.vsa9.state import TARGET, State
from sandbox.rmm.vsa9.words import agent_id, is_handled, patch_data_id

_PATCH = "/assetmgmt/patch/{agent_id}"
_FLAGS = ("ServerTimeZone", "SkipIfOffLine", "PowerUpIfOffLine")


class Orders:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {f"{_PATCH}/schedule": self._schedule, f"{_PATCH}/scannow": self._scan_now}

    async def _schedule(self, request: web.Request) -> web.Response:
        """Take the order; a machine that is off is skipped, which nobody is told."""
        device = self._state.node(request).device
        wanted = _wanted(await _body(request))
        known = {
            patch_data_id(u): u.id
            for u in device.updates
            if is_handled(u) and (u.state in MISSING or u.state == "installed")
        }
        if not wanted <= set(known):
            raise RefusalError(400, f"Unknown patch {min(wanted - set(known))}.")
        world = self._state.world
        world.effect(
            TARGET,
            "patch_schedule",
            [agent_id(device)],
            device=device.name,
            patches=sorted(wanted),
            heard=device.online,
        )
        if device.online:
            ids = {known[number] for number in wanted}
            self._state.work.schedule(device, ids, world.clock.now())
        return wrapped(None)

    async def _scan_now(self, request: web.Request) -> web.Response:
        """Scan at once, and forget the recurring scan."""
        device = self._state.node(request).device
        now = self._state.world.clock.now()
        self._state.world.effect(TARGET, "recurring_scan_lost", [agent_id(device)])
        self._state.fleet.stop_scanning(device)
        if device.online:
            scan(device, now)
            self._state.work.scanned(device, now)
        return wrapped(None)


def _wanted(order: dict[str, Any]) -> set[int]:
    numbers = order.get("PatchIds")
    if not all(isinstance(order.get(flag), bool) for flag in _FLAGS):
        raise RefusalError(400, f"{', '.join(_FLAGS)} are required.")
    if not isinstance(numbers, list) or not numbers:
        raise RefusalError(400, "PatchIds is required.")
    if not all(isinstance(number, int) for number in numbers):
        raise RefusalError(400, "PatchIds holds something that is no number.")
    return set(numbers)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise RefusalError(400, "The body is not JSON.") from None
    return body if isinstance(body, dict) else {}
