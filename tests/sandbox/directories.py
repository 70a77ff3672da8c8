"""The hand-made companies' directories as of NOON, for whoever is told nothing of devices."""

import pickle
from functools import cache

from sandbox.estate.grow import grow
from sandbox.estate.model import Estate
from sandbox.frame.world import World
from tests.noon import NOON, StandingClock


def make_directories() -> World:
    """A world of their own, and a clock that says NOON."""
    estate: Estate = pickle.loads(_grown())
    return World(estate=estate, clock=StandingClock())


@cache
def _grown() -> bytes:
    """The estate without devices, which take longest to grow and to copy; it can be taken out as often as needed."""
    estate = grow(7, NOON)
    for company in estate.companies:
        company.devices.clear()
    return pickle.dumps(estate)
