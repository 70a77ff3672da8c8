"""Workflows over HTTP: list them, run one on devices, list its executions and look into one."""

import json
from typing import Any

from aiohttp import web

from sandbox.rmm.vsax.envelope import RefusalError, answer, missing
from sandbox.rmm.vsax.executions import Execution
from sandbox.rmm.vsax.odata import Row, page
from sandbox.rmm.vsax.rows import TARGET, stamp
from sandbox.rmm.vsax.state import State
from sandbox.rmm.vsax.workflows import OUTPUT_VARIABLE, WORKFLOWS, Workflow

_WEBHOOK_MAX = 2000
_FIELDS = frozenset({"DeviceIdentifiers", "WebhookUrl", "ConstantVariableOverrides"})


class Automation:
    def __init__(self, state: State) -> None:
        self._state = state

    async def workflows(self, request: web.Request) -> web.Response:
        rows: list[Row] = [{"Id": w.id, "Name": w.name, "Description": None} for w in WORKFLOWS]
        return page(request, rows)

    async def run(self, request: web.Request) -> web.Response:
        """Start the workflow on each device, except where it runs already: those are told apart."""
        workflow = _workflow(request)
        device_ids, variables = _read(await _body(request), workflow)
        nodes = [self._state.node(device_id) for device_id in device_ids]
        started = [self._state.executions.start(workflow, node, variables) for node in nodes]
        for execution, new in started:
            if new:
                self._state.world.effect(
                    TARGET, "workflow_run", [execution.device.uid], device=execution.device.name,
                    execution=execution.id, workflow=workflow.name, variables=variables,
                    queued=not execution.device.online,
                )  # fmt: skip
        return answer(
            {
                "NewExecutions": [_brief(e) for e, new in started if new],
                "ExistingExecutions": [_brief(e) for e, new in started if not new],
            }
        )

    async def executions(self, request: web.Request) -> web.Response:
        return page(request, [_listed(e) for e in self._state.executions.all])

    async def execution(self, request: web.Request) -> web.Response:
        wanted = request.match_info["executionId"]
        found = next((e for e in self._state.executions.all if e.id == wanted), None)
        if found is None:
            raise missing()
        return answer(_detail(found))


def _workflow(request: web.Request) -> Workflow:
    wanted = request.match_info["workflowId"]
    workflow = next((w for w in WORKFLOWS if str(w.id) == wanted), None)
    if workflow is None:
        raise missing()
    return workflow


async def _body(request: web.Request) -> Any:
    try:
        return await request.json()
    except json.JSONDecodeError:
        raise RefusalError(400, "The request is not valid JSON.") from None


def _read(body: Any, workflow: Workflow) -> tuple[list[str], dict[str, str]]:
    """The devices and the constant variables' values. A webhook is accepted; nobody listens here, so none is called."""
    if not isinstance(body, dict) or not set(body) <= _FIELDS:
        raise RefusalError(400, "The request is invalid.")
    devices = body.get("DeviceIdentifiers")
    if not devices or not isinstance(devices, list) or not all(isinstance(d, str) for d in devices):
        raise RefusalError(400, "DeviceIdentifiers is required.")
    if len(body.get("WebhookUrl") or "") > _WEBHOOK_MAX:
        raise RefusalError(400, "WebhookUrl is too long.")
    return devices, _overrides(body.get("ConstantVariableOverrides") or [], workflow)


def _overrides(pairs: Any, workflow: Workflow) -> dict[str, str]:
    try:
        values = {pair["Name"]: pair["Value"] for pair in pairs}
    except (KeyError, TypeError):
        raise RefusalError(400, "ConstantVariableOverrides is invalid.") from None
    unknown = sorted(str(name) for name in set(values) - workflow.constants)
    if unknown:
        raise RefusalError(400, f"The workflow has no constant variable '{unknown[0]}'.")
    return values


def _brief(execution: Execution) -> Row:
    return {
        "ExecutionId": execution.id,
        "TargetType": "Device",
        "TargetId": execution.device.uid,
        "CreatedAt": stamp(execution.created),
    }


def _listed(execution: Execution) -> Row:
    """A row of the list: its state as the documents' table names it."""
    return {
        **_whole(execution),
        "ExecutionStatus": execution.status,
    }


def _detail(execution: Execution) -> Row:
    """One execution: its state as the documents' sample names it, and its steps."""
    printed = [] if execution.output is None else [_output(execution.output)]
    step = {
        "WorkflowStepId": 1,
        "Status": execution.status,
        "Outcome": execution.outcome or (None if execution.open else execution.status),
        "OutputItems": printed,
    }
    return {
        **_whole(execution),
        "ExecutionState": execution.status,
        "ExecutionSteps": [] if execution.status == "Pending" else [step],
    }


def _whole(execution: Execution) -> Row:
    return {
        **_brief(execution),
        "WorkflowId": execution.workflow.id,
        "WorkflowName": execution.workflow.name,
        "CompletedAt": None if execution.completed is None else stamp(execution.completed),
    }


def _output(text: str) -> Row:
    return {"VariableName": OUTPUT_VARIABLE, "VariableType": "String", "VariableValue": text}
