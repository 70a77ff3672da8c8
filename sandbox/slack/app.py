"""The stand-in's HTTPS and WSS side: Web API, response URLs, uploads and sockets."""

import json

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_TOKEN
from sandbox.slack.responses import respond
from sandbox.slack.service import Slack
from sandbox.slack.web_api.routes import add_web_api

_GONE = ("expired_url", "used_url", "no_service")


def make_app(world: World, slack: Slack) -> web.Application:
    app = make_target("slack", world)
    add_web_api(app, slack)
    app.router.add_get("/link/", slack.sockets.serve)
    app.router.add_post("/{kind:commands|actions|app}/{team}/{number}/{secret}", _respond(slack))
    app.router.add_post("/upload/v1/{file}", _upload(slack))
    app.router.add_get("/files-pri/{file}/{name}", _download(slack))
    return app


def _respond(slack: Slack) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            respond(slack, request.path, await _body(request))
        except SlackError as refusal:
            status = 404 if refusal.code in _GONE else 400
            return web.json_response(refusal.as_json(), status=status)
        return web.Response(text="ok")

    return handle


async def _body(request: web.Request) -> object:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise SlackError("invalid_payload") from error


def _upload(slack: Slack) -> Handler:
    """Raw bytes, or one part of a multipart form; the length must be the one announced."""

    async def handle(request: web.Request) -> web.Response:
        file = slack.workspace.files.get(request.match_info["file"])
        if file is None or file.content is not None:
            raise web.HTTPNotFound(text="unknown upload")
        content = await _content(request)
        if len(content) != file.length:
            raise web.HTTPBadRequest(text="size mismatch")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    return handle


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    part = await (await request.multipart()).next()
    return bytes(await part.read()) if part is not None and hasattr(part, "read") else b""


def _download(slack: Slack) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            raise web.HTTPFound("/")
        file = slack.workspace.files.get(request.match_info["file"].partition("-")[2])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content)

    return handle
