"""Bearer tokens that are asked for again before they expire, and once after a refusal."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import MalformedAnswer, VendorAuthError, VendorError
from core.ports import Clock

#: A token is renewed when less than this, or a tenth of its life, is left.
_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A token, the seconds it lives, and the scopes the vendor says it has."""

    value: str
    life: timedelta
    scopes: frozenset[str] = frozenset()


class Bearer:
    """Authorizes calls with a token that `fetch` gets. Thread-safe."""

    def __init__(self, fetch: Callable[[], Token], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at: datetime | None = None

    def __call__(self, refused: bool) -> Mapping[str, str]:
        """The Authorization header; a new token where the last one was refused."""
        return {"Authorization": f"Bearer {self.token(fresh=refused).value}"}

    def token(self, *, fresh: bool = False) -> Token:
        with self._lock:
            now = self._clock.now()
            spent = self._renew_at is None or now >= self._renew_at
            if self._token is None or spent or fresh:
                self._token = self._fetch()
                self._renew_at = now + self._token.life - min(_MARGIN, self._token.life / 10)
            return self._token


def read_token(source: str, answer: object) -> Token:
    """An OAuth 2 token answer. Raises MalformedAnswer."""
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise MalformedAnswer(source, "Signing in brought no token.")
    life = answer.get("expires_in")
    if isinstance(life, bool) or not isinstance(life, int | float) or life <= 0:
        raise MalformedAnswer(source, "Signing in did not say how long the token lives.")
    scope = answer.get("scope")
    return Token(
        value=answer["access_token"],
        life=timedelta(seconds=min(life, 366 * 86_400)),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
    )


def refused_sign_in(failure: VendorError, remedy: str) -> VendorAuthError:
    """What a 4xx of a token endpoint means: OAuth servers say 400, 401 or 404 for bad credentials."""
    return VendorAuthError(
        failure.source, failure.reason, remedy=remedy, status=failure.status, code=failure.code
    )
