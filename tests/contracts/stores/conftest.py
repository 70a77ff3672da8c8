"""The stores that the suite of promises runs over: the data directory, and the fake used in tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.stores.house import DiskHouse, House, MemoryHouse


@pytest.fixture(params=["memory", "disk"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made: House = MemoryHouse() if request.param == "memory" else DiskHouse(tmp_path / "data")
    yield made
    made.close()
