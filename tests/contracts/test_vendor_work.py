"""Whole requests through every vendor's adapter: once, whatever happens to the call or to us."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.remediation import (
    Request,
    RequestState,
    StepState,
)
from tests.contracts.vendor_bench import Bench, Serve
from tests.contracts.vendor_desk import Desk, Killed, KilledError
from tests.contracts.vendor_rigs import RIGS
from tests.contracts.vendor_rigs.rig import Rig
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import missing


@pytest.fixture(params=RIGS, ids=lambda rig: rig.key)
def desk(
    request: pytest.FixtureRequest,
    serve_tls: Serve,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    rig: Rig = request.param
    bench = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    pace_by(bench.world.clock, monkeypatch)
    if not bench.account().capabilities.install:
        bench.close()
        pytest.skip(f"{rig.key} installs nothing")
    yield Desk.make(bench)
    bench.close()


def the_step(request: Request) -> StepState:
    (step,) = request.steps
    return step.state


def test_approved_request_is_carried_out_once_and_verified(desk: Desk) -> None:
    request = desk.advance(desk.bench.account(), 30)
    assert (request.state, the_step(request)) == (RequestState.SUCCEEDED, StepState.VERIFIED)
    assert len(desk.bench.effects()) == 1
    assert not list(missing(desk.device))


@pytest.mark.parametrize("kind", ["drop_after", "garbage"])
def test_lost_answer_is_never_followed_by_a_second_call(desk: Desk, kind: str) -> None:
    desk.bench.fault(kind, desk.bench.rig.install_path)
    request = desk.advance(desk.bench.account(), 30)
    assert len(desk.bench.effects()) == 1
    # What became of it is seen at the source, without anybody's word.
    assert the_step(request) is StepState.VERIFIED


def test_call_that_never_arrived_waits_for_a_person(desk: Desk) -> None:
    desk.bench.fault("drop_before", desk.bench.rig.install_path, count=1)
    request = desk.advance(desk.bench.account(), 30)
    assert (request.state, the_step(request)) == (RequestState.NEEDS_PERSON, StepState.UNKNOWN)
    assert desk.bench.effects() == []


def test_process_that_dies_in_the_call_leaves_one_call_and_the_truth(desk: Desk) -> None:
    with pytest.raises(KilledError):
        desk.advance(Killed(desk.bench.account()), 5)
    desk.restart()
    request = desk.advance(desk.bench.account(), 30)
    assert len(desk.bench.effects()) == 1
    assert the_step(request) is StepState.VERIFIED


def test_busy_vendor_gets_the_call_later_and_once(desk: Desk) -> None:
    path = desk.bench.rig.install_path
    desk.bench.fault("status", path, status=429, retry_after=1, count=3)
    request = desk.advance(desk.bench.account(), 30)
    assert the_step(request) is StepState.VERIFIED
    assert len(desk.bench.effects()) == 1


def test_vendor_that_refuses_is_not_asked_again(desk: Desk) -> None:
    desk.bench.fault("status", desk.bench.rig.install_path, status=400)
    request = desk.advance(desk.bench.account(), 10)
    assert (request.state, the_step(request)) == (RequestState.FAILED, StepState.FAILED)
    rows = desk.bench.world.calls.rows(desk.bench.rig.key)
    assert [row["count"] for row in rows if "400" in row["by_status"]] == [1]


def test_grown_plan_is_superseded_and_never_sent(desk: Desk) -> None:
    if not desk.bench.rig.counts:
        pytest.skip(f"{desk.bench.rig.key} does not tell how much an install would take")
    account, bench = desk.bench.account(), desk.bench
    named = desk.plan.targets[0].chosen.values()
    others = (u for u in desk.device.updates if u.kind in ("dotnet", "security"))
    grown = [u for u in others if u.kb not in named][:3]
    for update in grown:
        update.state = "approved"
    bench.rescan(account, desk.company, desk.device)
    before = len(bench.effects())
    request = desk.advance(account, 3)
    if named:
        # It takes what it names, and leaves the rest.
        assert the_step(desk.advance(account, 30)) is StepState.VERIFIED
        assert sum(update.state == "approved" for update in grown) == len(grown)
        return
    assert request.state is RequestState.SUPERSEDED
    assert len(bench.effects()) == before
