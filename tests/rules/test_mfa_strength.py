"""How strong what an account registered is, and when that cannot be told."""

import pytest

from core.domain.facts import Fact
from core.domain.identity import Grant, Strength
from tests.rules.tenants import policy, reading, rows, user, verdict, without_method


@pytest.mark.parametrize(
    ("methods", "strength"),
    [
        (("mobilePhone", "fido2"), Strength.PHISHING_RESISTANT),
        (("passKeyDeviceBoundAuthenticator",), Strength.PHISHING_RESISTANT),
        (("email", "windowsHelloForBusiness"), Strength.PHISHING_RESISTANT),
        (("mobilePhone", "microsoftAuthenticatorPush"), Strength.ORDINARY),
        (("softwareOneTimePasscode",), Strength.ORDINARY),
        (("mobilePhone",), Strength.SMS_OR_VOICE_ONLY),
        (("officePhone", "alternateMobilePhone", "email"), Strength.SMS_OR_VOICE_ONLY),
    ],
)
def test_the_best_registered_method_decides(methods: tuple[str, ...], strength: Strength) -> None:
    read = reading(user(), registrations=rows(["ann"], Fact.YES, Fact.YES, methods))
    assert verdict(read).strength is strength


@pytest.mark.parametrize(
    ("methods", "strength"),
    [
        (("somethingNew",), Strength.UNKNOWN),
        (("mobilePhone", "somethingNew"), Strength.UNKNOWN),
        (("microsoftAuthenticatorPush", "somethingNew"), Strength.ORDINARY),
        (("fido2", "somethingNew"), Strength.PHISHING_RESISTANT),
    ],
)
def test_a_method_never_heard_of_makes_no_account_look_weak(
    methods: tuple[str, ...], strength: Strength
) -> None:
    read = reading(user(), registrations=rows(["ann"], Fact.YES, Fact.YES, methods))
    assert verdict(read).strength is strength


@pytest.mark.parametrize("methods", [(), ("email",), ("temporaryAccessPass", "securityQuestion")])
def test_what_only_resets_a_password_is_no_method(methods: tuple[str, ...]) -> None:
    read = reading(user(), registrations=rows(["ann"], Fact.NO, Fact.NO, methods))
    assert verdict(read).strength is Strength.NONE


def test_without_a_row_the_strength_is_unknown_and_not_none() -> None:
    assert verdict(reading(user(), registrations={})).strength is Strength.UNKNOWN


def test_registered_without_a_word_for_the_method_is_unknown() -> None:
    read = reading(user(), registrations=rows(["ann"], Fact.YES, Fact.YES))
    assert verdict(read).strength is Strength.UNKNOWN


def test_where_another_makers_mfa_may_be_at_work_nobody_is_called_sms_only_or_without() -> None:
    duo = policy("Duo", grant=Grant.THIRD_PARTY)
    by_text = rows(["ann"], Fact.YES, Fact.YES, ("mobilePhone",))
    for registrations in (by_text, without_method("ann")):
        read = reading(user(), registrations=registrations, policies=(duo,))
        assert verdict(read).strength is Strength.UNKNOWN
