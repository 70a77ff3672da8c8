"""A sandbox in this process whose time only tests move: no limit of Slack's depends on how busy the machine is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sandbox.app import Options, Sandbox, running
from tests.noon import NOON, StandingClock


@contextmanager
def standing(options: Options) -> Iterator[Sandbox]:
    """The sandbox while it serves; it is NOON until its clock is advanced."""
    with running(replace(options, at=NOON)) as sandbox:
        sandbox.world.clock = StandingClock()
        yield sandbox
