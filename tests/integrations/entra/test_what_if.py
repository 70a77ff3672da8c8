"""Asking Entra itself what a sign-in would meet, and what an account's methods are worth."""

import pytest

from core.domain.facts import Fact
from core.domain.findings import MfaSection
from core.domain.identity import Grant, PolicyState, Strength
from core.domain.policy import MfaPolicy
from core.domain.what_if import PolicyAnswer, WhatIf
from core.errors import MalformedAnswer, VendorDown, VendorError, VendorForbidden, VendorNotFound
from core.rules.mfa_gaps import judge_mfa
from core.rules.what_if import disagrees
from integrations.entra.pacing import POLICIES_WINDOW
from integrations.entra.what_if import answers_in
from sandbox.estate.model import User
from tests.integrations.entra.house import House

EVALUATE = "/v1.0/identity/conditionalAccess/evaluate"
PLANNED = "Require MFA for everyone (planned)"


def by_name(answer: WhatIf) -> dict[str, PolicyAnswer]:
    return {policy.name: policy for policy in answer.policies}


def ask(house: House, user: User) -> WhatIf:
    return house.directory.what_if(house.client(), user.id)


def judged(house: House) -> MfaSection:
    client = house.client()
    reading = house.directory.read(client)
    return judge_mfa(reading, client, MfaPolicy(), now=house.world.clock.now())


def in_group(house: House, name: str) -> list[User]:
    tenant = house.tenant()
    members = next(g for g in tenant.groups.values() if g.name == name).members
    return [tenant.users[m] for m in members if m in tenant.users]


def test_a_policy_in_force_applies_and_a_report_only_one_is_marked(house: House) -> None:
    covered = next(u for u in in_group(house, "Sales") if not u.roles)
    answer = ask(house, covered)
    found = by_name(answer)
    assert answer.app == "Exchange Online"
    assert (found["Require MFA"].applies, found["Require MFA"].grant) == (Fact.YES, Grant.MFA)
    assert found[PLANNED].state is PolicyState.REPORT_ONLY
    assert "Require MFA" in [policy.name for policy in answer.applying(PolicyState.ENABLED)]
    assert PLANNED not in [policy.name for policy in answer.applying(PolicyState.ENABLED)]


def test_an_exclusion_is_told_as_the_reason_why_a_policy_does_not_apply(house: House) -> None:
    spared = next(u for u in in_group(house, "Legacy scanners") if u.purpose == "person")
    policy = by_name(ask(house, spared))["Require MFA"]
    assert policy.applies is Fact.NO
    assert policy.because == "this account is not among its users, or excluded"


def test_entras_answer_and_our_verdict_agree_about_every_awkward_account(house: House) -> None:
    section = judged(house)
    verdicts = {str(v.user_id): v for v in section.verdicts}
    people = [
        house.user("Harriet Langford"),
        house.user("Padma Ganesan"),
        in_group(house, "Mobile clinic")[0],
        next(u for u in in_group(house, "Legacy scanners") if u.purpose == "person"),
        in_group(house, "Sales")[0],
    ]
    requirements = {verdicts[user.id].requirement for user in people}
    assert len(requirements) >= 4
    for user in people:
        assert not disagrees(verdicts[user.id], ask(house, user)), user.name


def test_questions_keep_to_one_a_second(house: House) -> None:
    user = house.outside(1)[0]
    started = house.world.clock.now()
    for _ in range(2):
        ask(house, user)
    assert house.world.clock.now() - started >= POLICIES_WINDOW
    assert house.calls(path="/evaluate") == 2


@pytest.mark.parametrize(("status", "error"), [(403, VendorForbidden), (503, VendorDown)])
def test_a_refusal_is_an_error_and_never_an_empty_answer(
    house: House, status: int, error: type[VendorError]
) -> None:
    house.fault("status", path=EVALUATE, status=status)
    with pytest.raises(error):
        ask(house, house.outside(1)[0])


def test_an_account_that_is_gone_is_an_error(house: House) -> None:
    with pytest.raises(VendorNotFound):
        house.directory.what_if(house.client(), "99999999-9999-9999-9999-999999999999")


def test_without_the_role_it_is_refused(house: House) -> None:
    roles = house.tenant().read_roles or []
    house.tenant().read_roles = [role for role in roles if not role.startswith("Policy.Read")]
    with pytest.raises(VendorForbidden):
        ask(house, house.outside(1)[0])


def test_an_answer_of_another_shape_is_not_understood() -> None:
    with pytest.raises(MalformedAnswer):
        answers_in([{"displayName": "Without an id", "policyApplies": True}])


@pytest.mark.parametrize(
    ("told", "applies", "because"),
    [
        ({"policyApplies": True, "analysisReasons": "notSet"}, Fact.YES, ""),
        ({"policyApplies": False, "analysisReasons": "notEnoughInformation"}, Fact.UNKNOWN, ""),
        (
            {"policyApplies": False, "analysisReasons": "location,brandNew"},
            Fact.NO,
            "it is for other places and Entra says brandNew",
        ),
        ({}, Fact.UNKNOWN, ""),
    ],
)
def test_entras_words_become_facts_and_reasons(
    told: dict[str, object], applies: Fact, because: str
) -> None:
    (answer,) = answers_in([{"id": "p", "displayName": "P", "state": "enabled", **told}])
    assert (answer.applies, answer.because) == (applies, because)


def test_the_strength_of_everybodys_methods_is_what_they_registered(house: House) -> None:
    section = judged(house)
    texts = {
        user.id
        for user in house.tenant().users.values()
        if user.enabled and user.in_report and user.methods == ["mobilePhone"] and not user.external
    }
    found = {v.user_id for v in section.verdicts if v.strength is Strength.SMS_OR_VOICE_ONLY}
    assert texts
    assert texts <= found
    keys = {u.id for u in house.tenant().users.values() if u.enabled and "fido2" in u.methods}
    assert keys
    resistant = {v.user_id for v in section.verdicts if v.strength is Strength.PHISHING_RESISTANT}
    assert keys <= resistant
