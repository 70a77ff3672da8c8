"""A server that does not come back after its install stops the rest, and is named."""

from dataclasses import replace

import pytest

from core.domain.clients import GroupKind, ServerGroup
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Ring
from core.domain.remediation import Action, JobState, Plan, RequestState, StepState
from core.errors import VendorDown
from core.ports import Report
from tests.usecases.requests_made import Office, a_client, a_plan

FIRST = "ninja:1"
INDEPENDENT = ServerGroup(kind=GroupKind.INDEPENDENT, devices=frozenset({"ws-1", "ws-2", "ws-3"}))


def three_servers(action: Action = Action.INSTALL_PATCHES) -> Plan:
    plan = a_plan(3, action=action)
    first, *others = (replace(target, is_server=True) for target in plan.targets)
    return replace(plan, targets=(replace(first, ring=Ring.CANARY), *others))


@pytest.fixture
def office() -> Office:
    """The first server is sent its install, which goes on."""
    made = Office(client=a_client(server_groups=(INDEPENDENT,)))
    made.vendor.reports = [Report(state=JobState.RUNNING)] * 500
    made.approved(three_servers())
    made.advance()
    assert made.vendor.sent == [(FIRST,)]
    return made


def pass_by(office: Office, minutes: int) -> None:
    for _ in range(minutes):
        office.clock.move(minutes=1)
        office.advance()


def test_a_server_that_is_not_back_in_time_stops_the_rest_and_is_named(office: Office) -> None:
    office.vendor.online = {FIRST: Fact.NO}
    pass_by(office, 30)
    assert office.stored().stopped == ""
    assert office.stored().step(FIRST).away_since is not None

    pass_by(office, 2)

    stopped = office.stored()
    assert stopped.stopped == "stopped, because not back within 30 minutes: WS-1"
    assert stopped.step("ninja:3").state is StepState.SKIPPED
    assert stopped.step("ninja:3").reason == stopped.stopped
    assert office.vendor.sent == [(FIRST,)]


def test_a_server_that_does_not_come_back_from_a_restart_stops_the_rest_too() -> None:
    office = Office(client=a_client(server_groups=(INDEPENDENT,)))
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 500
    office.approved(three_servers(Action.RESTART_DEVICES))
    office.advance()
    office.vendor.online = {FIRST: Fact.NO}

    pass_by(office, 32)

    assert office.stored().stopped == "stopped, because not back within 30 minutes: WS-1"
    assert office.vendor.sent == [(FIRST,)]


def test_a_server_that_comes_back_in_time_stops_nothing(office: Office) -> None:
    office.vendor.online = {FIRST: Fact.NO}
    pass_by(office, 20)
    office.vendor.online = {}
    pass_by(office, 2)
    office.vendor.online = {FIRST: Fact.NO}
    pass_by(office, 20)
    office.vendor.online, office.vendor.reports = {}, []
    pass_by(office, 3)

    assert office.stored().state is RequestState.SUCCEEDED
    assert office.stored().step(FIRST).away_since is None


def test_what_the_vendor_cannot_tell_is_neither_away_nor_back(office: Office) -> None:
    office.vendor.online = {FIRST: Fact.UNKNOWN}
    pass_by(office, 40)
    assert office.stored().step(FIRST).away_since is None

    office.vendor.online = {FIRST: Fact.NO}
    pass_by(office, 1)
    since = office.stored().step(FIRST).away_since
    office.vendor.online = {FIRST: Fact.UNKNOWN}
    office.vendor.look_errors = [VendorDown("Vendor")] * 3
    pass_by(office, 6)

    assert since is not None
    assert office.stored().step(FIRST).away_since == since


def test_the_time_a_server_is_away_outlives_a_restart_of_ours(office: Office) -> None:
    office.vendor.online = {FIRST: Fact.NO}
    pass_by(office, 20)
    office.restart()
    pass_by(office, 12)

    assert "WS-1" in office.stored().stopped


def test_the_servers_are_looked_at_once_a_minute_and_before_anything_is_sent_not_at_all() -> None:
    office = Office(client=a_client(server_groups=(INDEPENDENT,)))
    office.vendor.verified = {FIRST: StepResult(target=FIRST, state=StepState.DONE)}
    office.approved(three_servers())
    office.advance()
    assert office.vendor.looks == 0

    for _ in range(12):
        office.clock.move(seconds=15)
        office.advance()
    assert office.vendor.looks == 3


def test_workstations_are_nobodys_worry_when_they_go_offline() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 500
    office.vendor.online = {FIRST: Fact.NO}
    office.approved(a_plan(2))
    pass_by(office, 5)

    assert office.vendor.looks == 0
