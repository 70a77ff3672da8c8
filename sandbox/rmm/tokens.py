"""Bearer tokens that expire by the sandbox's clock."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.frame.clock import SandboxClock


@dataclass(frozen=True)
class Grant:
    """What one token allows."""

    owner: str
    scopes: frozenset[str]
    expires_at: datetime


class Tokens:
    """The tokens handed out so far."""

    def __init__(self, clock: SandboxClock, life_s: int) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self.life_s = life_s

    def issue(self, owner: str, scopes: frozenset[str] = frozenset()) -> str:
        token = secrets.token_urlsafe(32)
        expires_at = self._clock.now() + timedelta(seconds=self.life_s)
        self._grants[token] = Grant(owner, scopes, expires_at)
        return token

    def grant_of(self, authorization: str) -> Grant | None:
        """Find what an Authorization header allows; None where it is missing, unknown or expired."""
        scheme, _, token = authorization.partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        return grant if grant is not None and self._clock.now() < grant.expires_at else None
