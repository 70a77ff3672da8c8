"""A sandbox per module, one connected app, and the people who use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from slack_sdk import WebClient

from sandbox.app import Options, Sandbox
from sandbox.slack.installation import BOT_SCOPES
from tests.sandbox.slack.bot import MANIFEST, Bot, People, web_client
from tests.sandbox.standing import standing


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    scopes = (*BOT_SCOPES, "files:read", "reactions:write")
    options = Options(port=0, clients=2, pace=0.01, manifest=MANIFEST, scopes=scopes)
    with standing(options) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """The module's sandbox with fresh rate limits and no faults."""
    shared_sandbox.world.clock.advance(61)
    shared_sandbox.world.faults.remove()
    return shared_sandbox


@pytest.fixture
def web(sandbox: Sandbox) -> WebClient:
    return web_client(sandbox)


@pytest.fixture
def people(sandbox: Sandbox) -> Iterator[People]:
    people = People(sandbox)
    yield people
    people.close()


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[Bot]:
    with Bot(sandbox) as bot:
        yield bot


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack gives up on an ack after 0.3 s, for tests in which none comes."""
    monkeypatch.setattr("sandbox.slack.sockets.ACK_WITHIN_S", 0.3)


@pytest.fixture
def https(sandbox: Sandbox, tmp_path: Path) -> Iterator[requests.Session]:
    """A plain session that trusts this sandbox's authority and nothing from the environment."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(sandbox.ca.pem)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(ca_file)
        yield session
