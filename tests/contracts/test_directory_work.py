"""Whole requests through the directory: planned from what was read, made once, read back, undone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.findings import Requirement, Snapshot
from core.domain.policy import ApprovalPolicy, MfaPolicy, RingPolicy
from core.domain.remediation import (
    Job,
    Options,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
    Verdict,
)
from core.domain.tenant_change import PolicyTemplate
from core.errors import Refused, VendorDown
from core.ports import Evidence, Report
from core.rules.mfa_gaps import judge_mfa
from core.rules.policy_templates import NAMES
from core.usecases.advance_request import AdvanceRequest
from core.usecases.decide_request import DecideRequest
from core.usecases.plan_mfa import MfaPlanner, enforceable
from core.usecases.plan_tenant import TenantPlanner
from core.usecases.request_plan import RequestPlan
from core.usecases.undo_tenant import TenantUndo, tenant_undoable
from integrations.entra import EntraDirectory
from sandbox.entra.apps import Apps, make_apps
from tests.fakes.memory_store import MemoryStore
from tests.integrations.entra.house import House
from tests.integrations.simulated_time import pace_by
from tests.noon import NOON
from tests.sandbox.directories import make_directories
from tests.usecases.requests_made import DEVON, MAYA, TESS, an_account

Serve = Callable[[web.Application], str]
POLICY = ApprovalPolicy(max_weight_per_request=500, max_weight_per_hour=1000)
REQUEST, UNDO = RequestId("R4K7Q"), RequestId("R4K7R")
PROMOTED = RequestId("R4K7S")
CREATE = f"create_policy:{PolicyTemplate.MFA_ALL_USERS}"


class KilledError(BaseException):
    """The process is gone: nothing of it catches this."""


@dataclass
class Killed:
    """A directory whose process dies in a call: before it leaves, or after the tenant has had it."""

    real: EntraDirectory
    sent: bool

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        if self.sent:
            self.real.dispatch(client, job, request_id)
        raise KilledError


@dataclass
class Blind:
    """A directory that makes its calls and can look nothing up."""

    real: EntraDirectory

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        raise VendorDown("Entra", "could not be reached")

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        raise VendorDown("Entra", "could not be reached")


def due(plan: Plan) -> datetime:
    """The end of the notice of people without a method."""
    return next(t.not_before for t in plan.targets if t.not_before is not None)


def at_once(plan: Plan) -> Plan:
    return replace(plan, targets=tuple(replace(t, not_before=None) for t in plan.targets))


@dataclass
class Desk:
    """Acme Dental's gaps, and everything needed to close them."""

    house: House
    store: MemoryStore

    @property
    def client(self) -> Client:
        return self.house.client()

    @property
    def planner(self) -> MfaPlanner:
        return MfaPlanner(
            directory=self.house.directory,
            policy=POLICY,
            mfa=MfaPolicy(),
            clock=self.house.world.clock,
        )

    def snapshot(self) -> Snapshot:
        clock = self.house.world.clock
        reading = self.house.directory.read(self.client)
        return Snapshot(
            client=self.client.key,
            mfa=judge_mfa(reading, self.client, MfaPolicy(), now=clock.now()),
        )

    def plan(self, count: int, *, revoke: bool = False) -> Plan:
        """Enforce at once for so many of those the group would protect; notices have tests of their own."""
        snapshot = self.snapshot()
        assert snapshot.mfa is not None
        found = [v.user_id for v in snapshot.mfa.verdicts if enforceable(v)]
        options = Options(revoke_sessions=revoke, include_without_method=True)
        plan = self.planner.enforce(self.client, found[:count], options, snapshot)
        assert len(plan.targets) == count
        return at_once(plan)

    def tenant_plan(self, key: str) -> Plan:
        """The plan behind an offer for the whole tenant."""
        planner = TenantPlanner(
            directory=self.house.directory,
            requests=self.store.requests,
            policy=POLICY,
            mfa=MfaPolicy(),
            clock=self.house.world.clock,
        )
        return planner.plan(self.client, key, self.snapshot())

    def policy(self) -> dict[str, Any]:
        """The one policy we made, as the tenant holds it."""
        ours = NAMES[PolicyTemplate.MFA_ALL_USERS]
        (made,) = (p for p in self.house.tenant().policies if p["displayName"].startswith(ours))
        return made

    def approve(self, plan: Plan, request_id: RequestId = REQUEST) -> None:
        clock = self.house.world.clock
        ask = RequestPlan(
            requests=self.store.requests, switch=self.store.switch, policy=POLICY, clock=clock
        )
        ask(
            request_id, plan, client=self.client, person=TESS, identity=an_account(),
            reason="They have no MFA.", ticket=None,
        )  # fmt: skip
        decide = DecideRequest(requests=self.store.requests, policy=POLICY, clock=clock)
        for person in (MAYA, DEVON):
            request = self.store.requests.get(request_id)
            if request is not None and request.state is RequestState.PENDING:
                decide(
                    request_id, Verdict.APPROVE, client=self.client, person=person,
                    identity=an_account(), reason="",
                )  # fmt: skip

    def advance(
        self, passes: int = 6, *, directory: object = None, request_id: RequestId = REQUEST
    ) -> Request:
        """So many passes of one process, ten seconds apart."""
        advance = AdvanceRequest(
            requests=self.store.requests,
            effectors={"entra": directory or self.house.directory},  # type: ignore[dict-item]
            rmms={},
            clients={self.client.key: self.client},
            switch=self.store.switch,
            policy=POLICY,
            rings=RingPolicy(),
            clock=self.house.world.clock,
        )
        for _ in range(passes):
            request = advance(request_id)
            self.house.world.clock.advance(10)
        return request

    def restart(self) -> None:
        self.store = self.store.restarted()

    def added(self) -> list[str]:
        """Everyone really added to the group, as often as it happened."""
        return [user for row in self.house.effects("add_member") for user in row]


@pytest.fixture(scope="module")
def apps() -> Apps:
    return make_apps(NOON)


@pytest.fixture
def desk(
    apps: Apps, serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Every change shows a second late, as at the real thing."""
    world = make_directories()
    pace_by(world.clock, monkeypatch)
    house = House.open(world, apps, serve_tls, ca_file, lag_share=1.0)
    yield Desk(house, MemoryStore(world.clock))
    house.close()


def states(request: Request) -> set[StepState]:
    return {step.state for step in request.steps}


def test_gaps_are_closed_in_calls_of_twenty_and_read_back(desk: Desk) -> None:
    plan = desk.plan(21, revoke=True)
    desk.approve(plan)
    request = desk.advance()
    assert (request.state, states(request)) == (RequestState.SUCCEEDED, {StepState.VERIFIED})
    wanted = [target.id for target in plan.targets]
    assert [len(row) for row in desk.house.effects("add_member")] == [20, 1]
    assert sorted(desk.added()) == sorted(wanted)
    assert len(desk.house.effects("revoke_sessions")) == 21
    after = desk.snapshot().mfa
    assert after is not None
    closed = {v.user_id: v for v in after.verdicts if v.user_id in wanted}
    assert all(v.enforced is Fact.YES for v in closed.values())
    assert all(v.requirement is Requirement.ENFORCED for v in closed.values())


def test_lost_answer_is_never_followed_by_a_second_call(desk: Desk) -> None:
    plan = desk.plan(3)
    desk.approve(plan)
    desk.house.fault("drop_after", method="PATCH")
    request = desk.advance()
    assert request.state is RequestState.SUCCEEDED
    assert sorted(desk.added()) == sorted(target.id for target in plan.targets)
    assert desk.house.calls(method="PATCH") == 1


def test_call_that_never_arrived_is_made_once_it_can_be(desk: Desk) -> None:
    desk.approve(desk.plan(3))
    desk.house.fault("drop_before", method="PATCH", count=1)
    request = desk.advance()
    assert request.state is RequestState.SUCCEEDED
    assert len(desk.added()) == len(set(desk.added())) == 3


@pytest.mark.parametrize("sent", [True, False], ids=["after the call", "before the call"])
def test_process_that_dies_leaves_one_call_and_the_truth(desk: Desk, sent: bool) -> None:
    desk.approve(desk.plan(3))
    with pytest.raises(KilledError):
        desk.advance(directory=Killed(desk.house.directory, sent))
    desk.restart()
    request = desk.advance(directory=desk.house.reconnect())
    assert (request.state, states(request)) == (RequestState.SUCCEEDED, {StepState.VERIFIED})
    assert len(desk.added()) == len(set(desk.added())) == 3
    assert all(step.changed for step in request.steps)


def test_undo_takes_out_what_this_request_put_in_and_nobody_else(desk: Desk) -> None:
    before = set(desk.house.members())
    desk.approve(desk.plan(3))
    done = desk.advance()
    desk.approve(desk.planner.undo(desk.client, done), UNDO)
    request = desk.advance(request_id=UNDO)
    assert (request.state, states(request)) == (RequestState.SUCCEEDED, {StepState.VERIFIED})
    assert set(desk.house.members()) == before
    assert desk.house.effects("delete_user") == []


def test_group_that_began_to_do_more_stops_the_request(desk: Desk) -> None:
    plan = desk.plan(3)
    desk.approve(plan)
    desk.house.tenant().groups[plan.group or ""].licences = ["SPB"]
    request = desk.advance()
    assert request.state is RequestState.SUPERSEDED
    assert "hands out licences" in request.note
    assert desk.added() == []


def test_account_that_was_disabled_meanwhile_is_skipped_and_named(desk: Desk) -> None:
    plan = desk.plan(3)
    desk.approve(plan)
    gone = plan.targets[0].id
    desk.house.tenant().users[gone].enabled = False
    request = desk.advance()
    assert request.step(gone).state is StepState.SKIPPED
    assert "disabled" in request.step(gone).reason
    assert gone not in desk.added()
    assert len(desk.added()) == 2


# Tenant-wide.


def test_a_policy_is_created_once_enabled_in_turn_after_its_days_and_set_back(desk: Desk) -> None:
    desk.approve(desk.tenant_plan(CREATE))
    created = desk.advance()
    assert (created.state, states(created)) == (RequestState.SUCCEEDED, {StepState.VERIFIED})
    assert "what-if applies it to" in created.steps[0].reason
    policy = desk.policy()
    assert policy["state"] == "enabledForReportingButNotEnforced"

    promote = f"promote_policy:{policy['id']}"
    with pytest.raises(Refused, match="has to be for 7 days"):
        desk.tenant_plan(promote)
    desk.house.world.clock.advance(7 * 24 * 3600)
    plan = desk.tenant_plan(promote)
    assert any("sign-ins it would have judged" in words for words in plan.warnings)
    before, late = list(policy["conditions"]["users"]["excludeUsers"]), plan.on_notice
    desk.approve(plan, PROMOTED)
    assert desk.advance(request_id=PROMOTED).state is RequestState.RUNNING
    assert policy["state"] == "enabled"
    assert set(policy["conditions"]["users"]["excludeUsers"]) == {*before, *(t.id for t in late)}

    desk.house.world.clock.advance((due(plan) - desk.house.world.clock.now()).total_seconds())
    with pytest.raises(KilledError):
        desk.advance(directory=Killed(desk.house.directory, sent=True), request_id=PROMOTED)
    desk.restart()
    promoted = desk.advance(directory=desk.house.reconnect(), request_id=PROMOTED)
    assert (promoted.state, states(promoted)) == (RequestState.SUCCEEDED, {StepState.VERIFIED})
    assert policy["conditions"]["users"]["excludeUsers"] == before
    assert len(desk.house.effects("policy_update")) == 2

    undo = TenantUndo(
        directory=desk.house.directory,
        requests=desk.store.requests,
        clock=desk.house.world.clock,
    )
    assert promoted.ended_at is not None
    later = desk.store.requests.finished_since(promoted.ended_at)
    desk.approve(undo(desk.client, promoted, later), UNDO)
    assert desk.advance(request_id=UNDO).state is RequestState.SUCCEEDED
    assert policy["state"] == "enabledForReportingButNotEnforced"
    assert len(desk.house.effects("policy_create")) == 1
    assert desk.house.calls(method="DELETE") == 0


@pytest.mark.parametrize("sent", [True, False], ids=["after the call", "before the call"])
def test_process_that_dies_creating_a_policy_leaves_one_policy(desk: Desk, sent: bool) -> None:
    desk.approve(desk.tenant_plan(CREATE))
    with pytest.raises(KilledError):
        desk.advance(directory=Killed(desk.house.directory, sent))
    desk.restart()
    request = desk.advance(directory=desk.house.reconnect())
    assert request.state is RequestState.SUCCEEDED
    assert request.steps[0].changed
    assert request.jobs[0].reference == desk.policy()["id"]
    assert len(desk.house.effects("policy_create")) == 1


def test_lost_answer_of_a_create_makes_no_second_policy(desk: Desk) -> None:
    desk.approve(desk.tenant_plan(CREATE))
    desk.house.fault("drop_after", method="POST", path="/v1.0/identity/*/policies", count=1)
    request = desk.advance()
    assert request.state is RequestState.SUCCEEDED
    assert len(desk.house.effects("policy_create")) == 1


def test_a_create_nobody_could_look_up_is_settled_by_evidence_and_can_be_undone(desk: Desk) -> None:
    path = "/v1.0/identity/conditionalAccess/policies"
    desk.approve(desk.tenant_plan(CREATE))
    desk.house.fault("drop_after", method="POST", path=path, count=1)
    desk.advance(directory=Blind(desk.house.directory))
    found = desk.store.requests.get(REQUEST)
    assert found is not None
    assert states(found) == {StepState.UNKNOWN}

    settled = desk.advance()
    assert settled.state is RequestState.SUCCEEDED
    assert tenant_undoable(settled)
    undo = TenantUndo(
        directory=desk.house.directory,
        requests=desk.store.requests,
        clock=desk.house.world.clock,
    )
    assert undo(desk.client, settled).targets[0].id == desk.policy()["id"]


def test_a_policy_is_not_created_for_a_list_of_break_glass_accounts_that_broke(desk: Desk) -> None:
    desk.approve(desk.tenant_plan(CREATE))
    desk.house.tenant().users[desk.client.break_glass[0]].enabled = False
    request = desk.advance()
    assert request.state is RequestState.SUPERSEDED
    assert "break-glass" in request.note
    assert desk.house.effects("policy_create") == []
