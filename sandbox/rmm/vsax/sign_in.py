"""API tokens: an id and a secret, sent with every request as HTTP Basic. One may run workflows, one may only read."""

import base64
import binascii

from aiohttp import web

from sandbox.rmm.vsax.envelope import RefusalError

TOKEN_ID = "5f1c9e40a7d24b0d"  # noqa: S105 - a name
TOKEN_SECRET = "vsax-sandbox-secret"  # noqa: S105 - planted, and of no use anywhere else
READ_TOKEN_ID = "0b77d2c1e6a94c35"  # noqa: S105 - a name
READ_TOKEN_SECRET = "vsax-sandbox-read-secret"  # noqa: S105 - planted, and of no use anywhere else

_SECRETS = {TOKEN_ID: TOKEN_SECRET, READ_TOKEN_ID: READ_TOKEN_SECRET}
_MAY_RUN = frozenset({TOKEN_ID})


def admit(request: web.Request) -> None:
    """Raise RefusalError 401 for wrong credentials, 403 for what the token may not."""
    token_id = _token_of(request.headers.get("Authorization", ""))
    if token_id is None:
        raise RefusalError(401, "Unauthorized")
    if request.method != "GET" and token_id not in _MAY_RUN:
        raise RefusalError(403, "The token has no permission to run workflows.")


def _token_of(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name if _SECRETS.get(name) == secret and secret else None
