"""Access tokens: what the login stand-in signs and the Graph stand-in reads."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.estate.ids import stable_id

#: Seconds a token lives; Entra says 3599.
LIFETIME_S = 3599


class BadTokenError(Exception):
    """The token is not ours, not for Graph, or out of date; the message is Graph's sentence."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a token says: which app, in which tenant, with which application roles."""

    tenant_id: str
    app_id: str
    app_name: str
    audience: str
    roles: tuple[str, ...]
    by_certificate: bool


class TokenMint:
    """Signs tokens and reads them back.

    Validity is measured in real time, not on the sandbox's clock: token libraries keep their own
    time, and moving the clock must not look like a fault of theirs.
    """

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        #: What tokens seen before said, and when they end: checking a signature costs more than answering.
        self._seen: dict[str, tuple[Grant, int]] = {}

    def mint(self, grant: Grant) -> str:
        return jwt.encode(_claims(grant, int(time.time())), self._key, algorithm="RS256")

    def read(self, token: str) -> Grant:
        """Raise BadTokenError for anything but a token of this mint that is still good."""
        grant, end = self._seen.get(token) or self._checked(token)
        if end <= time.time():
            raise BadTokenError("Lifetime validation failed, the token is expired.")
        self._seen[token] = (grant, end)
        return grant

    def _checked(self, token: str) -> tuple[Grant, int]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False},
            )
        except jwt.InvalidTokenError as error:
            raise BadTokenError("IDX14100: JWT is not well formed or not trusted.") from error
        grant = Grant(
            tenant_id=claims["tid"],
            app_id=claims["appid"],
            app_name=claims["app_displayname"],
            audience=claims["aud"],
            roles=tuple(claims.get("roles", ())),
            by_certificate=claims["appidacr"] == "2",
        )
        return grant, claims["exp"]


def service_principal_id(tenant_id: str, app_id: str) -> str:
    """The object id of an app's service principal in a tenant."""
    return stable_id(0, tenant_id, "service principal", app_id)


def _claims(grant: Grant, now: int) -> dict[str, Any]:
    principal = service_principal_id(grant.tenant_id, grant.app_id)
    claims: dict[str, Any] = {
        "aud": grant.audience,
        "iss": f"https://sts.windows.net/{grant.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_S,
        "app_displayname": grant.app_name,
        "appid": grant.app_id,
        "appidacr": "2" if grant.by_certificate else "1",
        "idp": f"https://sts.windows.net/{grant.tenant_id}/",
        "idtyp": "app",
        "oid": principal,
        "sub": principal,
        "tid": grant.tenant_id,
        "uti": uuid.uuid4().hex[:22],
        "ver": "1.0",
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
    }
    # An app that is installed but was granted nothing gets a token without the claim.
    if grant.roles:
        claims["roles"] = list(grant.roles)
    return claims
