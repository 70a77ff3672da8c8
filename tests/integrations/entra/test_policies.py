"""What a conditional-access policy asks, of whom, and what keeps it from being "MFA at every sign-in"."""

from typing import Any

import pytest

from core.domain.identity import Grant, PolicyState
from core.rules.ca_coverage import Force, force_of
from integrations.entra.policies import policy

Json = dict[str, Any]

ALICE = "0A000000-0000-4000-8000-000000000001"
STAFF = "0B000000-0000-4000-8000-000000000001"
ADMIN = "62E90394-69F5-4237-9190-012177145E10"


def row(
    *,
    users: Json | None = None,
    apps: Json | None = None,
    grant: Json | None = None,
    state: str = "enabled",
    **conditions: Any,
) -> Json:
    """A policy as Graph sends one: MFA for everyone and everything, but for what is given."""
    return {
        "id": "policy-1",
        "displayName": "Require MFA",
        "state": state,
        "conditions": {
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "clientAppTypes": ["all"],
            "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": None,
            "platforms": None,
            "locations": None,
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": None,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                **(apps or {}),
            },
            "users": {"includeUsers": ["All"], **(users or {})},
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"], **(grant or {})},
        "sessionControls": None,
    }


def test_mfa_for_everyone_and_everything_is_full() -> None:
    found = policy(row())
    assert (found.state, found.grant, found.all_apps) == (PolicyState.ENABLED, Grant.MFA, True)
    assert found.narrowed_by == ()
    assert found.include.everyone
    assert not found.exclude.everyone
    assert force_of(found) is Force.FULL


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("enabled", PolicyState.ENABLED),
        ("enabledForReportingButNotEnforced", PolicyState.REPORT_ONLY),
        ("disabled", PolicyState.DISABLED),
        ("somethingNew", PolicyState.UNKNOWN),
    ],
)
def test_the_state_is_what_graph_says_and_a_new_word_is_unknown(
    word: str, state: PolicyState
) -> None:
    assert policy(row(state=word)).state is state


STRENGTH = {"id": "00000000-0000-0000-0000-000000000002", "requirementsSatisfied": "mfa"}


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ({"builtInControls": ["mfa"]}, Grant.MFA),
        ({"builtInControls": ["mfa", "compliantDevice"]}, Grant.MFA_OR_OTHER),
        ({"builtInControls": ["mfa", "compliantDevice"], "operator": "AND"}, Grant.MFA),
        ({"builtInControls": ["mfa"], "termsOfUse": ["terms"]}, Grant.MFA_OR_OTHER),
        ({"builtInControls": ["mfa"], "customAuthenticationFactors": ["Duo"]}, Grant.MFA_OR_OTHER),
        ({"builtInControls": [], "authenticationStrength": STRENGTH}, Grant.MFA),
        (
            {"builtInControls": ["compliantDevice"], "authenticationStrength": STRENGTH},
            Grant.MFA_OR_OTHER,
        ),
        (
            {
                "builtInControls": [],
                "authenticationStrength": {"id": "x", "requirementsSatisfied": "none"},
            },
            Grant.OTHER,
        ),
        ({"builtInControls": ["block"]}, Grant.BLOCK),
        ({"builtInControls": ["compliantDevice"]}, Grant.OTHER),
        (
            {"builtInControls": [], "customAuthenticationFactors": ["RequireDuoMfa"]},
            Grant.THIRD_PARTY,
        ),
        ({"builtInControls": ["passwordChange", "mfa"], "operator": "AND"}, Grant.MFA),
    ],
)
def test_what_is_asked_is_mfa_only_where_nothing_else_will_do(grant: Json, expected: Grant) -> None:
    assert policy(row(grant=grant)).grant is expected


def test_a_policy_that_only_sets_session_controls_asks_nothing() -> None:
    assert policy({**row(), "grantControls": None}).grant is Grant.OTHER


def test_a_strength_that_does_not_say_what_it_satisfies_is_not_full() -> None:
    found = policy(row(grant={"builtInControls": [], "authenticationStrength": {"id": "x"}}))
    assert found.grant is Grant.MFA
    assert force_of(found) is Force.SOMETIMES


@pytest.mark.parametrize(
    ("apps", "all_apps"),
    [
        ({"includeApplications": ["All"]}, True),
        ({"includeApplications": ["Office365"]}, False),
        ({"includeApplications": ["MicrosoftAdminPortals"]}, False),
        ({"includeApplications": ["0c000000-0000-4000-8000-000000000001"]}, False),
        (
            {"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]},
            False,
        ),
        (
            {
                "includeApplications": [],
                "includeAuthenticationContextClassReferences": ["c1"],
            },
            False,
        ),
        ({"includeApplications": ["None"]}, False),
    ],
)
def test_only_all_apps_are_all_apps(apps: Json, all_apps: bool) -> None:
    assert policy(row(apps=apps)).all_apps is all_apps


OFFICE = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
REGISTERING: Json = {"includeUserActions": ["urn:user:registersecurityinfo"]}


@pytest.mark.parametrize(
    ("grant", "conditions", "limits"),
    [
        ({"builtInControls": ["block"]}, {"locations": OFFICE}, True),
        ({"builtInControls": ["mfa"]}, {"locations": OFFICE}, True),
        ({"builtInControls": ["mfa"]}, {}, True),
        ({"builtInControls": ["compliantDevice", "domainJoinedDevice"]}, {}, True),
        ({"builtInControls": [], "authenticationStrength": {"id": "x"}}, {}, True),
        ({"builtInControls": ["mfa"], "termsOfUse": ["t"], "operator": "AND"}, {}, True),
        ({"builtInControls": ["mfa"], "termsOfUse": ["t"], "operator": "OR"}, {}, False),
        ({"builtInControls": [], "termsOfUse": ["t"]}, {}, False),
        ({"builtInControls": ["mfa"]}, {"locations": {"includeLocations": ["x"]}}, False),
        ({"builtInControls": ["block"]}, {"userRiskLevels": ["high"]}, False),
        ({"builtInControls": ["block"]}, {"clientAppTypes": ["other"]}, False),
    ],
)
def test_registering_is_limited_where_it_takes_more_than_the_password_but_from_trusted_places(
    grant: Json, conditions: Json, limits: bool
) -> None:
    of_registering = row(grant=grant, apps=REGISTERING)
    of_registering["conditions"] |= conditions
    assert policy(of_registering).limits_registration is limits
    ordinary = row(grant=grant)
    ordinary["conditions"] |= conditions
    assert policy(ordinary).limits_registration is False


def test_apps_that_are_left_out_are_named() -> None:
    found = policy(row(apps={"excludeApplications": ["app-1", "app-2"]}))
    assert found.excluded_apps == ("app-1", "app-2")
    assert found.narrowed_by == ()


def test_all_apps_but_office_365_is_no_mfa_at_an_ordinary_sign_in() -> None:
    found = policy(row(apps={"excludeApplications": ["Office365"]}))
    assert found.narrowed_by == ("except Office 365",)
    assert force_of(found) is Force.SOMETIMES


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"signInRiskLevels": ["high", "medium"]}, "sign-in risk: high, medium"),
        ({"userRiskLevels": ["high"]}, "user risk: high"),
        ({"insiderRiskLevels": "elevated"}, "insider risk: elevated"),
        ({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, "authentication flows"),
        (
            {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
            "except trusted locations",
        ),
        (
            {"locations": {"includeLocations": ["All"], "excludeLocations": ["office"]}},
            "except some locations",
        ),
        ({"locations": {"includeLocations": ["abroad"]}}, "only some locations"),
        (
            {"platforms": {"includePlatforms": ["iOS"], "excludePlatforms": []}},
            "only some platforms",
        ),
        (
            {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}},
            "except some platforms",
        ),
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "x"}}}, "a device filter"),
        (
            {"deviceStates": {"includeStates": ["All"], "excludeStates": ["Compliant"]}},
            "except some device states",
        ),
        (
            {"clientAppTypes": ["exchangeActiveSync", "other"]},
            "client apps: exchangeActiveSync, other",
        ),
        ({"clientAppTypes": ["browser"]}, "client apps: browser"),
        ({"clientAppTypes": []}, "client apps: none named"),
        (
            {"clientApplications": {"includeServicePrincipals": ["sp"]}},
            "workload identities, not people",
        ),
        ({"servicePrincipalRiskLevels": ["high"]}, "workload risk: high"),
        ({"times": {"includedRanges": ["night"]}}, "the condition times"),
    ],
)
def test_every_condition_that_lets_sign_ins_pass_is_named(conditions: Json, said: str) -> None:
    found = policy(row(**conditions))
    assert found.narrowed_by == (said,)
    assert force_of(found) is Force.SOMETIMES


@pytest.mark.parametrize(
    "conditions",
    [
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": []}},
        {"locations": {"includeLocations": ["All"], "excludeLocations": []}},
        {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]},
        {"deviceStates": {"includeStates": ["All"], "excludeStates": []}},
        {"devices": {"deviceFilter": None}},
        {"clientApplications": {"includeServicePrincipals": [], "excludeServicePrincipals": []}},
        {"times": None},
    ],
)
def test_conditions_that_leave_nothing_out_do_not_narrow(conditions: Json) -> None:
    assert policy(row(**conditions)).narrowed_by == ()


def test_an_app_filter_narrows() -> None:
    found = policy(row(apps={"applicationFilter": {"mode": "include", "rule": "x"}}))
    assert found.narrowed_by == ("an app filter",)


def test_both_sides_name_users_groups_and_roles_in_lower_case() -> None:
    found = policy(
        row(
            users={
                "includeUsers": [ALICE],
                "includeGroups": [STAFF],
                "includeRoles": [ADMIN],
                "excludeUsers": [ALICE],
                "excludeGroups": [STAFF],
                "excludeRoles": [ADMIN],
            }
        )
    )
    for side in (found.include, found.exclude):
        assert side.users == {ALICE.lower()}
        assert side.groups == {STAFF.lower()}
        assert side.roles == {ADMIN.lower()}
        assert not side.everyone


def test_nobody_is_nobody() -> None:
    found = policy(row(users={"includeUsers": ["None"]}))
    assert not found.include.everyone
    assert not found.include.users


def outsiders(types: str, kind: str = "all") -> Json:
    tenants = {"membershipKind": kind, "members": ["other"]}
    return {"guestOrExternalUserTypes": types, "externalTenants": tenants}


def test_kinds_of_outsiders_are_told_apart() -> None:
    given = outsiders("internalGuest,b2bCollaborationGuest")
    found = policy(row(users={"includeUsers": [], "includeGuestsOrExternalUsers": given}))
    assert found.include.external_types == {"internalGuest", "b2bCollaborationGuest"}
    assert not found.include.some_tenants_only


def test_the_older_word_for_guests_means_all_of_them() -> None:
    found = policy(row(users={"excludeUsers": ["GuestsOrExternalUsers"]}))
    assert found.exclude.external_types == {"*"}
    assert found.exclude.users == frozenset()


def test_outsiders_of_listed_tenants_are_not_all_outsiders() -> None:
    given = outsiders("b2bCollaborationGuest", kind="enumerated")
    found = policy(row(users={"excludeGuestsOrExternalUsers": given}))
    assert found.exclude.some_tenants_only


def test_no_kind_of_outsider_is_none() -> None:
    found = policy(row(users={"includeGuestsOrExternalUsers": outsiders("none")}))
    assert found.include.external_types == frozenset()


@pytest.mark.parametrize("broken", [{}, {"conditions": "x"}, {"grantControls": 7}])
def test_a_policy_that_makes_no_sense_is_never_full(broken: Json) -> None:
    found = policy({"id": "p", **broken})
    assert force_of(found) is Force.NONE
    assert found.state is PolicyState.UNKNOWN


def test_a_policy_without_an_id_is_not_understood() -> None:
    with pytest.raises(KeyError):
        policy({"displayName": "x"})
