"""Restarts at Automate: the number of a command is believed only where the server itself names a restart under it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.facts import Fact
from core.domain.remediation import Action, Job
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.automate import mapping
from sandbox.estate.model import Company, Device
from sandbox.rmm.automate import RESTART
from tests.contracts.vendor_bench import REQUEST, Bench, Serve
from tests.contracts.vendor_rigs.automate import RIG
from tests.integrations.simulated_time import pace_by


@pytest.fixture
def bench(serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench.make(RIG, RIG.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def target(bench: Bench) -> tuple[Company, Device]:
    return bench.pick(lambda device: device.online and device.reboot_needed)


def ordered(bench: Bench, target: tuple[Company, Device]) -> Job:
    account = bench.account()
    plan = bench.plan(account, *target, scan=True)
    return bench.job(replace(plan, action=Action.RESTART_DEVICES), account)


@pytest.mark.parametrize("name", ["Reboot Computer", "Restart", "REBOOT"])
def test_a_restart_is_told_by_the_servers_own_name_for_it(name: str) -> None:
    assert mapping.restarts({"Id": "27", "Name": name})


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "Shutdown Computer",
        "Shutdown and Restart",
        "Reboot to Safe Mode",
        "Restart Service",
        "Restart Agent",
        "Schedule Reboot",
        "Cancel Reboot",
        "Preboot Report",
    ],
)
def test_anything_more_than_a_restart_is_none(name: str | None) -> None:
    assert not mapping.restarts({"Id": "27", "Name": name})


@pytest.mark.parametrize("number", [31, 4711])
def test_a_number_under_which_the_server_has_something_else_is_never_sent(
    bench: Bench, target: tuple[Company, Device], number: int
) -> None:
    job = ordered(bench, target)
    wrong = bench.account({**RIG.settings, "restart_command": number})
    with pytest.raises(VendorRefused, match="no restart"):
        wrong.dispatch(bench.client(target[0]), job, REQUEST)
    assert bench.effects("command") == []
    (shown,) = (
        item
        for item in wrong.prove(bench.bindings()).permissions
        if item.name == "command that restarts"
    )
    assert shown.present is Fact.NO
    assert f"Reboot Computer ({RESTART})" in shown.remedy
    assert "Shutdown" not in shown.remedy


def test_without_a_number_nothing_is_restarted(
    bench: Bench, target: tuple[Company, Device]
) -> None:
    job = ordered(bench, target)
    installer = bench.account({**RIG.settings, "restart_command": None})
    assert not installer.capabilities.reboot
    with pytest.raises(VendorForbidden):
        installer.dispatch(bench.client(target[0]), job, REQUEST)
    assert bench.effects("command") == []
