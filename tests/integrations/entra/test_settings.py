"""The table [entra]: what is accepted, and what is refused in which words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from integrations.entra import EntraSettings
from sandbox.entra.apps import AppCertificate
from tests.noon import NOON

READ = "7F3C1C52-5a0e-4a44-9f0b-2f6f6b1d7a01"
WRITE = "b1f0a7de-93f4-4d2f-8a58-6c1f2f0c7b02"


@pytest.fixture(scope="module")
def certificate() -> AppCertificate:
    return AppCertificate.make("app", NOON, days=90)


@pytest.fixture(scope="module")
def pem(certificate: AppCertificate) -> str:
    return (certificate.private_key_pem + certificate.certificate_pem).decode()


Make = Callable[..., EntraSettings]


@pytest.fixture
def make(pem: str) -> Make:
    def settings(**changes: Any) -> EntraSettings:
        return EntraSettings(**{"read": {"client_id": READ, "certificate": pem}, **changes})

    return settings


def problem(make: Make, **changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        make(**changes)
    return str(caught.value)


def test_little_has_to_be_said(make: Make) -> None:
    settings = make()
    assert settings.login_url == "https://login.microsoftonline.com"
    assert settings.graph_url == "https://graph.microsoft.com"
    assert settings.instance_discovery
    assert settings.write is None
    assert settings.read.client_id == READ.lower()


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov-l4", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usgov-l5", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_a_cloud_has_its_own_hosts(make: Make, cloud: str, login: str, graph: str) -> None:
    settings = make(cloud=cloud)
    assert (settings.login_url, settings.graph_url) == (f"https://{login}", f"https://{graph}")


def test_an_address_that_is_given_wins_over_the_clouds(make: Make) -> None:
    settings = make(cloud="china", login_url="https://login.partner.microsoftonline.cn/")
    assert settings.login_url == "https://login.partner.microsoftonline.cn"
    assert settings.graph_url == "https://microsoftgraph.chinacloudapi.cn"


@pytest.mark.parametrize("cloud", ["mars", "", None, ["china"]])
def test_a_cloud_nobody_knows_is_refused_by_name(make: Make, cloud: object) -> None:
    assert "cloud" in problem(make, cloud=cloud)


def test_a_secret_will_do_for_reading_and_not_for_writing(make: Make, pem: str) -> None:
    by_secret = {"client_id": READ, "client_secret": "s"}
    assert make(read=by_secret).read.for_msal() == "s"
    by_certificate = make().read.for_msal()
    assert isinstance(by_certificate, dict)
    assert by_certificate["public_certificate"] == pem
    assert by_certificate["private_key"].key_size == 2048
    said = problem(make, write={"client_id": WRITE, "client_secret": "s"})
    assert "signs in by certificate only" in said


def test_there_is_one_credential_and_not_two(make: Make, pem: str) -> None:
    both = {"client_id": READ, "certificate": pem, "client_secret": "s"}
    assert "either certificate or client_secret" in problem(make, read=both)
    assert "either certificate or client_secret" in problem(make, read={"client_id": READ})


def test_reading_and_writing_are_two_apps(make: Make, pem: str) -> None:
    assert make(write={"client_id": WRITE, "certificate": pem}).write is not None
    said = problem(make, write={"client_id": READ, "certificate": pem})
    assert "must be two apps" in said


def test_a_certificate_comes_with_its_own_key(make: Make, certificate: AppCertificate) -> None:
    other = AppCertificate.make("other", NOON)
    mixed = (other.private_key_pem + certificate.certificate_pem).decode()
    assert "not the one of the certificate" in problem(
        make, read={"client_id": READ, "certificate": mixed}
    )


@pytest.mark.parametrize("which", ["key", "certificate", "nothing", "encrypted"])
def test_a_certificate_is_pem_with_an_open_key(
    make: Make, certificate: AppCertificate, which: str
) -> None:
    key = load_pem_private_key(certificate.private_key_pem, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"word"),
    )
    texts = {
        "key": certificate.private_key_pem,
        "certificate": certificate.certificate_pem,
        "nothing": b"nothing",
        "encrypted": locked + certificate.certificate_pem,
    }
    said = problem(make, read={"client_id": READ, "certificate": texts[which].decode()})
    assert "unencrypted private key and its certificate" in said
    assert "PRIVATE KEY" not in said


def test_when_the_certificate_ends_is_known(make: Make) -> None:
    expires = make().read.expires
    assert expires is not None
    assert abs(expires - (NOON + timedelta(days=90))) < timedelta(minutes=1)
    secret = {"client_id": READ, "client_secret": "s"}
    assert make(read=secret).read.expires is None
    told = make(read={**secret, "secret_expires": "2027-03-01"}).read.expires
    assert told == datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("field", ["login_url", "graph_url"])
@pytest.mark.parametrize("url", ["http://localhost:1", "https://", "https://host/path", "host"])
def test_addresses_are_https_and_bare(make: Make, field: str, url: str) -> None:
    assert "https://host without a path" in problem(make, **{field: url})


@pytest.mark.parametrize("client_id", ["", "Gatehouse", "7f3c1c52"])
def test_a_client_id_is_a_guid(make: Make, pem: str, client_id: str) -> None:
    assert "client_id" in problem(make, read={"client_id": client_id, "certificate": pem})


def test_a_misspelt_key_is_an_error(make: Make) -> None:
    assert "Extra inputs" in problem(make, loginurl="https://localhost")


def test_secrets_do_not_show_when_printed(make: Make) -> None:
    settings = make(read={"client_id": READ, "client_secret": "hunter2"})
    assert "hunter2" not in repr(settings) + str(settings)
