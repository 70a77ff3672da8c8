"""What policies demand of a user: the coverage rule, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.findings import Requirement
from core.domain.identity import (
    AccountKind,
    Audience,
    CaPolicy,
    DirectoryReading,
    Grant,
    PerUserState,
    PolicyState,
)
from core.rules.ca_coverage import Demand, Force, demand_on, force_of, per_user_state_decides
from tests.rules.tenants import (
    EVERYONE,
    GLOBAL_ADMIN,
    NOBODY,
    guest,
    policy,
    reading,
    user,
)


def demand(*policies: CaPolicy, **facts: Any) -> Demand:
    ann = facts.pop("of", user())
    return demand_on(ann, reading(ann, policies=policies, **facts))


def groups(*names: str) -> Audience:
    return Audience(groups=frozenset(names))


@pytest.mark.parametrize(
    ("changes", "force"),
    [
        ({}, Force.FULL),
        ({"state": PolicyState.DISABLED}, Force.NONE),
        ({"state": PolicyState.REPORT_ONLY}, Force.REPORT_ONLY),
        ({"state": PolicyState.UNKNOWN}, Force.UNCLEAR),
        ({"grant": Grant.MFA_OR_OTHER}, Force.SOMETIMES),
        ({"grant": Grant.THIRD_PARTY}, Force.THIRD_PARTY),
        ({"grant": Grant.THIRD_PARTY, "all_apps": False}, Force.NONE),
        ({"grant": Grant.BLOCK}, Force.NONE),
        ({"grant": Grant.OTHER}, Force.NONE),
        ({"all_apps": False}, Force.SOMETIMES),
        ({"narrowed_by": ("sign-in risk",)}, Force.SOMETIMES),
        ({"narrowed_by": ("locations: all but trusted",)}, Force.SOMETIMES),
        ({"state": PolicyState.REPORT_ONLY, "all_apps": False}, Force.NONE),
        ({"state": PolicyState.UNKNOWN, "narrowed_by": ("platforms",)}, Force.NONE),
        ({"excluded_apps": ("a", "b")}, Force.FULL),
    ],
)
def test_a_policy_forces_mfa_only_when_in_force_for_every_ordinary_sign_in(
    changes: dict[str, Any], force: Force
) -> None:
    assert force_of(policy(**changes)) is force


@pytest.mark.parametrize(
    ("changes", "requirement", "enforced"),
    [
        ({}, Requirement.ENFORCED, Fact.YES),
        ({"state": PolicyState.DISABLED}, Requirement.UNCOVERED, Fact.NO),
        ({"state": PolicyState.REPORT_ONLY}, Requirement.REPORT_ONLY, Fact.NO),
        ({"state": PolicyState.UNKNOWN}, Requirement.UNKNOWN, Fact.UNKNOWN),
        ({"grant": Grant.MFA_OR_OTHER}, Requirement.PARTIAL, Fact.NO),
        ({"grant": Grant.THIRD_PARTY}, Requirement.UNKNOWN, Fact.UNKNOWN),
        ({"grant": Grant.BLOCK}, Requirement.UNCOVERED, Fact.NO),
        ({"all_apps": False}, Requirement.PARTIAL, Fact.NO),
        ({"narrowed_by": ("user risk",)}, Requirement.PARTIAL, Fact.NO),
        ({"include": NOBODY}, Requirement.UNCOVERED, Fact.NO),
        ({"exclude": Audience(users=frozenset({"ann"}))}, Requirement.EXCLUDED, Fact.NO),
    ],
)
def test_the_verdict_follows_what_the_only_policy_can_do(
    changes: dict[str, Any], requirement: Requirement, enforced: Fact
) -> None:
    found = demand(policy(**changes))
    assert (found.requirement, found.enforced) == (requirement, enforced)


def test_a_tenant_without_policies_leaves_everyone_uncovered() -> None:
    assert demand().requirement is Requirement.UNCOVERED


def test_membership_of_an_included_group_covers_with_the_groups_name_as_the_reason() -> None:
    found = demand(
        policy(include=groups("g")),
        group_members={"g": frozenset({"ann"})},
        group_names={"g": "Sales"},
    )
    assert found.requirement is Requirement.ENFORCED
    assert found.why == ("In Sales, included by Require MFA.",)


def test_a_nested_group_is_named_on_the_way_to_the_one_the_policy_names() -> None:
    ann = frozenset({"ann"})
    found = demand(
        policy(include=groups("staff"), exclude=groups("scanners")),
        group_members={"staff": ann, "scanners": ann},
        inner_groups={"staff": {"sales": ann, "clinic": frozenset({"bob"})}},
        group_names={"staff": "All staff", "sales": "Sales", "scanners": "Scanners"},
    )
    assert found.why == (
        "In Sales, nested in All staff, included by Require MFA, but excluded through Scanners.",
    )


def test_exclusion_wins_over_every_inclusion_and_names_both_ways() -> None:
    found = demand(
        policy(include=groups("sales"), exclude=groups("scanners")),
        group_members={"sales": frozenset({"ann"}), "scanners": frozenset({"ann"})},
        group_names={"sales": "Sales", "scanners": "Legacy scanners"},
    )
    assert found.requirement is Requirement.EXCLUDED
    assert found.why == (
        "In Sales, included by Require MFA, but excluded through Legacy scanners.",
    )


def test_an_exclusion_from_one_policy_does_not_undo_another() -> None:
    left_out = policy("One", exclude=Audience(users=frozenset({"ann"})))
    assert demand(left_out, policy("Two")).requirement is Requirement.ENFORCED


def test_a_group_that_was_not_read_makes_only_the_undecided_unknown() -> None:
    rule = policy(include=Audience(groups=frozenset({"unread"}), users=frozenset({"bob"})))
    names = {"unread": "Sales"}
    assert demand(rule, group_names=names).enforced is Fact.UNKNOWN
    assert demand(rule, of=user("bob"), group_names=names).enforced is Fact.YES


def test_an_excluding_group_that_was_not_read_is_never_taken_for_empty() -> None:
    found = demand(policy(exclude=groups("unread")), group_names={"unread": "Scanners"})
    assert found.enforced is Fact.UNKNOWN
    assert found.why[0].endswith("may exclude it through Scanners, which could not be read.")


def test_an_unread_group_does_not_matter_where_a_sure_exclusion_decides() -> None:
    rule = policy(
        include=groups("unread"), exclude=Audience(users=frozenset({"ann"}), groups=frozenset())
    )
    assert demand(rule).enforced is Fact.NO


def test_a_deleted_group_includes_nobody_and_excludes_nobody() -> None:
    gone = frozenset({"gone"})
    assert demand(policy(include=groups("gone")), gone=gone).enforced is Fact.NO
    assert demand(policy(exclude=groups("gone")), gone=gone).enforced is Fact.YES


def test_a_role_only_policy_covers_active_holders_and_not_eligible_ones() -> None:
    rule = policy(include=Audience(roles=frozenset({GLOBAL_ADMIN})))
    holders = {GLOBAL_ADMIN: frozenset({"ann"})}
    active = demand(rule, role_holders=holders)
    assert active.enforced is Fact.YES
    assert active.why == ("As Global Administrator, included by Require MFA.",)
    assert demand(rule, eligible_holders=holders).enforced is Fact.NO


def test_a_role_is_held_by_nobody_only_when_roles_were_read() -> None:
    rule = policy(include=Audience(roles=frozenset({GLOBAL_ADMIN})))
    assert demand(rule).enforced is Fact.NO
    assert demand(rule, unread=["roles"]).enforced is Fact.UNKNOWN


@pytest.mark.parametrize(
    ("types", "of", "enforced"),
    [
        ({"b2bCollaborationGuest"}, guest(), Fact.YES),
        ({"*"}, guest(), Fact.YES),
        ({"b2bCollaborationMember"}, guest(), Fact.NO),
        ({"b2bCollaborationGuest"}, user("gus"), Fact.NO),
        ({"internalGuest"}, guest(external_type="internalGuest"), Fact.YES),
        ({"b2bCollaborationGuest"}, guest(external_type=None), Fact.UNKNOWN),
        ({"*"}, guest(external_type=None), Fact.YES),
        ({"*"}, guest(external_type=None, kind=AccountKind.UNKNOWN), Fact.UNKNOWN),
    ],
)
def test_a_guest_policy_covers_its_own_types_only(types: set[str], of: Any, enforced: Fact) -> None:
    rule = policy(include=Audience(external_types=frozenset(types)))
    assert demand(rule, of=of).enforced is enforced


def test_guests_of_listed_tenants_only_leave_it_open_whose_they_are() -> None:
    some = Audience(external_types=frozenset({"b2bCollaborationGuest"}), some_tenants_only=True)
    assert demand(policy(include=some), of=guest()).enforced is Fact.UNKNOWN
    assert demand(policy(exclude=some), of=guest()).enforced is Fact.UNKNOWN
    assert demand(policy(exclude=some), of=user()).enforced is Fact.YES


def test_everyone_includes_guests() -> None:
    assert demand(policy(include=EVERYONE), of=guest()).enforced is Fact.YES


def test_unread_policies_make_enforcement_unknown_even_with_half_of_them_at_hand() -> None:
    assert demand(unread=["policies"]).enforced is Fact.UNKNOWN
    assert demand(policy(), unread=["policies"]).enforced is Fact.UNKNOWN


def test_security_defaults_enforce_and_say_that_it_is_not_every_sign_in() -> None:
    found = demand(security_defaults=Fact.YES)
    assert (found.requirement, found.enforced) == (Requirement.SECURITY_DEFAULTS, Fact.YES)
    assert "when Microsoft finds it necessary" in found.why[0]


@pytest.mark.parametrize("state", [PerUserState.ENABLED, PerUserState.ENFORCED])
def test_per_user_mfa_enforces(state: PerUserState) -> None:
    found = demand(per_user={"ann": state})
    assert (found.requirement, found.enforced) == (Requirement.PER_USER, Fact.YES)


@pytest.mark.parametrize(
    "facts",
    [
        {"security_defaults": Fact.UNKNOWN},
        {"per_user": {"ann": PerUserState.UNKNOWN}},
    ],
)
def test_what_could_enforce_but_was_not_read_is_unknown(facts: dict[str, Any]) -> None:
    assert demand(**facts).requirement is Requirement.UNKNOWN


def test_a_user_whose_per_user_state_was_never_asked_is_unknown_unless_a_policy_covers() -> None:
    ann = user()
    nothing_asked = replace(reading(ann), per_user={})
    assert demand_on(ann, nothing_asked).enforced is Fact.UNKNOWN
    covered = replace(nothing_asked, policies=(policy(),))
    assert demand_on(ann, covered).enforced is Fact.YES


def test_partial_outranks_excluded_and_excluded_outranks_report_only() -> None:
    excluding = policy("Full", exclude=Audience(users=frozenset({"ann"})))
    narrow = policy("Admin portals", all_apps=False)
    planned = policy("Planned", state=PolicyState.REPORT_ONLY)
    found = demand(planned, narrow, excluding)
    assert found.requirement is Requirement.PARTIAL
    assert found.why == (
        "Like everyone, included by Full, but excluded by name.",
        "Like everyone, included by Admin portals, which covers some apps only.",
        "Like everyone, included by Planned, which is report-only and demands nothing.",
    )
    assert demand(planned, excluding).requirement is Requirement.EXCLUDED


def test_a_partial_policy_says_what_it_leaves_open() -> None:
    either = demand(policy(grant=Grant.MFA_OR_OTHER))
    assert either.why[0].endswith("which accepts another control instead of MFA.")
    hole = demand(policy(narrowed_by=("locations: all but trusted",)))
    assert hole.why[0].endswith("which leaves sign-ins out (locations: all but trusted).")


def test_apps_a_full_policy_leaves_out_are_counted_in_the_reason() -> None:
    assert demand(policy(excluded_apps=("x",))).why == (
        "Like everyone, included by Require MFA, which leaves out 1 app.",
    )


def test_only_accounts_that_nothing_else_covers_need_their_per_user_state() -> None:
    users = (user("covered"), user("open"), user("off", enabled=Fact.NO))
    rule = policy(include=Audience(users=frozenset({"covered"})))
    read: DirectoryReading = reading(*users, policies=(rule,))
    assert per_user_state_decides(read) == ("open",)
    assert per_user_state_decides(replace(read, security_defaults=Fact.YES)) == ()
