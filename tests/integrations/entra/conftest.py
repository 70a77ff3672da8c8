"""A fresh estate with both Entra stand-ins for every test, and the product connected to them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.entra.apps import Apps, make_apps
from sandbox.frame.world import World
from tests.integrations.entra.house import House, Serve
from tests.integrations.simulated_time import pace_by
from tests.noon import NOON
from tests.sandbox.directories import make_directories


@pytest.fixture(scope="session")
def registered_apps() -> Apps:
    return make_apps(NOON)


@pytest.fixture
def world() -> World:
    return make_directories()


Open = Callable[..., House]


@pytest.fixture
def open_house(
    world: World,
    registered_apps: Apps,
    serve_tls: Serve,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Open]:
    """Open the house with options."""
    opened: list[House] = []
    pace_by(world.clock, monkeypatch)

    def make(apps: Apps = registered_apps, **options: Any) -> House:
        house = House.open(world, apps, serve_tls, ca_file, **options)
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.close()


@pytest.fixture
def house(open_house: Open) -> House:
    return open_house()
