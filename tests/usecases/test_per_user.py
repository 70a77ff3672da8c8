"""Per-user MFA: for tenants and people that have nothing better, and for nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import AccountKind, PerUserState
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import (
    Action,
    Direction,
    JobKind,
    JobState,
    Options,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
)
from core.domain.tenant_change import TenantControls, TenantPower
from core.errors import Refused
from core.ports import Report
from core.usecases.plan_per_user import PerUserPlanner
from tests.fakes.tenant import controls
from tests.usecases.requests_made import ACME, DEVON, MAYA, START, HandClock, Office, a_client
from tests.usecases.test_refused_always import Tenant, admin, left_out, person

ROLE = "Policy.ReadWrite.AuthenticationMethod"


@dataclass
class Unlicensed(Tenant):
    """A tenant without conditional access; everybody's state is disabled unless told."""

    states: dict[str, PerUserState] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def controls(self, client: Client) -> TenantControls:
        return controls(**({"licensed": Fact.NO} | self.facts))

    def per_user_states(self, client: Client, user_ids: Sequence[str]) -> dict[str, PerUserState]:
        self.asked += user_ids
        return {
            user: self.states.get(user, PerUserState.DISABLED)
            for user in user_ids
            if user not in self.gone
        }

    def per_user(self) -> PerUserPlanner:
        return PerUserPlanner(
            directory=self,  # type: ignore[arg-type]
            policy=ApprovalPolicy(),
            mfa=MfaPolicy(),
            clock=HandClock(),
        )

    def enable(self, *users: str, **options: Any) -> Plan:
        lost = tuple(Unread(source="Entra", what=w, reason="403", since=START) for w in self.unread)
        section = MfaSection(
            observed_at=START, verdicts=self.verdicts, coverage=Coverage(unread=lost)
        )
        snapshot = Snapshot(client=ACME, mfa=section)
        return self.per_user().enforce(self.client, users, Options(**options), snapshot)


def tenant(*verdicts: MfaVerdict, **facts: Any) -> Unlicensed:
    client = a_client(mfa_group=None)
    return Unlicensed(client=client, verdicts=verdicts, facts=facts)


def test_it_is_enabled_for_people_of_a_tenant_without_conditional_access() -> None:
    plan = tenant(person("ada")).enable("ada")
    assert (plan.action, plan.direction, plan.group) == (
        Action.ENABLE_PER_USER,
        Direction.RAISES,
        None,
    )
    assert plan.targets[0].before["per-user MFA"] == "disabled"
    assert any("SMTP" in warning for warning in plan.warnings)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"licensed": Fact.YES}, "never with the per-user state beside it"),
        ({"licensed": Fact.UNKNOWN}, "could not be read"),
        ({"security_defaults": Fact.YES}, "Security defaults are on"),
        ({"security_defaults": Fact.UNKNOWN}, "may be on"),
        ({"lacking": {TenantPower.PER_USER: (ROLE,)}}, f"The write app lacks {ROLE}"),
    ],
)
def test_it_is_refused_with_the_reason_before_anything_is_asked_for(
    facts: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        tenant(person("ada"), **facts).enable("ada")


def test_who_has_it_already_or_cannot_have_it_is_left_out() -> None:
    of = tenant(
        person("ada"),
        person("on"),
        person("strange"),
        person("gus", kind=AccountKind.GUEST),
        person("left"),
        person("imani", capable=Fact.NO),
        admin("gina"),
    )
    of.states = {"on": PerUserState.ENFORCED, "strange": PerUserState.UNKNOWN}
    of.gone = frozenset({"left"})
    plan = of.enable("ada", "on", "strange", "gus", "left", "imani", "gina", "bg1")
    assert [target.id for target in plan.targets] == ["ada"]
    assert left_out(plan) == {
        "on": "per-user MFA is enforced already",
        "strange": "its per-user MFA could not be read",
        "gus": "a guest: MFA is its own tenant's to demand",
        "left": "its per-user MFA could not be read",
        "imani": "has no usable MFA method; tick the option to include such users",
        "gina": "the last Global Administrator who can surely sign in",
        "bg1": "break-glass account: never enforced",
    }


# A tenant with licences for some.


def bare(user: str, **changes: Any) -> MfaVerdict:
    """Nothing demands MFA of them, and no licence lets a policy do it."""
    return person(user, **({"premium": Fact.NO, "requirement": Requirement.UNCOVERED} | changes))


def test_in_a_mixed_tenant_it_is_for_whom_no_licence_covers_and_no_policy_asks() -> None:
    of = tenant(
        bare("ada"),
        bare("spared", requirement=Requirement.EXCLUDED),
        bare("planned", requirement=Requirement.REPORT_ONLY),
        bare("paid", premium=Fact.YES),
        bare("untold", premium=Fact.UNKNOWN),
        bare("asked", requirement=Requirement.ENFORCED),
        bare("partly", requirement=Requirement.PARTIAL),
        bare("unclear", requirement=Requirement.UNKNOWN),
        licensed=Fact.YES,
    )
    plan = of.enable(*(str(verdict.user_id) for verdict in of.verdicts))
    assert plan.action is Action.ENABLE_PER_USER
    assert [target.id for target in plan.targets] == ["ada", "spared", "planned"]
    mixed = "conditional access asks it for MFA already, and the two are never mixed"
    assert left_out(plan) == {
        "paid": "its licence holds Entra ID P1: enforce MFA with the MFA group",
        "untold": "whether its licence holds Entra ID P1 could not be read",
        "asked": mixed,
        "partly": mixed,
        "unclear": "whether a policy asks it for MFA could not be read",
    }


@pytest.mark.parametrize("what", ["policies", "groups"])
def test_in_a_mixed_tenant_it_is_refused_while_whom_policies_reach_is_not_known(what: str) -> None:
    of = tenant(bare("ada"), licensed=Fact.YES)
    of.unread = (what,)
    with pytest.raises(Refused, match="could not be read in full"):
        of.enable("ada")
    assert of.asked == []


def test_licences_are_nothing_to_look_at_where_the_tenant_has_none() -> None:
    plan = tenant(bare("ada", requirement=Requirement.PARTIAL)).enable("ada")
    assert [target.id for target in plan.targets] == ["ada"]


def test_people_without_a_method_get_notice_here_too() -> None:
    plan = tenant(person("ada"), person("imani", capable=Fact.NO)).enable(
        "imani", "ada", include_without_method=True
    )
    assert [(t.id, t.not_before is not None) for t in plan.targets] == [
        ("ada", False),
        ("imani", True),
    ]


# Taking it back.


class AnOffice(Office):
    """Every call is carried out at once and changes its targets."""

    def run(self, plan: Plan, request_id: str, *people: Any) -> Request:
        self.request_id = RequestId(request_id)
        self.client = a_client(mfa_group=None)
        self.ask(plan, request_id=self.request_id)
        for person_ in people:
            self.decide(person_)
        results = tuple(
            StepResult(target=target.id, state=StepState.DONE, changed=True)
            for target in plan.targets
        )
        self.vendor.report = Report(state=JobState.DONE, results=results)
        return self.advance(2)


def test_undo_lowers_and_covers_whom_its_request_changed_and_who_still_has_it() -> None:
    office, of = AnOffice(), tenant(person("ada"), person("ben"))
    done = office.run(of.enable("ada", "ben"), "R1", MAYA)
    assert done.state is RequestState.SUCCEEDED
    assert office.vendor.kinds == [JobKind.ENABLE_PER_USER]
    of.states = {"ada": PerUserState.ENFORCED}
    undo = of.per_user().undo(of.client, done)
    assert (undo.action, undo.direction) == (Action.UNDO_PER_USER, Direction.LOWERS)
    assert [target.id for target in undo.targets] == ["ada"]
    assert left_out(undo) == {"ben": "not enabled any more"}
    undone = office.run(undo, "R2", MAYA, DEVON)
    assert (undone.approvals_needed, undone.state) == (2, RequestState.SUCCEEDED)
    assert office.vendor.kinds[-1] is JobKind.DISABLE_PER_USER
    with pytest.raises(Refused, match="left to undo"):
        of.per_user().undo(of.client, done, [undone])


def test_undoing_whom_notice_was_given_waits_for_no_day() -> None:
    office, of = AnOffice(), tenant(person("imani", capable=Fact.NO))
    plan = of.enable("imani", include_without_method=True)
    at_once = replace(plan, targets=tuple(replace(t, not_before=START) for t in plan.targets))
    office.clock.move(days=-1)
    waiting = office.run(at_once, "R1", MAYA)
    office.clock.move(days=1)
    done = office.advance(2)
    assert (waiting.state, done.state) == (RequestState.RUNNING, RequestState.SUCCEEDED)
    of.states = {"imani": PerUserState.ENABLED}
    assert [t.not_before for t in of.per_user().undo(of.client, done).targets] == [None]
