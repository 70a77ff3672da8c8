"""Tenant-wide plans: what is approved is all of what is done, and the way back lowers protection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import MfaVerdict, Snapshot
from core.domain.identity import Audience, PolicyState
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import (
    Action,
    Direction,
    JobState,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
)
from core.domain.tenant_change import (
    CreatePolicy,
    EnableInTurn,
    PlannedChange,
    PolicyTemplate,
    ReportOnlyImpact,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
    TenantControls,
)
from core.errors import Refused, VendorDown
from core.ports import Recheck, Report, Requests
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.rules.approval_policy import approvals_needed
from core.rules.policy_templates import NAMES
from core.usecases.plan_tenant import TenantPlanner
from core.usecases.undo_tenant import TenantUndo, tenant_undoable
from tests.fakes.effector import FakeEffector
from tests.fakes.memory_store import MemoryStore
from tests.fakes.tenant import ABLE, CAMPAIGN, MANAGED, a_policy, controls, snapshot, verdict
from tests.usecases.requests_made import DEVON, MAYA, HandClock, Office, a_client

CREATE, PROMOTE = "create_policy:mfa_all_users", "promote_policy:policy-1"
DEFAULTS, CAMPAIGN_KEY = "security_defaults:", "start_campaign:"
POLICY = ApprovalPolicy()


@dataclass
class Tenant(FakeEffector):
    """A tenant whose settings a test sets."""

    found: TenantControls = field(default_factory=controls)
    can_write: bool = True
    alive: Fact = Fact.YES
    log: ReportOnlyImpact | Exception = field(
        default_factory=lambda: ReportOnlyImpact(
            since=HandClock().now() - timedelta(days=8),
            sign_ins=40,
            passed=30,
            prompted=9,
            refused=1,
            refused_people=("ann@acme.example",),
        )
    )

    def __post_init__(self) -> None:
        super().__init__()

    def controls(self, client: Client) -> TenantControls:
        return self.found

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        return dict.fromkeys(user_ids, self.alive)

    def impact(self, client: Client, policy_id: str, since: datetime) -> ReportOnlyImpact:
        if isinstance(self.log, Exception):
            raise self.log
        return self.log


def planned(
    key: str,
    tenant: Tenant | None = None,
    *,
    known: Snapshot | None = None,
    store: Requests | None = None,
    clock: HandClock | None = None,
    **changes: Any,
) -> Plan:
    planner = a_planner(tenant or Tenant(), store or a_store(), clock or HandClock())
    return planner.plan(a_client(**changes), key, known or snapshot())


def a_planner(tenant: Tenant, store: Requests, clock: HandClock) -> TenantPlanner:
    directory: Any = tenant
    return TenantPlanner(
        directory=directory, requests=store, policy=POLICY, mfa=MfaPolicy(), clock=clock
    )


def undone(
    done: Request,
    tenant: Tenant,
    later: Sequence[Request] = (),
    store: Requests | None = None,
    client: Client | None = None,
) -> Plan:
    directory: Any = tenant
    undo = TenantUndo(directory=directory, requests=store or a_store(), clock=HandClock())
    return undo(client or a_client(), done, later)


def a_store() -> Requests:
    return MemoryStore(HandClock()).requests


def carried_out(plan: Plan, request_id: str = "R00001", reference: str | None = None) -> Request:
    """The request for a plan, approved, made on its day and verified."""
    office = Office(vendor=Tenant(), request_id=RequestId(request_id))
    office.ask(plan, request_id=office.request_id)
    for approver in (MAYA, DEVON)[: approvals_needed(plan, POLICY)]:
        office.decide(approver)
    for end in sorted({target.not_before or office.clock.time for target in plan.targets}):
        office.clock.time = end
        due = [t.id for t in plan.targets if (t.not_before or end) == end]
        results = (StepResult(target=t, state=StepState.DONE, changed=True) for t in due)
        office.vendor.report = Report(
            state=JobState.DONE, reference=reference, results=tuple(results)
        )
        done = office.advance(2)
    assert done.state is RequestState.SUCCEEDED
    return done


# Creating and promoting.


def test_a_policy_is_planned_report_only_and_says_whom_it_will_ask_and_spare() -> None:
    plan = planned(CREATE)
    change = plan.change
    assert isinstance(change, CreatePolicy)
    assert change.template is PolicyTemplate.MFA_ALL_USERS
    assert set(change.excluded_users) == {"bg1", "scanner"}
    assert plan.direction is Direction.RAISES
    assert [(s.name, s.reason) for s in plan.skipped] == [
        ("bg1@acme.example", "break-glass account: always excluded"),
        ("scanner@acme.example", "excluded, held out: looks like a service account"),
    ]
    said = " ".join(plan.warnings)
    assert "Report-only demands nothing" in said
    assert "asks 4 accounts (1 administrator, 1 guest among them)" in said
    assert "ben@acme.example" in said


def test_the_admins_policy_warns_of_whoever_could_not_answer_it() -> None:
    plan = planned("create_policy:resistant_admins")
    assert isinstance(plan.change, CreatePolicy)
    assert plan.change.strength == "strength-4"
    assert "root@acme.example" in " ".join(plan.warnings)
    assert "registered nothing phishing-resistant" in " ".join(plan.warnings)


def test_blocking_old_protocols_says_nothing_of_methods() -> None:
    said = " ".join(planned("create_policy:block_legacy").warnings)
    assert "refuses old protocols to 4 accounts" in said
    assert "no usable method" not in said


def test_a_promotion_shows_what_was_seen_and_weighs_as_a_whole_tenant() -> None:
    plan = planned(PROMOTE, Tenant(controls(a_policy())))
    assert isinstance(plan.change, EnableInTurn)
    change = plan.change.enable
    assert (change.before, change.after) == (PolicyState.REPORT_ONLY, PolicyState.ENABLED)
    assert plan.targets[0].before == {"state": "report-only"}
    assert plan.weight == POLICY.tenant_weight
    assert plan.targets[0].is_admin
    said = " ".join(plan.warnings)
    assert "40 sign-ins it would have judged: 30 pass, 9 would be asked, 1 would be refused" in said
    assert "Would be refused: ann@acme.example" in said
    assert "within a day" in said


@pytest.mark.parametrize(
    "person",
    [
        verdict("ann"),
        verdict("ben", capable=Fact.NO, enforced=Fact.YES),
        verdict("gail", capable=Fact.UNKNOWN, held_out="guest"),
        verdict("bg1", capable=Fact.NO),
    ],
    ids=["able", "asked already", "answers at home", "excluded"],
)
def test_nobody_is_given_notice_of_what_changes_nothing_for_them(person: MfaVerdict) -> None:
    plan = planned(PROMOTE, Tenant(controls(a_policy())), known=snapshot(person))
    assert plan.on_notice == ()


def test_administrators_without_a_phishing_resistant_method_are_named_and_given_notice() -> None:
    roles = Audience(roles=frozenset({GLOBAL_ADMINISTRATOR}))
    item = a_policy(f"{NAMES[PolicyTemplate.RESISTANT_ADMINS]} [R00001-1]", include=roles)
    plan = planned(PROMOTE, Tenant(controls(item)))
    assert plan.on_notice
    assert "registered nothing phishing-resistant (root@acme.example)" in " ".join(plan.warnings)


def test_refusing_old_protocols_or_waiting_in_report_only_needs_no_notice() -> None:
    block = a_policy(f"{NAMES[PolicyTemplate.BLOCK_LEGACY]} [R00001-1]")
    assert planned(PROMOTE, Tenant(controls(block))).on_notice == ()
    resting = a_policy(state=PolicyState.DISABLED)
    assert planned(PROMOTE, Tenant(controls(resting))).on_notice == ()


def test_a_change_of_the_tenant_is_looked_at_once_before_it_is_made() -> None:
    office = Office(vendor=Tenant())
    office.vendor.report = Report(state=JobState.DONE)
    office.vendor.rechecks = [Recheck(), Recheck(wider="looked at twice")]
    office.ask(planned(CREATE))
    office.decide(MAYA)
    assert office.advance(2).state is RequestState.SUCCEEDED
    assert len(office.vendor.rechecks) == 1


def test_the_approver_learns_how_sure_the_numbers_are() -> None:
    assert "counted from the scan of 23 Nov 09:00 UTC" in " ".join(planned(CREATE).warnings)
    assert "could not read everything" not in " ".join(planned(CREATE).warnings)
    gone = Unread(source="Entra", what="roles", reason="HTTP 503", since=HandClock().now())
    known = snapshot()
    assert known.mfa is not None
    half = replace(known, mfa=replace(known.mfa, coverage=Coverage(unread=(gone,))))
    assert "could not read everything" in " ".join(planned(CREATE, known=half).warnings)


def test_what_was_seen_may_be_unreadable_and_that_is_said() -> None:
    tenant = Tenant(controls(a_policy()), log=VendorDown("Entra", "could not be reached"))
    assert "could not be read: could not be reached" in " ".join(planned(PROMOTE, tenant).warnings)


def test_a_flip_of_microsofts_policy_spares_break_glass_and_whoever_is_held_out() -> None:
    bare = a_policy(MANAGED, exclude=Audience())
    plan = planned(PROMOTE, Tenant(controls(bare)), known=snapshot(*ABLE))
    assert isinstance(plan.change, SetPolicyState)
    assert plan.change.add_excluded == ("bg1", "scanner")
    assert [(s.name, s.reason) for s in plan.skipped] == [
        ("bg1@acme.example", "break-glass account: always excluded"),
        ("scanner@acme.example", "excluded, held out: looks like a service account"),
    ]


def test_the_digest_covers_template_state_exclusions_and_policy() -> None:
    plan = planned(CREATE)
    assert isinstance(plan.change, CreatePolicy)
    flip = planned(PROMOTE, Tenant(controls(a_policy())), known=snapshot(*ABLE)).change
    in_turn = planned(PROMOTE, Tenant(controls(a_policy()))).change
    assert isinstance(flip, SetPolicyState)
    assert isinstance(in_turn, EnableInTurn)
    others: list[PlannedChange | None] = [
        replace(plan.change, template=PolicyTemplate.BLOCK_LEGACY),
        replace(plan.change, excluded_users=("bg1",)),
        replace(plan.change, strength="other"),
        flip,
        replace(flip, after=PolicyState.DISABLED),
        replace(flip, policy_id="policy-2"),
        replace(flip, add_excluded=("x",)),
        replace(flip, fingerprint="edited"),
        replace(flip, drop_excluded=("x",)),
        in_turn,
        replace(in_turn, rest=replace(in_turn.rest, asks="edited")),
        replace(in_turn, enable=replace(in_turn.enable, add_excluded=("x",))),
        SecurityDefaultsOn(),
        None,
    ]
    digests = {replace(plan, change=change).digest for change in (plan.change, *others)}
    assert len(digests) == len(others) + 1


@pytest.mark.parametrize("alive", [Fact.NO, Fact.UNKNOWN])
def test_a_broken_break_glass_list_stops_it(alive: Fact) -> None:
    with pytest.raises(Refused, match="does not exist or is disabled"):
        planned(CREATE, Tenant(alive=alive))
    with pytest.raises(Refused, match="No break-glass accounts"):
        planned(CREATE, break_glass=())


def test_what_is_not_possible_is_refused_with_its_reason_also_when_forged() -> None:
    with pytest.raises(Refused, match="has to be for 7 days"):
        planned(PROMOTE, Tenant(controls(a_policy(days=1))))
    with pytest.raises(Refused, match="no longer there"):
        planned("promote_policy:elsewhere")
    with pytest.raises(Refused, match="read-only"):
        planned(CREATE, Tenant(can_write=False))


def test_a_plan_that_does_not_spare_the_list_of_today_is_not_asked_for() -> None:
    plan, office = planned(CREATE), Office(client=a_client(break_glass=("bg1", "bg2")))
    with pytest.raises(Refused, match="not exclude every break-glass"):
        office.ask(plan)


# Security defaults and the campaign.


def test_security_defaults_say_that_there_is_no_way_back() -> None:
    plan = planned(DEFAULTS)
    said = " ".join(plan.warnings)
    assert "cannot be undone" in said
    assert "scanner@acme.example may stop working" in said
    with pytest.raises(Refused, match="never switches security defaults off"):
        undone(carried_out(plan), Tenant())


def test_the_campaign_keeps_what_it_had_and_spares_who_is_held_out() -> None:
    plan = planned(CAMPAIGN_KEY)
    change = plan.change
    assert isinstance(change, SetCampaign)
    assert change.before == CAMPAIGN
    assert (change.after.state, change.after.include) == ("enabled", CAMPAIGN.include)
    assert {target.id for target in change.after.exclude} == {"bg1", "scanner"}
    assert "enrols nobody who has no method yet (1 here)" in " ".join(plan.warnings)


# The way back.


def test_undo_of_a_promotion_goes_back_to_report_only_and_needs_more_approvals() -> None:
    done = carried_out(planned(PROMOTE, Tenant(controls(a_policy()))))
    assert tenant_undoable(done)
    plan = undone(done, Tenant(controls(a_policy(state=PolicyState.ENABLED))))
    assert plan.action is Action.STEP_BACK_POLICY
    assert plan.direction is Direction.LOWERS
    assert isinstance(plan.change, SetPolicyState)
    assert plan.change.after is PolicyState.REPORT_ONLY
    assert approvals_needed(plan, POLICY) > approvals_needed(done.plan, POLICY)
    assert "deletes none" in " ".join(plan.warnings)


def test_undo_of_a_creation_disables_the_policy_it_made() -> None:
    done = carried_out(planned(CREATE), reference="policy-1")
    plan = undone(done, Tenant(controls(a_policy())))
    assert isinstance(plan.change, SetPolicyState)
    assert (plan.change.policy_id, plan.change.after) == ("policy-1", PolicyState.DISABLED)


def test_undo_covers_only_what_still_stands() -> None:
    done = carried_out(planned(CREATE), reference="policy-1")
    with pytest.raises(Refused, match="it is enabled"):
        undone(done, Tenant(controls(a_policy(state=PolicyState.ENABLED))))
    with pytest.raises(Refused, match="the policy is gone"):
        undone(done, Tenant(controls()))
    with pytest.raises(Refused, match="could not be read"):
        undone(done, Tenant(controls(policies=None)))


def test_undo_does_not_take_back_what_a_later_request_did_anew() -> None:
    promote = planned(PROMOTE, Tenant(controls(a_policy())))
    first, second = carried_out(promote), carried_out(promote, "R00002")
    enabled = Tenant(controls(a_policy(state=PolicyState.ENABLED)))
    with pytest.raises(Refused, match="R00002 made it so anew since"):
        undone(first, enabled, [first, second])
    assert undone(second, enabled, [second]).undo_of == "R00002"


def test_undo_takes_back_nothing_twice_and_nothing_it_did_not_change() -> None:
    enabled = Tenant(controls(a_policy(state=PolicyState.ENABLED)))
    done = carried_out(planned(PROMOTE, Tenant(controls(a_policy()))))
    back = carried_out(undone(done, enabled), "R00002")
    with pytest.raises(Refused, match="R00002 took it back already"):
        undone(done, enabled, [done, back])
    idle = replace(done, steps=tuple(replace(step, changed=False) for step in done.steps))
    with pytest.raises(Refused, match="changed nothing"):
        undone(idle, enabled)


def test_undo_of_a_creation_is_possible_again_once_its_promotion_was_undone() -> None:
    created = carried_out(planned(CREATE), reference="policy-1")
    promoted = carried_out(planned(PROMOTE, Tenant(controls(a_policy()))), "R00002")
    back = undone(promoted, Tenant(controls(a_policy(state=PolicyState.ENABLED))))
    later = [promoted, carried_out(back, "R00003")]
    assert undone(created, Tenant(controls(a_policy())), later).undo_of == "R00001"


def test_undo_waits_for_what_is_under_way() -> None:
    tenant, office = Tenant(controls(a_policy())), Office(vendor=Tenant())
    done = carried_out(planned(CREATE), reference="policy-1")
    office.ask(planned(PROMOTE, tenant), request_id=RequestId("R00002"))
    with pytest.raises(Refused, match="R00002 asks for a change of it already"):
        undone(done, tenant, store=office.store.requests)


def test_undo_of_the_campaign_puts_the_whole_former_value_back() -> None:
    done = carried_out(planned(CAMPAIGN_KEY))
    assert isinstance(done.plan.change, SetCampaign)
    standing = Tenant(controls(campaign=done.plan.change.after))
    plan = undone(done, standing)
    assert plan.change == SetCampaign(before=done.plan.change.after, after=CAMPAIGN)
    with pytest.raises(Refused, match="changed since"):
        undone(done, Tenant())


def test_an_undo_is_not_undone_and_one_that_changed_nothing_offers_none() -> None:
    done = carried_out(planned(PROMOTE, Tenant(controls(a_policy()))))
    back = undone(done, Tenant(controls(a_policy(state=PolicyState.ENABLED))))
    with pytest.raises(Refused, match="itself an undo"):
        undone(carried_out(back, "R00003"), Tenant())
    idle = replace(done, steps=tuple(replace(step, changed=False) for step in done.steps))
    assert not tenant_undoable(idle)


def test_a_blocking_policy_is_not_said_to_ask_anybody() -> None:
    block = a_policy("Gatehouse: block legacy authentication [R1-1]")
    assert "refuses sign-ins of" in " ".join(planned(PROMOTE, Tenant(controls(block))).warnings)
