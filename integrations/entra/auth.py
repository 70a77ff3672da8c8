"""Signing in as an app: one msal application per tenant, built when first needed, tokens kept in memory."""

import base64
import binascii
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msal
import requests

from core.errors import MalformedAnswer, VendorError
from integrations.entra.settings import AppSettings, EntraSettings
from integrations.entra.sign_in_errors import SOURCE, sign_in_error
from integrations.http import Answer, Authorize, Call, Http


@dataclass(slots=True)
class _Seat:
    """One tenant's place: msal takes no lock of its own around a cold start."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    application: Any = None


class SignIn:
    """One app registration, "read" or "write", in every tenant.

    Each tenant has an application object and a token cache of its own: in a shared cache, msal's way to
    drop one tenant's tokens drops those of all. After any failure the object is thrown away, so that
    nothing msal remembers of it outlives what an administrator mends.
    """

    def __init__(
        self, app: str, settings: EntraSettings, credentials: AppSettings, http: Http
    ) -> None:
        """`http` speaks to the login host; it must not repeat calls, since an assertion is good once."""
        self.app = app
        self.client_id = credentials.client_id
        self.expires = credentials.expires
        self._settings = settings
        self._credentials = credentials
        self._http = http
        self._scopes = [f"{settings.graph_url}/.default"]
        self._lock = threading.Lock()
        self._seats: defaultdict[str, _Seat] = defaultdict(_Seat)

    @cached_property
    def _credential(self) -> str | dict[str, Any]:
        """Loaded with the first sign-in."""
        return self._credentials.for_msal()

    def token(self, tenant_id: str, *, fresh: bool = False) -> str:
        """An access token for Graph. Raises VendorAuthError with what to do, or VendorError."""
        seat = self._seat(tenant_id)
        with seat.lock:
            application = None if fresh else seat.application
            seat.application = None
            application = application or self._build(tenant_id)
            token = self._acquire(application)
            seat.application = application
            return token

    def roles(self, tenant_id: str) -> frozenset[str]:
        """The application roles a new token carries: what was granted in the tenant."""
        claims = _claims(self.token(tenant_id, fresh=True))
        roles = claims.get("roles")
        return frozenset(map(str, roles)) if isinstance(roles, list) else frozenset()

    def forget(self, tenant_id: str) -> None:
        """Take a new token next time: a kept one does not show what was granted since."""
        seat = self._seat(tenant_id)
        with seat.lock:
            seat.application = None

    def close(self) -> None:
        """Close the kept connections to the login host."""
        self._http.sessions.close()

    def authorize(self, tenant_id: str) -> Authorize:
        """The header for calls to Graph in this tenant."""

        def headers(fresh: bool) -> Mapping[str, str]:
            return {"Authorization": f"Bearer {self.token(tenant_id, fresh=fresh)}"}

        return headers

    def _seat(self, tenant_id: str) -> _Seat:
        with self._lock:
            return self._seats[tenant_id]

    def _build(self, tenant_id: str) -> Any:
        """Costs one call to the login host (discovery)."""
        with _VendorErrors():
            return msal.ConfidentialClientApplication(
                self.client_id,
                client_credential=self._credential,
                authority=f"{self._settings.login_url}/{tenant_id}",
                instance_discovery=None if self._settings.instance_discovery else False,
                http_client=_LoginHost(self._http, self, tenant_id),
            )

    def _acquire(self, application: Any) -> str:
        with _VendorErrors():
            result = application.acquire_token_for_client(self._scopes)
        token = (result or {}).get("access_token")
        if not isinstance(token, str):
            raise MalformedAnswer(SOURCE, "The sign-in was answered without a token.")
        return token

    def refusal(self, answer: Answer, tenant_id: str) -> VendorError:
        """What a refused sign-in to this tenant means."""
        return sign_in_error(
            answer,
            app=self.app,
            client_id=self.client_id,
            tenant=tenant_id,
            login=self._settings.login_url,
        )


class _Failed(requests.RequestException):
    """Carries our error through msal, which falls back to a token that is still good for this kind only."""

    def __init__(self, error: VendorError) -> None:
        super().__init__(error.sentence)
        self.error = error


class _VendorErrors:
    """Whatever msal raises leaves as a VendorError; on strange answers it raises anything at all."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, _Failed):
            raise error.error from error
        if isinstance(error, Exception):
            words = "The sign-in host answered nothing that can be understood."
            raise MalformedAnswer(SOURCE, words) from error


@dataclass(frozen=True, slots=True)
class _LoginHost:
    """What msal speaks HTTP through. Raising on refusals keeps msal from serving them for a minute."""

    http: Http
    sign_in: SignIn
    tenant_id: str

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> "_Response":
        return self._ask(Call(path=url, params=params, headers=headers or {}))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> "_Response":
        return self._ask(
            Call(method="POST", path=url, params=params, form=data, headers=headers or {})
        )

    def close(self) -> None:
        """The sessions are shared and stay open."""

    def _ask(self, call: Call) -> "_Response":
        try:
            answer = self.http.ask(call)
        except VendorError as error:
            raise _Failed(error) from error
        if not answer.ok:
            raise _Failed(self.sign_in.refusal(answer, self.tenant_id))
        return _Response(answer)


class _Response:
    """An answer in the shape msal reads."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = answer.headers
        self.text = answer.body.decode(errors="replace")

    def raise_for_status(self) -> None:
        """Only what succeeded becomes one."""


def _claims(token: str) -> Mapping[str, Any]:
    """A token's payload, unverified: to show what was granted, never to decide who somebody is."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError) as error:
        raise MalformedAnswer(SOURCE, "The token could not be read.") from error
    return claims if isinstance(claims, dict) else {}
