"""What `check` proves of a tenant: credentials, permissions, names, break-glass accounts and the group."""

from core.domain.facts import Fact
from integrations.entra.check import TenantProof
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import House
from tests.noon import NOON


def said(proof: TenantProof) -> str:
    return "\n".join(f"{problem.what} {problem.remedy}" for problem in proof.all_problems())


def test_a_tenant_that_is_set_up_is_fine(house: House) -> None:
    tenant = house.tenant()
    proof = house.directory.prove(house.client())
    assert proof.fine, said(proof)
    assert proof.name == tenant.display_name
    assert proof.default_domain == tenant.default_domain
    assert set(proof.domains) == {tenant.default_domain, tenant.initial_domain}
    assert proof.licensed is Fact.YES
    assert len(proof.break_glass) == len(tenant.break_glass_ids)
    assert proof.group is not None
    assert (proof.read.missing, proof.read.surplus) == ((), ())
    assert proof.write is not None
    assert (proof.write.missing, proof.write.surplus) == ((), ())
    assert proof.write.expires is not None
    assert proof.write.expires > NOON


def test_it_costs_few_calls(house: House) -> None:
    house.directory.prove(house.client())
    assert house.calls() <= 6
    assert house.calls(target="login", method="POST") == 2


def test_a_permission_that_is_missing_is_named_with_its_purpose(house: House) -> None:
    tenant = house.tenant()
    tenant.read_roles = [role for role in tenant.read_roles or () if role != "AuditLog.Read.All"]
    tenant.write_roles = [r for r in tenant.write_roles or () if r != "User.RevokeSessions.All"]
    proof = house.directory.prove(house.client())
    assert not proof.fine
    assert "The read app lacks AuditLog.Read.All (the registration report" in said(proof)
    assert "Grant User.RevokeSessions.All to the write app" in said(proof)


def test_a_broader_permission_does_as_well_and_one_too_many_is_told(house: House) -> None:
    house.tenant().read_roles = [
        "Directory.Read.All", "AuditLog.Read.All", "Policy.Read.All",
        "RoleManagement.Read.Directory", "User.ReadWrite.All",
    ]  # fmt: skip
    proof = house.directory.prove(house.client())
    assert proof.read.missing == ()
    assert proof.read.surplus == ("User.ReadWrite.All",)
    assert proof.fine


def test_method_lists_are_only_needed_without_a_licence(house: House) -> None:
    for key, missing in (("acme-dental", 0), ("cedar-finch", 1)):
        roles = house.tenant(key).read_roles or []
        house.tenant(key).read_roles = [r for r in roles if "AuthenticationMethod" not in r]
        assert len(house.directory.prove(house.client(key)).read.missing) == missing


def test_an_app_that_is_not_installed_says_what_to_do(house: House) -> None:
    house.tenant().read_roles = None
    proof = house.directory.prove(house.client())
    assert proof.read.roles is None
    assert "read app is not installed" in said(proof)
    assert "adminconsent" in said(proof)
    assert proof.name is None
    assert proof.write is not None
    assert proof.write.problem is None


def test_a_write_app_that_is_not_installed_leaves_the_rest_proved(house: House) -> None:
    house.tenant().write_roles = None
    proof = house.directory.prove(house.client())
    assert proof.name == house.tenant().display_name
    assert proof.group is None
    assert "write app is not installed" in said(proof)


def test_an_app_with_no_permission_at_all_lacks_every_one(house: House) -> None:
    house.tenant().read_roles = []
    proof = house.directory.prove(house.client())
    assert proof.read.roles == frozenset()
    assert len(proof.read.missing) == 8
    assert not proof.fine


def test_break_glass_accounts_must_exist_and_be_enabled(house: House) -> None:
    good, disabled = house.tenant().break_glass_ids[:2]
    house.tenant().users[disabled].enabled = False
    gone = "00000000-0000-4000-8000-000000000001"
    proof = house.directory.prove(house.client(break_glass=(good, disabled, gone)))
    assert [account.problem for account in proof.break_glass] == [
        None,
        "is disabled",
        "does not exist",
    ]
    assert house.tenant().users[good].upn == proof.break_glass[0].name
    assert not proof.fine


def test_an_empty_break_glass_list_is_a_problem(house: House) -> None:
    proof = house.directory.prove(house.client(break_glass=()))
    assert "No break-glass accounts are configured" in said(proof)


def test_a_group_that_cannot_be_used_is_a_problem(house: House) -> None:
    group = house.tenant().groups[house.tenant().mfa_group_id or ""]
    group.membership_rule = "user.department -eq 1"
    assert "dynamic membership" in said(house.directory.prove(house.client()))


def test_without_a_write_app_the_group_is_not_asked_about(open_house: Open) -> None:
    house = open_house(write=None)
    proof = house.directory.prove(house.client())
    assert proof.write is None
    assert proof.group is None
    assert proof.fine


def test_new_permissions_show_at_once(house: House) -> None:
    granted, house.tenant().read_roles = house.tenant().read_roles, ["User.Read.All"]
    assert house.directory.prove(house.client()).read.missing
    house.tenant().read_roles = granted
    assert house.directory.prove(house.client()).read.missing == ()


def test_what_fails_on_the_way_is_a_problem_not_a_crash(house: House) -> None:
    house.fault("status", status=503)
    proof = house.directory.prove(house.client())
    assert not proof.fine
    assert "HTTP 503" in said(proof)
