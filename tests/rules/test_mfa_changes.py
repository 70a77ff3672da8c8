"""What changed since a reading: only what both readings told, the worst first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import MfaSection
from core.domain.identity import Audience, CaPolicy, DirectoryUser, PolicyState, UserId
from core.domain.mfa_history import MfaChange, MfaChangeKind, MfaMark
from core.domain.notice import OnNotice
from core.domain.policy import MfaPolicy
from core.rules.mfa_changes import KEPT, MOST_MARKS, changes, in_order, mark_at, remembered
from core.rules.mfa_gaps import judge_mfa
from core.rules.policy_turns import with_notice
from tests.rules.tenants import (
    GLOBAL_ADMIN,
    NOW,
    client,
    guest,
    policy,
    reading,
    user,
    without_method,
)

ACME = ClientKey("acme")
LATER = NOW + timedelta(hours=6)
COVERED = (policy(),)
SPARED = (policy(exclude=Audience(users=frozenset({"ann"}))),)
TO_ANN = {GLOBAL_ADMIN: frozenset({"ann"})}


def section(*users: DirectoryUser, at: datetime = NOW, **facts: Any) -> MfaSection:
    return judge_mfa(reading(*users, observed_at=at, **facts), client(), MfaPolicy(), now=at)


def since(before: MfaSection, after: MfaSection) -> list[tuple[MfaChangeKind, str, str]]:
    (mark,) = remembered((), before)
    return [(c.kind, c.subject, c.detail) for c in changes(ACME, mark, after)]


def kinds(before: MfaSection, after: MfaSection) -> set[tuple[MfaChangeKind, str]]:
    return {(kind, subject) for kind, subject, _ in since(before, after)}


# Accounts.


def test_an_account_that_lost_its_cover_is_new_and_one_that_never_had_any_is_not() -> None:
    before = section(user(), user("bob"), policies=SPARED)
    after = section(user(), user("bob"), at=LATER)
    assert (
        since(before, after)
        == [
            (MfaChangeKind.UNCOVERED, "bob@acme.example", "nothing demands MFA"),
            (MfaChangeKind.POLICY_WEAKER, "Require MFA", "was in force, is deleted now"),
        ][::-1]
    )


def test_a_new_account_that_nothing_covers_is_newly_uncovered() -> None:
    found = since(section(user()), section(user(), user("new"), at=LATER))
    assert found == [(MfaChangeKind.UNCOVERED, "new@acme.example", "nothing demands MFA")]


def test_who_could_not_be_judged_then_is_not_new_now() -> None:
    before = section(user(), unread=["policies"])
    assert since(before, section(user(), at=LATER)) == []


def test_who_cannot_be_judged_now_is_not_new_either() -> None:
    before = section(user(), policies=COVERED)
    assert since(before, section(user(), at=LATER, unread=["policies"])) == []


def test_a_guest_who_counts_as_no_gap_is_no_change() -> None:
    assert since(section(), section(guest(), at=LATER)) == []


def test_a_new_administrator_without_mfa_leads_and_is_named_once() -> None:
    before = section(user(), user("bob"), policies=COVERED)
    after = section(user(), user("bob"), at=LATER, role_holders=TO_ANN)
    found = since(before, after)
    assert found[0] == (
        MfaChangeKind.ADMIN_WITHOUT_MFA,
        "ann@acme.example",
        "nothing demands MFA",
    )
    assert [subject for _, subject, _ in found].count("ann@acme.example") == 1


def test_an_old_administrator_who_lost_the_method_is_new_and_one_without_any_is_not() -> None:
    held: dict[str, Any] = {"role_holders": TO_ANN, "policies": COVERED}
    without: dict[str, Any] = {"registrations": without_method("ann"), **held}
    kind = MfaChangeKind.ADMIN_WITHOUT_MFA
    assert kinds(section(user(), **held), section(user(), at=LATER, **without)) == {
        (kind, "ann@acme.example")
    }
    assert since(section(user(), **without), section(user(), at=LATER, **without)) == []


def test_a_new_administrator_of_a_part_is_said_to_be_that() -> None:
    found = since(section(user()), section(user(), at=LATER, scoped_holders=TO_ANN))
    (detail,) = (detail for kind, _, detail in found if kind is MfaChangeKind.ADMIN_WITHOUT_MFA)
    assert detail == "of a part of the tenant; nothing demands MFA"


@pytest.mark.parametrize("part", ["roles", "eligible roles"])
def test_administrators_are_compared_only_where_both_readings_told_all_of_them(part: str) -> None:
    nobody, ann = section(user()), section(user(), at=LATER, role_holders=TO_ANN)
    assert kinds(nobody, ann) == {(MfaChangeKind.ADMIN_WITHOUT_MFA, "ann@acme.example")}
    assert since(section(user(), unread=[part]), ann) == []
    assert since(nobody, section(user(), at=LATER, role_holders=TO_ANN, unread=[part])) == []


def test_an_administrator_who_may_have_been_without_mfa_is_not_new() -> None:
    before = section(user(), registrations={}, role_holders=TO_ANN, policies=COVERED)
    assert before.verdicts[0].gap is Fact.UNKNOWN
    after = section(
        user(),
        at=LATER,
        role_holders=TO_ANN,
        policies=COVERED,
        registrations=without_method("ann"),
    )
    assert since(before, after) == []


# Policies.


def of_policies(then: CaPolicy, *now: CaPolicy) -> list[tuple[MfaChangeKind, str]]:
    defaults: dict[str, Any] = {"security_defaults": Fact.YES}
    before, after = (
        section(policies=(then,), **defaults),
        section(at=LATER, policies=now, **defaults),
    )
    return [(kind, detail) for kind, _, detail in since(before, after)]


def test_a_policy_that_changed_state_is_told_with_both_states() -> None:
    planned, off = policy(state=PolicyState.REPORT_ONLY), policy(state=PolicyState.DISABLED)
    weaker, stronger = MfaChangeKind.POLICY_WEAKER, MfaChangeKind.POLICY_STRONGER
    assert of_policies(policy(), planned) == [(weaker, "was in force, is report-only now")]
    assert of_policies(planned, off) == [(weaker, "was report-only, is switched off now")]
    assert of_policies(off, policy()) == [(stronger, "was switched off, is in force now")]
    assert of_policies(policy()) == [(weaker, "was in force, is deleted now")]
    assert of_policies(off) == []


def test_a_state_not_understood_is_no_change() -> None:
    strange = policy(state=PolicyState.UNKNOWN)
    assert of_policies(policy(), strange) == []
    assert of_policies(strange, policy(state=PolicyState.DISABLED)) == []


def test_new_exclusions_are_told_by_name_and_old_ones_are_not() -> None:
    then = policy(exclude=Audience(users=frozenset({"bg"})))
    more = replace(
        then,
        exclude=Audience(
            users=frozenset({"bg", "ann"}), groups=frozenset({"g"}), roles=frozenset({GLOBAL_ADMIN})
        ),
    )
    known: dict[str, Any] = {
        "group_members": {"g": frozenset()},
        "group_names": {"g": "Legacy scanners"},
    }
    before = section(user(), policies=(then,), **known)
    after = section(user(), at=LATER, policies=(more,), **known)
    found = [change for change in since(before, after) if change[1] == "Require MFA"]
    assert found == [
        (
            MfaChangeKind.POLICY_EXCLUDES,
            "Require MFA",
            "leaves out ann@acme.example, Legacy scanners and 1 more since",
        )
    ]
    assert of_policies(then, replace(more, exclude=Audience())) == []


def test_whom_gatehouse_leaves_out_for_a_while_is_told_as_that_and_apart_from_others() -> None:
    people = (user("ann"), user("ben"), user("eve"))
    left_out = policy(exclude=Audience(users=frozenset({"ann", "ben", "eve"})))
    now = section(*people, at=LATER, policies=(left_out,))
    notice = OnNotice(
        request="R4K7Q",
        policy_id="Require MFA",
        policy_name="Require MFA",
        until=datetime(2026, 12, 1, 10, tzinfo=UTC),
    )
    found = since(
        section(*people, policies=COVERED),
        with_notice(now, dict.fromkeys(("ann", "ben"), notice)),
    )
    of_policy = [(kind, detail) for kind, subject, detail in found if subject == "Require MFA"]
    assert of_policy == [
        (MfaChangeKind.POLICY_EXCLUDES, "leaves out eve@acme.example since"),
        (
            MfaChangeKind.POLICY_NOTICE,
            "leaves out 2 people until Tue 01 Dec 10:00: notice given by R4K7Q",
        ),
    ]
    said = {subject: detail for _, subject, detail in found}
    assert (
        said["ann@acme.example"] == "MFA is not demanded until Tue 01 Dec 10:00, as R4K7Q announced"
    )


def test_policies_are_compared_only_where_both_readings_told_them() -> None:
    told: dict[str, Any] = {"policies": COVERED, "security_defaults": Fact.YES}
    untold: dict[str, Any] = {"security_defaults": Fact.YES, "unread": ["policies"]}
    assert since(section(**untold), section(at=LATER, **told)) == []
    assert since(section(**told), section(at=LATER, **untold)) == []


# Remembering.


def at(hours: int, *exposed: str) -> MfaSection:
    return section(*(user(name) for name in exposed), at=NOW + timedelta(hours=hours))


def readings(*sections: MfaSection) -> tuple[MfaMark, ...]:
    marks: tuple[MfaMark, ...] = ()
    for one in sections:
        marks = remembered(marks, one)
    return marks


def test_a_reading_like_the_last_one_is_not_remembered_again() -> None:
    marks = readings(at(0, "ann"), at(1, "ann"), at(2, "ann", "bob"), at(3, "ann", "bob"))
    assert [mark.observed_at for mark in marks] == [NOW, NOW + timedelta(hours=2)]


def test_what_stood_at_a_reading_is_found_again_between_two_changes() -> None:
    marks = readings(at(0, "ann"), at(2, "ann", "bob"), at(4))
    found = mark_at(marks, NOW + timedelta(hours=3))
    assert found is not None
    assert found.exposed == {UserId("ann"), UserId("bob")}
    assert mark_at(marks, NOW - timedelta(hours=1)) is None
    assert mark_at(marks, None) is None


def test_old_marks_go_but_what_stood_at_the_limit_stays() -> None:
    days = int(KEPT.total_seconds() // 3600)
    marks = readings(at(0, "ann"), at(1, "bob"), at(2, "cid"), at(days + 1, "dan"), at(days + 3))
    assert [sorted(mark.exposed) for mark in marks] == [["cid"], ["dan"], []]


def test_a_tenant_that_never_rests_does_not_fill_the_disk() -> None:
    assert len(readings(*(at(0, f"user{n}") for n in range(MOST_MARKS + 9)))) == MOST_MARKS


@given(st.lists(st.sampled_from(MfaChangeKind)))
def test_the_worst_stands_first_and_nothing_is_lost(found: list[MfaChangeKind]) -> None:
    made = [
        MfaChange(kind=kind, client=ACME, subject=str(n), detail="") for n, kind in enumerate(found)
    ]
    ordered = in_order(made)
    order = list(MfaChangeKind)
    assert sorted(ordered, key=lambda c: c.subject) == sorted(made, key=lambda c: c.subject)
    ranks = [order.index(change.kind) for change in ordered]
    assert ranks == sorted(ranks)
