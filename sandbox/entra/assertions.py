"""Checks the signed assertion an app proves itself with instead of a secret."""

import base64
import hmac
from datetime import datetime
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.entra.aadsts import SignInError, bad_assertion
from sandbox.entra.apps import AppRegistration

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ["PS256", "RS256"]
_SKEW_S = 300


def check_assertion(assertion: str, app: AppRegistration, audience: str, now: datetime) -> None:
    """Raise SignInError unless the assertion is `app`'s own, in time and for `audience`.

    `now` is the sandbox's time and judges the certificate only. The assertion itself is judged in
    real time: the library that makes it knows no other clock. The same assertion is good more than
    once, because msal keeps and re-sends one for the ten minutes it lives.
    """
    certificate = _registered(assertion, app)
    if now > certificate.not_valid_after_utc:
        raise bad_assertion(700027, "The certificate used to sign the assertion has expired.")
    claims = _decode(assertion, certificate, audience)
    if claims["iss"] != app.app_id or claims["sub"] != app.app_id:
        raise bad_assertion(
            700021, "Client assertion application identifier doesn't match 'client_id'."
        )


def _registered(assertion: str, app: AppRegistration) -> x509.Certificate:
    """The app's certificate that the assertion's header names."""
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as error:
        raise bad_assertion(50027, "JWT token is invalid or malformed.") from error
    named = str(header.get("x5t#S256") or header.get("x5t") or "").rstrip("=")
    for candidate in app.certificates:
        certificate = candidate.x509
        if named and any(hmac.compare_digest(named, known) for known in thumbprints(certificate)):
            return certificate
    raise bad_assertion(
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on "
        "application.",
    )


def thumbprints(certificate: x509.Certificate) -> tuple[str, str]:
    """The certificate's x5t#S256 and x5t values, without padding."""
    legacy = hashes.SHA1()  # noqa: S303 - x5t is defined as the SHA-1 thumbprint
    return _base64url(certificate.fingerprint(hashes.SHA256())), _base64url(
        certificate.fingerprint(legacy)
    )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(assertion: str, certificate: x509.Certificate, audience: str) -> dict[str, Any]:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise bad_assertion(700027, "The certificate's key is not an RSA key.")
    try:
        claims: dict[str, Any] = jwt.decode(
            assertion,
            key,
            algorithms=_ALGORITHMS,
            audience=audience,
            leeway=_SKEW_S,
            options={"require": ["aud", "exp", "iss", "jti", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise _refusal(error) from error
    return claims


def _refusal(error: jwt.InvalidTokenError) -> SignInError:
    if isinstance(error, jwt.ExpiredSignatureError | jwt.ImmatureSignatureError):
        return bad_assertion(700024, "Client assertion is not within its valid time range.")
    if isinstance(error, jwt.InvalidAudienceError):
        return bad_assertion(700023, "Client assertion audience claim does not match Realm issuer.")
    if isinstance(error, jwt.InvalidSignatureError):
        return bad_assertion(700027, "Client assertion failed signature validation.")
    return bad_assertion(50027, f"JWT token is invalid or malformed: {error}.")
