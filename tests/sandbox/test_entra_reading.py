"""What the Graph stand-in tells about a tenant: users, registrations, methods, groups, roles, licences."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.estate.roles import GLOBAL_ADMINISTRATOR, HELPDESK_ADMINISTRATOR
from tests.sandbox.entra_desk import EntraDesk

REPORT = "/reports/authenticationMethods/userRegistrationDetails"
ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"
ADVANCED = {"ConsistencyLevel": "eventual"}


def test_users_come_in_pages_of_a_hundred_and_none_is_lost(entra: EntraDesk) -> None:
    harbor = entra.tenant("harbor")
    for number in range(230):
        template = next(iter(harbor.users.values()))
        user = type(template)(
            **{**vars(template), "id": f"{number:08d}-0000-4000-8000-000000000000"}
        )
        harbor.users[user.id] = user
    first = entra.get("/users", tenant="harbor")
    assert len(first["value"]) == 100
    rows = entra.rows("/users?$select=id", tenant="harbor")
    assert [row["id"] for row in rows] == list(harbor.users)


def test_page_size_is_honoured_up_to_999_and_refused_above(entra: EntraDesk) -> None:
    assert len(entra.get("/users?$top=7")["value"]) == 7
    assert "@odata.nextLink" not in entra.get("/users?$top=999")
    assert entra.refusal("GET", "/users?$top=1000")[:2] == (400, "Request_BadRequest")
    assert entra.refusal("GET", "/users?$top=0")[0] == 400


def test_exactly_full_page_links_to_an_empty_last_one(entra: EntraDesk) -> None:
    first = entra.get("/users?$top=84")
    link = first["@odata.nextLink"].removeprefix(f"{entra.graph}/v1.0")
    last = entra.get(link)
    assert last["value"] == []
    assert "@odata.nextLink" not in last


def test_next_link_keeps_the_query_and_an_invented_skip_token_is_refused(entra: EntraDesk) -> None:
    link = entra.get("/users?$select=id,displayName&$top=5")["@odata.nextLink"]
    assert link.startswith(f"{entra.graph}/v1.0/users?")
    assert "$select=id,displayName" in link
    assert entra.refusal("GET", "/users?$skiptoken=rubbish")[1] == "Directory_ExpiredPageToken"
    assert entra.refusal("GET", "/users?$skip=10")[0] == 400


def test_account_state_and_kind_are_absent_unless_selected(entra: EntraDesk) -> None:
    plain = entra.get("/users?$top=1")["value"][0]
    assert not {"accountEnabled", "userType", "assignedLicenses"} & set(plain)
    chosen = entra.get("/users?$top=1&$select=id,accountEnabled,userType")["value"][0]
    assert set(chosen) == {"id", "accountEnabled", "userType"}


def test_an_unknown_property_is_refused_by_name(entra: EntraDesk) -> None:
    status, code, message = entra.refusal("GET", "/users?$select=id,perUserMfaState")
    assert (status, code) == (400, "BadRequest")
    assert "'perUserMfaState'" in message


def test_users_say_what_they_are(entra: EntraDesk) -> None:
    select = (
        "id,displayName,userPrincipalName,accountEnabled,userType,assignedLicenses,externalUserState,"
        "creationType,onPremisesSyncEnabled,createdDateTime,employeeHireDate"
    )
    rows = {row["displayName"]: row for row in entra.rows(f"/users?$select={select}&$top=999")}
    gail = rows["Gail Reed"]
    assert gail["userType"] == "Guest"
    assert gail["creationType"] == "Invitation"
    assert "#EXT#" in gail["userPrincipalName"]
    assert rows["Invoices"]["accountEnabled"] is False
    assert rows["Harriet Langford"]["assignedLicenses"]
    assert rows["Emergency Access 1"]["assignedLicenses"] == []
    assert sum(row["employeeHireDate"] is not None for row in rows.values()) == 1


def test_a_plan_that_was_switched_off_for_an_account_stays_listed_as_deleted(
    entra: EntraDesk,
) -> None:
    user = entra.user("acme-dental", "Harriet Langford")
    user.disabled_plans = ["AAD_PREMIUM"]
    row = entra.get(f"/users/{user.id}?$select=assignedLicenses,assignedPlans")
    (off,) = row["assignedLicenses"][0]["disabledPlans"]
    states = {plan["servicePlanId"]: plan["capabilityStatus"] for plan in row["assignedPlans"]}
    assert states.pop(off) == "Deleted"
    assert set(states.values()) == {"Enabled"}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("accountEnabled eq false", lambda user: not user.enabled),
        ("userType eq 'guest'", lambda user: user.guest),
        ("accountEnabled eq true and userType eq 'Guest'", lambda user: user.guest),
        ("startswith(displayName,'emergency')", lambda user: user.purpose == "break_glass"),
        ("department eq 'Billing'", lambda user: user.department == "Billing"),
    ],
)
def test_filters_real_tools_use_are_understood(
    entra: EntraDesk, clause: str, expected: Any
) -> None:
    rows = entra.rows(f"/users?$filter={clause}&$select=id")
    users = entra.tenant("acme-dental").users.values()
    assert [row["id"] for row in rows] == [user.id for user in users if expected(user)]


def test_filters_that_need_advanced_queries_are_refused_without_them(entra: EntraDesk) -> None:
    path = "/users?$filter=assignedLicenses/$count ne 0&$select=id"
    assert entra.refusal("GET", path)[1] == "Request_UnsupportedQuery"
    body = entra.get(f"{path}&$count=true", headers=ADVANCED)
    assert body["@odata.count"] == 69
    assert entra.refusal("GET", "/users?$filter=city eq 'X'")[0] == 400
    assert entra.refusal("GET", "/users?$filter=accountEnabled eq true or id eq 'x'")[0] == 400


def test_sign_in_activity_makes_pages_smaller_and_tells_attempts_from_success(
    entra: EntraDesk,
) -> None:
    rows = {
        row["displayName"]: row
        for row in entra.rows("/users?$select=displayName,signInActivity&$top=999")
    }
    stale = next(
        user for user in entra.tenant("acme-dental").users.values() if user.last_attempt is not None
    )
    activity = rows[stale.name]["signInActivity"]
    assert activity["lastSignInDateTime"] > activity["lastSuccessfulSignInDateTime"]
    newcomer = next(user for user in entra.tenant("acme-dental").users.values() if user.hired)
    assert "signInActivity" not in rows[newcomer.name]
    assert (
        entra.refusal("GET", "/users?$select=signInActivity&$filter=accountEnabled eq true")[0]
        == 400
    )


def test_sign_in_activity_of_a_user_by_sign_in_name_is_refused(entra: EntraDesk) -> None:
    user = entra.user("acme-dental", "Harriet Langford")
    path = f"/users/{user.upn}?$select=signInActivity"
    assert entra.refusal("GET", path)[0] == 400
    assert entra.get(f"/users/{user.id}?$select=signInActivity")["signInActivity"]


def test_sign_in_activity_fails_whole_without_premium(entra: EntraDesk) -> None:
    for tenant in ("cedar-finch", "orchard-care"):
        refusal = entra.refusal("GET", "/users?$select=id,signInActivity", tenant=tenant)
        assert refusal[:2] == (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")


def test_one_user_is_found_by_id_and_by_sign_in_name(entra: EntraDesk) -> None:
    user = entra.user("acme-dental", "Gail Reed")
    assert entra.get(f"/users/{user.id}")["displayName"] == "Gail Reed"
    by_name = entra.get(f"/users/{user.upn.replace('#', '%23')}?$select=id")
    assert by_name["id"] == user.id
    gone = entra.refusal("GET", "/users/00000000-0000-4000-8000-000000000000")
    assert gone[:2] == (404, "Request_ResourceNotFound")


def test_registration_report_tells_registered_from_capable(entra: EntraDesk) -> None:
    rows = {row["id"]: row for row in entra.rows(f"{REPORT}?$top=999")}
    acme = entra.tenant("acme-dental")
    for user in acme.users.values():
        if not (user.enabled and user.in_report):
            assert user.id not in rows
            continue
        row = rows[user.id]
        assert row["methodsRegistered"] == user.methods
        assert row["isMfaRegistered"] == bool(set(user.methods) - {"email"})
        assert row["isMfaCapable"] == (row["isMfaRegistered"] and not user.method_disallowed)
    assert sum(row["isMfaRegistered"] and not row["isMfaCapable"] for row in rows.values()) == 2
    assert any(user.enabled and user.id not in rows for user in acme.users.values())


def test_registration_report_marks_administrators_held_through_a_group(entra: EntraDesk) -> None:
    rows = {row["userDisplayName"]: row for row in entra.rows(REPORT, tenant="kestrel")}
    assert rows["Magnus Holloway"]["isAdmin"] is True
    assert rows["Xiomara Cordero"]["isAdmin"] is True
    assert rows["Label printer"]["isAdmin"] is False


def test_registration_report_pages_may_be_short_or_empty_once_filtered(entra: EntraDesk) -> None:
    path = f"{REPORT}?$top=30&$filter=userType eq 'guest'"
    sizes = []
    while path:
        body = entra.get(path)
        sizes.append(len(body["value"]))
        path = body.get("@odata.nextLink", "").removeprefix(f"{entra.graph}/v1.0")
    assert len(sizes) == 3
    assert 0 in sizes
    assert sum(sizes) == 3


def test_registration_report_filters_by_method(entra: EntraDesk) -> None:
    path = f"{REPORT}?$filter=methodsRegistered/any(x:x eq 'fido2')&$select=id,methodsRegistered"
    rows = entra.rows(path)
    assert rows
    assert all("fido2" in row["methodsRegistered"] for row in rows)


def test_registration_report_needs_premium(entra: EntraDesk) -> None:
    for tenant in ("cedar-finch", "orchard-care"):
        refusal = entra.refusal("GET", REPORT, tenant=tenant)
        assert refusal[:2] == (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")


def test_app_that_cannot_see_licences_gets_the_premium_refusal_in_a_licensed_tenant(
    entra: EntraDesk,
) -> None:
    refusal = entra.refusal("GET", REPORT, roles=("AuditLog.Read.All",))
    assert refusal[1] == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    skus = entra.rows("/subscribedSkus")
    assert any(plan["servicePlanName"] == "AAD_PREMIUM" for plan in skus[0]["servicePlans"])


def test_one_registration_and_its_absence(entra: EntraDesk) -> None:
    users = entra.tenant("acme-dental").users.values()
    listed = entra.user("acme-dental", "Harriet Langford")
    missing = next(user for user in users if not user.in_report)
    assert entra.get(f"{REPORT}/{listed.id}")["userDisplayName"] == "Harriet Langford"
    assert entra.refusal("GET", f"{REPORT}/{missing.id}")[0] == 404


def test_live_methods_tell_the_password_and_everything_registered(entra: EntraDesk) -> None:
    kestrel = entra.tenant("kestrel")
    for user in list(kestrel.users.values())[:30]:
        rows = entra.rows(f"/users/{user.id}/authentication/methods", tenant="kestrel")
        types = [row["@odata.type"].split(".")[-1] for row in rows]
        assert types[0] == "passwordAuthenticationMethod"
        assert len(types) == 1 + len(user.methods)


@pytest.mark.parametrize(
    ("word", "type_name"),
    [
        ("mobilePhone", "phone"),
        ("officePhone", "phone"),
        ("email", "email"),
        ("fido2", "fido2"),
        ("softwareOneTimePasscode", "softwareOath"),
        ("windowsHelloForBusiness", "windowsHelloForBusiness"),
        ("microsoftAuthenticatorPush", "microsoftAuthenticator"),
    ],
)
def test_every_registered_word_has_its_method_type(
    entra: EntraDesk, word: str, type_name: str
) -> None:
    user = entra.user("cedar-finch", "Delphine Crane")
    user.methods = [word]
    rows = entra.rows(f"/users/{user.id}/authentication/methods", tenant="cedar-finch")
    assert rows[1]["@odata.type"] == f"#microsoft.graph.{type_name}AuthenticationMethod"


def test_live_methods_need_their_own_role(entra: EntraDesk) -> None:
    user = next(iter(entra.tenant("orchard-care").users))
    path = f"/users/{user}/authentication/methods"
    refusal = entra.refusal("GET", path, tenant="orchard-care")
    assert refusal[:2] == (403, "Authorization_RequestDenied")


def test_per_user_state_exists_in_beta_only(entra: EntraDesk) -> None:
    user = entra.user("cedar-finch", "Delphine Crane")
    path = f"/users/{user.id}/authentication/requirements"
    body = entra.get(path, tenant="cedar-finch", version="beta")
    assert body["perUserMfaState"] == "enforced"
    token = {"Authorization": f"Bearer {entra.token('cedar-finch')}"}
    stable = entra.session.get(f"{entra.graph}/v1.0{path}", headers=token, timeout=30)
    assert stable.status_code == 400


def test_transitive_members_reach_through_nested_groups_once(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    group = next(item for item in acme.groups.values() if item.name == "All staff")
    direct = entra.rows(f"/groups/{group.id}/members?$select=id")
    assert {row["@odata.type"] for row in direct} == {"#microsoft.graph.group"}
    every = entra.rows(f"/groups/{group.id}/transitiveMembers?$select=id&$top=10")
    assert len({row["id"] for row in every}) == len(every)
    people = {user for member in group.members for user in acme.groups[member].members}
    assert {row["id"] for row in every} == people | set(group.members)


def test_members_that_loop_are_listed_once(entra: EntraDesk) -> None:
    groups = list(entra.tenant("acme-dental").groups.values())
    groups[0].members.append(groups[1].id)
    groups[1].members.append(groups[0].id)
    rows = entra.rows(f"/groups/{groups[0].id}/transitiveMembers?$select=id")
    assert len({row["id"] for row in rows}) == len(rows)


def test_cast_to_users_needs_advanced_query_mode_with_any_option(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    group = next(item for item in acme.groups.values() if item.name == "All staff")
    path = f"/groups/{group.id}/transitiveMembers/microsoft.graph.user"
    assert entra.get(path)["value"]
    assert entra.refusal("GET", f"{path}?$select=id")[1] == "Request_UnsupportedQuery"
    body = entra.get(f"{path}?$select=id&$count=true&$top=5", headers=ADVANCED)
    assert body["@odata.count"] > 5
    assert {row["@odata.type"] for row in body["value"]} == {"#microsoft.graph.user"}


def test_members_are_nameless_to_an_app_that_may_not_read_users(entra: EntraDesk) -> None:
    group = entra.tenant("acme-dental").mfa_group_id
    row = entra.get(f"/groups/{group}/members", roles=("GroupMember.Read.All",))["value"][0]
    assert row["id"]
    assert row["displayName"] is None
    named = entra.get(f"/groups/{group}/members")["value"][0]
    assert named["displayName"]


def test_group_tells_what_makes_it_unfit_for_enforcement(entra: EntraDesk) -> None:
    kestrel = entra.tenant("kestrel")
    select = (
        "?$select=id,displayName,securityEnabled,mailEnabled,groupTypes,membershipRule,"
        "onPremisesSyncEnabled,isAssignableToRole,assignedLicenses"
    )
    groups = {
        group.name: entra.get(f"/groups/{group.id}{select}", tenant="kestrel")
        for group in kestrel.groups.values()
    }
    assert groups["All drivers"]["groupTypes"] == ["DynamicMembership"]
    assert groups["Office"]["onPremisesSyncEnabled"] is True
    assert groups["Tier 0 administrators"]["isAssignableToRole"] is True
    fit = groups["Gatehouse - MFA enforced"]
    assert fit["securityEnabled"]
    assert not fit["mailEnabled"]
    assert [
        fit[name] for name in ("membershipRule", "onPremisesSyncEnabled", "isAssignableToRole")
    ] == [None] * 3


def test_group_licences_come_only_when_selected(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    assert acme.mfa_group_id is not None
    acme.groups[acme.mfa_group_id].licences = ["SPB"]
    assert "assignedLicenses" not in entra.get(f"/groups/{acme.mfa_group_id}")
    chosen = entra.get(f"/groups/{acme.mfa_group_id}?$select=assignedLicenses")
    assert chosen["assignedLicenses"][0]["skuId"]


def test_app_roles_of_a_group_are_for_directory_readers(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    assert acme.mfa_group_id is not None
    path = f"/groups/{acme.mfa_group_id}/appRoleAssignments"
    assert entra.refusal("GET", path)[:2] == (403, "Authorization_RequestDenied")
    assert entra.rows(path, app="write") == []
    acme.groups[acme.mfa_group_id].app_roles = ["Payroll"]
    (row,) = entra.rows(path, app="write")
    assert row["resourceDisplayName"] == "Payroll"


def test_role_assignments_name_users_groups_and_narrow_scopes(entra: EntraDesk) -> None:
    rows = entra.rows(
        "/roleManagement/directory/roleAssignments?$expand=principal", tenant="kestrel"
    )
    kinds = {row["principal"]["@odata.type"] for row in rows}
    assert kinds == {"#microsoft.graph.user", "#microsoft.graph.group"}
    acme = entra.rows("/roleManagement/directory/roleAssignments")
    (narrow,) = [row for row in acme if row["directoryScopeId"] != "/"]
    assert narrow["roleDefinitionId"] == HELPDESK_ADMINISTRATOR
    assert narrow["directoryScopeId"].startswith("/administrativeUnits/")
    path = f"/roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"
    assert len(entra.rows(path)) == 3


def test_role_definitions_are_built_in_and_carry_template_ids(entra: EntraDesk) -> None:
    rows = entra.rows(
        "/roleManagement/directory/roleDefinitions?$select=id,templateId,displayName,isBuiltIn"
    )
    names = {row["templateId"]: row["displayName"] for row in rows if row["isBuiltIn"]}
    assert names[GLOBAL_ADMINISTRATOR] == "Global Administrator"


def test_eligible_roles_need_p2(entra: EntraDesk) -> None:
    rows = entra.rows(f"{ELIGIBLE}?$expand=principal", tenant="harbor")
    wide = [row for row in rows if row["directoryScopeId"] == "/"]
    names = {row["principal"]["displayName"] for row in wide}
    assert names == {"Tess Morgan", "Devon Park", "Maya Ortiz"}
    [narrow] = [row["directoryScopeId"] for row in rows if row not in wide]
    assert narrow.startswith("/administrativeUnits/")
    assert entra.refusal("GET", ELIGIBLE)[:2] == (400, "AadPremiumLicenseRequired")


def test_tenant_tells_its_name_its_domains_and_how_each_signs_in(entra: EntraDesk) -> None:
    (row,) = entra.rows("/organization", tenant="kestrel")
    domains = {item["name"]: item for item in row["verifiedDomains"]}
    assert row["displayName"] == "Kestrel Logistics"
    assert domains["kestrel.example"]["isDefault"]
    assert domains["fleet.kestrel.example"]["type"] == "Federated"
    assert entra.refusal("GET", "/domains", tenant="kestrel")[0] == 403
    full = entra.rows("/domains", tenant="kestrel", roles=("Domain.Read.All",))
    assert {item["id"] for item in full} == set(domains)


def test_lapsed_subscription_stays_listed_with_nothing_enabled(entra: EntraDesk) -> None:
    skus = {
        row["skuPartNumber"]: row for row in entra.rows("/subscribedSkus", tenant="orchard-care")
    }
    assert skus["SPB"]["prepaidUnits"]["enabled"] == 0
    assert skus["SPB"]["capabilityStatus"] == "Suspended"
    assert skus["O365_BUSINESS_PREMIUM"]["prepaidUnits"]["enabled"] > 0


def test_granted_roles_are_listed_authoritatively(entra: EntraDesk) -> None:
    reader = ("Application.Read.All",)
    path = f"/servicePrincipals(appId='{entra.apps.write.app_id}')"
    principal = entra.get(path, roles=reader)
    rows = entra.rows(f"/servicePrincipals/{principal['id']}/appRoleAssignments", roles=reader)
    assert len(rows) == len(entra.tenant("acme-dental").write_roles or ())
    assert entra.refusal("GET", path, tenant="orchard-care", roles=reader)[0] == 404
    assert entra.refusal("GET", path)[0] == 403


def test_sign_ins_name_the_factors_in_beta_only(entra: EntraDesk) -> None:
    stable = entra.get("/auditLogs/signIns?$top=5")["value"][0]
    assert "authenticationRequirement" not in stable
    since = entra.world.clock.now() - timedelta(days=14)
    path = (
        f"/auditLogs/signIns?$filter=createdDateTime ge {since:%Y-%m-%dT%H:%M:%SZ} and "
        "status/errorCode eq 0 and authenticationRequirement eq 'singleFactorAuthentication'"
    )
    rows = entra.get(path, version="beta")["value"]
    names = {row["userDisplayName"] for row in rows}
    covered = entra.user("acme-dental", "Harriet Langford").name
    assert names
    assert covered not in names
    assert rows == sorted(rows, key=lambda row: row["createdDateTime"], reverse=True)
    assert entra.refusal("GET", path)[0] == 400


def test_mailbox_purpose_needs_a_mailbox_permission(entra: EntraDesk) -> None:
    mailbox = entra.user("acme-dental", "Invoices")
    path = f"/users/{mailbox.id}/mailboxSettings/userPurpose"
    assert entra.refusal("GET", path)[0] == 403
    assert entra.get(path, roles=("MailboxSettings.Read",))["value"] == "shared"


def test_one_tenant_is_never_shown_to_the_token_of_another(entra: EntraDesk) -> None:
    user = next(iter(entra.tenant("acme-dental").users))
    assert entra.refusal("GET", f"/users/{user}", tenant="kestrel")[0] == 404
    ids = {row["id"] for row in entra.rows("/users?$select=id", tenant="kestrel")}
    assert ids == set(entra.tenant("kestrel").users)
