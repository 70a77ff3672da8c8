"""Every vendor in turn, served with faults at hand, and an account at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.patching import RebootControl
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import Bench, Serve
from tests.contracts.vendor_rigs import RIGS
from tests.contracts.vendor_rigs.rig import Rig
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import need_no_restart, willing


@pytest.fixture(params=RIGS, ids=lambda rig: rig.key)
def rig(request: pytest.FixtureRequest) -> Rig:
    chosen: Rig = request.param
    return chosen


@pytest.fixture
def bench(
    rig: Rig, serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    made = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def account(bench: Bench) -> RmmAccount:
    return bench.account()


@pytest.fixture
def acting(bench: Bench) -> RmmAccount:
    """An account that may act; vendors that cannot are exempt."""
    account = bench.account()
    if not account.capabilities.install:
        pytest.skip(f"{account.vendor_name} installs nothing")
    return account


@pytest.fixture
def target(bench: Bench, acting: RmmAccount) -> tuple[Company, Device]:
    """A device that will install its update. Where a restart is ours to decide none is made: none is needed."""
    company, device = bench.pick(willing)
    if acting.capabilities.reboot_control is RebootControl.OURS:
        need_no_restart(device)
    return company, device
