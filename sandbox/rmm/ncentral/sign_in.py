"""Signing in: the API user's JWT for an access token of an hour and a refresh token."""

from typing import Final

from aiohttp import web

from sandbox.rmm.ncentral.errors import RefusalError
from sandbox.rmm.tokens import Tokens

JWT: Final = "sandbox.ncentral.api-user-jwt"
TOKEN_LIFE_S = 3600
_REFRESH_LIFE_S = 25 * 3600


class SignIn:
    """The token endpoints and the check every other request goes through."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def authenticate(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {JWT}":
            raise RefusalError(401, "Authentication failed: the JWT is not valid.")
        return web.json_response({"tokens": self._pair()})

    async def validate(self, request: web.Request) -> web.Response:
        return web.json_response({"message": "The token is valid."})

    def admit(self, request: web.Request) -> None:
        """Raise RefusalError 401 unless the request carries a token of ours."""
        if self._tokens.grant_of(request.headers.get("Authorization", "")) is None:
            raise RefusalError(401, "The access token is invalid or has expired.")

    def _pair(self) -> dict[str, object]:
        access = {
            "token": self._tokens.issue("api-user"),
            "type": "Bearer",
            "expirySeconds": self._tokens.life_s,
        }
        refresh = {"token": "sandbox-refresh", "type": "Body", "expirySeconds": _REFRESH_LIFE_S}
        return {"access": access, "refresh": refresh}
