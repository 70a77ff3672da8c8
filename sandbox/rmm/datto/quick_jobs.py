"""Quick jobs over HTTP: create one on a device, ask for its state, its result and its output."""

import json
from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.datto.component import complaint, name_of
from sandbox.rmm.datto.errors import RefusalError
from sandbox.rmm.datto.jobs import Job
from sandbox.rmm.datto.pages import Row
from sandbox.rmm.datto.rows import milliseconds
from sandbox.rmm.datto.state import TARGET, State


class QuickJobs:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        results = "/job/{jobUid}/results/{deviceUid}"
        return {
            "/job/{jobUid}": self._job,
            results: self._results,
            f"{results}/stdout": self._stdout,
            f"{results}/stderr": self._stderr,
        }

    async def create(self, request: web.Request) -> web.Response:
        """PUT device/{deviceUid}/quickjob: a second one makes a second job."""
        node = self._state.node(request)
        name, component_uid, variables = _read(await _body(request))
        component_name = name_of(component_uid)
        if component_name is None:
            raise RefusalError(400, "Component was not found")
        if wrong := complaint(component_uid, variables):
            raise RefusalError(400, wrong)
        job = self._state.jobs.create(node, name, (component_uid, component_name), variables)
        self._state.world.effect(
            TARGET, "quickjob", [node.device.uid], device=node.device.name, job=job.uid,
            name=name, component=component_name, variables=variables,
            queued=not node.device.online,
        )  # fmt: skip
        component = {"uid": component_uid, "name": component_name, "variables": _pairs(variables)}
        return web.json_response({"job": _job_row(job), "jobComponents": [component]})

    async def _job(self, request: web.Request) -> web.Response:
        return web.json_response(_job_row(self._state.job(request)))

    async def _results(self, request: web.Request) -> web.Response:
        job = self._fetched_job(request)
        return web.json_response(
            {
                "jobUid": job.uid,
                "deviceUid": job.device.uid,
                "ranOn": None if job.started is None else milliseconds(job.started),
                "jobDeploymentStatus": job.status,
                "componentResults": [_component_result(job)] if job.started else [],
            }
        )

    async def _stdout(self, request: web.Request) -> web.Response:
        job = self._fetched_job(request)
        return web.json_response(_output(job, job.stdout))

    async def _stderr(self, request: web.Request) -> web.Response:
        job = self._fetched_job(request)
        return web.json_response(_output(job, job.stderr))

    def _fetched_job(self, request: web.Request) -> Job:
        """A job has no results, not even pending ones, before the agent was told of it."""
        job = self._state.job(request)
        if job.status is None or job.device.uid != request.match_info["deviceUid"]:
            raise RefusalError(404, "Job or device was not found")
        return job


async def _body(request: web.Request) -> Any:
    try:
        return await request.json()
    except json.JSONDecodeError:
        raise RefusalError(400, "Request data is invalid") from None


def _read(body: Any) -> tuple[str, str, dict[str, str]]:
    """The job's name, its component and the variables; raise RefusalError 400 for anything else."""
    try:
        component = body["jobComponent"]
        variables = {pair["name"]: pair["value"] for pair in component.get("variables") or []}
        texts = [body["jobName"], component["componentUid"], *variables, *variables.values()]
    except (AttributeError, KeyError, TypeError):
        raise RefusalError(400, "Request data is invalid") from None
    if not all(isinstance(text, str) for text in texts) or not body["jobName"]:
        raise RefusalError(400, "Request data is invalid")
    return body["jobName"], component["componentUid"], variables


def _job_row(job: Job) -> Row:
    return {
        "id": job.id,
        "uid": job.uid,
        "name": job.name,
        "dateCreated": milliseconds(job.created),
        "status": "completed" if job.finished else "active",
    }


def _component_result(job: Job) -> Row:
    failed = job.status == "Failure"
    return {
        "componentUid": job.component_uid,
        "componentName": job.component_name,
        "componentStatus": ("Failure" if failed else "Success") if job.finished else None,
        "numberOfWarnings": job.warnings,
        "hasStdOut": job.finished and job.stdout is not None,
        "hasStdErr": job.finished and job.stderr is not None,
    }


def _output(job: Job, text: str | None) -> list[Row]:
    if text is None or not job.finished:
        return []
    name, uid = job.component_name, job.component_uid
    return [{"componentUid": uid, "componentName": name, "stdData": text}]


def _pairs(variables: dict[str, str]) -> list[Row]:
    return [{"name": name, "value": value} for name, value in variables.items()]
