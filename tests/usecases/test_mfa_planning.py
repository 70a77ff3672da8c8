"""Whom a plan to enforce MFA, and one to undo it, takes and leaves alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Coverage, Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import AccountKind, GroupProof, UserId
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import (
    Action,
    JobState,
    Options,
    Plan,
    RequestId,
    RequestState,
    StepState,
)
from core.errors import Refused
from core.ports import Report
from core.usecases.plan_mfa import MfaPlanner
from tests.usecases.requests_made import (
    ACME,
    DEVON,
    MAYA,
    START,
    HandClock,
    Office,
    a_client,
    a_plan,
)


class FakeDirectory:
    can_write = True

    def __init__(self, **proof: object) -> None:
        given = {"group_id": "group", "name": "MFA required", "problems": ()} | proof
        self.proof = GroupProof(**given)  # type: ignore[arg-type]

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        return dict.fromkeys(user_ids, Fact.YES)

    def prove_group(self, client: Client) -> GroupProof:
        return self.proof


def undo(office: Office, directory: FakeDirectory) -> Plan:
    planner = MfaPlanner(
        directory=directory,  # type: ignore[arg-type]
        policy=office.policy,
        mfa=MfaPolicy(),
        clock=office.clock,
    )
    done = office.stored()
    later = office.store.requests.finished_since(done.ended_at or done.created_at)
    return planner.undo(office.client, done, later)


def test_undo_is_refused_for_a_group_that_is_no_longer_the_configured_one() -> None:
    office = Office()
    office.approved(replace(a_plan(action=Action.ENFORCE_MFA), account="entra"))
    office.advance(2)
    office.client = a_client(mfa_group="another")

    with pytest.raises(Refused, match="another"):
        undo(office, FakeDirectory(group_id="another"))


def test_undo_waits_until_its_request_has_ended() -> None:
    office = Office()
    office.approved(replace(a_plan(action=Action.ENFORCE_MFA), account="entra"))
    assert office.stored().state is RequestState.APPROVED

    with pytest.raises(Refused, match="not ended yet"):
        undo(office, FakeDirectory())


def test_a_break_glass_account_is_never_part_of_a_plan() -> None:
    verdicts = tuple(
        MfaVerdict(
            user_id=UserId(name),
            name=name,
            upn=f"{name}@acme.example",
            kind=AccountKind.MEMBER,
            requirement=Requirement.UNCOVERED,
            registered=Fact.YES,
            capable=Fact.YES,
            enforced=Fact.NO,
            gap=Fact.YES,
        )
        for name in ("ada", "bg1")
    )
    section = MfaSection(observed_at=START, verdicts=verdicts, coverage=Coverage())
    directory = FakeDirectory()
    planner = MfaPlanner(
        directory=directory,  # type: ignore[arg-type]
        policy=ApprovalPolicy(),
        mfa=MfaPolicy(),
        clock=HandClock(),
    )

    plan = planner.enforce(
        a_client(), ["ada", "bg1"], Options(), Snapshot(client=ACME, mfa=section)
    )

    assert [target.id for target in plan.targets] == ["ada"]
    assert plan.skipped[0].reason.startswith("break-glass")


def a_plan_for(user: str, *, action: Action = Action.ENFORCE_MFA) -> Plan:
    plan = a_plan(action=action)
    return replace(plan, account="entra", targets=(replace(plan.targets[0], id=user),))


def run(office: Office, plan: Plan, request_id: str) -> None:
    """Ask, approve and carry out; the request changed its only target."""
    office.request_id = RequestId(request_id)
    office.ask(plan, request_id=office.request_id)
    for person in (MAYA, DEVON)[: 2 if plan.action is Action.UNDO_ENFORCE_MFA else 1]:
        office.decide(person)
    changed = StepResult(target=plan.targets[0].id, state=StepState.DONE, changed=True)
    office.vendor.report = Report(state=JobState.DONE, results=(changed,))
    assert office.advance(2).state is RequestState.SUCCEEDED
    office.clock.move(minutes=1)


def test_undo_leaves_alone_whom_a_later_request_put_in_again() -> None:
    office, proof = Office(), FakeDirectory(members=frozenset({"ada"}))
    enforce = a_plan_for("ada")
    run(office, enforce, "R1")
    assert [target.id for target in undo(office, proof).targets] == ["ada"]

    run(office, a_plan_for("ada", action=Action.UNDO_ENFORCE_MFA), "R2")
    run(office, enforce, "R3")
    assert [target.id for target in undo(office, proof).targets] == ["ada"]
    office.request_id = RequestId("R1")
    with pytest.raises(Refused, match="Nothing of R1 is left"):
        undo(office, proof)
