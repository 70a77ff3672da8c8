"""Signing in with a user and an integration's clientId, for a token that tells when it ends."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.frame.clock import SandboxClock
from sandbox.rmm.automate.errors import RefusalError
from sandbox.rmm.tokens import Tokens

#: The GUID that developer.connectwise.com gives an integration.
CLIENT_ID = "3f1c2a84-6f5d-4a52-9d0e-5b1f0a7c2e11"
#: A user whose class may read computers, clients and the Patch Manager.
USERNAME = "gatehouse-read"
PASSWORD = "automate-sandbox-read-secret"  # noqa: S105 - planted, and of no use anywhere else
#: A user whose class may update the Patch Manager as well.
WRITE_USERNAME = "gatehouse-write"
WRITE_PASSWORD = "automate-sandbox-write-secret"  # noqa: S105 - planted as well
#: A person's user, who gets no token without a second factor. The password is PASSWORD.
TWO_FACTOR_USERNAME = "tess.morgan"

TOKEN_LIFE_S = 4 * 3600
ABSOLUTE_LIFE = timedelta(days=7)

_PATCH_UPDATE = frozenset({"patch-update"})
_USERS = {
    USERNAME: (PASSWORD, frozenset[str]()),
    WRITE_USERNAME: (WRITE_PASSWORD, _PATCH_UPDATE),
    TWO_FACTOR_USERNAME: (PASSWORD, _PATCH_UPDATE),
}
_NEVER = "0001-01-01T00:00:00"


class SignIn:
    """POST /apitoken, and the check every other request goes through."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._tokens = Tokens(clock, TOKEN_LIFE_S)

    async def token(self, request: web.Request) -> web.Response:
        _check_client_id(request)
        body = await request.json()
        username = str(body.get("Username", ""))
        secret, scopes = _USERS.get(username, ("", frozenset[str]()))
        if not secret or body.get("Password") != secret:
            raise RefusalError(401, "The username or password is incorrect.", bare=True)
        if username == TWO_FACTOR_USERNAME and not body.get("TwoFactorPasscode"):
            return web.json_response(_answer(username, None, _NEVER, _NEVER))
        now = self._clock.now()
        ends = (now + timedelta(seconds=TOKEN_LIFE_S)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for_good = (now + ABSOLUTE_LIFE).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = self._tokens.issue(username, scopes)
        return web.json_response(_answer(username, token, ends, for_good))

    def admit(self, request: web.Request) -> None:
        """Raise RefusalError 401 without a token in force, 403 for what its user may not do."""
        _check_client_id(request)
        grant = self._tokens.grant_of(request.headers.get("Authorization", ""))
        if grant is None:
            raise RefusalError(401, "Authorization has been denied for this request.")
        if request.method != "GET" and "patch-update" not in grant.scopes:
            raise RefusalError(403, "You do not have permission to perform this action.")


def _check_client_id(request: web.Request) -> None:
    if request.headers.get("clientId", "").lower() != CLIENT_ID:
        raise RefusalError(401, "A valid clientId header is required.")


def _answer(username: str, token: str | None, ends: str, for_good: str) -> dict[str, Any]:
    return {
        "AccessToken": token,
        "TokenType": "Bearer" if token else None,
        "ExpirationDate": ends,
        "AbsoluteExpirationDate": for_good,
        "UserId": username,
        "InternalUserName": username,
        "IsTwoFactorRequired": token is None,
        "IsInternalTwoFactorRequired": False,
        "SSOAccessToken": None,
    }
