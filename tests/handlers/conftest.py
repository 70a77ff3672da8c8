"""A front for every test, drained at its end."""

from collections.abc import Iterator

import pytest

from tests.handlers.front import Front
from tests.patience import PATIENCE_S


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front()
    yield made
    made.executor.drain(PATIENCE_S)
