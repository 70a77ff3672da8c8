"""Worlds for stories: each has a sandbox and a bot of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.stories.leaks import assert_no_secret_is_readable
from tests.stories.world import World

MakeWorld = Callable[..., World]


@contextmanager
def living(world: World) -> Iterator[World]:
    """At the end of every story nothing secret may be readable anywhere."""
    try:
        yield world
        assert_no_secret_is_readable(world)
    finally:
        world.close()


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """`make_world(extra="[policy.approval] ...")`: the sandbox serves, the bot is not started."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(living(World(tmp_path / "msp", **options)))


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """Sandbox and bot up, first scan done."""
    made = make_world()
    made.start()
    made.wait_for_scan()
    return made


@pytest.fixture(scope="module")
def shared_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for the stories of a module that leave each other alone.

    The module's CONFIG is added to the file; where it names VENDORS, only their clients are there.
    """
    extra = getattr(request.module, "CONFIG", "")
    vendors = getattr(request.module, "VENDORS", ())
    folder = tmp_path_factory.mktemp("shared") / "msp"
    with living(World(folder, extra=extra, vendors=vendors)) as made:
        made.start()
        made.wait_for_scan()
        yield made
