"""The manners of the plain port: JSON bodies in, refusals out as {error, message}."""

import json
from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler


class RefusedError(Exception):
    """What was asked for cannot be done; answered as HTTP 4xx with a code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal is {error, message}, unknown paths and methods included."""
    try:
        return await handler(request)
    except RefusedError as refusal:
        return _error(refusal.status, refusal.code, str(refusal))
    except web.HTTPClientError as refusal:
        code = refusal.reason.lower().replace(" ", "_")
        return _error(refusal.status, code, f"{request.method} {request.path}: {refusal.reason}.")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": code, "message": message}, status=status)


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object sent (none is as good as an empty one), or a refusal."""
    try:
        value = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise RefusedError(400, "invalid_json", "The body is not JSON.") from error
    if not isinstance(value, dict):
        raise RefusedError(400, "invalid_json", "The body must be a JSON object.")
    return value
