"""Every address the adapters know of is asked for here, and what passes is held against the vendors' descriptions."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain.remediation import Action, Plan
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from sandbox.rmm.ninjaone import UPDATE_SCRIPT_ID
from tests.contracts.vendor_bench import REQUEST, Bench, Serve
from tests.contracts.vendor_desk import Desk, Killed, KilledError
from tests.contracts.vendor_rigs import RIGS
from tests.described.exchange import Exchange
from tests.described.used import never_asked, used
from tests.described.vendors import DESCRIPTIONS
from tests.integrations.simulated_time import pace_by
from tests.sandbox.rmm_desk import willing

#: Settings under which an adapter asks elsewhere.
_OTHERWISE: dict[str, dict[str, Any]] = {
    "asio": {"resource_type": "v1", "task_api": "v1", "third_party": True},
    "ninjaone": {"script_id": UPDATE_SCRIPT_ID},
}


@pytest.fixture(params=[rig for rig in RIGS if rig.key in DESCRIPTIONS], ids=lambda rig: rig.key)
def bench(
    request: pytest.FixtureRequest,
    serve_tls: Serve,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    made = Bench.make(request.param, request.param.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    made.rig.shrink_pages(monkeypatch)
    yield made
    made.close()


def test_every_address_in_the_adapters_source_is_asked_for(
    bench: Bench, heard: list[Exchange]
) -> None:
    """So that none passes by the descriptions: a new one has to be asked for here."""
    vendor = bench.rig.key
    others = [_OTHERWISE[vendor]] if vendor in _OTHERWISE else []
    for other in ({}, *others):
        account = bench.account({**bench.rig.settings, **other})
        _read(bench, account)
        if account.capabilities.install:
            _work(bench, account)
    package = f"integrations/rmm/{vendor}"
    assert len(used(package)) >= 5
    assert never_asked(package, {(e.method, e.path) for e in heard}) == []


def _read(bench: Bench, account: RmmAccount) -> None:
    account.read(bench.bindings())
    account.prove(bench.bindings())
    company, device = bench.pick(willing)
    bench.plan(account, company, device, scan=True)
    bench.plan(account, company, *company.devices[:2], scan=True)


def _work(bench: Bench, account: RmmAccount) -> None:
    """An install, one whose process dies in the call, and all else that can be done to a device."""
    Desk.make(bench).advance(account, 30)
    desk = Desk.make(bench)
    with pytest.raises(KilledError):
        desk.advance(Killed(account), 5)
    desk.restart()
    desk.advance(account, 30)
    company, device = bench.pick(willing)
    for plan in (bench.plan(account, company, device), *_others(bench, account, company, device)):
        job = bench.job(plan, account)
        account.dispatch(bench.client(company), job, REQUEST)
        account.follow(bench.client(company), job)


def _others(bench: Bench, account: RmmAccount, company: Company, device: Device) -> Iterator[Plan]:
    plan = bench.plan(account, company, device, scan=True)
    if account.capabilities.scan:
        yield plan
    if account.capabilities.reboot:
        yield replace(plan, action=Action.RESTART_DEVICES)
