"""Which accounts are gaps, which are not, and which cannot be told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.findings import Requirement
from core.domain.identity import AccountKind, Audience, Grant, PerUserState, PolicyState
from core.domain.policy import MfaPolicy
from core.rules.held_out import HeldOut
from core.rules.mfa_gaps import judge_mfa
from tests.rules.tenants import (
    GLOBAL_ADMIN,
    NOW,
    SYNC_ROLE,
    capable,
    client,
    guest,
    missing,
    policy,
    reading,
    rows,
    user,
    verdict,
    verdicts,
    without_method,
)

COVERED = (policy(),)


@pytest.mark.parametrize(
    ("capability", "policies", "gap"),
    [
        (Fact.YES, COVERED, Fact.NO),
        (Fact.NO, COVERED, Fact.YES),
        (Fact.YES, (), Fact.YES),
        (Fact.NO, (), Fact.YES),
        (Fact.UNKNOWN, COVERED, Fact.UNKNOWN),
        (Fact.UNKNOWN, (), Fact.YES),
    ],
)
def test_a_gap_is_an_account_not_capable_or_not_enforced(
    capability: Fact, policies: tuple[object, ...], gap: Fact
) -> None:
    read = reading(user(), registrations=rows(["ann"], capability, capability), policies=policies)
    assert verdict(read).gap is gap


def test_a_missing_report_row_is_unknown_and_never_no_mfa() -> None:
    found = verdict(reading(user(), registrations={}, policies=COVERED))
    assert (found.registered, found.capable, found.gap) == (Fact.UNKNOWN,) * 3
    assert "The registration report has no row for this account." in found.why


def test_an_unread_report_is_unknown_and_says_so() -> None:
    read = reading(user(), registrations={}, policies=COVERED, unread=["registrations"])
    assert "The registered methods could not be read." in verdict(read).why


def test_registered_but_not_capable_is_a_gap_with_its_reason() -> None:
    read = reading(user(), registrations=rows(["ann"], Fact.YES, Fact.NO), policies=COVERED)
    found = verdict(read)
    assert (found.registered, found.gap) == (Fact.YES, Fact.YES)
    assert "Has a method, but the methods policy does not let it be used." in found.why


def test_enforced_without_a_method_warns_that_the_first_to_sign_in_registers() -> None:
    found = verdict(reading(user(), registrations=without_method("ann"), policies=COVERED))
    assert found.why[-1].endswith("whoever signs in first registers one.")


def test_an_uncovered_account_is_told_that_its_password_is_enough() -> None:
    found = verdict(reading(user()))
    assert found.why[-1] == "No policy in force demands MFA: the password is enough."


def test_a_federated_domain_is_unknown_with_the_reason_and_never_none() -> None:
    read = reading(
        user(), registrations=without_method("ann"), federated_domains=frozenset({"Acme.example"})
    )
    found = verdict(read)
    assert (found.registered, found.capable, found.enforced, found.gap) == (Fact.UNKNOWN,) * 4
    assert found.requirement is Requirement.UNCOVERED
    assert any("federated" in line for line in found.why)


def test_a_federated_account_with_a_method_here_is_capable() -> None:
    read = reading(user(), policies=COVERED, federated_domains=frozenset({"acme.example"}))
    assert verdict(read).gap is Fact.NO


def test_when_domains_were_not_read_no_missing_method_is_certain_outside_onmicrosoft() -> None:
    cloud_only = user("bob", upn="bob@acme.onmicrosoft.com")
    read = reading(
        user(),
        cloud_only,
        registrations=without_method("ann", "bob"),
        policies=COVERED,
        unread=["domains"],
    )
    found = verdicts(read)
    assert found["ann"].gap is Fact.UNKNOWN
    assert found["bob"].gap is Fact.YES


def test_another_makers_control_leaves_capability_open() -> None:
    duo = policy("Duo", grant=Grant.THIRD_PARTY)
    found = verdict(reading(user(), registrations=without_method("ann"), policies=(duo,)))
    assert (found.capable, found.enforced, found.gap) == (Fact.UNKNOWN,) * 3


def test_disabled_accounts_are_in_no_count_but_in_sight_and_maybe_disabled_ones_are_judged() -> (
    None
):
    read = reading(user("off", enabled=Fact.NO), user("odd", enabled=Fact.UNKNOWN))
    section = judge_mfa(read, client(), MfaPolicy(), now=NOW)
    assert [(v.user_id, v.gap) for v in section.blocked] == [("off", Fact.NO)]
    assert section.gaps() == ()
    found = verdicts(read)
    assert set(found) == {"odd"}
    assert found["odd"].gap is Fact.UNKNOWN
    assert "Whether the account may sign in at all could not be read." in found["odd"].why


def test_break_glass_accounts_are_listed_held_out_and_no_gap() -> None:
    found = verdict(reading(user("bg"), registrations=without_method("bg")), "bg")
    assert (found.gap, found.held_out) == (Fact.NO, HeldOut.BREAK_GLASS)


def test_a_disabled_break_glass_account_is_still_listed_and_says_so() -> None:
    found = verdict(reading(user("bg", enabled=Fact.NO)), "bg")
    assert found.enabled is Fact.NO
    assert "It is disabled: it will not help in an emergency." in found.why


def test_guests_are_listed_but_no_gaps_by_default() -> None:
    found = verdict(reading(guest(), registrations=without_method("gus")), "gus")
    assert (found.kind, found.gap, found.held_out) == (AccountKind.GUEST, Fact.NO, HeldOut.GUEST)


def test_counted_guests_without_a_method_here_are_unknown_since_their_home_may_ask() -> None:
    read = reading(guest(), registrations=without_method("gus"), policies=COVERED)
    found = verdict(read, "gus", rules=MfaPolicy(include_guests=True))
    assert (found.gap, found.held_out) == (Fact.UNKNOWN, None)


def test_an_internal_guest_has_a_password_here_and_is_judged_like_a_member() -> None:
    inside = guest(external_type="internalGuest", upn="temp@acme.example")
    found = verdict(reading(inside, registrations=without_method("gus")), "gus")
    assert (found.gap, found.held_out) == (Fact.YES, None)


def test_an_invited_member_is_judged_but_its_methods_at_home_are_not_denied() -> None:
    member = guest(kind=AccountKind.MEMBER, external_type="b2bCollaborationMember")
    found = verdict(reading(member, registrations=without_method("gus"), policies=COVERED), "gus")
    assert (found.capable, found.gap) == (Fact.UNKNOWN, Fact.UNKNOWN)


def test_the_directory_sync_account_is_known_by_its_role_and_no_gap() -> None:
    read = reading(
        user("sync"),
        registrations=without_method("sync"),
        role_holders={SYNC_ROLE: frozenset({"sync"})},
    )
    found = verdict(read, "sync")
    assert (found.gap, found.held_out, found.admin) == (Fact.NO, HeldOut.SYNC, False)


def test_a_name_alone_holds_an_account_out_but_does_not_close_its_gap() -> None:
    named = user("x", name="On-Premises Directory Synchronization Service Account")
    found = verdict(reading(named), "x")
    assert (found.gap, found.held_out) == (Fact.YES, HeldOut.SYNC)


@pytest.mark.parametrize(
    ("upn", "kind"),
    [
        ("scanner@acme.example", HeldOut.SERVICE),
        ("svc-xray@acme.example", HeldOut.SERVICE),
        ("reception@acme.example", HeldOut.SHARED),
        ("room-surgery2@acme.example", HeldOut.ROOM),
        ("roomana.scannell@acme.example", None),
    ],
)
def test_unlicensed_accounts_with_telling_names_are_held_out_yet_stay_gaps(
    upn: str, kind: HeldOut | None
) -> None:
    found = verdict(reading(user("x", upn=upn, licensed=Fact.NO)), "x")
    assert (found.held_out, found.gap) == (kind, Fact.YES)


def test_a_licence_or_an_admin_role_overrules_a_telling_name() -> None:
    licensed = user("a", upn="scan.lee@acme.example")
    admin = user("b", upn="sales@acme.example", licensed=Fact.NO)
    found = verdicts(reading(licensed, admin, role_holders={GLOBAL_ADMIN: frozenset({"b"})}))
    assert found["a"].held_out is None
    assert found["b"].held_out is None


@pytest.mark.parametrize("entry", ["ann", "ANN@acme.example"])
def test_protected_users_are_held_out_by_id_or_sign_in_name_and_stay_gaps(entry: str) -> None:
    of = client(protected_users=frozenset({entry}))
    found = verdict(reading(user()), of=of)
    assert (found.held_out, found.gap) == (HeldOut.PROTECTED, Fact.YES)


def test_a_future_hire_is_held_out_until_the_first_day() -> None:
    soon, past = NOW + timedelta(days=9), NOW - timedelta(days=9)
    assert verdict(reading(user(hire_at=soon))).held_out is HeldOut.FUTURE_HIRE
    assert verdict(reading(user(hire_at=past))).held_out is None


def test_admins_are_those_who_hold_or_can_activate_a_role() -> None:
    read = reading(
        user("active"),
        user("eligible"),
        user("reader"),
        user("plain"),
        role_holders={
            GLOBAL_ADMIN: frozenset({"active"}),
            "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": frozenset({"reader"}),
        },
        eligible_holders={"a-role-not-known-here": frozenset({"eligible"})},
    )
    found = verdicts(read)
    assert {key for key, v in found.items() if v.admin} == {"active", "eligible"}
    assert found["active"].why[0] == "Administrator: Global Administrator."
    assert found["eligible"].why[0].startswith("Can become administrator: a directory role.")


def test_administrators_of_a_part_of_the_tenant_are_marked_though_no_policy_for_roles_reaches_them() -> (
    None
):
    for_roles = policy(include=Audience(roles=frozenset({GLOBAL_ADMIN})))
    read = reading(user(), policies=(for_roles,), scoped_holders={GLOBAL_ADMIN: frozenset({"ann"})})
    found = verdict(read)
    assert (found.admin, found.global_admin, found.enforced) == (True, False, Fact.NO)
    assert found.part_admin
    assert found.why[0].startswith("Administrator of a part of the tenant: Global Administrator.")


def test_who_can_become_administrator_of_a_part_is_one_too_and_no_policy_for_roles_reaches_them() -> (
    None
):
    for_roles = policy(include=Audience(roles=frozenset({GLOBAL_ADMIN})))
    held = {GLOBAL_ADMIN: frozenset({"ann"})}
    found = verdict(reading(user(), policies=(for_roles,), scoped_eligible_holders=held))
    assert (found.admin, found.part_admin, found.global_admin) == (True, True, False)
    assert found.requirement is Requirement.UNCOVERED
    assert found.why[0].startswith(
        "Can become administrator of a part of the tenant: Global Administrator."
    )


def test_administrators_of_a_part_come_after_those_of_the_whole_tenant() -> None:
    read = reading(
        user("anybody"),
        user("part"),
        user("soon"),
        user("whole"),
        user("both"),
        role_holders={GLOBAL_ADMIN: frozenset({"whole", "both"})},
        scoped_holders={GLOBAL_ADMIN: frozenset({"part", "both"})},
        eligible_holders={GLOBAL_ADMIN: frozenset({"soon"})},
    )
    found = verdicts(read)
    assert list(found) == ["both", "soon", "whole", "part", "anybody"]
    assert [key for key, v in found.items() if v.part_admin] == ["part"]


def test_no_method_is_doubted_where_methods_are_allowed_that_are_not_seen() -> None:
    bare: dict[str, Any] = {"registrations": without_method("ann"), "policies": (policy(),)}
    assert verdict(reading(user(), **bare)).capable is Fact.NO
    for unseen, words in ((("Duo",), "allows Duo"), (None, "could not be read")):
        found = verdict(reading(user(), unseen_methods=unseen, **bare))
        assert (found.registered, found.capable, found.gap) == (Fact.UNKNOWN,) * 3
        assert any(words in line for line in found.why)
        assert not any("whoever signs in first" in line for line in found.why)
    assert verdict(reading(user(), unseen_methods=("Duo",))).capable is Fact.YES


@pytest.mark.parametrize(
    ("registered", "can", "words"),
    [
        (Fact.YES, Fact.NO, "does not let it be used"),
        (Fact.YES, Fact.UNKNOWN, "could not be told"),
        (Fact.UNKNOWN, Fact.UNKNOWN, "could not be told"),
    ],
)
def test_why_somebody_is_not_surely_capable_is_always_said(
    registered: Fact, can: Fact, words: str
) -> None:
    found = verdict(reading(user(), registrations=rows(("ann",), registered, can)))
    assert found.capable is can
    assert any(words in line for line in found.why)


NO_LICENCE = (
    "No licence of this account holds Entra ID P1: the policy applies to it all the same, "
    "but the tenant's licences do not cover that."
)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"premium": {"ann": Fact.NO}}, NO_LICENCE),
        ({"licensed": Fact.NO}, NO_LICENCE),
        ({}, "Whether a licence of this account holds Entra ID P1 could not be read."),
        ({"premium": {"ann": Fact.YES}}, None),
        ({"licensed": Fact.UNKNOWN}, None),
    ],
)
def test_who_is_asked_for_mfa_beyond_the_licences_is_told_so_and_no_gap_for_that(
    changes: dict[str, Any], sentence: str | None
) -> None:
    read = reading(user(), policies=(policy(),), **{"licensed": Fact.YES, **changes})
    found = verdict(read)
    assert (found.requirement, found.gap) == (Requirement.ENFORCED, Fact.NO)
    assert [line for line in found.why if "P1" in line] == [sentence][: sentence is not None]
    assert found.beyond_licence is (sentence == NO_LICENCE)


def test_a_licence_matters_where_conditional_access_asks_and_of_accounts_at_home_here() -> None:
    premium = dict.fromkeys(("ann", "gus"), Fact.NO)
    mixed: dict[str, Any] = {"licensed": Fact.YES, "premium": premium}
    per_user = verdict(reading(user(), per_user={"ann": PerUserState.ENFORCED}, **mixed))
    bare = verdict(reading(user(), **mixed))
    outsider = verdict(reading(guest(), policies=(policy(),), **mixed), "gus")
    for found in (per_user, bare, outsider):
        assert not found.beyond_licence
        assert not any("P1" in line for line in found.why)
    assert (per_user.premium, bare.premium, outsider.premium) == (Fact.NO, Fact.NO, Fact.UNKNOWN)


def test_stale_needs_a_known_last_sign_in() -> None:
    old, fresh = NOW - timedelta(days=91), NOW - timedelta(days=89)
    found = verdicts(
        reading(user("old", last_sign_in=old), user("new", last_sign_in=fresh), user("never"))
    )
    assert [key for key, v in found.items() if v.stale] == ["old"]
    assert found["old"].why[-1].startswith("Last signed in on 24 Aug 2026: disable it")


def test_an_account_nobody_ever_used_is_stale_once_it_is_old_enough() -> None:
    made, fresh = NOW - timedelta(days=200), NOW - timedelta(days=10)
    found = verdicts(
        reading(
            user("unused", created_at=made, never_signed_in=True),
            user("new", created_at=fresh, never_signed_in=True),
            user("untold", created_at=made),
            user("bg", created_at=made, never_signed_in=True),
            user("off", created_at=made, never_signed_in=True, enabled=Fact.NO),
        )
    )
    assert [key for key, v in found.items() if v.stale] == ["unused"]
    assert found["unused"].why[-1].startswith("Made on 7 May 2026 and never signed in: disable it")


def test_an_account_that_stands_for_a_thing_is_held_out_whatever_its_name_or_licence() -> None:
    found = verdict(reading(user(resource=True)))
    assert (found.held_out, found.gap) == (HeldOut.ROOM, Fact.YES)


def test_policies_that_name_deleted_groups_and_accounts_are_reported() -> None:
    broken = policy(
        include=Audience(groups=frozenset({"gone", "kept"})),
        exclude=Audience(users=frozenset({"ann", "left"})),
    )
    idle = policy("Old", state=PolicyState.DISABLED, exclude=Audience(users=frozenset({"left"})))
    read = reading(user(), policies=(broken, idle), gone=frozenset({"gone"}))
    section = judge_mfa(read, client(), MfaPolicy(), now=NOW)
    assert section.remarks == ("Require MFA names what no longer exists: 1 group and 1 account.",)
    half = judge_mfa(replace(read, coverage=missing("users")), client(), MfaPolicy(), now=NOW)
    assert half.remarks == ("Require MFA names what no longer exists: 1 group.",)


def test_gaps_come_first_and_administrators_first_among_them() -> None:
    read = reading(
        user("amy"),
        user("bob"),
        user("cyd"),
        registrations=capable("amy") | without_method("bob", "cyd"),
        policies=COVERED,
        role_holders={GLOBAL_ADMIN: frozenset({"cyd"})},
    )
    section = judge_mfa(read, client(), MfaPolicy(), now=NOW)
    assert [v.user_id for v in section.verdicts] == ["cyd", "bob", "amy"]


def test_the_section_carries_what_was_not_read_and_when_the_rest_was() -> None:
    earlier = NOW - timedelta(hours=3)
    read = replace(reading(user(), unread=["policies"]), observed_at=earlier, tenant_name="Acme")
    section = judge_mfa(read, client(), MfaPolicy(), now=NOW)
    assert section.observed_at == earlier
    assert section.tenant_name == "Acme"
    assert not section.coverage.covers("policies")
    assert section.gaps() == ()
    assert len(section.unknown()) == 1


def test_report_only_closes_no_gap() -> None:
    planned = policy(state=PolicyState.REPORT_ONLY)
    found = verdict(reading(user(), policies=(planned,)))
    assert (found.requirement, found.gap) == (Requirement.REPORT_ONLY, Fact.YES)
