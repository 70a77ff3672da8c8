"""Signing in with an API key's id and secret, and what the scopes of the token then open."""

import json

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.frame.world import World
from sandbox.rmm.asio.errors import RefusalError
from sandbox.rmm.tokens import Tokens
from sandbox.rmm.window import Window

COMPANIES = "platform.companies.read"
DEVICES = "platform.devices.read"
ASSETS = "platform.asset.read"
PATCHES = "platform.patching.read"
OS_PATCHES = "platform.ospatching.management.read"
SOFTWARE = "platform.tppatching.management.read"
AUTOMATION = "platform.automation.read"
RUN = "platform.automation.create"

#: A key that may read and run scripts.
CLIENT_ID = "0e31sandbox-run"
CLIENT_SECRET = "asio-sandbox-secret"  # noqa: S105 - planted, and of no use anywhere else
#: A key that may only read.
READ_CLIENT_ID = "0e31sandbox-read"
READ_CLIENT_SECRET = "asio-sandbox-read-secret"  # noqa: S105 - planted as well

TOKEN_LIFE_S = 3599
#: Whoever signs in more often than this within five minutes finds the key locked.
_SIGN_INS = 20

_READ = frozenset({COMPANIES, DEVICES, ASSETS, PATCHES, OS_PATCHES, SOFTWARE})
_KEYS = {
    CLIENT_ID: (CLIENT_SECRET, _READ | {AUTOMATION, RUN}),
    READ_CLIENT_ID: (READ_CLIENT_SECRET, _READ),
}


class SignIn:
    """The token endpoint and the check every other request goes through."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._tokens = Tokens(world.clock, TOKEN_LIFE_S)
        self._sign_ins = {client_id: Window(_SIGN_INS, 300) for client_id in _KEYS}

    async def token(self, request: web.Request) -> web.Response:
        """POST /v1/token, in JSON."""
        wanted = await _object(request)
        client_id, scope = str(wanted.get("client_id")), str(wanted.get("scope") or "")
        if wanted.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type")
        if client_id not in _KEYS or _KEYS[client_id][0] != wanted.get("client_secret"):
            return _oauth_error(401, "invalid_client")
        if not self._sign_ins[client_id].take(self._clock.now()):
            raise RefusalError(423, "locked", "the key is locked, try again later")
        scopes = frozenset(scope.split())
        if not scopes or not scopes <= _KEYS[client_id][1]:
            return _oauth_error(400, "invalid_scope")
        return web.json_response(
            {
                "access_token": self._tokens.issue(client_id, scopes),
                "scope": scope,
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFE_S,
            }
        )

    def opened(self, scopes: frozenset[str], handler: Handler) -> Handler:
        """The handler, for tokens with any one of these scopes; with none given, for every token."""

        async def opened_handler(request: web.Request) -> web.StreamResponse:
            grant = self._tokens.grant_of(request.headers.get("Authorization", ""))
            if grant is None:
                raise RefusalError(401, "access_denied", "bearer token is invalid")
            if scopes and not scopes & grant.scopes:
                raise RefusalError(403, "forbidden", "access is forbidden")
            return await handler(request)

        return opened_handler


async def _object(request: web.Request) -> dict[str, object]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _oauth_error(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)
