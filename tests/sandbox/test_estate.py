"""The fictional estate: the same for the same seed, believable, and with every awkward case in it."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.estate.companies import HAND_MADE
from sandbox.estate.grow import grow, grown_outlines
from sandbox.estate.habits import live_on
from sandbox.estate.licences import SKUS
from sandbox.estate.model import Estate, Tenant, User
from sandbox.estate.roles import (
    ADMIN_ROLES,
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS,
    GLOBAL_ADMINISTRATOR,
)
from sandbox.estate.stories.common import GATEHOUSE_GROUP, GATEHOUSE_POLICY
from sandbox.estate.strengths import PHISHING_RESISTANT
from sandbox.estate.tenants import grow_tenant

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LICENSED = ("harbor", "acme-dental", "blue-river-law", "kestrel")


@pytest.fixture(scope="module")
def estate() -> Estate:
    return grow(7, NOW)


def tenant(estate: Estate, key: str) -> Tenant:
    return estate.company(key).tenant


def named(tenant: Tenant, name: str) -> User:
    return next(user for user in tenant.users.values() if user.name == name)


def policy(tenant: Tenant, words: str) -> Any:
    return next(item for item in tenant.policies if words in item["displayName"])


def test_same_seed_and_moment_grow_the_same_estate() -> None:
    assert grow(7, NOW, clients=9) == grow(7, NOW, clients=9)


def test_another_seed_grows_other_people_in_the_same_companies() -> None:
    one, other = grow(7, NOW), grow(8, NOW)
    assert [company.key for company in one.companies] == [item.key for item in other.companies]
    assert not {item.tenant.id for item in one.companies} & {
        item.tenant.id for item in other.companies
    }
    assert set(tenant(one, "kestrel").users) != set(tenant(other, "kestrel").users)


def test_more_clients_leave_the_first_ones_as_they_were() -> None:
    few, many = grow(7, NOW, clients=8), grow(7, NOW, clients=20)
    assert many.companies[:8] == few.companies


@pytest.mark.parametrize("clients", [1, 3, 6, 40])
def test_estate_has_as_many_companies_as_asked_for_and_the_msp_first(clients: int) -> None:
    companies = grow(7, NOW, clients).companies
    assert len(companies) == clients
    assert companies[0].is_msp
    assert not any(company.is_msp for company in companies[1:])
    for fact in ("key", "name", "domain", "channel", "rmm_number", "rmm_uid"):
        assert len({getattr(company, fact) for company in companies}) == clients, fact


def test_an_estate_without_companies_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one company"):
        grow(7, NOW, clients=0)


def test_every_directory_is_as_large_as_its_outline_says(estate: Estate) -> None:
    sizes = {company.key: len(company.tenant.users) for company in estate.companies}
    assert sizes == {outline.key: outline.users for outline in HAND_MADE}


@pytest.mark.parametrize("seed", [0, 4, 99])
def test_directories_keep_their_size_whatever_the_seed(seed: int) -> None:
    for outline in [*HAND_MADE, *grown_outlines(seed, 3)]:
        assert len(grow_tenant(outline, seed, NOW).users) == outline.users, outline.key


def test_ids_and_sign_in_names_are_unique_in_the_whole_estate() -> None:
    companies = grow(7, NOW, clients=30).companies
    users = [user for company in companies for user in company.tenant.users.values()]
    assert len({user.id for user in users}) == len(users)
    assert len({user.upn.lower() for user in users}) == len(users)
    assert all(user.upn.isascii() and " " not in user.upn for user in users)


@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_digest_times_lie_in_the_past_at_any_hour(hour: int) -> None:
    now = NOW.replace(hour=hour)
    for company in grow(7, now, clients=12).companies:
        local = now.astimezone(ZoneInfo(company.time_zone))
        assert company.digest_at <= f"{local:%H:%M}"


def test_shortly_before_midnight_a_digest_is_due_on_the_next_day_too() -> None:
    (msp,) = grow(7, NOW, clients=1).companies
    late = datetime(2026, 11, 23, 23, 55, tzinfo=ZoneInfo(msp.time_zone)).astimezone(UTC)
    (msp,) = grow(7, late, clients=1).companies
    assert msp.digest_at == "00:00"


def test_times_are_aware_and_not_in_the_future(estate: Estate) -> None:
    for company in estate.companies:
        for user in company.tenant.users.values():
            moments = [user.created, user.last_sign_in, user.last_attempt, user.sessions_valid_from]
            assert all(moment <= NOW for moment in moments if moment is not None)


def test_the_people_of_the_chat_are_in_the_msps_directory(estate: Estate) -> None:
    harbor = tenant(estate, "harbor")
    by_mail = {user.upn: user for user in harbor.users.values()}
    for person in ("tess", "devon", "maya", "vik"):
        assert by_mail[f"{person}@harborit.example"].enabled
    assert not by_mail["dana@harborit.example"].enabled
    assert named(tenant(estate, "acme-dental"), "Gail Reed").guest


def test_break_glass_accounts_are_global_administrators_on_the_initial_domain(
    estate: Estate,
) -> None:
    counts = {}
    for company in estate.companies:
        counts[company.key] = len(company.tenant.break_glass_ids)
        for user_id in company.tenant.break_glass_ids:
            user = company.tenant.users[user_id]
            assert user.upn.endswith(".onmicrosoft.com")
            assert user.roles == [GLOBAL_ADMINISTRATOR]
            assert user.methods == ["fido2"]
            assert user.enabled
    assert counts.pop("blue-river-law") == 1
    assert set(counts.values()) == {2}


@pytest.mark.parametrize("key", LICENSED)
def test_licensed_clients_have_a_gatehouse_group_that_an_enabled_policy_includes(
    estate: Estate, key: str
) -> None:
    directory = tenant(estate, key)
    assert directory.mfa_group_id is not None
    group = directory.groups[directory.mfa_group_id]
    assert group.name == GATEHOUSE_GROUP
    assert len(group.members) >= 4
    assert group.security_enabled
    assert not group.mail_enabled
    assert not any((group.synced, group.role_assignable, group.membership_rule))
    assert not any((group.licences, group.app_roles, group.roles))
    required = policy(directory, GATEHOUSE_POLICY)
    assert required["state"] == "enabled"
    for item in directory.policies:
        assert group.id not in item["conditions"]["users"]["excludeGroups"]


@pytest.mark.parametrize("key", LICENSED)
def test_write_app_may_change_what_the_client_agreed_to_and_nothing_else(
    estate: Estate, key: str
) -> None:
    granted = tenant(estate, key).write_roles
    assert granted is not None
    changing = {role for role in granted if "Write" in role or "Revoke" in role}
    tenant_wide = {"Policy.ReadWrite.ConditionalAccess", "Policy.ReadWrite.AuthenticationMethod"}
    expected = {"GroupMember.ReadWrite.All", "User.RevokeSessions.All"}
    assert changing == expected | (set() if key == "blue-river-law" else tenant_wide)


def test_write_app_may_do_little_or_nothing_in_unlicensed_tenants(estate: Estate) -> None:
    for key in ("cedar-finch", "orchard-care"):
        assert not any(plan.startswith("AAD_PREMIUM") for plan in tenant(estate, key).plans)
    assert tenant(estate, "orchard-care").write_roles is None
    granted = tenant(estate, "cedar-finch").write_roles or []
    assert "Policy.ReadWrite.SecurityDefaults" in granted
    assert "Policy.ReadWrite.ConditionalAccess" not in granted


def test_regulars_go_on_signing_in_as_time_passes_and_the_stale_do_not(estate: Estate) -> None:
    found = copy.deepcopy(tenant(estate, "acme-dental"))
    before = {user.id: user.last_sign_in for user in found.users.values()}
    later = estate.made_at + timedelta(days=10)
    live_on(found, estate.made_at, later)
    moved = {user.id for user in found.users.values() if user.last_sign_in != before[user.id]}
    seen = [user for user in found.users.values() if user.last_sign_in is not None]
    for user in seen:
        was = before[user.id]
        assert was is not None
        regular = user.enabled and estate.made_at - was < timedelta(days=9)
        assert (user.id in moved) is regular
        assert user.last_sign_in is not None
        assert not regular or timedelta(0) < later - user.last_sign_in < timedelta(days=1)
    assert 0 < len(moved) < len(found.users)
    again = {user.id: user.last_sign_in for user in found.users.values()}
    live_on(found, estate.made_at, later + timedelta(hours=1))
    assert {user.id: user.last_sign_in for user in found.users.values()} == again


def test_one_client_withholds_one_read_role(estate: Estate) -> None:
    full = set(tenant(estate, "cedar-finch").read_roles or ())
    assert len(full) == 8
    missing = {
        company.key: full - set(company.tenant.read_roles or ()) for company in estate.companies
    }
    assert {key for key, roles in missing.items() if roles} == {"orchard-care"}
    assert missing["orchard-care"] == {"UserAuthenticationMethod.Read.All"}


def test_a_lapsed_subscription_gives_no_plan(estate: Estate) -> None:
    orchard = tenant(estate, "orchard-care")
    assert orchard.skus["SPB"] == 0
    assert orchard.plans.isdisjoint({"AAD_PREMIUM", "AAD_PREMIUM_P2"})
    assert tenant(estate, "kestrel").plans & {"AAD_PREMIUM", "AAD_PREMIUM_P2"} == {"AAD_PREMIUM"}
    assert "AAD_PREMIUM_P2" in tenant(estate, "harbor").plans


def test_all_staff_at_acme_holds_groups_only_and_spares_a_dentist_through_the_scanners(
    estate: Estate,
) -> None:
    acme = tenant(estate, "acme-dental")
    users = policy(acme, "Require MFA")["conditions"]["users"]
    (all_staff,) = (acme.groups[group] for group in users["includeGroups"])
    assert all(member in acme.groups for member in all_staff.members)
    (scanners,) = (acme.groups[group] for group in users["excludeGroups"])
    nested = {user for group in all_staff.members for user in acme.groups[group].members}
    assert scanners.name == "Legacy scanners"
    assert nested & set(scanners.members)


def test_policies_of_every_narrow_kind_exist(estate: Estate) -> None:
    policies = [item for company in estate.companies for item in company.tenant.policies]
    conditions = [item["conditions"] for item in policies]
    assert {item["state"] for item in policies} == {
        "enabled",
        "disabled",
        "enabledForReportingButNotEnforced",
    }
    assert any(item["signInRiskLevels"] for item in conditions)
    assert any((item["locations"] or {}).get("excludeLocations") for item in conditions)
    assert any(item["platforms"] for item in conditions)
    assert any(item["applications"]["includeApplications"] == ["Office365"] for item in conditions)
    assert any(item["users"]["includeRoles"] == list(ADMIN_ROLES) for item in conditions)
    assert any(item["users"]["includeGuestsOrExternalUsers"] for item in conditions)
    grants = [item["grantControls"] for item in policies]
    assert any(item["builtInControls"] == ["mfa", "compliantDevice"] for item in grants)
    assert any(item["builtInControls"] == ["block"] for item in grants)
    assert any(item["customAuthenticationFactors"] for item in grants)
    strengths = [
        item["authenticationStrength"] for item in grants if item["authenticationStrength"]
    ]
    assert {item["id"] for item in strengths} == {PHISHING_RESISTANT}
    assert any(item["displayName"].startswith("Microsoft-managed:") for item in policies)


def test_a_policy_names_a_group_and_users_that_are_gone(estate: Estate) -> None:
    law = tenant(estate, "blue-river-law")
    users = policy(law, "solicitors (2023)")["conditions"]["users"]
    assert [group for group in users["includeGroups"] if group not in law.groups]
    assert [user for user in users["excludeUsers"] if user not in law.users]


def test_outsiders_of_every_kind_exist(estate: Estate) -> None:
    law = tenant(estate, "blue-river-law")
    kinds = {(user.guest, user.external) for user in law.users.values()}
    assert kinds == {(False, False), (True, True), (False, True), (True, False)}


@pytest.mark.parametrize("key", ["acme-dental", "blue-river-law", "kestrel"])
def test_people_in_every_state_of_registration_exist(estate: Estate, key: str) -> None:
    people = [user for user in tenant(estate, key).users.values() if user.purpose == "person"]
    assert any(user.enabled and not user.in_report for user in people)
    assert any(user.methods and user.method_disallowed for user in people)
    assert any(user.enabled and not user.methods for user in people)
    assert any(user.methods == ["mobilePhone"] for user in people)
    stale = NOW - timedelta(days=90)
    assert any(user.enabled and user.last_sign_in and user.last_sign_in < stale for user in people)


def test_roles_are_held_by_name_through_a_group_by_eligibility_and_in_a_unit(
    estate: Estate,
) -> None:
    tier_zero = [group for group in tenant(estate, "kestrel").groups.values() if group.roles]
    assert [group.role_assignable for group in tier_zero] == [True]
    harbor = tenant(estate, "harbor")
    assert any(user.eligible_roles and not user.roles for user in harbor.users.values())
    assert any(user.scoped_roles for user in tenant(estate, "acme-dental").users.values())
    scopes = [
        scope
        for user in harbor.users.values()
        for scope in (*user.scoped_roles.values(), *user.scoped_eligible_roles.values())
    ]
    assert sorted(scope.startswith("/administrativeUnits/") for scope in scopes) == [False, True]


def test_a_licensed_tenant_may_have_people_without_the_licence_or_with_a_part_of_it(
    estate: Estate,
) -> None:
    sails = tenant(estate, "plover-sails")
    people = [user for user in sails.users.values() if user.purpose == "person" and user.licensed]
    premium = [user for user in people if "AAD_PREMIUM" in SKUS[user.sku or ""].plans]
    assert "AAD_PREMIUM" in sails.plans
    assert 0 < len(premium) < len(people)
    [partly] = [user for user in premium if user.disabled_plans]
    assert "AAD_PREMIUM" in partly.disabled_plans


def test_the_msp_has_a_global_administrator_no_policy_reaches(estate: Estate) -> None:
    harbor = tenant(estate, "harbor")
    rowan = named(harbor, "Rowan Achebe")
    everyone = policy(harbor, "CA001")["conditions"]["users"]
    spared = [harbor.groups[group].members for group in everyone["excludeGroups"]]
    assert rowan.roles == [GLOBAL_ADMINISTRATOR]
    assert any(rowan.id in members for members in spared)


def test_accounts_that_are_no_people_exist(estate: Estate) -> None:
    users = [user for company in estate.companies for user in company.tenant.users.values()]
    purposes = {(user.purpose, user.enabled) for user in users}
    assert {("shared", True), ("shared", False), ("room", True), ("room", False)} <= purposes
    assert {("service", True), ("sync", True), ("break_glass", True)} <= purposes
    sync = [user for user in users if user.roles == [DIRECTORY_SYNCHRONIZATION_ACCOUNTS]]
    assert len(sync) == 2
    assert any(user.hired is not None and user.hired > NOW.date() for user in users)
    assert any(not user.enabled and user.purpose == "person" for user in users)
    assert any(user.name.startswith("<!here>") for user in users)


def test_free_tenants_differ_in_security_defaults_and_per_user_mfa(estate: Estate) -> None:
    orchard, cedar = tenant(estate, "orchard-care"), tenant(estate, "cedar-finch")
    assert orchard.security_defaults
    assert not cedar.security_defaults
    states = {user.per_user_mfa for user in cedar.users.values()}
    assert states == {"disabled", "enabled", "enforced"}
    assert not cedar.policies
    assert not orchard.policies


def test_drivers_sign_in_through_a_federated_domain(estate: Estate) -> None:
    kestrel = tenant(estate, "kestrel")
    drivers = [user for user in kestrel.users.values() if user.department == "Drivers"]
    assert drivers
    assert all(user.upn.split("@")[1] in kestrel.federated_domains for user in drivers)


def test_some_secretaries_have_a_licence_without_p1(estate: Estate) -> None:
    law = tenant(estate, "blue-river-law")
    assert {user.sku for user in law.users.values()} == {"SPB", "O365_BUSINESS_ESSENTIALS", None}


def test_growing_leaves_no_shared_objects_between_two_estates() -> None:
    first, second = grow(7, NOW), grow(7, NOW)
    untouched = copy.deepcopy(second)
    kestrel = tenant(first, "kestrel")
    kestrel.policies[0]["conditions"]["users"]["includeUsers"].append("x")
    kestrel.policies[0]["state"] = "disabled"
    kestrel.methods_policy["registrationEnforcement"].clear()
    next(iter(kestrel.users.values())).methods.append("x")
    assert second == untouched
