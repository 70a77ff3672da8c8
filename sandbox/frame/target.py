"""The application shell of one stand-in: counts its calls and lets faults strike them."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.faults import Fault
from sandbox.frame.world import World

#: Set on the request by a stand-in that has a router of its own.
PATH_TEMPLATE = web.RequestKey("path_template", str)
_LOOK_EVERY_S = 0.02
#: What an application plays.
TARGET = web.AppKey("target", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_target(name: str, world: World) -> web.Application:
    """Make an application that records calls under `name` and obeys the world's faults."""
    app = web.Application(middlewares=[_recorder(world)], client_max_size=16 * 1024 * 1024)
    app[TARGET] = name
    return app


def _recorder(world: World) -> Middleware:
    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.app[TARGET]
        faults = world.faults.take(name, request.method, request.path)
        try:
            response = await _with_faults(request, handler, faults)
        except web.HTTPException as refusal:
            world.calls.add(name, request.method, path_template(request), str(refusal.status))
            raise
        except ConnectionResetError:
            # The connection is gone, so this answer reaches nobody; raising would only be logged as a crash.
            world.calls.add(name, request.method, path_template(request), "dropped")
            return web.Response()
        world.calls.add(name, request.method, path_template(request), str(response.status))
        return response

    return record


def path_template(request: web.Request) -> str:
    """The path with its ids left out."""
    resource = request.match_info.route.resource
    template = resource.canonical if resource is not None else request.path
    return str(request.get(PATH_TEMPLATE, template))


async def _with_faults(
    request: web.Request, handler: Handler, faults: list[Fault]
) -> web.StreamResponse:
    for fault in faults:
        if fault.kind == "latency":
            # The call has arrived by then: should its caller die meanwhile, it is carried out all the same.
            await request.read()
            await _until_mended(fault)
        elif fault.kind == "drop_before":
            _drop(request)
        elif fault.kind == "status":
            return _status(fault)
    response = await handler(request)
    for fault in faults:
        if fault.kind == "drop_after":
            _drop(request)
        elif fault.kind == "truncate":
            return await _truncated(request, response)
        elif fault.kind == "garbage":
            return web.Response(body=secrets.token_bytes(64), content_type="application/json")
        elif fault.kind == "html":
            page = "<!doctype html><title>Bad gateway</title><h1>502 Bad gateway</h1>"
            return web.Response(text=page, content_type="text/html", status=200)
    return response


async def _until_mended(fault: Fault) -> None:
    """Wait for the fault's seconds, or until it is removed, which tests do from other threads."""
    end = time.monotonic() + fault.seconds
    while not fault.removed and (left := end - time.monotonic()) > 0:  # noqa: ASYNC110 - see above
        await asyncio.sleep(min(left, _LOOK_EVERY_S))


def _drop(request: web.Request) -> None:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("dropped by a fault")


def _status(fault: Fault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    body = {
        "error": {"code": "SandboxFault", "message": f"Fault {fault.id} answered {fault.status}."}
    }
    return web.json_response(body, status=fault.status, headers=headers)


async def _truncated(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Promise the whole body, send half of it, and hang up."""
    body = response.body if isinstance(response, web.Response) else b""
    whole = body if isinstance(body, bytes) else b""
    half = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    half.content_length = max(len(whole), 2)
    await half.prepare(request)
    await half.write(whole[: max(len(whole) // 2, 1)])
    if request.transport is not None:
        request.transport.abort()
    return half
