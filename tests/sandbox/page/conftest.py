"""A sandbox with one connected app, and people who sit before real browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sandbox.app import Options, Sandbox
from sandbox.slack.installation import BOT_SCOPES
from tests.browser import chromium
from tests.sandbox.page.seat import Seats
from tests.sandbox.slack.bot import MANIFEST, Bot, People
from tests.sandbox.standing import standing


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    options = Options(port=0, clients=2, pace=0.01, manifest=MANIFEST, scopes=BOT_SCOPES)
    with standing(options) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """The module's sandbox with fresh rate limits and no open modals."""
    shared_sandbox.world.clock.advance(61)
    shared_sandbox.slack.views.stacks.clear()
    return shared_sandbox


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[Bot]:
    with Bot(sandbox) as bot:
        yield bot


@pytest.fixture
def people(sandbox: Sandbox) -> Iterator[People]:
    people = People(sandbox)
    yield people
    people.close()


@pytest.fixture
def sit(browser: Browser, sandbox: Sandbox) -> Iterator[Seats]:
    """`sit("tech", "acme-dental")` opens the page; at the end no page may have failed or gone elsewhere."""
    seats = Seats(browser, sandbox.url)
    yield seats
    seats.leave()
