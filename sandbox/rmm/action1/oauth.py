"""Signing in: a client's id and secret, without a grant type, for a token of one hour."""

from dataclasses import dataclass

from aiohttp import web

from sandbox.rmm.action1.errors import RefusalError, forbidden
from sandbox.rmm.tokens import Tokens

#: Credentials with a role that views.
CLIENT_ID = "api-key-sandbox-viewer@action1.com"
CLIENT_SECRET = "action1-sandbox-viewer-secret"  # noqa: S105 - planted, and of no use anywhere else
#: Credentials with a role that also runs automations.
WRITE_CLIENT_ID = "api-key-sandbox-patcher@action1.com"
WRITE_CLIENT_SECRET = "action1-sandbox-patcher-secret"  # noqa: S105 - planted as well

TOKEN_LIFE_S = 3600


@dataclass(frozen=True)
class Credentials:
    secret: str
    runs_automations: bool = False


_CREDENTIALS = {
    CLIENT_ID: Credentials(CLIENT_SECRET),
    WRITE_CLIENT_ID: Credentials(WRITE_CLIENT_SECRET, runs_automations=True),
}


class SignIn:
    """The token endpoint and the check every other request goes through."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def token(self, request: web.Request) -> web.Response:
        """POST oauth2/token with a form."""
        form = await request.post()
        known = _CREDENTIALS.get(str(form.get("client_id")))
        if known is None or form.get("client_secret") != known.secret:
            raise RefusalError(401, "ERR_UNAUTHORIZED", "Invalid client credentials.")
        answer = {
            "access_token": self._tokens.issue(str(form["client_id"])),
            "refresh_token": self._tokens.issue("nobody"),
            "expires_in": self._tokens.life_s,
            "token_type": "bearer",
        }
        return web.json_response(answer)

    def admit(self, request: web.Request) -> str:
        """Give the client a request comes from; raise RefusalError 401 or 403."""
        grant = self._tokens.grant_of(request.headers.get("Authorization", ""))
        known = _CREDENTIALS.get(grant.owner) if grant is not None else None
        if grant is None or known is None:
            raise RefusalError(401, "ERR_UNAUTHORIZED", "The access token is invalid or expired.")
        if request.method != "GET" and not known.runs_automations:
            raise forbidden()
        return grant.owner
