"""The stand-in of Tactical RMM, served, and an account that may act."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.rmm.vendor import RmmAccount
from tests.contracts.vendor_bench import Bench, Serve
from tests.contracts.vendor_rigs.tactical import RIG
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import make_world


@pytest.fixture
def bench(serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    made.world.pace = 0.2
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> RmmAccount:
    return bench.account()
