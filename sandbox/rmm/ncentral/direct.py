"""Tasks over HTTP: run a script on one device now, and see how it fares."""

import json
from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.ncentral.errors import HiddenRefusalError, RefusalError
from sandbox.rmm.ncentral.pages import Row, page
from sandbox.rmm.ncentral.rows import TARGET
from sandbox.rmm.ncentral.scripts import Item, find, read_command_line
from sandbox.rmm.ncentral.state import State
from sandbox.rmm.ncentral.tasks import Task

_CREDENTIALS = ("LocalSystem", "DeviceCredentials", "CustomCredentials")
_TYPES = ("AutomationPolicy", "Script", "MacScript")


class Direct:
    def __init__(self, state: State) -> None:
        self._state = state

    def gets(self) -> dict[str, Handler]:
        return {
            "/devices/{device}/scheduled-tasks": self._of_device,
            "/scheduled-tasks/{task}": self._task,
            "/scheduled-tasks/{task}/status": self._status,
            "/scheduled-tasks/{task}/status/details": self._details,
        }

    async def run(self, request: web.Request) -> web.Response:
        """A name that is taken is refused in the guise of success."""
        body = await _body(request)
        item = _item(body)
        node = self._state.node(body.get("deviceId"))
        if body.get("customerId") != node.company.rmm_number:
            raise RefusalError(400, "The device does not belong to this customer.")
        if any(task.name == body["name"] for task in self._state.tasks.all):
            raise HiddenRefusalError("A task with this name already exists.")
        task = self._state.tasks.start(body["name"], item, node, _variables(body, item))
        self._state.world.effect(
            TARGET, "direct_task", [str(node.device.number)], device=node.device.name,
            name=task.name, script=item.name, variables=task.variables,
            queued=not node.device.online,
        )  # fmt: skip
        links = {"task": f"/api/scheduled-tasks/{task.id}"}
        return web.json_response({"data": {"taskId": task.id}, "_links": links}, status=201)

    async def _of_device(self, request: web.Request) -> web.Response:
        device = self._state.node(request.match_info["device"]).device
        ours = [task for task in self._state.tasks.all if task.device is device]
        rows = [{"taskId": t.id, "taskName": t.name, "status": t.status} for t in ours]
        return web.json_response({"data": rows})

    async def _task(self, request: web.Request) -> web.Response:
        task = self._found(request)
        row = {
            "taskId": task.id,
            "name": task.name,
            "itemId": task.item.id,
            "type": "Script",
            "customerId": task.node.company.rmm_number,
            "isEnabled": True,
            "deviceIds": [str(task.device.number)],
        }
        return web.json_response({"data": row})

    async def _status(self, request: web.Request) -> web.Response:
        task = self._found(request)
        return web.json_response(
            {"data": {"taskName": task.name, "statusCounts": {task.status: 1}}}
        )

    async def _details(self, request: web.Request) -> web.Response:
        """A device that has not picked its task up is not listed yet."""
        task = self._found(request)
        begun = task.status != "Scheduled"
        return page(request, [_detail(task)] if begun else [])

    def _found(self, request: web.Request) -> Task:
        task = self._state.tasks.find(request.match_info["task"])
        if task is None:
            raise RefusalError(404, "The task was not found.")
        return task


def _detail(task: Task) -> Row:
    return {
        "taskId": task.id,
        "deviceId": task.device.number,
        "deviceName": task.device.name,
        "taskName": task.name,
        "status": task.status,
        "output": task.output,
        "message": task.message,
        "outputFileName": "",
    }


async def _body(request: web.Request) -> Row:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise RefusalError(400, "The request is not valid JSON.") from None
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
        raise RefusalError(400, "name is required.")
    if body.get("taskType") not in _TYPES:
        raise RefusalError(400, "taskType is not valid.")
    credential = body.get("credential")
    if not isinstance(credential, dict) or credential.get("type") not in _CREDENTIALS:
        raise RefusalError(400, "credential is not valid.")
    return body


def _item(body: Row) -> Item:
    item = find(body.get("itemId"))
    if item is None:
        raise RefusalError(404, "The remote execution item was not found.")
    if not item.api_enabled:
        raise RefusalError(403, "The remote execution item is not enabled for the API.")
    return item


def _variables(body: Row, item: Item) -> dict[str, str]:
    """What the update script is told; other scripts take any command line."""
    line = next((p["value"] for p in _parameters(body) if p.get("name") == "CommandLine"), "")
    told = read_command_line(line) if item.updates else {}
    if told is None:
        raise RefusalError(400, f"The script does not take {line!r}.")
    return told


def _parameters(body: Row) -> list[dict[str, Any]]:
    listed = body.get("parameters") or []
    if not isinstance(listed, list) or not all(
        isinstance(p, dict) and "value" in p for p in listed
    ):
        raise RefusalError(400, "parameters is not valid.")
    return listed
