"""Signing in to Automate: a user and the integration's clientId, for a token that tells when it ends."""

from collections.abc import Mapping
from datetime import datetime

from core.errors import MalformedAnswer, VendorAuthError, VendorForbidden, VendorRefused
from core.ports import Clock
from integrations.http import Authorize, Call, Http
from integrations.rmm.automate.mapping import moment
from integrations.rmm.bearer import Bearer, Token, refused_sign_in
from integrations.rmm.rows import Row, row, text

_PATH = "cwa/api/v1/apitoken"
_REMEDY = "Check client_id, username, the secret in password, and base_url of this account."
_TWO_FACTORS = "Give Gatehouse a user of its own without two-factor sign-in, as the vendor's page in docs says."
_CLOCKS = "Check the clocks of this machine and of the Automate server."


def authorization(
    http: Http, *, client_id: str, username: str, secret: str, clock: Clock
) -> Authorize:
    """Headers for every call: a bearer token, renewed before it ends, and the clientId."""
    bearer = Bearer(lambda: sign_in(http, client_id, username, secret, clock), clock)

    def headers(refused: bool) -> Mapping[str, str]:
        return {**bearer(refused), "clientId": client_id}

    return headers


def sign_in(http: Http, client_id: str, username: str, secret: str, clock: Clock) -> Token:
    """A fresh token. Raises VendorAuthError for a user Automate does not take."""
    body = {"Username": username, "Password": secret}
    call = Call(method="POST", path=_PATH, headers={"clientId": client_id}, json=body)
    try:
        answer = row(http.source, http.read(call), "token")
    except (VendorRefused, VendorAuthError, VendorForbidden) as failure:
        raise refused_sign_in(failure, _REMEDY) from failure
    return read_sign_in(http.source, answer, clock.now())


def read_sign_in(source: str, answer: Row, now: datetime) -> Token:
    """The token, and how long it lives from `now`. Raises VendorAuthError, MalformedAnswer."""
    value = text(answer.get("AccessToken"))
    if not value and True in (
        answer.get("IsTwoFactorRequired"),
        answer.get("IsInternalTwoFactorRequired"),
    ):
        words = "This user needs a second factor to sign in."
        raise VendorAuthError(source, words, remedy=_TWO_FACTORS)
    ends = moment(answer.get("ExpirationDate"))
    if not value or ends is None:
        raise MalformedAnswer(source, "Signing in brought no token, or not when it ends.")
    if ends <= now:
        words = "Signing in brought a token that has already ended."
        raise MalformedAnswer(source, words, remedy=_CLOCKS)
    return Token(value=value, life=ends - now)
