"""Conditional access, security defaults and the methods policy, read, judged and changed."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.entra.apps import Apps
from sandbox.entra.throttle import Throttle
from sandbox.estate.model import User
from sandbox.estate.strengths import PHISHING_RESISTANT
from sandbox.frame.world import World
from tests.sandbox.entra_desk import EntraDesk

POLICIES = "/identity/conditionalAccess/policies"
EVALUATE = "/identity/conditionalAccess/evaluate"
DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
METHODS = "/policies/authenticationMethodsPolicy"
WRITER = ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All")
PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"


@pytest.fixture
def open_desk(
    directories: World,
    registered_apps: Apps,
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
) -> Callable[..., EntraDesk]:
    """Open a desk with no throttle: these tests ask faster than once a second."""

    def make(lag_share: float = 0.0) -> EntraDesk:
        moments = itertools.count(start=0.0, step=60.0)
        throttle = Throttle(monotonic=lambda: next(moments))
        return EntraDesk.open(
            directories, registered_apps, https, serve_tls, lag_share=lag_share, throttle=throttle
        )

    return make


@pytest.fixture
def entra(open_desk: Callable[..., EntraDesk]) -> EntraDesk:
    return open_desk()


@pytest.fixture
def slow(open_desk: Callable[..., EntraDesk]) -> EntraDesk:
    """A desk where every write is seen a second late."""
    return open_desk(lag_share=1.0)


def question(user: User, *, app: str = EXCHANGE, **conditions: Any) -> dict[str, Any]:
    return {
        "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": user.id},
        "signInContext": {
            "@odata.type": "#microsoft.graph.applicationContext",
            "includeApplications": [app],
        },
        "signInConditions": conditions,
        "appliedPoliciesOnly": True,
    }


def applied(
    entra: EntraDesk, key: str, user: User, *, state: str = "enabled", **conditions: Any
) -> set[str]:
    """Names of the policies in this state that apply to a sign-in."""
    response = entra.call("POST", EVALUATE, tenant=key, body=question(user, **conditions))
    assert response.status_code == 200, response.text
    return {row["displayName"] for row in response.json()["value"] if row["state"] == state}


def of(entra: EntraDesk, key: str, department: str) -> list[User]:
    users = entra.tenant(key).users.values()
    return [user for user in users if user.department == department and user.enabled]


def new_policy(**changes: Any) -> dict[str, Any]:
    return {
        "displayName": "Made by a test",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"]},
            "users": {"includeUsers": ["All"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    } | changes


def test_policies_are_listed_with_every_condition(entra: EntraDesk) -> None:
    for key in ("harbor", "acme-dental", "blue-river-law", "kestrel"):
        rows = entra.rows(POLICIES, tenant=key)
        assert [row["id"] for row in rows] == [row["id"] for row in entra.tenant(key).policies]
        assert all(row["conditions"]["users"]["excludeGroups"] is not None for row in rows)
    assert entra.rows(POLICIES, tenant="cedar-finch") == []


def test_nested_group_includes_and_exclusion_through_a_group_wins(entra: EntraDesk) -> None:
    seller = of(entra, "acme-dental", "Sales")[0]
    assert "Require MFA" in applied(entra, "acme-dental", seller)
    scanners = next(
        group
        for group in entra.tenant("acme-dental").groups.values()
        if group.name == "Legacy scanners"
    )
    dentist = next(
        user for user in of(entra, "acme-dental", "Dentists") if user.id in scanners.members
    )
    assert "Require MFA" not in applied(entra, "acme-dental", dentist)


def test_report_only_policy_comes_back_as_applied_in_its_own_state(entra: EntraDesk) -> None:
    clerk = of(entra, "acme-dental", "Billing")[-1]
    names = applied(entra, "acme-dental", clerk, state="enabledForReportingButNotEnforced")
    assert "Require MFA for everyone (planned)" in names


def test_role_policy_reaches_role_holders_by_name_and_through_groups_but_not_the_eligible(
    entra: EntraDesk,
) -> None:
    words = "Require MFA for administrators"
    through_group = entra.user("kestrel", "Magnus Holloway")
    assert words in applied(entra, "kestrel", through_group, clientAppType="browser")
    kwame = entra.user("acme-dental", "Kwame Osei")
    assert words in applied(entra, "acme-dental", kwame)
    kwame.eligible_roles, kwame.roles = kwame.roles, []
    assert words not in applied(entra, "acme-dental", kwame)
    narrow = entra.user("acme-dental", "Padma Ganesan")
    assert words not in applied(entra, "acme-dental", narrow)


def test_trusted_location_is_the_hole_in_the_outside_policy(entra: EntraDesk) -> None:
    clerk = of(entra, "blue-river-law", "Finance")[0]
    words = "MFA outside the office"
    assert words in applied(entra, "blue-river-law", clerk, ipAddress="198.51.100.9")
    assert words not in applied(entra, "blue-river-law", clerk, ipAddress="203.0.113.5")
    assert words in applied(entra, "blue-river-law", clerk)


def test_guest_policy_reaches_only_the_type_it_names(entra: EntraDesk) -> None:
    reached = {}
    for name in ("Edda Birkeland", "Linnea Dalgaard", "Summer Placement"):
        user = entra.user("blue-river-law", name)
        reached[name] = "MFA for guests" in applied(entra, "blue-river-law", user)
    assert reached == {
        "Edda Birkeland": True,
        "Linnea Dalgaard": False,
        "Summer Placement": False,
    }


def test_risk_platform_and_application_conditions_narrow(entra: EntraDesk) -> None:
    tess = entra.user("harbor", "Tess Morgan")
    risky = "CA010 MFA on risky sign-ins"
    assert risky in applied(entra, "harbor", tess, signInRiskLevel="high")
    assert risky not in applied(entra, "harbor", tess, signInRiskLevel="none")
    driver = of(entra, "kestrel", "Drivers")[0]
    phones = "CA-03 MFA on phones for drivers"
    assert phones in applied(entra, "kestrel", driver, devicePlatform="iOS")
    assert phones not in applied(entra, "kestrel", driver, devicePlatform="windows")
    dispatcher = entra.user("kestrel", "Anders Engström")
    office = "CA-02 MFA for Office 365"
    assert office in applied(entra, "kestrel", dispatcher, app=EXCHANGE)
    assert office not in applied(entra, "kestrel", dispatcher, app=PORTAL)


def test_without_the_filter_every_policy_says_why_it_does_not_apply(entra: EntraDesk) -> None:
    clerk = of(entra, "blue-river-law", "Secretaries")[-1]
    body = question(clerk) | {"appliedPoliciesOnly": False}
    rows = entra.call("POST", EVALUATE, tenant="blue-river-law", body=body).json()["value"]
    assert len(rows) == len(entra.tenant("blue-river-law").policies)
    reasons = {
        row["displayName"]: row["analysisReasons"] for row in rows if not row["policyApplies"]
    }
    assert reasons["Block sign-ins from elsewhere (paused)"] == "policyNotEnabled"
    assert reasons["Keys for partners"] == "users"


@pytest.mark.parametrize("part", ["signInIdentity", "signInContext", "signInConditions"])
def test_what_if_needs_all_three_parts(entra: EntraDesk, part: str) -> None:
    body = question(entra.user("acme-dental", "Gail Reed"))
    del body[part]
    status, _, message = entra.refusal("POST", EVALUATE, body=body)
    assert status == 400
    assert part in message


def test_strengths_are_built_in_and_say_what_they_allow(entra: EntraDesk) -> None:
    rows = entra.rows("/policies/authenticationStrengthPolicies?$filter=policyType eq 'builtIn'")
    resistant = next(row for row in rows if row["id"] == PHISHING_RESISTANT)
    assert "fido2" in resistant["allowedCombinations"]
    one = entra.get(f"/policies/authenticationStrengthPolicies/{PHISHING_RESISTANT}")
    assert one["requirementsSatisfied"] == "mfa"


def test_created_policy_is_whole_and_can_be_promoted_by_state(entra: EntraDesk) -> None:
    made = entra.call("POST", POLICIES, roles=WRITER, body=new_policy())
    assert made.status_code == 201
    policy = made.json()
    assert policy["conditions"]["users"]["excludeGroups"] == []
    path = f"{POLICIES}/{policy['id']}"
    assert entra.call("PATCH", path, roles=WRITER, body={"state": "enabled"}).status_code == 204
    assert entra.get(path)["state"] == "enabled"
    assert entra.effects("policy_create")[0]["target_ids"] == [policy["id"]]
    (change,) = entra.effects("policy_update")
    assert (change["before"], change["after"]) == ("enabledForReportingButNotEnforced", "enabled")


def test_names_are_not_unique_so_a_repeated_create_makes_two(entra: EntraDesk) -> None:
    ids = {
        entra.call("POST", POLICIES, roles=WRITER, body=new_policy()).json()["id"] for _ in range(2)
    }
    assert len(ids) == 2
    rows = entra.rows(f"{POLICIES}?$filter=displayName eq 'Made by a test'")
    assert {row["id"] for row in rows} == ids


def test_policy_with_a_strength_is_created_with_the_whole_strength(entra: EntraDesk) -> None:
    grant = {"operator": "OR", "authenticationStrength": {"id": PHISHING_RESISTANT}}
    made = entra.call("POST", POLICIES, roles=WRITER, body=new_policy(grantControls=grant)).json()
    assert made["grantControls"]["authenticationStrength"]["requirementsSatisfied"] == "mfa"


@pytest.mark.parametrize("missing", WRITER)
def test_creating_a_policy_needs_all_three_roles(entra: EntraDesk, missing: str) -> None:
    roles = tuple(role for role in WRITER if role != missing)
    assert entra.refusal("POST", POLICIES, roles=roles, body=new_policy())[:2] == (
        403,
        "AccessDenied",
    )
    assert not entra.effects("policy_create")


def conditions(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = new_policy()["conditions"]
    return {"conditions": whole | changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "on"}, "1007"),
        ({"displayName": ""}, "1007"),
        ({"surprise": 1}, "1007"),
        ({"grantControls": None}, "1007"),
        (conditions(users={}), "1007"),
        (conditions(users={"includeGroups": ["All staff"]}), "1054"),
        (conditions(signInRiskLevels=["high"]), "1039"),
        (conditions(locations={"includeLocations": ["nowhere"]}), "1040"),
        ({"grantControls": {"authenticationStrength@odata.bind": "x"}}, "1007"),
        ({"grantControls": {"builtInControls": [],
                            "authenticationStrength": {"id": PHISHING_RESISTANT}}}, "1007"),
        ({"grantControls": {"builtInControls": ["mfa"],
                            "authenticationStrength": {"id": PHISHING_RESISTANT}}}, "1007"),
    ],
)  # fmt: skip
def test_policies_entra_would_refuse_are_refused_in_its_numbers(
    entra: EntraDesk, changes: dict[str, Any], words: str
) -> None:
    status, code, message = entra.refusal(
        "POST", POLICIES, roles=WRITER, body=new_policy(**changes)
    )
    assert (status, code) == (400, "BadRequest")
    assert message.startswith(words)
    assert not entra.effects("policy_create")


def test_risk_conditions_are_accepted_with_p2(entra: EntraDesk) -> None:
    body = new_policy(**conditions(signInRiskLevels=["high"]))
    assert entra.call("POST", POLICIES, tenant="harbor", roles=WRITER, body=body).status_code == 201


def test_unlicensed_tenant_makes_no_policies(entra: EntraDesk) -> None:
    refusal = entra.refusal("POST", POLICIES, tenant="cedar-finch", roles=WRITER, body=new_policy())
    assert refusal[0] == 400
    assert "not licensed" in refusal[2]


def test_microsofts_own_policy_changes_state_and_exclusions_only(entra: EntraDesk) -> None:
    managed = next(
        policy
        for policy in entra.tenant("acme-dental").policies
        if policy["displayName"].startswith("Microsoft-managed")
    )
    path = f"{POLICIES}/{managed['id']}"
    assert entra.refusal("PATCH", path, roles=WRITER, body={"displayName": "Mine"})[0] == 400
    users = managed["conditions"]["users"]
    wider = {"conditions": {"users": users | {"includeUsers": ["All"]}}}
    assert entra.refusal("PATCH", path, roles=WRITER, body=wider)[0] == 400
    spared = {"conditions": {"users": users | {"excludeUsers": ["x"]}}, "state": "enabled"}
    assert entra.call("PATCH", path, roles=WRITER, body=spared).status_code == 204


def test_what_was_not_sent_of_a_condition_is_shown_empty_afterwards(entra: EntraDesk) -> None:
    path = f"{POLICIES}/{entra.tenant('acme-dental').policies[0]['id']}"
    before = entra.get(path)["conditions"]
    body = {"conditions": {"users": {"includeUsers": ["All"]}}}
    assert entra.call("PATCH", path, roles=WRITER, body=body).status_code == 204
    after = entra.get(path)["conditions"]
    assert after["users"].keys() == before["users"].keys()
    assert after["users"]["includeUsers"] == ["All"]
    assert after["users"]["excludeUsers"] == []
    assert after["applications"] == before["applications"]


def test_change_is_seen_at_read_back_only_after_a_moment(slow: EntraDesk) -> None:
    policy = slow.tenant("acme-dental").policies[0]
    path = f"{POLICIES}/{policy['id']}"
    assert slow.call("PATCH", path, roles=WRITER, body={"state": "disabled"}).status_code == 204
    assert slow.get(path)["state"] == "enabled"
    slow.world.clock.advance(2)
    assert slow.get(path)["state"] == "disabled"


def test_new_policy_is_missing_from_the_list_for_a_moment(slow: EntraDesk) -> None:
    made = slow.call("POST", POLICIES, roles=WRITER, body=new_policy()).json()["id"]
    assert slow.refusal("GET", f"{POLICIES}/{made}")[0] == 404
    assert made not in {row["id"] for row in slow.rows(POLICIES)}
    slow.world.clock.advance(2)
    assert made in {row["id"] for row in slow.rows(POLICIES)}


def test_security_defaults_are_refused_while_a_policy_is_enabled(entra: EntraDesk) -> None:
    roles = ("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults")
    refusal = entra.refusal("PATCH", DEFAULTS, roles=roles, body={"isEnabled": True})
    assert refusal[0] == 400
    assert "Conditional Access" in refusal[2]
    done = entra.call(
        "PATCH", DEFAULTS, tenant="cedar-finch", roles=roles, body={"isEnabled": True}
    )
    assert done.status_code == 204
    assert entra.get(DEFAULTS, tenant="cedar-finch")["isEnabled"] is True
    (effect,) = entra.effects("security_defaults_update")
    assert (effect["before"], effect["after"]) == (False, True)


def test_policy_cannot_be_enabled_while_security_defaults_are_on(entra: EntraDesk) -> None:
    acme = entra.tenant("acme-dental")
    acme.policies.clear()
    acme.security_defaults = True
    refusal = entra.refusal("POST", POLICIES, roles=WRITER, body=new_policy(state="enabled"))
    assert refusal[2].startswith("Security Defaults is enabled in the tenant")
    assert entra.call("POST", POLICIES, roles=WRITER, body=new_policy()).status_code == 201


def test_registration_campaign_is_replaced_whole(entra: EntraDesk) -> None:
    roles = ("Policy.ReadWrite.AuthenticationMethod",)
    name = "authenticationMethodsRegistrationCampaign"
    campaign = entra.get(METHODS)["registrationEnforcement"][name]
    wanted = campaign | {"state": "enabled", "snoozeDurationInDays": 3}
    body = {"registrationEnforcement": {name: wanted}}
    assert entra.call("PATCH", METHODS, roles=roles, body=body).status_code == 204
    assert entra.get(METHODS)["registrationEnforcement"][name] == wanted
    for spoilt in ({"snoozeDurationInDays": 15}, {"state": "perhaps"}):
        wrong = {"registrationEnforcement": {name: wanted | spoilt}}
        assert entra.refusal("PATCH", METHODS, roles=roles, body=wrong)[0] == 400
    assert entra.refusal("PATCH", METHODS, body=body)[0] == 403


def test_registration_campaign_takes_known_targets_only(entra: EntraDesk) -> None:
    name = "authenticationMethodsRegistrationCampaign"
    campaign = entra.get(METHODS)["registrationEnforcement"][name]
    stranger = [{"id": "nobody", "targetType": "user"}]
    body = {"registrationEnforcement": {name: campaign | {"excludeTargets": stranger}}}
    roles = ("Policy.ReadWrite.AuthenticationMethod",)
    assert entra.refusal("PATCH", METHODS, roles=roles, body=body)[0] == 400
    assert not entra.effects("methods_policy_update")


def test_sign_ins_tell_what_report_only_policies_would_have_done(entra: EntraDesk) -> None:
    planned = "Require MFA for everyone (planned)"
    block = new_policy(
        displayName="No old protocols",
        grantControls={"operator": "OR", "builtInControls": ["block"]},
        **conditions(clientAppTypes=["other"]),
    )
    assert entra.call("POST", POLICIES, roles=WRITER, body=block).status_code == 201
    before = {
        applied["displayName"]
        for row in entra.rows("/auditLogs/signIns")
        for applied in row["appliedConditionalAccessPolicies"]
    }
    assert "No old protocols" not in before
    entra.tenant("acme-dental").policies[-1]["createdDateTime"] = "2020-01-01T00:00:00Z"
    seen: dict[str, set[str]] = {}
    for row in entra.rows("/auditLogs/signIns"):
        for applied in row["appliedConditionalAccessPolicies"]:
            seen.setdefault(applied["displayName"], set()).add(applied["result"])
    assert seen[planned] == {"reportOnlyInterrupted"}
    assert seen["No old protocols"] == {"reportOnlyFailure", "reportOnlyNotApplied"}
    assert seen["Require MFA"] == {"success"}


def test_methods_policy_says_that_voice_is_off(entra: EntraDesk) -> None:
    rows = entra.get(METHODS)["authenticationMethodConfigurations"]
    states = {row["id"]: row["state"] for row in rows}
    assert states["Voice"] == "disabled"
    assert states["MicrosoftAuthenticator"] == "enabled"


def test_named_locations_tell_which_networks_are_trusted(entra: EntraDesk) -> None:
    rows = entra.rows("/identity/conditionalAccess/namedLocations", tenant="blue-river-law")
    assert [row["isTrusted"] for row in rows] == [True]
    assert rows[0]["ipRanges"][0]["cidrAddress"] == "203.0.113.0/28"
