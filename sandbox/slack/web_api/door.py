"""From an HTTP request to a method and back: token, rate, scope and arguments, in Slack's order."""

import json
from typing import Any

from aiohttp import web

from sandbox.slack.errors import RateLimitedError, SlackError
from sandbox.slack.installation import APP_SCOPES, APP_TOKEN, BOT_TOKEN
from sandbox.slack.model import Json
from sandbox.slack.service import Slack
from sandbox.slack.web_api.method import Call, Method, missing_scope


def handler_for(method: Method, slack: Slack) -> Any:
    """An aiohttp handler that answers as Slack does: HTTP 200 with ok false, 429 when too fast."""

    async def handle(request: web.Request) -> web.Response:
        scopes = slack.scopes if method.caller == "bot" else APP_SCOPES
        headers = {
            "x-oauth-scopes": ",".join(scopes),
            "x-accepted-oauth-scopes": ",".join(method.scopes),
        }
        try:
            answer = await _answer(method, slack, request)
        except RateLimitedError as refusal:
            headers["Retry-After"] = str(refusal.retry_after)
            return web.json_response(refusal.as_json(), status=429, headers=headers)
        except SlackError as refusal:
            return web.json_response(refusal.as_json(), headers=headers)
        return web.json_response({"ok": True, **answer}, headers=headers)

    return handle


async def unknown_method(request: web.Request) -> web.Response:
    refusal = SlackError("unknown_method", req_method=request.match_info["method"])
    return web.json_response(refusal.as_json())


async def _answer(method: Method, slack: Slack, request: web.Request) -> Json:
    arguments = await _arguments(method, request)
    _check_token(method, request, arguments.pop("token", None))
    slack.rates.spend(method.name, method.tier, slack.now)
    if method.scopes and not set(method.scopes) & set(slack.scopes):
        raise missing_scope(method.scopes, slack.scopes)
    if method.caller == "app" and request.method != "POST":
        raise SlackError("insecure_request")
    method.check_arguments(arguments)
    return method.run(Call(slack=slack, method=method.name, arguments=arguments))


def _check_token(method: Method, request: web.Request, in_body: object) -> None:
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else in_body
    if not token:
        raise SlackError("not_authed")
    if token not in (BOT_TOKEN, APP_TOKEN):
        raise SlackError("invalid_auth")
    if token != (BOT_TOKEN if method.caller == "bot" else APP_TOKEN):
        raise SlackError("not_allowed_token_type")


async def _arguments(method: Method, request: web.Request) -> dict[str, Any]:
    """Query, form and JSON arguments together; an empty JSON body is as good as none."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        if method.takes_json:
            found |= _json_object(await request.read())
    elif request.can_read_body:
        found |= {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
    return {key: value for key, value in found.items() if value is not None}


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value
