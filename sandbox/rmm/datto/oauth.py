"""Signing in: the public client's name and password, and an API key and secret as the user's."""

import base64

from aiohttp import web

from sandbox.rmm.datto.errors import oauth_error
from sandbox.rmm.tokens import Tokens

API_KEY = "DATTOSANDBOXKEY"
API_SECRET = "DATTOSANDBOXSECRET"  # noqa: S105 - planted, and of no use anywhere else

#: 100 hours.
TOKEN_LIFE_S = 360_000

_PUBLIC_CLIENT = "Basic " + base64.b64encode(b"public-client:public").decode()


class SignIn:
    """The token endpoint and the check every other request goes through."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def token(self, request: web.Request) -> web.Response:
        """POST /auth/oauth/token: HTTP Basic for the public client, a password grant in the form."""
        if request.headers.get("Authorization") != _PUBLIC_CLIENT:
            return oauth_error(401, "invalid_client", "Bad client credentials")
        form = await request.post()
        if form.get("grant_type") != "password":
            return oauth_error(400, "unsupported_grant_type", "Unsupported grant type")
        if (form.get("username"), form.get("password")) != (API_KEY, API_SECRET):
            return oauth_error(400, "invalid_grant", "Bad credentials")
        token = self._tokens.issue(API_KEY)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": self._tokens.life_s}
        return web.json_response(answer)

    def admits(self, request: web.Request) -> bool:
        return self._tokens.grant_of(request.headers.get("Authorization", "")) is not None
