"""A sandbox per module, with the app as our own manifest describes it, and the adapter on top."""

from collections.abc import Iterator

import pytest

from integrations.slack.manifest import manifest
from sandbox.app import Options, Sandbox
from tests.integrations.slack.rig import Rig
from tests.sandbox.slack.bot import People
from tests.sandbox.standing import standing


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    with standing(Options(port=0, clients=2, pace=0.01, manifest=manifest())) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """The module's sandbox with fresh rate limits, empty channels, no faults and no calls counted."""
    shared_sandbox.world.clock.advance(61)
    shared_sandbox.world.faults.remove()
    shared_sandbox.world.calls.clear()
    for channel in shared_sandbox.slack.workspace.channels.values():
        channel.messages.clear()
    return shared_sandbox


@pytest.fixture
def rig(sandbox: Sandbox) -> Rig:
    return Rig(sandbox)


@pytest.fixture
def persons(sandbox: Sandbox) -> Iterator[People]:
    """The people of the sandbox, acting."""
    people = People(sandbox)
    yield people
    people.close()
