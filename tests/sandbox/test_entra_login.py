"""The sign-in stand-in, driven by the real msal over TLS."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import msal
import pytest
import requests
from aiohttp import web

from sandbox.entra.apps import (
    READ_APP_ID,
    READ_CLIENT_SECRET,
    WRITE_APP_ID,
    AppCertificate,
    Apps,
)
from sandbox.entra.assertions import ASSERTION_TYPE, thumbprints
from sandbox.estate.consent import READ_ROLES, WRITE_ROLES
from sandbox.frame.world import World
from tests.noon import NOON
from tests.sandbox.entra_desk import SCOPES, EntraDesk


def payload(token: str) -> dict[str, Any]:
    """What a client can see in a token without checking it."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def certificate_of(apps: Apps, kind: str = "read") -> dict[str, str]:
    certificate = (apps.read if kind == "read" else apps.write).certificate
    return {
        "private_key": certificate.private_key_pem.decode(),
        "public_certificate": certificate.certificate_pem.decode(),
    }


def ask(entra: EntraDesk, tenant: str, **changes: Any) -> requests.Response:
    """Post to the token endpoint as msal would with a secret; None leaves a field out."""
    form: dict[str, Any] = {
        "client_id": READ_APP_ID,
        "grant_type": "client_credentials",
        "scope": SCOPES[0],
        "client_secret": READ_CLIENT_SECRET,
    } | changes
    sent = {key: value for key, value in form.items() if value is not None}
    url = f"{entra.login}/{tenant}/oauth2/v2.0/token"
    return entra.session.post(url, data=sent, timeout=30)


def refused(response: requests.Response) -> tuple[int, str, int]:
    body = response.json()
    assert str(body["error_codes"][0]) in body["error_description"]
    assert body["correlation_id"]
    return response.status_code, body["error"], body["error_codes"][0]


class Assertion:
    """A client assertion made by hand, to spoil one thing at a time."""

    def __init__(self, apps: Apps, audience: str) -> None:
        self.certificate = apps.read.certificate
        self.header = {"x5t#S256": thumbprints(self.certificate.x509)[0]}
        now = int(time.time())
        self.claims: dict[str, Any] = {
            "aud": audience,
            "iss": READ_APP_ID,
            "sub": READ_APP_ID,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + 600,
        }

    def fields(self, algorithm: str = "PS256", key: bytes | None = None) -> dict[str, Any]:
        signed = jwt.encode(
            self.claims,
            key or self.certificate.private_key_pem,
            algorithm=algorithm,
            headers=self.header,
        )
        return {
            "client_secret": None,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
        }


@pytest.fixture
def assertion(entra: EntraDesk) -> Assertion:
    tenant = entra.tenant("kestrel").id
    return Assertion(entra.apps, f"{entra.login}/{tenant}/oauth2/v2.0/token")


def test_msal_gets_a_token_with_the_roles_the_tenant_granted(entra: EntraDesk) -> None:
    tenant = entra.tenant("acme-dental")
    client = entra.confidential_client(tenant.id, certificate_of(entra.apps))
    asked = int(time.time())
    result = client.acquire_token_for_client(SCOPES)
    assert result["expires_in"] == 3599
    claims = payload(result["access_token"])
    assert sorted(claims["roles"]) == sorted(READ_ROLES)
    assert claims["tid"] == tenant.id
    assert claims["appid"] == READ_APP_ID
    assert claims["idtyp"] == "app"
    assert asked + 3599 <= claims["exp"] <= time.time() + 3599


def test_each_tenant_gets_its_own_token_from_one_shared_cache(entra: EntraDesk) -> None:
    cache, found = msal.TokenCache(), {}
    for key in ("acme-dental", "kestrel"):
        client = msal.ConfidentialClientApplication(
            READ_APP_ID,
            client_credential=READ_CLIENT_SECRET,
            authority=f"{entra.login}/{entra.tenant(key).id}",
            http_client=entra.session,
            instance_discovery=False,
            token_cache=cache,
        )
        found[key] = payload(client.acquire_token_for_client(SCOPES)["access_token"])["tid"]
    assert found == {key: entra.tenant(key).id for key in found}


def test_tenant_may_be_named_by_any_of_its_domains(entra: EntraDesk) -> None:
    tenant = entra.tenant("kestrel")
    for name in (tenant.default_domain, tenant.initial_domain, tenant.id.upper()):
        token = ask(entra, name).json()["access_token"]
        assert payload(token)["tid"] == tenant.id


def test_legacy_thumbprint_certificate_is_accepted(entra: EntraDesk) -> None:
    certificate = entra.apps.write.certificate
    sha1 = base64.urlsafe_b64decode(thumbprints(certificate.x509)[1] + "=").hex()
    credential = {"private_key": certificate.private_key_pem.decode(), "thumbprint": sha1}
    client = entra.confidential_client(entra.tenant("kestrel").id, credential, app=entra.apps.write)
    result = client.acquire_token_for_client(SCOPES)
    granted = entra.tenant("kestrel").write_roles or ()
    assert sorted(payload(result["access_token"])["roles"]) == sorted(granted)


def test_unknown_tenant_fails_at_discovery_and_at_the_token_endpoint(entra: EntraDesk) -> None:
    nowhere = str(uuid.uuid4())
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        entra.confidential_client(nowhere, READ_CLIENT_SECRET)
    assert refused(ask(entra, nowhere)) == (400, "invalid_request", 90002)


def test_app_missing_in_a_tenant_is_told_apart_from_an_unknown_app(entra: EntraDesk) -> None:
    tenant = entra.tenant("orchard-care")
    client = entra.confidential_client(
        tenant.id, certificate_of(entra.apps, "write"), app=entra.apps.write
    )
    assert client.acquire_token_for_client(SCOPES)["error_codes"] == [7000229]
    unknown = ask(entra, tenant.id, client_id=str(uuid.uuid4()))
    assert refused(unknown) == (400, "unauthorized_client", 700016)


def test_installed_app_without_consent_gets_a_token_without_roles(entra: EntraDesk) -> None:
    entra.tenant("kestrel").read_roles = []
    token = ask(entra, entra.tenant("kestrel").id).json()["access_token"]
    assert "roles" not in payload(token)


def test_consent_given_later_shows_in_the_next_token(entra: EntraDesk) -> None:
    tenant = entra.tenant("orchard-care")
    client = entra.confidential_client(
        tenant.id, certificate_of(entra.apps, "write"), app=entra.apps.write
    )
    assert "access_token" not in client.acquire_token_for_client(SCOPES)
    tenant.write_roles = list(WRITE_ROLES)
    assert "access_token" in client.acquire_token_for_client(SCOPES)


def test_wrong_secret_and_a_secret_the_write_app_never_had_are_refused(entra: EntraDesk) -> None:
    tenant = entra.tenant("kestrel").id
    wrong = ask(entra, tenant, client_secret="guess")
    assert refused(wrong) == (401, "invalid_client", 7000215)
    other_app = ask(entra, tenant, client_id=WRITE_APP_ID)
    assert refused(other_app) == (401, "invalid_client", 7000215)


def test_secret_expires_when_the_clock_passes_its_date(entra: EntraDesk) -> None:
    tenant = entra.tenant("kestrel").id
    entra.world.clock.advance(timedelta(days=181).total_seconds())
    assert refused(ask(entra, tenant)) == (401, "invalid_client", 7000222)


def test_disabled_app_is_refused(
    directories: World,
    registered_apps: Apps,
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
) -> None:
    apps = replace(registered_apps, read=replace(registered_apps.read, enabled=False))
    desk = EntraDesk.open(directories, apps, https, serve_tls)
    assert refused(ask(desk, desk.tenant("harbor").id)) == (400, "unauthorized_client", 7000112)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": None}, (401, "invalid_client", 7000218)),
        ({"client_id": None}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
        ({"scope": "https://graph.microsoft.com/User.Read.All"}, (400, "invalid_scope", 1002012)),
        ({"scope": "https://vault.example/.default"}, (400, "invalid_resource", 500011)),
    ],
)
def test_malformed_token_requests_are_refused(
    entra: EntraDesk, changes: dict[str, Any], expected: tuple[int, str, int]
) -> None:
    assert refused(ask(entra, entra.tenant("kestrel").id, **changes)) == expected


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_assertion_signed_with_the_registered_key_is_accepted(
    entra: EntraDesk, assertion: Assertion, algorithm: str
) -> None:
    answer = ask(entra, entra.tenant("kestrel").id, **assertion.fields(algorithm))
    assert answer.status_code == 200
    assert payload(answer.json()["access_token"])["appidacr"] == "2"


def test_assertion_that_msal_keeps_and_sends_again_is_accepted(
    entra: EntraDesk, assertion: Assertion
) -> None:
    tenant, fields = entra.tenant("kestrel").id, assertion.fields()
    assert ask(entra, tenant, **fields).status_code == 200
    assert ask(entra, tenant, **fields).status_code == 200


def test_assertion_for_one_tenant_is_refused_by_another(
    entra: EntraDesk, assertion: Assertion
) -> None:
    answer = ask(entra, entra.tenant("acme-dental").id, **assertion.fields())
    assert refused(answer) == (401, "invalid_client", 700023)


def test_assertion_signed_with_another_key_is_refused(
    entra: EntraDesk, assertion: Assertion
) -> None:
    key = entra.apps.write.certificate.private_key_pem
    answer = ask(entra, entra.tenant("kestrel").id, **assertion.fields(key=key))
    assert refused(answer) == (401, "invalid_client", 700027)


def test_assertion_naming_an_unregistered_certificate_is_refused(
    entra: EntraDesk, assertion: Assertion
) -> None:
    stranger = AppCertificate.make("stranger", NOON)
    assertion.header = {"x5t#S256": thumbprints(stranger.x509)[0]}
    answer = ask(
        entra, entra.tenant("kestrel").id, **assertion.fields(key=stranger.private_key_pem)
    )
    assert refused(answer) == (401, "invalid_client", 700027)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1_700_000_000}, 700024),
        ({"nbf": 4_000_000_000}, 700024),
        ({"aud": "https://elsewhere.example/token"}, 700023),
        ({"iss": WRITE_APP_ID}, 700021),
        ({"sub": WRITE_APP_ID}, 700021),
    ],
)
def test_assertion_with_one_wrong_claim_is_refused(
    entra: EntraDesk, assertion: Assertion, claims: dict[str, Any], code: int
) -> None:
    assertion.claims.update(claims)
    answer = ask(entra, entra.tenant("kestrel").id, **assertion.fields())
    assert refused(answer) == (401, "invalid_client", code)


def test_assertion_without_an_identifier_is_refused(entra: EntraDesk, assertion: Assertion) -> None:
    del assertion.claims["jti"]
    answer = ask(entra, entra.tenant("kestrel").id, **assertion.fields())
    assert refused(answer) == (401, "invalid_client", 50027)


def test_expired_certificate_is_refused(entra: EntraDesk, assertion: Assertion) -> None:
    entra.world.clock.advance(timedelta(days=366).total_seconds())
    answer = ask(entra, entra.tenant("kestrel").id, **assertion.fields())
    assert refused(answer) == (401, "invalid_client", 700027)


def test_moving_the_clock_some_days_leaves_tokens_and_assertions_good(entra: EntraDesk) -> None:
    tenant = entra.tenant("kestrel")
    entra.world.clock.advance(timedelta(days=3).total_seconds())
    client = entra.confidential_client(tenant.id, certificate_of(entra.apps))
    token = client.acquire_token_for_client(SCOPES)["access_token"]
    answer = entra.session.get(
        f"{entra.graph}/v1.0/organization", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert answer.status_code == 200


def test_calls_are_counted_without_tenant_ids(entra: EntraDesk) -> None:
    ask(entra, entra.tenant("kestrel").id)
    ask(entra, entra.tenant("harbor").id, client_secret="guess")
    (row,) = entra.world.calls.rows("login")
    assert row["path_template"] == "/{tenant}/oauth2/v2.0/token"
    assert row["by_status"] == {"200": 1, "401": 1}
