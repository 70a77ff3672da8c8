"""Signing out is part of what was approved: where it was not done, nothing is called verified."""

from dataclasses import replace

import pytest

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.remediation import (
    Action,
    Job,
    JobKind,
    JobState,
    Options,
    Plan,
    RequestState,
    StepState,
)
from core.errors import OutcomeUnknown, VendorDown
from core.ports import Report
from core.rules.outcome import tally
from tests.fakes.effector import FakeEffector
from tests.usecases.requests_made import TESS, Office, a_client, a_plan


def a_sign_out_plan(count: int = 1) -> Plan:
    plan = a_plan(count, action=Action.ENFORCE_MFA, revoke_sessions=True)
    users = (replace(t, id=f"user{n}", name=f"User {n}") for n, t in enumerate(plan.targets, 1))
    return replace(plan, account="entra", targets=tuple(users))


class AddingOffice(Office):
    """The vendor carries every call out at once, as Graph does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.vendor.report = Report(state=JobState.DONE)


class SaysWhatItSaw(FakeEffector):
    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        seen = super().verify(client, job, plan)
        return tuple(replace(result, reason=f"{job.kind.value} seen") for result in seen)


def down() -> None:
    raise VendorDown("Entra")


def test_people_are_signed_out_after_they_were_added() -> None:
    office = AddingOffice()
    office.approved(a_sign_out_plan(2))

    done = office.advance(2)

    assert office.vendor.kinds == [JobKind.ADD_TO_GROUP, JobKind.REVOKE_SESSIONS]
    assert done.state is RequestState.SUCCEEDED


@pytest.mark.parametrize("minutes", [0, 1])
def test_what_was_seen_is_told_in_the_order_in_which_it_was_done(minutes: int) -> None:
    office = AddingOffice()
    office.vendor = SaysWhatItSaw()
    office.vendor.report = Report(state=JobState.DONE)
    office.clock.move(minutes=minutes)
    office.approved(a_sign_out_plan())

    done = office.advance(2)

    assert done.step("user1").reason == "add_to_group seen; revoke_sessions seen"


def test_administrators_alone_are_signed_out_and_the_others_are_not_held_to_it() -> None:
    plan = a_sign_out_plan(2)
    boss, other = plan.targets
    office = AddingOffice()
    office.approved(
        replace(
            plan,
            options=Options(revoke_admins=True),
            targets=(replace(boss, is_admin=True), other),
        )
    )

    done = office.advance(2)

    assert office.vendor.kinds == [JobKind.ADD_TO_GROUP, JobKind.REVOKE_SESSIONS]
    assert office.vendor.sent[1] == (boss.id,)
    assert done.state is RequestState.SUCCEEDED
    assert plan.digest != replace(plan, options=Options(revoke_admins=True)).digest


def test_cancelled_before_the_signing_out_they_are_not_called_verified() -> None:
    office = AddingOffice()
    office.vendor.while_rechecking = [lambda: None, lambda: None, down]
    office.approved(a_sign_out_plan())
    office.advance()
    office.cancel(TESS)

    done = office.advance(2)

    assert office.vendor.kinds == [JobKind.ADD_TO_GROUP]
    assert done.step("user1").state is StepState.NOT_VERIFIED
    assert done.step("user1").reason == (
        "enforced, but not signed out: cancelled before it was sent"
    )
    assert done.state is not RequestState.SUCCEEDED


def test_what_is_found_in_the_group_later_was_not_signed_out_and_says_so() -> None:
    office = Office()
    office.vendor.dispatch_errors = [OutcomeUnknown("Entra")]
    office.approved(a_sign_out_plan())

    done = office.advance(2)

    assert office.vendor.kinds == [JobKind.ADD_TO_GROUP]
    assert done.step("user1").state is StepState.NOT_VERIFIED
    assert "not signed out" in done.step("user1").reason


@pytest.mark.parametrize(
    "other", [{"break_glass": ("bg1", "user1")}, {"protected_users": frozenset({"user1"})}]
)
def test_people_protected_meanwhile_are_not_signed_out(other: dict[str, object]) -> None:
    office = AddingOffice()

    def protect() -> None:
        office.client = a_client(**other)
        raise VendorDown("Entra")

    office.vendor.while_rechecking = [lambda: None, lambda: None, protect]
    office.approved(a_sign_out_plan())
    office.advance()

    done = office.advance(2)

    assert office.vendor.kinds == [JobKind.ADD_TO_GROUP]
    assert done.step("user1").reason.endswith("not signed out: protected since it was requested")


def test_only_what_is_known_to_have_been_so_before_is_called_already_so() -> None:
    devices, people = Office(), AddingOffice()
    devices.approved(a_plan(2))
    was_so = StepResult(target="user1", state=StepState.DONE, changed=False)
    was_not = StepResult(target="user2", state=StepState.DONE, changed=True)
    people.vendor.report = Report(state=JobState.DONE, results=(was_so, was_not))
    people.approved(replace(a_sign_out_plan(2), options=a_plan().options))

    assert tally(devices.advance(2)).sentence == "2 verified"
    assert tally(people.advance(2)).sentence == "2 verified (1 already so)"
