"""Entra's sign-in errors: codes, HTTP statuses and the body they come in."""

import uuid
from datetime import datetime
from typing import Any


class SignInError(Exception):
    """A refusal of the token or discovery endpoint; `code` is the AADSTS number."""

    def __init__(self, code: int, error: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.error = error
        self.sentence = sentence
        self.status = status

    def body(self, now: datetime, correlation_id: str) -> dict[str, Any]:
        trace_id = str(uuid.uuid4())
        at = f"{now:%Y-%m-%d %H:%M:%SZ}"
        description = (
            f"AADSTS{self.code}: {self.sentence} Trace ID: {trace_id} "
            f"Correlation ID: {correlation_id} Timestamp: {at}"
        )
        return {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": at,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }


def unknown_tenant(name: str, *, at_discovery: bool) -> SignInError:
    return SignInError(
        90002,
        "invalid_tenant" if at_discovery else "invalid_request",
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud.",
    )


def unknown_app(app_id: str, tenant: str) -> SignInError:
    return SignInError(
        700016,
        "unauthorized_client",
        f"Application with identifier '{app_id}' was not found in the directory '{tenant}'.",
    )


def disabled_app(app_id: str) -> SignInError:
    return SignInError(7000112, "unauthorized_client", f"Application '{app_id}' is disabled.")


def not_installed(app_id: str, tenant_id: str) -> SignInError:
    return SignInError(
        7000229,
        "invalid_client",
        f"The client application {app_id} is missing service principal in the tenant {tenant_id}.",
        status=401,
    )


def wrong_secret(app_id: str) -> SignInError:
    return SignInError(
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
        f"secret value, not the client secret ID, for a secret added to app '{app_id}'.",
        status=401,
    )


def expired_secret(app_id: str) -> SignInError:
    return SignInError(
        7000222,
        "invalid_client",
        f"The provided client secret keys for app '{app_id}' are expired.",
        status=401,
    )


def no_credential() -> SignInError:
    return SignInError(
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'.",
        status=401,
    )


def bad_assertion(code: int, sentence: str) -> SignInError:
    return SignInError(code, "invalid_client", sentence, status=401)


def missing(parameter: str) -> SignInError:
    return SignInError(
        900144,
        "invalid_request",
        f"The request body must contain the following parameter: '{parameter}'.",
    )


def unsupported_grant(grant_type: str) -> SignInError:
    return SignInError(
        70003,
        "unsupported_grant_type",
        f"The app requested an unsupported grant type '{grant_type}'.",
    )


def bad_scope(scope: str) -> SignInError:
    return SignInError(
        1002012,
        "invalid_scope",
        f"The provided value for scope {scope} is not valid. Client credential flows must have a "
        "scope value with /.default suffixed to the resource identifier (application ID URI).",
    )


def unknown_resource(resource: str, tenant: str) -> SignInError:
    return SignInError(
        500011,
        "invalid_resource",
        f"The resource principal named {resource} was not found in the tenant named {tenant}.",
    )
