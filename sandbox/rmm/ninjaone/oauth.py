"""Signing in: client credentials for a token of one hour, with the scopes the client may have."""

from dataclasses import dataclass

from aiohttp import web

from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.tokens import Tokens

#: A client for reading, with the scope `monitoring` alone.
CLIENT_ID = "ninja-sandbox-monitoring"
CLIENT_SECRET = "ninja-sandbox-monitoring-secret"  # noqa: S105 - planted, and of no use anywhere else
#: A client for triggers, with `monitoring` and `management`.
WRITE_CLIENT_ID = "ninja-sandbox-management"
WRITE_CLIENT_SECRET = "ninja-sandbox-management-secret"  # noqa: S105 - planted as well

TOKEN_LIFE_S = 3600


@dataclass(frozen=True)
class ApiClient:
    secret: str
    scopes: frozenset[str]


_CLIENTS = {
    CLIENT_ID: ApiClient(CLIENT_SECRET, frozenset({"monitoring"})),
    WRITE_CLIENT_ID: ApiClient(WRITE_CLIENT_SECRET, frozenset({"monitoring", "management"})),
}


class SignIn:
    """The token endpoint and the check every other request goes through."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def token(self, request: web.Request) -> web.Response:
        """POST /ws/oauth/token. A client of another region is not known here: 404."""
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type")
        client = _CLIENTS.get(str(form.get("client_id")))
        if client is None:
            raise RefusalError(404, "Client app not exist")
        if form.get("client_secret") != client.secret:
            return _oauth_error(401, "invalid_client")
        scopes = frozenset(str(form.get("scope") or "monitoring").split())
        if not scopes <= client.scopes:
            return _oauth_error(400, "invalid_scope")
        return web.json_response(
            {
                "access_token": self._tokens.issue(str(form["client_id"]), scopes),
                "token_type": "Bearer",
                "expires_in": self._tokens.life_s,
                "scope": " ".join(sorted(scopes, reverse=True)),
            }
        )

    def admit(self, request: web.Request) -> str:
        """Give the client a request comes from; raise RefusalError 401 or 403."""
        grant = self._tokens.grant_of(request.headers.get("Authorization", ""))
        if grant is None:
            raise RefusalError(401, "Unauthorized")
        needed = "monitoring" if request.method == "GET" else "management"
        if needed not in grant.scopes:
            raise RefusalError(403, "Forbidden")
        return grant.owner


def _oauth_error(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)
