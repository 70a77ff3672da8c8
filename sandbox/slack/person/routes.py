"""The person API's paths."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.frame.plain import body_of
from sandbox.frame.target import Handler
from sandbox.slack.acts.events import Events
from sandbox.slack.model import Json
from sandbox.slack.person import acting, reading
from sandbox.slack.person.ask import Ask
from sandbox.slack.person.stream import stream
from sandbox.slack.service import Slack

_Read = Callable[[Ask], Json]
_Act = Callable[[Ask], Awaitable[Json]]


def add_person_api(
    app: web.Application, slack: Slack, events: Events, targets: dict[str, str]
) -> None:
    """`targets` maps the stand-ins' names to their origins; it may be filled later."""

    async def ready(request: web.Request) -> web.Response:
        sockets = len(slack.sockets)
        body = {"ready": sockets > 0, "sockets": sockets, "targets": targets}
        return web.json_response(body, status=200 if sockets else 503)

    async def home(request: web.Request) -> web.Response:
        return web.json_response(await reading.home(Ask(slack, request.query), events))

    async def message(ask: Ask) -> Json:
        return await acting.message(ask, events)

    async def changes(request: web.Request) -> web.StreamResponse:
        return await stream(request, Ask(slack, request.query))

    async def file_preview(request: web.Request) -> web.Response:
        return reading.file_preview(slack, request.match_info["id"])

    app.router.add_get("/person/ready", ready)
    app.router.add_get("/person/home", home)
    app.router.add_get("/person/events", changes)
    app.router.add_get("/files/{id}", file_preview)
    for path, read in _READS.items():
        app.router.add_get(path, _reader(slack, read))
    for path, act in {**_ACTS, "/person/message": message}.items():
        app.router.add_post(path, _actor(slack, act))


_READS: dict[str, _Read] = {
    "/person/users": reading.users,
    "/person/channels": reading.channels,
    "/person/messages": reading.messages,
    "/person/view": reading.view,
    "/person/commands": reading.commands,
}
_ACTS: dict[str, _Act] = {
    "/person/command": acting.command,
    "/person/action": acting.action,
    "/person/suggest": acting.suggest,
    "/person/view/submit": acting.submit_view,
    "/person/view/action": acting.act_in_view,
    "/person/view/close": acting.close_view,
    "/person/forge": acting.forge,
}


def _reader(slack: Slack, read: _Read) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(read(Ask(slack, request.query)))

    return handle


def _actor(slack: Slack, act: _Act) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(await act(Ask(slack, await body_of(request))))

    return handle
