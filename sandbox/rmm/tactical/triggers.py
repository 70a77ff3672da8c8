"""What changes things: decisions on updates, scans, installs, restarts, patch policies. 200 means "passed on", no more."""

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.estate.model import Device
from sandbox.frame.target import Handler
from sandbox.rmm.tactical.errors import RefusalError, complaint, detail
from sandbox.rmm.tactical.keys import guarded
from sandbox.rmm.tactical.state import TARGET, State
from sandbox.rmm.tactical.words import STATES, agent_id, plat

#: How long the server tries a bus that is down before it answers as if nothing were wrong.
_BUS_TRIED_S = 4.0


class Triggers:
    def __init__(self, state: State) -> None:
        self._state = state

    def posts(self) -> dict[str, Handler]:
        return {
            "/winupdate/{agent_id}/scan/": guarded("can_manage_winupdates", self._scan),
            "/winupdate/{agent_id}/install/": guarded("can_manage_winupdates", self._install),
            "/agents/{agent_id}/reboot/": guarded("can_reboot_agents", self._reboot),
        }

    def puts(self) -> dict[str, Handler]:
        return {
            "/winupdate/{id}/": guarded("can_manage_winupdates", self._decide),
            "/automation/patchpolicy/{id}/": guarded("can_manage_automation_policies", self._edit),
        }

    async def _scan(self, request: web.Request) -> web.Response:
        device = self._windows(request)
        self._state.records.prune(device)
        heard = self._state.agents.scan(device, self._state.world.clock.now())
        await self._passed_on("winupdate_scan", device, heard)
        return web.json_response(f"A Windows update scan will be performed on {device.name}")

    async def _install(self, request: web.Request) -> web.Response:
        """Approve what the policy approves, then hand the agent everything approved."""
        device, records = self._windows(request), self._state.records
        records.prune(device)
        records.approve(device, self._state.policies.approves(device))
        waiting = [record for record in records.of(device) if record.waits]
        heard = self._state.agents.install(device, waiting, self._state.world.clock.now())
        guids = [record.update.id for record in waiting]
        await self._passed_on("winupdate_install", device, heard, guids=guids)
        return web.json_response(f"Approved patches will now be installed on {device.name}")

    async def _reboot(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        if not self._state.agents.restart(device, self._state.world.clock.now()):
            raise complaint("Unable to contact the agent")
        self._effect("agent_reboot", device)
        return web.json_response("ok")

    async def _decide(self, request: web.Request) -> web.Response:
        """One row's action, by the row's number."""
        record = self._state.records.find(_number(request))
        if record is None:
            raise detail(404, "No WinUpdate matches the given query.")
        action = (await _body(request)).get("action", record.action)
        if action not in STATES:
            raise RefusalError(400, {"action": [f'"{action}" is not a valid choice.']})
        record.decide(action)
        update = record.update
        self._effect("winupdate_action", record.device, guid=update.id, action=action)
        return web.json_response(f"Windows update {update.kb} was changed to {action}")

    async def _edit(self, request: web.Request) -> web.Response:
        row = self._state.policies.find(_number(request))
        if row is None:
            raise detail(404, "No WinUpdatePolicy matches the given query.")
        row |= {key: value for key, value in (await _body(request)).items() if key in row}
        self._state.world.effect(TARGET, "patch_policy", [str(row["id"])])
        return web.json_response("ok")

    def _windows(self, request: web.Request) -> Device:
        device = self._state.node(request).device
        if plat(device) != "windows":
            raise complaint(f"Not available for {plat(device)}")
        return device

    async def _passed_on(self, kind: str, device: Device, heard: bool, **more: object) -> None:
        """Note what was asked; an agent that is away looks the same from outside, a bus that is down slower."""
        self._effect(kind, device, heard=heard, **more)
        if device.online and not heard:
            await asyncio.sleep(_BUS_TRIED_S * self._state.world.pace)

    def _effect(self, kind: str, device: Device, **more: object) -> None:
        self._state.world.effect(TARGET, kind, [agent_id(device)], device=device.name, **more)


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    return int(text) if text.isdecimal() else -1


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise detail(400, "JSON parse error") from None
    return body if isinstance(body, dict) else {}
