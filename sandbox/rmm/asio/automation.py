"""Scripts and tasks over HTTP: list them, schedule one on endpoints, and look at its instance and results."""

import json
from typing import Any

from aiohttp import web

from sandbox.rmm.asio import words
from sandbox.rmm.asio.errors import bad_request, not_found
from sandbox.rmm.asio.pages import Row
from sandbox.rmm.asio.scripts import SCRIPTS, Script
from sandbox.rmm.asio.state import TARGET, State
from sandbox.rmm.asio.tasks import Run, Task

_NAME_MAX = 100
_FIELDS = frozenset(
    {
        "name", "description", "templateType", "templateID", "targets", "targetType", "resourcesType",
        "schedule", "parameters", "userParameters",
    }
)  # fmt: skip


class Automation:
    def __init__(self, state: State) -> None:
        self._state = state

    async def scripts(self, request: web.Request) -> web.Response:
        return web.json_response([script.as_json() for script in SCRIPTS])

    async def tasks(self, request: web.Request) -> web.Response:
        """Every task's definition; the description knows of no id in it."""
        return web.json_response([_definition(task) for task in self._state.tasks.all])

    async def schedule_v1(self, request: web.Request) -> web.Response:
        task = await self._schedule(request, "userParameters")
        return web.json_response({"taskID": task.id, "createdOn": words.stamp(task.created)})

    async def schedule_v2(self, request: web.Request) -> web.Response:
        task = await self._schedule(request, "parameters")
        answer = {"taskId": task.id, "stateToBeSubmitted": "Active"}
        return web.json_response(answer, status=201)

    async def _schedule(self, request: web.Request, field: str) -> Task:
        body = await _body(request)
        script = _script(body)
        targets = body.get("targets")
        if not targets or not isinstance(targets, list):
            raise bad_request("targets is required")
        nodes = [self._state.node(str(target)) for target in targets]
        name = str(body.get("name") or "")
        if not 0 < len(name) <= _NAME_MAX:
            raise bad_request("name is invalid")
        task = self._state.tasks.start(name, script, nodes, _parameters(body.get(field), script))
        self._state.world.effect(
            TARGET, "script_task", [node.device.uid for node in nodes], task=task.id, name=name,
            script=script.name, parameters=task.parameters,
            queued=any(not node.device.online for node in nodes),
        )  # fmt: skip
        return task

    async def summary(self, request: web.Request) -> web.Response:
        task = self._task(request)
        states = [run.status for run in task.runs]
        instance = {
            "taskInstanceId": task.instance_id,
            "OverallStatus": task.status,
            "StartedOn": words.stamp(task.created),
            "SuccessCount": states.count("Success"),
            "FailureCount": states.count("Failed"),
        }
        return web.json_response({"TotalCount": 1, "Results": [instance]})

    async def results(self, request: web.Request) -> web.Response:
        """What each endpoint printed, once its run has ended."""
        task = self._task(request)
        if request.match_info["instanceId"] != task.instance_id:
            raise not_found()
        ended = [run for run in task.runs if run.completed is not None]
        return web.json_response({"Result": [_result(task, run) for run in ended]})

    def _task(self, request: web.Request) -> Task:
        wanted = request.match_info["taskId"]
        task = next((task for task in self._state.tasks.all if task.id == wanted), None)
        if task is None:
            raise not_found()
        return task


async def _body(request: web.Request) -> dict[str, Any]:
    """What is to be scheduled: a script, once, now. Raises RefusalError."""
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise bad_request("invalid JSON") from None
    if not isinstance(body, dict) or not set(body) <= _FIELDS:
        raise bad_request("unknown field")
    schedule = body.get("schedule")
    if not isinstance(schedule, dict) or schedule.get("regularity") != "Immediate":
        raise bad_request("schedule is invalid")
    if body.get("targetType") != "MANAGED_ENDPOINT":
        raise bad_request("targetType is invalid")
    return body


def _script(body: dict[str, Any]) -> Script:
    script = next((item for item in SCRIPTS if item.id == body.get("templateID")), None)
    if script is None or body.get("templateType") != "script":
        raise bad_request("template not found")
    return script


def _parameters(value: Any, script: Script) -> dict[str, str]:
    """The parameters, which come as one text of JSON."""
    try:
        given = json.loads(value) if value else {}
    except (TypeError, json.JSONDecodeError):
        raise bad_request("parameters are invalid") from None
    if not isinstance(given, dict) or not set(given) <= script.parameters:
        raise bad_request("parameters are invalid")
    return {name: str(item) for name, item in given.items()}


def _definition(task: Task) -> Row:
    return {
        "name": task.name,
        "description": "",
        "type": "script",
        "categories": ["Custom"],
        "createdAt": words.stamp(task.created),
        "updatedAt": words.stamp(task.created),
        "userParameters": json.dumps(task.parameters),
        "JSONSchema": "{}",
        "operatingSystem": {},
        "executorEngine": "ACTIONS",
    }


def _result(task: Task, run: Run) -> Row:
    return {
        "taskInstanceId": task.instance_id,
        "endpointId": run.device.uid,
        "status": run.status,
        "output": run.output,
        "errorOutput": run.complaint,
        "executionTime": words.stamp(run.started) if run.started else None,
        "completionTime": words.stamp(run.completed) if run.completed else None,
    }
