"""Every state that is not fine is met in the stand-ins' fleets, as vendors tell it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.findings import DeviceTrouble, DeviceVerdict
from core.domain.patching import History
from core.domain.policy import OverduePolicy
from core.rules.overdue_patches import judge_patches
from integrations.rmm.vendor import RmmAccount
from tests.contracts.vendor_bench import Bench, Serve
from tests.contracts.vendor_rigs import RIGS
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import make_world

DAY_S = timedelta(days=1).total_seconds()
#: What cannot be seen at the first look, or not at a vendor that tells rows.
LATER = {DeviceTrouble.COUNTS_ONLY, DeviceTrouble.STUCK}


@pytest.fixture
def bench(
    request: pytest.FixtureRequest,
    serve_tls: Serve,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    rig = next(rig for rig in RIGS if rig.key == request.param)
    made = Bench.make(rig, make_world(rig.key), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


def verdicts(
    bench: Bench, account: RmmAccount, history: History
) -> tuple[list[DeviceVerdict], History]:
    """One look at the fleet of one company, judged by a policy that calls three days stuck."""
    company = bench.companies[-1]
    readings = account.read([bench.binding(company)])
    section, after = judge_patches(
        tuple(readings.values()),
        history,
        bench.client(company),
        OverduePolicy(stuck_days=2),
        now=bench.world.clock.now(),
    )
    return list(section.devices), after


def troubles(found: list[DeviceVerdict]) -> set[DeviceTrouble]:
    return {trouble for verdict in found for trouble in verdict.troubles}


@pytest.mark.parametrize(
    ("bench", "absent"),
    [
        # The device that is not patched has a policy: NinjaOne does not tell that it leaves patching out.
        ("ninjaone", {DeviceTrouble.NO_POLICY}),
        # The company is too small for the server that is out of support.
        ("automate", {DeviceTrouble.END_OF_LIFE}),
    ],
    indirect=["bench"],
)
def test_each_state_is_seen_at_once_but_stuck_which_takes_days(
    bench: Bench, absent: set[DeviceTrouble]
) -> None:
    account = bench.account()
    found, history = verdicts(bench, account, {})
    assert troubles(found) == set(DeviceTrouble) - LATER - absent
    for _ in range(2):
        bench.world.clock.advance(DAY_S)
        found, history = verdicts(bench, account, history)
    waiting = [v for v in found if DeviceTrouble.STUCK in v.troubles]
    assert waiting
    assert {line.stuck_days for v in waiting for line in v.lines} - {0} == {3}
