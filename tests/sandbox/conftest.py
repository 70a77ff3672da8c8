"""What the tests of the stand-ins share: applications served over real TLS, and a session that trusts them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from aiohttp import web

from sandbox.entra.apps import Apps, make_apps
from sandbox.frame.world import World
from tests.described import judge
from tests.described.exchange import Exchange, listen
from tests.noon import NOON
from tests.sandbox.directories import make_directories
from tests.sandbox.entra_desk import EntraDesk
from tests.sandbox.serving import TlsHost


@pytest.fixture(scope="session")
def tls_host() -> Iterator[TlsHost]:
    with TlsHost() as host:
        yield host


@pytest.fixture(scope="session")
def ca_file(tls_host: TlsHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PEM file of the authority that signed what `serve_tls` shows."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_bytes(tls_host.ca.pem)
    return path


@pytest.fixture
def heard() -> Iterator[list[Exchange]]:
    """What passed the stand-ins; in the end it is held against what is published about the services they play."""
    exchanges: list[Exchange] = []
    yield exchanges
    judge.check(exchanges)


@pytest.fixture
def serve_tls(
    tls_host: TlsHost, heard: list[Exchange]
) -> Iterator[Callable[[web.Application], str]]:
    """Serve an application for the length of one test; give its address, `https://localhost:<port>`."""
    runners = []

    def serve(app: web.Application) -> str:
        listen(app, heard)
        runner, address = tls_host.start(app)
        runners.append(runner)
        return address

    yield serve
    for runner in runners:
        tls_host.stop(runner)


@pytest.fixture
def https(ca_file: Path) -> Iterator[requests.Session]:
    """A plain session that trusts the tests' authority and nothing from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(ca_file)
        yield session


@pytest.fixture(scope="session")
def registered_apps() -> Apps:
    """Both app registrations; making their keys takes a moment, so tests must not change them."""
    return make_apps(NOON)


@pytest.fixture
def directories() -> World:
    """A world of directories that one test may change."""
    return make_directories()


@pytest.fixture
def entra(
    directories: World,
    registered_apps: Apps,
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
) -> EntraDesk:
    """Both Entra stand-ins over the hand-made companies; every write is seen at once."""
    return EntraDesk.open(directories, registered_apps, https, serve_tls)
