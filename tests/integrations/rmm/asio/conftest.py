"""The stand-in of ConnectWise RMM, served."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.contracts.vendor_bench import Bench
from tests.contracts.vendor_rigs.asio import RIG
from tests.sandbox.rmm_desk import make_world


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()
