"""Reading a tenant: everything in few calls, and whatever cannot be read is said, never guessed."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.identity import (
    READS,
    AccountKind,
    DirectoryReading,
    Grant,
    PerUserState,
    PolicyState,
    UserId,
)
from core.domain.policy import MfaPolicy
from core.rules.mfa_gaps import judge_mfa
from sandbox.estate.model import Group
from tests.integrations.entra.house import House

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"


def role_group(house: House) -> Group:
    """A group at the MSP that holds a role."""
    group = next(g for g in house.tenant("harbor").groups.values() if g.members)
    group.role_assignable, group.roles = True, [HELPDESK]
    return group


def unread(reading: DirectoryReading) -> set[str]:
    return {item.what for item in reading.coverage.unread}


def reason(reading: DirectoryReading, what: str) -> str:
    return next(item.reason for item in reading.coverage.unread if item.what == what)


def remedy(reading: DirectoryReading, what: str) -> str:
    return next(item.remedy for item in reading.coverage.unread if item.what == what)


# A tenant that can be read.


def test_a_licensed_tenant_is_read_whole(house: House) -> None:
    tenant = house.tenant()
    reading = house.directory.read(house.client())
    assert reading.coverage.complete
    assert reading.licensed is Fact.YES
    assert reading.tenant_name == tenant.display_name
    assert reading.default_domain == tenant.default_domain
    assert set(reading.domains) == {tenant.default_domain, tenant.initial_domain}
    assert {user.id for user in reading.users} == set(tenant.users)
    reported = {user.id for user in tenant.users.values() if user.enabled and user.in_report}
    assert set(reading.registrations) == reported
    assert len(reading.policies) == len(tenant.policies)
    assert reading.security_defaults is Fact.NO
    assert reading.observed_at.tzinfo is not None


def test_a_licensed_tenant_costs_few_calls_whatever_its_size(house: House) -> None:
    reading = house.directory.read(house.client())
    assert len(reading.users) > 80
    assert house.calls() <= 14  # one for the groups inside groups
    assert house.calls(target="login") == 2


def test_accounts_carry_what_was_told_of_them(house: House) -> None:
    users = {str(user.id): user for user in house.directory.read(house.client()).users}
    tenant = house.tenant()
    guest = next(user for user in tenant.users.values() if user.external)
    disabled = next(user for user in tenant.users.values() if not user.enabled)
    assert users[guest.id].kind is AccountKind.GUEST
    assert users[guest.id].external_type == "b2bCollaborationGuest"
    assert users[disabled.id].enabled is Fact.NO
    signed_in = next(u for u in tenant.users.values() if u.last_sign_in and u.last_attempt)
    assert signed_in.last_sign_in is not None
    told = users[signed_in.id].last_sign_in
    assert told == signed_in.last_sign_in.replace(microsecond=0)


def test_nested_groups_are_resolved_to_their_users(house: House) -> None:
    all_staff = next(g for g in house.tenant().groups.values() if g.name == "All staff")
    sales = next(g for g in house.tenant().groups.values() if g.name == "Sales")
    assert not set(all_staff.members) & set(house.tenant().users)
    reading = house.directory.read(house.client())
    assert set(sales.members) <= reading.group_members[all_staff.id]
    assert reading.group_members[all_staff.id] <= set(house.tenant().users)
    assert reading.group_names[all_staff.id] == "All staff"
    assert reading.inner_groups[all_staff.id][sales.id] == set(sales.members)
    assert reading.group_names[sales.id] == "Sales"


def test_a_group_that_is_gone_is_empty_and_said_to_be_gone(house: House) -> None:
    reading = house.directory.read(house.client("blue-river-law"))
    assert reading.coverage.complete
    assert len(reading.gone) == 1
    assert all(reading.group_members[group] == frozenset() for group in reading.gone)


def test_roles_count_at_tenant_scope_only_and_through_groups(house: House) -> None:
    tenant = house.tenant("harbor")
    group = role_group(house)
    reading = house.directory.read(house.client("harbor"))
    direct = {user.id for user in tenant.users.values() if GLOBAL_ADMINISTRATOR in user.roles}
    assert reading.role_holders[GLOBAL_ADMINISTRATOR] >= direct
    assert reading.role_holders[HELPDESK] >= set(group.members)
    eligible = {role for user in tenant.users.values() for role in user.eligible_roles}
    assert set(reading.eligible_holders) == eligible
    scoped = next(u for u in house.tenant().users.values() if u.scoped_roles)
    acme = house.directory.read(house.client())
    assert not any(scoped.id in held for held in acme.role_holders.values())
    assert {scoped.id} == set().union(*acme.scoped_holders.values())


def test_a_role_that_can_be_activated_for_a_part_of_the_tenant_is_not_taken_for_the_whole(
    house: House,
) -> None:
    people = house.tenant("harbor").users.values()
    office = {u.id: set(u.scoped_eligible_roles) for u in people if u.scoped_eligible_roles}
    assert office
    reading = house.directory.read(house.client("harbor"))
    narrow = reading.scoped_eligible_holders
    assert {user: {role for role in narrow if user in narrow[role]} for user in office} == office
    assert office.keys().isdisjoint(set().union(*reading.eligible_holders.values()))


def test_eligible_roles_are_not_asked_for_where_they_cannot_exist(house: House) -> None:
    reading = house.directory.read(house.client())
    assert reading.coverage.covers("eligible roles")
    assert house.calls(path="roleEligibilityScheduleInstances") == 0


def test_in_a_mixed_tenant_each_account_is_told_by_its_own_licences_without_another_call(
    house: House,
) -> None:
    people = house.tenant("plover-sails").users.values()
    premium = {u.id for u in people if u.sku == "SPB" and not u.disabled_plans}
    reading = house.directory.read(house.client("plover-sails"))
    assert reading.licensed is Fact.YES
    assert {user for user, fact in reading.premium.items() if fact is Fact.YES} == premium
    assert {u.id for u in people} - premium == {
        user for user, fact in reading.premium.items() if fact is Fact.NO
    }
    assert house.calls(path="/v1.0/users") == house.calls(path="/v1.0/subscribedSkus") == 1
    assert reading.registrations


def test_federated_domains_are_told(house: House) -> None:
    tenant = house.tenant("kestrel")
    reading = house.directory.read(house.client("kestrel"))
    assert reading.federated_domains == set(tenant.federated_domains) != set()


def test_policies_come_with_their_grant_and_what_narrows_them(house: House) -> None:
    policies = {p.name: p for p in house.directory.read(house.client()).policies}
    assert policies["Require MFA"].grant is Grant.MFA
    assert policies["Require MFA for everyone (planned)"].state is PolicyState.REPORT_ONLY
    either = policies["MFA or managed device for the mobile clinic"]
    assert either.grant is Grant.MFA_OR_OTHER


def test_per_user_state_is_asked_only_of_whom_nothing_else_covers(house: House) -> None:
    tenant = house.tenant()
    enforced = next(user for user in tenant.users.values() if user.id in house.members())
    left_out = next(user for user in house.outside(99) if user.department == "Billing")
    left_out.per_user_mfa = "enforced"
    reading = house.directory.read(house.client())
    assert reading.per_user[UserId(left_out.id)] is PerUserState.ENFORCED
    assert enforced.id not in reading.per_user


def test_pages_are_followed_to_the_end_even_over_an_empty_one(house: House) -> None:
    tenant = house.tenant()
    some = list(tenant.users.values())
    for number in range(1000 - len(some)):
        copy = type(some[-1])(**{**vars(some[-1]), "id": f"00000000-0000-4000-8000-{number:012d}"})
        tenant.users[copy.id] = copy
    reading = house.directory.read(house.client())
    assert len(reading.users) == len(tenant.users)
    assert house.calls(path="/users") == 3
    assert reading.coverage.complete


# Without a licence.


def test_without_a_licence_each_accounts_own_methods_are_read(house: House) -> None:
    tenant = house.tenant("cedar-finch")
    reading = house.directory.read(house.client("cedar-finch"))
    assert reading.coverage.complete
    assert reading.licensed is Fact.NO
    assert house.calls(path="userRegistrationDetails") == 0
    enabled = [user for user in tenant.users.values() if user.enabled]
    assert set(reading.registrations) == {user.id for user in enabled}
    for user in enabled:
        found = reading.registrations[UserId(user.id)]
        strong = set(user.methods) - {"email"}
        assert found.registered is Fact.of(bool(strong))
        assert found.capable is Fact.of(bool(strong) and not user.method_disallowed)
        assert set(found.methods) == set(user.methods)
    assert set(reading.per_user) == {user.id for user in enabled}


def test_what_another_maker_or_a_certificate_answers_is_unknown_and_never_none(
    house: House,
) -> None:
    rows = house.tenant().methods_policy["authenticationMethodConfigurations"]
    certificates = next(row for row in rows if row["id"] == "X509Certificate")
    certificates["state"] = "enabled"
    duo = {
        "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
        "id": "7d6ff7d2-0c8e-4c1a-9d0a-1f6f9f4a2f11",
        "displayName": "Duo",
        "state": "enabled",
    }
    rows.append(duo)
    reading = house.directory.read(house.client())
    assert reading.unseen_methods == ("Duo", "certificates")
    section = judge_mfa(reading, house.client(), MfaPolicy(), now=reading.observed_at)
    none = {u.id for u in house.tenant().users.values() if u.enabled and not u.methods}
    bare = [verdict for verdict in section.verdicts if verdict.user_id in none]
    assert bare
    for verdict in bare:
        assert verdict.capable is Fact.UNKNOWN
        assert any("allows Duo: who has registered that" in line for line in verdict.why)


def test_whether_there_is_a_licence_is_told_by_subscriptions_that_are_paid_for(
    house: House,
) -> None:
    house.tenant("cedar-finch").skus["SPB"] = 0
    assert house.directory.read(house.client("cedar-finch")).licensed is Fact.NO


def test_a_refusal_as_unlicensed_in_a_licensed_tenant_is_not_believed(house: House) -> None:
    roles = house.tenant().read_roles
    assert roles is not None
    hidden = ("User.Read.All", "Organization.Read.All", "Directory.Read.All")
    house.tenant().read_roles = [
        *(role for role in roles if role not in hidden),
        "LicenseAssignment.Read.All",
    ]
    reading = house.directory.read(house.client())
    assert reading.licensed is Fact.YES
    assert "though the tenant has a premium licence" in reason(reading, "registrations")
    assert "Directory.Read.All" in remedy(reading, "registrations")
    assert reading.registrations == {}


# Every part fails for itself.

PATHS = {
    "users": "/v1.0/users",
    "registrations": "/v1.0/reports/*",
    "methods policy": "/v1.0/policies/authenticationMethods*",
    "policies": "/v1.0/identity/*",
    "security defaults": "/v1.0/policies/identitySecurity*",
    "roles": "/v1.0/roleManagement/directory/roleAssignments",
    "eligible roles": "/v1.0/roleManagement/directory/roleElig*",
    "licences": "/v1.0/subscribedSkus",
    "domains": "/v1.0/organization",
    "groups": "/v1.0/$batch",
    "per-user MFA": "/beta/$batch",
    "device register": "/v1.0/devices",
}

EMPTY: dict[str, Callable[[DirectoryReading], bool]] = {
    "users": lambda r: r.users == (),
    "registrations": lambda r: not r.registrations,
    "methods policy": lambda r: r.unseen_methods is None,
    "policies": lambda r: r.policies == (),
    "security defaults": lambda r: r.security_defaults is Fact.UNKNOWN,
    "roles": lambda r: not r.role_holders,
    "eligible roles": lambda r: not r.eligible_holders,
    "licences": lambda r: r.licensed is Fact.UNKNOWN,
    "domains": lambda r: not r.domains and r.tenant_name is None,
    "groups": lambda r: not r.group_members and not r.gone,
    "per-user MFA": lambda r: not r.per_user,
    "device register": lambda r: not r.devices,
}

FAULTS: dict[str, dict[str, Any]] = {
    "403": {"kind": "status", "status": 403},
    "429 for long": {"kind": "status", "status": 429, "retry_after": 300},
    "429 again and again": {"kind": "status", "status": 429},
    "503": {"kind": "status", "status": 503},
    "cut off": {"kind": "drop_after"},
    "half an answer": {"kind": "truncate"},
    "garbage": {"kind": "garbage"},
    "a page of a proxy": {"kind": "html"},
}


def test_the_parts_tested_are_all_there_are() -> None:
    assert set(PATHS) == set(EMPTY) == set(READS)


#: Where nobody and nothing is known, there is nobody and nothing to ask about.
NOTHING_TO_ASK = {"users": {"per-user MFA"}, "policies": {"groups"}}


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        *((what, fault) for what in PATHS for fault in ("403", "503")),
        *(("registrations", fault) for fault in FAULTS if fault not in ("403", "503")),
    ],
)
def test_each_part_that_fails_alone_is_missing_alone(house: House, what: str, fault: str) -> None:
    key = "harbor"
    house.fault(path=PATHS[what], **FAULTS[fault])
    reading = house.directory.read(house.client(key))
    assert unread(reading) == {what}
    assert EMPTY[what](reading)
    others = set(READS) - {what} - NOTHING_TO_ASK.get(what, set())
    assert not any(EMPTY[other](reading) for other in others)
    item = reading.coverage.unread[0]
    assert item.source == "Entra"
    assert item.since == reading.observed_at
    assert item.reason
    assert item.remedy


def test_what_a_person_has_to_grant_is_named(house: House) -> None:
    house.fault("status", status=403, path=PATHS["policies"])
    reading = house.directory.read(house.client())
    assert remedy(reading, "policies") == "Grant Policy.Read.All to the read app in that tenant."


def test_half_of_the_pages_are_never_used_as_the_whole(house: House) -> None:
    tenant = house.tenant()
    sample = next(iter(tenant.users.values()))
    for number in range(600):
        copy = type(sample)(**{**vars(sample), "id": f"00000000-0000-4000-8000-{number:012d}"})
        tenant.users[copy.id] = copy
    seen = 0
    original = house.world.faults.take

    def after_the_first_page(target: str, method: str, path: str) -> Any:
        nonlocal seen
        if path == "/v1.0/users":
            seen += 1
            if seen == 2:
                house.fault("status", status=503, path="/v1.0/users")
        return original(target, method, path)

    house.world.faults.take = after_the_first_page  # type: ignore[method-assign]
    reading = house.directory.read(house.client())
    assert reading.users == ()
    assert "users" in unread(reading)


def test_a_batch_item_that_is_throttled_inside_a_200_is_asked_again_alone(house: House) -> None:
    house.fault(
        "status", target="graph-batch", path="*/methods", status=429, retry_after=2.5, count=3
    )
    reading = house.directory.read(house.client("cedar-finch"))
    assert reading.coverage.complete
    enabled = [u for u in house.tenant("cedar-finch").users.values() if u.enabled]
    assert house.calls(target="graph-batch", path="/methods") == len(enabled) + 3
    assert house.sleeps.seconds == [2.5]


def test_items_that_stay_refused_are_counted_and_the_others_kept(house: House) -> None:
    lost = next(u for u in house.tenant("cedar-finch").users.values() if u.enabled)
    house.fault("status", target="graph-batch", path=f"*{lost.id}*/methods", status=503)
    reading = house.directory.read(house.client("cedar-finch"))
    assert unread(reading) == {"registrations"}
    assert reason(reading, "registrations").startswith("1 of 30 accounts: HTTP 503")
    assert lost.id not in reading.registrations
    assert len(reading.registrations) == 29


def test_one_group_that_cannot_be_read_leaves_the_others(house: House) -> None:
    all_staff = next(g for g in house.tenant().groups.values() if g.name == "All staff")
    path = f"*{all_staff.id}/transitiveMembers"
    house.fault("status", target="graph-batch", path=path, status=503)
    reading = house.directory.read(house.client())
    assert unread(reading) == {"groups"}
    assert re.match(r"1 of \d groups: HTTP 503", reason(reading, "groups"))
    assert all_staff.id not in reading.group_members
    assert reading.group_members


def test_a_role_held_through_a_group_that_cannot_be_read_makes_all_roles_unknown(
    house: House,
) -> None:
    group = role_group(house)
    path = f"*{group.id}/transitiveMembers"
    house.fault("status", target="graph-batch", path=path, status=503)
    reading = house.directory.read(house.client("harbor"))
    assert "roles" in unread(reading)
    assert reading.role_holders == {}


def test_accounts_are_read_without_last_sign_ins_where_those_are_refused(house: House) -> None:
    roles = house.tenant().read_roles
    assert roles is not None
    house.tenant().read_roles = [role for role in roles if role != "AuditLog.Read.All"]
    reading = house.directory.read(house.client())
    assert len(reading.users) == len(house.tenant().users)
    assert all(user.last_sign_in is None for user in reading.users)
    assert not any(user.never_signed_in for user in reading.users)
    assert unread(reading) == {"registrations"}


def test_a_tenant_that_cannot_be_signed_in_to_is_asked_nothing_else(house: House) -> None:
    house.tenant().read_roles = None
    reading = house.directory.read(house.client())
    assert unread(reading) == set(READS)
    assert {item.reason for item in reading.coverage.unread} == {reason(reading, "users")}
    assert "not installed" in reason(reading, "users")
    assert house.tenant().id in remedy(reading, "users")
    assert house.calls() == 0
    assert house.calls(target="login", method="POST") == 1


def test_a_graph_that_is_away_is_given_up_after_two_parts(house: House) -> None:
    house.fault("drop_before")
    reading = house.directory.read(house.client())
    assert unread(reading) == set(READS)
    assert house.calls() == 2 * 3


def test_permissions_granted_meanwhile_count_at_the_next_read(house: House) -> None:
    tenant = house.tenant()
    granted, tenant.read_roles = tenant.read_roles, ["User.Read.All"]
    assert "policies" in unread(house.directory.read(house.client()))
    tenant.read_roles = granted
    assert house.directory.read(house.client()).coverage.complete


def test_conditional_access_is_paced_below_its_limit(house: House) -> None:
    for _ in range(3):
        assert house.directory.read(house.client()).coverage.complete
    throttled = [row for row in house.world.calls.rows("graph") if "429" in row["by_status"]]
    assert throttled == []
