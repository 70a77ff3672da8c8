"""Whom we trust, where we go, and what travels with a call."""

import ssl
import threading
from pathlib import Path

import pytest
import requests
import trustme

from core.errors import MalformedAnswer, OutcomeUnknown, VendorDown, VendorError, VendorUntrusted
from integrations.http import Http, ssl_context
from integrations.http.failure import not_reached, worth_another
from tests.integrations.http.service import Connect, Service, Sleeps, refusal
from tests.integrations.proxy import ConnectProxy
from tests.sandbox.serving import TlsHost


def test_our_certificate_authority_holds_whatever_the_environment_names(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect().get_json("x") == {"fine": True}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    assert connect().get_json("x") == {"fine": True}


def test_the_environment_cannot_add_an_authority(
    connect: Connect, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    with pytest.raises(VendorDown, match="certificate is not trusted") as caught:
        connect(context=ssl_context()).get_json("x")
    assert "ca_file" in caught.value.remedy


def test_a_certificate_of_another_authority_is_refused_and_not_tried_again(
    connect: Connect, tmp_path: Path, service: Service, sleeps: Sleeps
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    with pytest.raises(VendorUntrusted, match="certificate"):
        connect(context=ssl_context(other)).get_json("x")
    assert service.seen == []
    assert sleeps.seconds == []


def test_a_handshake_that_breaks_may_be_a_passing_fault() -> None:
    broken = requests.exceptions.SSLError(ssl.SSLError(1, "wrong version number"))
    failure = not_reached("Service", broken)
    assert worth_another(failure)
    assert "ca_file" in failure.remedy


@pytest.mark.parametrize("tls_to_the_proxy", [False, True])
def test_the_same_holds_through_a_proxy(
    connect: Connect,
    service: Service,
    tls_host: TlsHost,
    monkeypatch: pytest.MonkeyPatch,
    tls_to_the_proxy: bool,
) -> None:
    context = tls_host.ca.server_context() if tls_to_the_proxy else None
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ConnectProxy(context) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        assert connect().get_json("x") == {"fine": True}
        assert connect().send("POST", "x").json() == {"fine": True}
        with pytest.raises(VendorDown):
            connect(context=ssl_context()).get_json("x")
        service.fault("drop_after")
        with pytest.raises(OutcomeUnknown):
            connect().send("POST", "x")
        assert proxy.tunnels >= 3
    with pytest.raises(VendorDown, match="proxy"):
        connect().send("POST", "x")


def test_an_address_without_tls_is_refused(ca_file: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        Http(source="S", base_url="http://localhost", context=ssl_context(ca_file))


def test_a_login_in_netrc_never_replaces_ours(
    connect: Connect, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connect(lambda fresh: {"Authorization": "Bearer ours"}).get_json("x")
    connect().get_json("x")
    assert service.seen[0].headers["Authorization"] == "Bearer ours"
    assert "Authorization" not in service.seen[1].headers


def test_cookies_of_one_answer_do_not_travel_to_the_next_call(
    connect: Connect, service: Service
) -> None:
    service.answers = [refusal(200, {}, Set_Cookie="who=tenant-a; Path=/")]
    http = connect()
    http.get_json("x")
    http.get_json("x")
    assert "Cookie" not in service.seen[1].headers


def test_each_thread_has_a_session_of_its_own(connect: Connect) -> None:
    http = connect()
    mine = http.sessions.mine()
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(http.sessions.mine()))
    thread.start()
    thread.join()
    assert http.sessions.mine() is mine
    assert theirs[0] is not mine


def test_a_redirect_is_not_followed_and_says_what_to_correct(
    connect: Connect, service: Service
) -> None:
    service.answers = [refusal(302, None, Location="https://elsewhere.example/login")]
    with pytest.raises(VendorError, match="elsewhere") as caught:
        connect().get_json("x")
    assert "base_url" in caught.value.remedy
    assert len(service.seen) == 1


def test_a_link_to_another_host_is_never_called(connect: Connect, service: Service) -> None:
    with pytest.raises(MalformedAnswer, match="another host, localhost:1;"):
        connect(lambda fresh: {"Authorization": "Bearer ours"}).get_json("https://localhost:1/next")
    assert connect().get_json(f"{service.address}/next?page=2") == {"fine": True}
