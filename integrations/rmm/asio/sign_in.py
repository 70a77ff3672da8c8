"""Tokens of the platform: an API key's id and secret, and the scopes asked for."""

from collections.abc import Sequence
from datetime import timedelta

from core.errors import VendorAuthError, VendorBusy, VendorForbidden, VendorRefused
from integrations.http import Call, Http
from integrations.rmm.bearer import Token, read_token, refused_sign_in

LOCKED = 423

_KEY_REMEDY = (
    "Check client_id, client_secret and base_url (the region's own address), and that the key is listed under "
    "Integrations > API Access."
)
_SCOPE_REMEDY = "Give the key these scopes under Integrations > API Access, or ask for fewer ({})."
_LOCKED_FOR = timedelta(minutes=5)


def sign_in(
    http: Http, client_id: str, secret: str, scopes: Sequence[str], *, setting: str
) -> Token:
    """A token with all of the scopes. `setting` is where they are configured. Raises VendorError."""
    body = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": " ".join(scopes),
    }
    try:
        return read_token(http.source, http.read(Call(method="POST", path="v1/token", json=body)))
    except (VendorAuthError, VendorRefused) as failure:
        if failure.status == LOCKED:
            raise locked(failure) from failure
        if failure.code == "invalid_scope":
            words = f"The API key lacks one of the scopes {', '.join(scopes)}."
            remedy = _SCOPE_REMEDY.format(setting)
            raise VendorForbidden(http.source, words, remedy=remedy) from failure
        raise refused_sign_in(failure, _KEY_REMEDY) from failure


def locked(failure: VendorAuthError | VendorRefused) -> VendorBusy:
    """A key that asked for too many tokens is locked for some minutes, whatever it asks."""
    words = f"The API key is locked for some minutes. {failure.reason}"
    return VendorBusy(failure.source, words, wait=_LOCKED_FOR, status=LOCKED)
