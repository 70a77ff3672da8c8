"""A group may be used to enforce MFA only where that is all it does, and where it really does it."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.identity import GroupProof
from core.errors import VendorDown, VendorError, VendorForbidden
from sandbox.estate.model import Group
from tests.integrations.entra.house import House


def group_of(house: House) -> Group:
    tenant = house.tenant()
    return tenant.groups[tenant.mfa_group_id or ""]


def policy_of(house: House, name: str = "Require MFA for Gatehouse group") -> dict[str, Any]:
    return next(row for row in house.tenant().policies if row["displayName"] == name)


def prove(house: House) -> GroupProof:
    return house.directory.prove_group(house.client())


def test_a_good_group_is_proved_with_its_members_and_policies(house: House) -> None:
    proof = prove(house)
    assert proof.problems == ()
    assert proof.name == group_of(house).name
    assert proof.members == set(house.members())
    assert proof.policies == ("Require MFA for Gatehouse group",)
    assert house.calls(path="/$batch") == 2
    assert house.calls() == 3


SPOILT: dict[str, tuple[Callable[[Group], None], str]] = {
    "not security": (lambda g: setattr(g, "security_enabled", False), "not a security group"),
    "mail": (lambda g: setattr(g, "mail_enabled", True), "mail or Microsoft 365"),
    "dynamic": (lambda g: setattr(g, "membership_rule", "user.dept -eq 1"), "follow a rule"),
    "synced": (lambda g: setattr(g, "synced", True), "synced from on-premises"),
    "roles": (lambda g: setattr(g, "role_assignable", True), "directory roles can be assigned"),
    "licences": (lambda g: setattr(g, "licences", ["SPB"]), "hands out licences"),
    "app roles": (lambda g: setattr(g, "app_roles", ["Payroll"]), "access to applications"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_group_that_does_more_is_refused(house: House, case: str) -> None:
    spoil, said = SPOILT[case]
    spoil(group_of(house))
    problems = prove(house).problems
    assert len(problems) == 1
    assert said in problems[0]


def test_a_group_that_does_not_exist_is_refused(house: House) -> None:
    client = house.client(mfa_group="00000000-0000-4000-8000-000000000001")
    proof = house.directory.prove_group(client)
    assert proof.problems == ("it does not exist in the tenant",)


def test_without_a_configured_group_there_is_nothing_to_use(house: House) -> None:
    assert house.directory.prove_group(house.client(mfa_group=None)).problems
    assert house.calls() == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(state="disabled"),
        lambda p: p.update(state="enabledForReportingButNotEnforced"),
        lambda p: p["grantControls"].update(builtInControls=["mfa", "compliantDevice"]),
        lambda p: p["conditions"]["applications"].update(includeApplications=["Office365"]),
        lambda p: p["conditions"].update(signInRiskLevels=["high"]),
        lambda p: p["conditions"]["users"].update(includeGroups=[]),
        lambda p: p["conditions"]["users"].update(excludeUsers=["All"]),
    ],
)
def test_a_group_that_no_full_policy_includes_is_refused(
    house: House, change: Callable[[dict[str, Any]], None]
) -> None:
    change(policy_of(house))
    proof = prove(house)
    assert proof.problems == ("no enabled policy demands MFA of it for all apps",)
    assert proof.policies == ()


@pytest.mark.parametrize(
    "name", ["Block legacy authentication", "Require MFA for everyone (planned)"]
)
def test_a_group_that_any_living_policy_excludes_is_refused(house: House, name: str) -> None:
    policy_of(house, name)["conditions"]["users"]["excludeGroups"] = [group_of(house).id]
    assert prove(house).problems == (f"the policy {name} excludes it",)


def test_a_disabled_policys_exclusions_do_not_matter(house: House) -> None:
    policy = policy_of(house, "Block legacy authentication")
    policy["conditions"]["users"]["excludeGroups"] = [group_of(house).id]
    policy["state"] = "disabled"
    assert prove(house).problems == ()


def test_a_group_inside_an_excluded_group_is_refused(house: House) -> None:
    scanners = next(g for g in house.tenant().groups.values() if "scanners" in g.name)
    scanners.members.append(group_of(house).id)
    assert any("excludes a group that it is in" in problem for problem in prove(house).problems)


def test_users_the_policy_excludes_are_named_with_it(house: House) -> None:
    by_id, by_group, by_role = house.outside(3)
    nested = Group(id="0d000000-0000-4000-8000-000000000001", name="Inner", members=[by_group.id])
    outer = Group(id="0d000000-0000-4000-8000-000000000002", name="Outer", members=[nested.id])
    house.tenant().groups |= {nested.id: nested, outer.id: outer}
    role = "fe930be7-5e62-47db-91af-98c3a49a38b1"
    by_role.roles = [role]
    users = policy_of(house)["conditions"]["users"]
    users["excludeUsers"] = [by_id.id]
    users["excludeGroups"] = [outer.id]
    users["excludeRoles"] = [role]
    excluded = prove(house).excluded
    assert {by_id.id, by_group.id, by_role.id} <= set(excluded)
    assert set(excluded.values()) == {"Require MFA for Gatehouse group"}


@pytest.mark.parametrize(
    "exclusion",
    [
        {"excludeUsers": ["GuestsOrExternalUsers"]},
        {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationGuest"}},
    ],
)
def test_guests_the_policy_excludes_are_named(house: House, exclusion: dict[str, Any]) -> None:
    policy_of(house)["conditions"]["users"].update({"excludeUsers": [], **exclusion})
    guests = {user.id for user in house.tenant().users.values() if user.external}
    assert set(prove(house).excluded) == guests


def test_a_user_whom_a_second_policy_still_reaches_is_not_excluded(house: House) -> None:
    first = policy_of(house)
    left_out = house.outside(1)[0]
    first["conditions"]["users"]["excludeUsers"].append(left_out.id)
    assert left_out.id in prove(house).excluded
    users = {"includeGroups": [group_of(house).id], "excludeUsers": []}
    second = {**first, "id": "0e000000-0000-4000-8000-000000000001", "displayName": "Second"}
    second["conditions"] = {**first["conditions"], "users": users}
    house.tenant().policies.append(second)
    assert prove(house).excluded == {}


@pytest.mark.parametrize(
    ("path", "target"),
    [("/v1.0/identity/*", "graph"), ("/v1.0/$batch", "graph"), ("*/appRole*", "graph-batch"),
     ("*/transitiveMembers", "graph-batch")],
)  # fmt: skip
def test_a_proof_that_is_not_whole_is_none(house: House, path: str, target: str) -> None:
    house.fault("status", path=path, target=target, status=503)
    with pytest.raises(VendorDown):
        prove(house)


def test_a_missing_permission_is_named(house: House) -> None:
    house.tenant().write_roles = ["GroupMember.ReadWrite.All", "Policy.Read.All"]
    with pytest.raises(VendorForbidden) as caught:
        prove(house)
    assert "Directory.Read.All" in caught.value.remedy


def test_a_client_without_a_tenant_is_refused_before_any_call(house: House) -> None:
    with pytest.raises(VendorError, match="no tenant_id"):
        house.directory.prove_group(house.client(tenant_id=None))
