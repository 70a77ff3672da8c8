"""Signing in: one token per tenant and app, and for every refusal a sentence an operator can act on."""

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from core.domain.facts import Fact
from core.errors import MalformedAnswer, VendorAuthError, VendorDown, VendorError
from integrations.entra import EntraSettings
from integrations.entra.auth import SignIn
from integrations.entra.sign_in_errors import SAYINGS, sign_in_error
from integrations.http import Answer, Call, Http, Patience, ssl_context
from sandbox.entra.apps import READ_CLIENT_SECRET, AppCertificate, Apps, ClientSecret
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import House, Serve, pem
from tests.noon import NOON

BY_SECRET = {"client_id": "7f3c1c52-5a0e-4a44-9f0b-2f6f6b1d7a01"}


def refused(house: House, key: str = "acme-dental") -> VendorAuthError:
    """The error that reading a tenant ends with at the sign-in host."""
    with pytest.raises(VendorAuthError) as caught:
        house.directory.existing(house.client(key), ["someone"])
    assert caught.value.source == "Entra sign-in"
    return caught.value


# What works.


def test_certificate_and_secret_are_both_accepted_for_reading(
    open_house: Open, registered_apps: Apps
) -> None:
    by_certificate = {"client_id": BY_SECRET["client_id"], "certificate": pem(registered_apps.read)}
    for credential in (by_certificate, {**BY_SECRET, "client_secret": READ_CLIENT_SECRET}):
        house = open_house(read=credential)
        assert house.directory.read(house.client()).coverage.complete


def test_a_cold_stampede_takes_one_token(house: House) -> None:
    threads = [
        threading.Thread(target=house.directory.existing, args=(house.client(), []))
        for _ in range(3)
    ]
    reads = [
        threading.Thread(
            target=house.directory.existing,
            args=(house.client(), [user.id for user in house.outside(2)]),
        )
        for _ in range(12)
    ]
    for thread in (*threads, *reads):
        thread.start()
    for thread in (*threads, *reads):
        thread.join()
    assert house.calls(path="/$batch") == 12
    assert house.calls(target="login", method="POST") == 1
    assert house.calls(target="login", method="GET") == 1


def test_every_tenant_gets_its_own_token_and_keeps_it(house: House) -> None:
    keys = ["acme-dental", "harbor", "kestrel"]
    for _ in range(2):
        for key in keys:
            reading = house.directory.read(house.client(key))
            assert reading.default_domain == house.tenant(key).default_domain
    assert house.calls(target="login", method="POST") == len(keys)


def test_a_token_that_is_refused_is_replaced_in_that_tenant_only(house: House) -> None:
    house.directory.read(house.client("harbor"))
    house.directory.read(house.client())
    house.fault("status", status=401, path="/v1.0/organization", count=1)
    assert house.directory.read(house.client()).coverage.complete
    assert house.directory.read(house.client("harbor")).coverage.complete
    assert house.calls(target="login", method="POST") == 3


def test_a_token_that_stays_refused_is_a_credential_that_is_no_good(house: House) -> None:
    house.fault("status", status=401)
    with pytest.raises(VendorAuthError):
        house.directory.existing(house.client(), ["someone"])
    assert house.calls() == 2


def test_the_two_apps_sign_in_apart(house: House) -> None:
    house.directory.read(house.client())
    house.directory.existing(house.client(), ["someone"])
    assert house.calls(target="login", method="POST") == 2


def test_neither_tokens_nor_secrets_are_logged(
    open_house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house = open_house(read={**BY_SECRET, "client_secret": READ_CLIENT_SECRET})
    house.directory.read(house.client())
    house.directory.existing(house.client(), ["someone"])
    assert caplog.text
    assert READ_CLIENT_SECRET not in caplog.text
    assert "eyJ" not in caplog.text
    assert "PRIVATE KEY" not in caplog.text


@dataclass
class LoginHost:
    """Answers any cloud's discovery and token calls, and keeps what it was asked."""

    calls: list[Call] = field(default_factory=list)

    def ask(self, call: Call) -> Answer:
        self.calls.append(call)
        told = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
        if call.method == "GET":
            at = call.path.partition("/v2.0/")[0]
            told = {
                "issuer": f"{at}/v2.0",
                "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
                "token_endpoint": f"{at}/oauth2/v2.0/token",
            }
        return Answer(status=200, headers={}, body=json.dumps(told).encode())


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov-l4", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usgov-l5", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_a_cloud_is_signed_in_to_at_its_own_host_for_its_own_graph_and_nowhere_else(
    cloud: str, login: str, graph: str
) -> None:
    secret = {**BY_SECRET, "client_secret": "s"}
    settings = EntraSettings.model_validate({"cloud": cloud, "read": secret})
    host = LoginHost()
    tenant = "11111111-2222-4333-8444-555555555555"
    sign_in = SignIn("read", settings, settings.read, host)  # type: ignore[arg-type]
    assert sign_in.token(tenant) == "t"
    assert {urlsplit(call.path).hostname for call in host.calls} == {login}
    assert host.calls[-1].path == f"https://{login}/{tenant}/oauth2/v2.0/token"
    form = host.calls[-1].form or {}
    assert form["scope"] == f"https://{graph}/.default"


# What is refused, in whose words.


def test_an_app_that_is_not_installed_says_which_link_to_open(house: House) -> None:
    house.tenant().write_roles = None
    error = refused(house)
    assert error.reason.startswith("The write app is not installed in tenant")
    assert error.code == "AADSTS7000229"
    link = f"{house.settings.login_url}/{house.tenant().id}/adminconsent?client_id="
    assert link + house.apps.write.app_id in error.remedy


def test_a_wrong_client_id_says_what_to_check(open_house: Open) -> None:
    unknown = "00000000-0000-4000-8000-000000000009"
    house = open_house(read={"client_id": unknown, "client_secret": "x"}, write=None)
    error = refused(house)
    assert unknown in error.reason
    assert "entra.read.client_id" in error.remedy


def test_a_wrong_secret_says_so(open_house: Open) -> None:
    house = open_house(read={**BY_SECRET, "client_secret": "wrong"}, write=None)
    error = refused(house)
    assert "client secret of the read app is wrong" in error.reason
    assert "not its id" in error.remedy


def test_an_expired_secret_says_that_it_hits_every_tenant(
    open_house: Open, registered_apps: Apps
) -> None:
    old = ClientSecret(value="old", expires=NOON - timedelta(days=1))
    apps = replace(registered_apps, read=replace(registered_apps.read, secrets=[old]))
    house = open_house(apps=apps, read={**BY_SECRET, "client_secret": "old"}, write=None)
    assert "expired, for every tenant" in refused(house).reason


def test_a_certificate_that_is_not_registered_says_so(open_house: Open) -> None:
    other = AppCertificate.make("other", NOON)
    text = (other.private_key_pem + other.certificate_pem).decode()
    house = open_house(
        write={"client_id": "b1f0a7de-93f4-4d2f-8a58-6c1f2f0c7b02", "certificate": text}
    )
    error = refused(house)
    assert "certificate of the write app was not accepted" in error.reason
    assert "Register this very certificate" in error.remedy


def test_a_tenant_that_does_not_exist_says_what_to_check(house: House) -> None:
    client = house.client(tenant_id="00000000-0000-4000-8000-00000000000f")
    reading = house.directory.read(client)
    assert not reading.coverage.complete
    assert "There is no tenant" in reading.coverage.unread[0].reason
    assert "tenant_id" in reading.coverage.unread[0].remedy


def test_what_an_administrator_mends_counts_at_once(
    open_house: Open, registered_apps: Apps
) -> None:
    """Left to itself, msal would serve the refusal for a minute more."""
    apps = replace(registered_apps, write=replace(registered_apps.write, enabled=False))
    house = open_house(apps=apps)
    assert "is disabled" in refused(house).reason
    apps.write.enabled = True
    user = house.outside(1)[0]
    assert house.directory.existing(house.client(), [user.id]) == {user.id: Fact.YES}


def test_every_code_in_the_table_leads_to_a_sentence_and_a_remedy() -> None:
    facts = {"app": "read", "client_id": "C", "tenant": "T", "login": "https://login"}
    for saying in SAYINGS:
        for code in saying.codes:
            body = {"error": "x", "error_codes": [code], "correlation_id": "trace"}
            answer = Answer(status=400, headers={}, body=json.dumps(body).encode())
            error = sign_in_error(answer, **facts)
            assert isinstance(error, VendorAuthError)
            assert f"(AADSTS{code}, correlation id trace)." in error.reason
            assert "{" not in error.reason + error.remedy
    assert len({code for saying in SAYINGS for code in saying.codes}) == sum(
        len(saying.codes) for saying in SAYINGS
    )


def test_an_unknown_code_keeps_its_number_and_no_description() -> None:
    body = {"error_codes": [99999], "error_description": "AADSTS99999: secret=hunter2"}
    answer = Answer(status=400, headers={}, body=json.dumps(body).encode())
    error = sign_in_error(answer, app="read", client_id="C", tenant="T", login="L")
    assert "AADSTS99999" in error.reason
    assert "hunter2" not in error.reason


# When the sign-in host itself fails.


@pytest.mark.parametrize("kind", ["status", "drop_before", "truncate", "garbage", "html"])
@pytest.mark.parametrize("path", ["*/openid-configuration", "*/token"])
def test_a_sign_in_host_that_fails_is_down_not_a_bad_credential(
    house: House, kind: str, path: str
) -> None:
    house.fault(kind, target="login", path=path)
    with pytest.raises((VendorDown, MalformedAnswer)) as caught:
        house.directory.existing(house.client(), ["someone"])
    assert caught.value.source == "Entra sign-in"
    house.world.faults.remove()
    assert house.directory.existing(house.client(), ["00000000-0000-4000-8000-000000000001"])


def test_a_sign_in_that_fails_for_a_moment_is_tried_again(house: House) -> None:
    house.fault("drop_after", target="login", path="*/token", count=1)
    assert house.directory.read(house.client()).coverage.complete
    assert house.calls(target="login", method="POST") == 2


@dataclass
class Desk:
    """A sign-in host of the test's own, and the product's sign-in against it."""

    answers: list[web.Response]
    bodies: list[str]
    sign_in: SignIn


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(serve_tls: Serve, ca_file: Path) -> Iterator[MakeDesk]:
    made: list[Http] = []

    def make(discovery: dict[str, Any], **credential: str) -> Desk:
        answers: list[web.Response] = []
        bodies: list[str] = []
        app = web.Application()

        async def discover(request: web.Request) -> web.Response:
            base = f"https://{request.host}/tenant/oauth2/v2.0"
            document = {
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
            }
            return web.json_response({"issuer": base, **document, **discovery})

        async def token(request: web.Request) -> web.Response:
            bodies.append(await request.text())
            return answers.pop(0)

        app.router.add_get("/tenant/v2.0/.well-known/openid-configuration", discover)
        app.router.add_post("/tenant/oauth2/v2.0/token", token)
        settings = EntraSettings(
            login_url=serve_tls(app),
            instance_discovery=False,
            read={**BY_SECRET, **(credential or {"client_secret": "secret~of~the~app"})},  # type: ignore[arg-type]
        )
        http = Http(
            source="Entra sign-in",
            base_url=settings.login_url,
            context=ssl_context(ca_file),
            patience=Patience(tries=1),
        )
        made.append(http)
        return Desk(answers, bodies, SignIn("read", settings, settings.read, http))

    yield make
    for http in made:
        http.sessions.close()


def grant(token: str, **more: object) -> web.Response:
    body = {"token_type": "Bearer", "expires_in": 3599, "access_token": token, **more}
    return web.json_response(body)


def test_a_token_still_good_is_used_while_renewing_it_fails(make_desk: MakeDesk) -> None:
    desk = make_desk({})
    desk.answers += [grant("first", refresh_in=-1), web.Response(status=503), grant("second")]
    assert desk.sign_in.token("tenant") == "first"
    assert desk.sign_in.token("tenant") == "first"
    assert desk.sign_in.token("tenant") == "second"


def test_a_certificate_signs_with_a_hash_that_still_holds(
    make_desk: MakeDesk, registered_apps: Apps
) -> None:
    desk = make_desk({}, certificate=pem(registered_apps.read))
    desk.answers.append(grant("token"))
    desk.sign_in.token("tenant")
    assertion = parse_qs(desk.bodies[0])["client_assertion"][0]
    header = json.loads(base64.urlsafe_b64decode(assertion.split(".")[0] + "=="))
    assert header["alg"] == "PS256"
    assert "x5t#S256" in header
    assert "x5t" not in header
    assert len(header["x5c"]) == 1


def test_a_token_endpoint_on_another_host_is_never_given_the_secret(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk({"token_endpoint": "https://elsewhere.invalid/token"})
    with pytest.raises(VendorError, match="another host"):
        desk.sign_in.token("tenant")
    assert desk.bodies == []


@pytest.mark.parametrize("body", ["[]", "{}", '{"access_token": 7}', "null"])
def test_an_answer_without_a_token_is_not_one(make_desk: MakeDesk, body: str) -> None:
    desk = make_desk({})
    desk.answers.append(web.Response(text=body, content_type="application/json"))
    with pytest.raises(MalformedAnswer):
        desk.sign_in.token("tenant")


def test_a_token_without_roles_is_one_without_permissions(make_desk: MakeDesk) -> None:
    desk = make_desk({})
    desk.answers += [grant("e30.e30.x"), grant("e30.eyJyb2xlcyI6WyJBIl19.x"), grant("nonsense")]
    assert desk.sign_in.roles("tenant") == frozenset()
    assert desk.sign_in.roles("tenant") == {"A"}
    with pytest.raises(MalformedAnswer):
        desk.sign_in.roles("tenant")
