"""Signing in with a user and a personal access token, for a session that tells when it ends."""

import base64
import binascii
from datetime import timedelta

from aiohttp import web

from sandbox.frame.clock import SandboxClock
from sandbox.rmm.tokens import Tokens
from sandbox.rmm.vsa9.envelope import RefusalError, wrapped

#: A user whose role may look at patch status and machine updates.
USERNAME = "gatehouse-read"
ACCESS_TOKEN = "vsa9-sandbox-read-token"  # noqa: S105 - planted, and of no use anywhere else
#: A user whose role may schedule updates as well.
WRITE_USERNAME = "gatehouse-write"
WRITE_ACCESS_TOKEN = "vsa9-sandbox-write-token"  # noqa: S105 - planted as well

SESSION_LIFE_S = 30 * 60

_MACHINE_UPDATE = frozenset({"machine-update"})
_USERS = {
    USERNAME: (ACCESS_TOKEN, frozenset[str]()),
    WRITE_USERNAME: (WRITE_ACCESS_TOKEN, _MACHINE_UPDATE),
}


class SignIn:
    """GET /auth, and the check every other request goes through."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._tokens = Tokens(clock, SESSION_LIFE_S)

    async def auth(self, request: web.Request) -> web.Response:
        user, secret = _basic(request.headers.get("Authorization", ""))
        wanted, rights = _USERS.get(user, ("", frozenset[str]()))
        if not wanted or secret != wanted:
            raise RefusalError(401, "Invalid credentials.", status=401)
        ends = self._clock.now() + timedelta(seconds=SESSION_LIFE_S)
        session = {
            "UserName": user,
            "Token": self._tokens.issue(user, rights),
            "RoleId": 2,
            "ScopeId": 3,
            "SessionExpiration": f"{ends:%Y-%m-%dT%H:%M:%S}",
            "OffSetInMinutes": 0,
            "Attributes": None,
        }
        return wrapped(session)

    def admit(self, request: web.Request) -> None:
        """Refuse with HTTP 401 without a session in force, with 403 in the body what its role lacks."""
        grant = self._tokens.grant_of(request.headers.get("Authorization", ""))
        if grant is None:
            raise RefusalError(401, "Session expired or invalid.", status=401)
        if request.method != "GET" and "machine-update" not in grant.scopes:
            raise RefusalError(403, "Your role does not allow this function.")


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, secret
