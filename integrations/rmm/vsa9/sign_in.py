"""Signing in to VSA 9: a user and a personal access token, for a session that tells when it ends."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.errors import MalformedAnswer, VendorAuthError, VendorForbidden, VendorRefused
from core.ports import Clock
from integrations.http import Authorize, Call, Http
from integrations.rmm.bearer import Bearer, Token, refused_sign_in
from integrations.rmm.rows import Row, row, text
from integrations.rmm.vsa9.envelope import result
from integrations.rmm.vsa9.mapping import wall_clock

_REMEDY = (
    "Check username, the secret in access_token (it may have expired, or be limited to other IP addresses; "
    'its only scope has to be "REST API (Read, Write)") and base_url of this account.'
)
#: Of a session whose end cannot be right, only so much is taken; a refused one is replaced once anyway.
_SHORT = timedelta(minutes=5)
_LONGEST = timedelta(hours=24)
_WIDEST_OFFSET = 14 * 60


def authorization(
    http: Http, *, path: Callable[[str], str], username: str, secret: str, clock: Clock
) -> Authorize:
    """Headers for every call: a bearer token, renewed before it ends."""
    return Bearer(lambda: sign_in(http, path("auth"), username, secret, clock), clock)


def sign_in(http: Http, path: str, username: str, secret: str, clock: Clock) -> Token:
    """A fresh token. Raises VendorAuthError for a user VSA does not take."""
    basic = base64.b64encode(f"{username}:{secret}".encode()).decode("ascii")
    call = Call(path=path, headers={"Authorization": f"Basic {basic}"})
    try:
        told, _ = result(http.source, http.read(call), "signing in")
    except (VendorRefused, VendorAuthError, VendorForbidden) as failure:
        raise refused_sign_in(failure, _REMEDY) from failure
    return read_session(http.source, row(http.source, told, "session"), clock.now())


def read_session(source: str, told: Row, now: datetime) -> Token:
    """The token, and how long it lives from `now`. Raises MalformedAnswer."""
    value = text(told.get("Token"))
    if not value:
        raise MalformedAnswer(source, "Signing in brought no token.")
    return Token(value=value, life=session_life(told, now))


def session_life(told: Row, now: datetime) -> timedelta:
    """How long a session lives: no document says whether its end is in UTC or in the server's own time.

    Of both readings the sooner one that lies ahead; a short while where neither does.
    """
    end = wall_clock(told.get("SessionExpiration"))
    if end is None:
        return _SHORT
    if end.tzinfo is not None:
        readings = [end]
    else:
        offset = timedelta(minutes=_minutes(told.get("OffSetInMinutes")))
        utc = end.replace(tzinfo=UTC)
        readings = [utc, utc - offset, utc + offset]
    lives = [reading - now for reading in readings if reading > now]
    return min([*lives, _LONGEST]) if lives else _SHORT


def _minutes(value: object) -> int:
    """A zone's offset; 0 for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if abs(value) <= _WIDEST_OFFSET else 0
