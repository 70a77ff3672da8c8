"""What makes devices work: patch scans and installs, scripts, restarts. Accepted means queued, no more."""

import json
from typing import Any

from aiohttp import web

from sandbox.estate.model import Device
from sandbox.frame.target import Handler
from sandbox.rmm.fleet import spread
from sandbox.rmm.installs import waiting
from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.scripts import find, read_parameters
from sandbox.rmm.ninjaone.state import TARGET, State
from sandbox.rmm.ninjaone.work import Job


class Triggers:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/device/{id}/patch/os/scan": self._patch("os_scan"),
            "/device/{id}/patch/os/apply": self._patch("os_apply"),
            "/device/{id}/patch/software/scan": self._patch("software_scan"),
            "/device/{id}/patch/software/apply": self._patch("software_apply"),
            "/device/{id}/script/run": self._script,
            "/device/{id}/reboot/{mode}": self._reboot,
        }

    def _patch(self, kind: str) -> Handler:
        family, _, verb = kind.rpartition("_")

        async def trigger(request: web.Request) -> web.Response:
            device = self._state.node(request).device
            if not _applicable(device, kind):
                raise RefusalError(400, f"Device is not applicable for {family} {verb}")
            job = Job(device, kind, self._state.world.clock.now())
            return self._accept(job, f"{family}_patch_{verb}")

        return trigger

    async def _script(self, request: web.Request) -> web.Response:
        """Anything may be answered, as the real ones do, and what a script prints is told nowhere."""
        device, body = self._state.node(request).device, await _body(request)
        script = find(body.get("id")) if body.get("type") == "SCRIPT" else None
        if script is None:
            raise RefusalError(404, "Script not found")
        variables = read_parameters(str(body.get("parameters") or "")) if script.updates else None
        if script.updates and variables is None:
            raise RefusalError(400, "Invalid script parameters")
        job = Job(device, "script", self._state.world.clock.now(), variables=variables)
        self._accept(job, "script_run")
        forms = (None, 4711, {"id": 4711}, {"activityId": 4711}, {"jobUid": job.uid}, "accepted")
        answer = forms[spread(device, len(forms))]
        return web.Response(status=204) if answer is None else web.json_response(answer)

    async def _reboot(self, request: web.Request) -> web.Response:
        mode = request.match_info["mode"]
        if mode not in ("NORMAL", "FORCED"):
            raise RefusalError(400, f"Unknown reboot mode {mode}")
        device = self._state.node(request).device
        job = Job(device, "reboot", self._state.world.clock.now(), forced=mode == "FORCED")
        return self._accept(job, "reboot")

    def _accept(self, job: Job, effect: str) -> web.Response:
        device = job.device
        self._state.world.effect(
            TARGET, effect, [str(device.number)], device=device.name, queued=not device.online
        )
        self._state.work.submit(job)
        return web.Response(status=204)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise RefusalError(400, "Malformed JSON request")
    return body


def _applicable(device: Device, kind: str) -> bool:
    """A scan needs a policy that patches, an install also something to attempt."""
    if not device.patch_policy:
        return False
    return not kind.endswith("apply") or bool(waiting(device, software=kind == "software_apply"))
