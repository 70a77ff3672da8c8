"""Accounts, licences and registered methods as the domain sees them; what is not told stays unknown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.identity import AccountKind, PerUserState, UserId
from integrations.entra import mapping
from integrations.entra.methods import allowed, live_registration, unseen

Json = dict[str, Any]
METHOD = "#microsoft.graph.{}AuthenticationMethod"


# Accounts.


def test_an_account_of_which_only_the_id_was_told_is_unknown_in_all_else() -> None:
    found = mapping.user({"id": "u1"})
    assert (found.enabled, found.licensed) == (Fact.UNKNOWN, Fact.UNKNOWN)
    assert found.kind is AccountKind.UNKNOWN
    assert found.external_type is None
    assert found.last_sign_in is None


def test_an_account_without_an_id_is_not_understood() -> None:
    with pytest.raises(KeyError):
        mapping.user({"displayName": "x"})


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"userPrincipalName": "a@x", "userType": "Member"}, None),
        ({"userPrincipalName": "a@x", "userType": "Guest"}, "internalGuest"),
        ({"userPrincipalName": "a_y#EXT#@x", "userType": "Guest"}, "b2bCollaborationGuest"),
        ({"userPrincipalName": "a_y#EXT#@x", "userType": "Member"}, "b2bCollaborationMember"),
        ({"userPrincipalName": "a_y#ext#@x", "userType": "Guest"}, "b2bCollaborationGuest"),
        ({"userPrincipalName": "a@x", "userType": "Guest", "externalUserState": "Accepted"},
         "b2bCollaborationGuest"),
        ({"userPrincipalName": "a@x", "userType": "Member", "creationType": "Invitation"},
         "b2bCollaborationMember"),
    ],
)  # fmt: skip
def test_outsiders_are_told_by_name_state_or_origin(row: Json, kind: str | None) -> None:
    assert mapping.external_type(row) == kind


def test_only_a_sign_in_that_succeeded_counts() -> None:
    failed = {"lastSignInDateTime": "2026-11-20T08:00:00Z"}
    assert mapping.user({"id": "u", "signInActivity": failed}).last_sign_in is None
    both = {**failed, "lastSuccessfulSignInDateTime": "2026-10-01T08:00:00Z"}
    found = mapping.user({"id": "u", "signInActivity": both}).last_sign_in
    assert found == datetime(2026, 10, 1, 8, tzinfo=UTC)
    program = {"lastNonInteractiveSignInDateTime": "2026-11-21T08:00:00Z"}
    assert mapping.user({"id": "u", "signInActivity": {**both, **program}}).last_sign_in == found
    assert mapping.user({"id": "u", "signInActivity": program}).last_sign_in is not None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T08:00:00.1234567Z", datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T08:00:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_times_are_aware_and_never_the_year_one(text: object, moment: datetime | None) -> None:
    assert mapping.moment(text) == moment


@pytest.mark.parametrize(
    ("licences", "fact"), [([], Fact.NO), ([{"skuId": "x"}], Fact.YES), (None, Fact.UNKNOWN)]
)
def test_an_account_is_licensed_when_it_has_a_licence(licences: object, fact: Fact) -> None:
    assert mapping.user({"id": "u", "assignedLicenses": licences}).licensed is fact


def test_per_user_state_that_is_not_told_is_unknown() -> None:
    assert mapping.per_user_state({"perUserMfaState": "enforced"}) is PerUserState.ENFORCED
    assert mapping.per_user_state({"perUserMfaState": ""}) is PerUserState.UNKNOWN
    assert mapping.per_user_state({}) is PerUserState.UNKNOWN


# The tenant.


def test_a_domain_whose_kind_is_not_told_leaves_federation_open() -> None:
    told = [
        {"name": "a.example", "type": "Managed", "isDefault": True},
        {"name": "B.example", "type": "Federated"},
    ]
    found = mapping.tenant([{"displayName": "A", "verifiedDomains": told}])
    assert found.federation_told
    assert found.federated == {"b.example"}
    assert (found.name, found.default_domain) == ("A", "a.example")
    untold = mapping.tenant([{"verifiedDomains": [{"name": "a.example"}]}])
    assert not untold.federation_told
    assert not mapping.tenant([]).federation_told


def test_apps_that_hold_a_role_are_not_people() -> None:
    rows: list[Json] = [
        {"roleDefinitionId": "r", "principalId": "app",
         "principal": {"@odata.type": "#microsoft.graph.servicePrincipal"}},
        {"roleDefinitionId": "r", "principalId": "person",
         "principal": {"@odata.type": "#microsoft.graph.user"}},
        {"roleDefinitionId": "r", "principalId": "unexpanded"},
    ]  # fmt: skip
    assert mapping.holders(rows, {"r": "template"}, {}) == {"template": {"person", "unexpanded"}}


# Methods read live.


def policy(state: str = "migrationComplete", **configurations: str) -> Json:
    everyone = [{"id": "all_users", "targetType": "group"}]
    rows = [
        {"id": key, "state": value, "includeTargets": everyone, "excludeTargets": []}
        for key, value in configurations.items()
    ]
    return {"policyMigrationState": state, "authenticationMethodConfigurations": rows}


EVERYTHING = policy(
    MicrosoftAuthenticator="enabled", Fido2="enabled", Sms="enabled", Voice="disabled",
    SoftwareOath="enabled", HardwareOath="enabled",
)  # fmt: skip


ONE, TWO = "x509CertificateSingleFactor", "x509CertificateMultiFactor"


@pytest.mark.parametrize(
    ("modes", "found"),
    [
        (None, ("certificates",)),
        ({"x509CertificateAuthenticationDefaultMode": TWO}, ("certificates",)),
        ({"x509CertificateAuthenticationDefaultMode": ONE}, ()),
        (
            {
                "x509CertificateAuthenticationDefaultMode": ONE,
                "rules": [{"x509CertificateAuthenticationMode": TWO}],
            },
            ("certificates",),
        ),
    ],
)
def test_certificates_that_may_be_two_factors_are_methods_that_are_not_seen(
    modes: Json | None, found: tuple[str, ...]
) -> None:
    told = policy(X509Certificate="enabled", Fido2="enabled")
    told["authenticationMethodConfigurations"][0]["authenticationModeConfiguration"] = modes
    assert unseen(told) == found
    assert unseen(policy(X509Certificate="disabled")) == ()
    assert unseen({}) == ()


def method(kind: str, **more: str) -> Json:
    return {"@odata.type": METHOD.format(kind), **more}


@pytest.mark.parametrize(
    ("rows", "registered", "capable"),
    [
        ([], Fact.NO, Fact.NO),
        ([method("password")], Fact.NO, Fact.NO),
        ([method("email")], Fact.NO, Fact.NO),
        ([method("temporaryAccessPass")], Fact.NO, Fact.NO),
        ([method("qrCodePin")], Fact.NO, Fact.NO),
        ([method("microsoftAuthenticator")], Fact.YES, Fact.YES),
        ([method("fido2")], Fact.YES, Fact.YES),
        ([method("windowsHelloForBusiness")], Fact.YES, Fact.YES),
        ([method("platformCredential")], Fact.YES, Fact.YES),
        ([method("softwareOath")], Fact.YES, Fact.YES),
        ([method("phone", phoneType="mobile")], Fact.YES, Fact.YES),
        ([method("phone", phoneType="office")], Fact.YES, Fact.NO),
        ([method("phone", phoneType="office"), method("fido2")], Fact.YES, Fact.YES),
        ([method("external")], Fact.YES, Fact.UNKNOWN),
        ([method("brandNew")], Fact.UNKNOWN, Fact.UNKNOWN),
        ([method("brandNew"), method("fido2")], Fact.YES, Fact.YES),
    ],
)
def test_what_counts_as_a_method_and_what_may_be_used(
    rows: list[Json], registered: Fact, capable: Fact
) -> None:
    found = live_registration(UserId("u"), rows, allowed(EVERYTHING))
    assert (found.registered, found.capable) == (registered, capable)


def test_without_the_methods_policy_nothing_it_governs_is_known_to_be_usable() -> None:
    found = live_registration(UserId("u"), [method("microsoftAuthenticator")], {})
    assert (found.registered, found.capable) == (Fact.YES, Fact.UNKNOWN)
    hello = live_registration(UserId("u"), [method("windowsHelloForBusiness")], {})
    assert hello.capable is Fact.YES


def test_switched_off_means_no_only_once_the_older_settings_are_gone() -> None:
    rows = [method("fido2")]
    done = allowed(policy(Fido2="disabled"))
    assert live_registration(UserId("u"), rows, done).capable is Fact.NO
    halfway = allowed(policy("migrationInProgress", Fido2="disabled"))
    assert live_registration(UserId("u"), rows, halfway).capable is Fact.UNKNOWN


def test_a_method_allowed_to_some_only_is_not_known_to_be_usable() -> None:
    some = policy(Fido2="enabled")
    some["authenticationMethodConfigurations"][0]["excludeTargets"] = [{"id": "group"}]
    found = live_registration(UserId("u"), [method("fido2")], allowed(some))
    assert found.capable is Fact.UNKNOWN
