"""Being in the group is verified by what it does: one person's imagined sign-in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.identity import Grant, PolicyState
from core.domain.remediation import JobId, StepState
from core.domain.what_if import PolicyAnswer, WhatIf
from core.errors import VendorDown
from integrations.entra.sample import ASK_AGAIN_AFTER, Samples
from integrations.entra.what_if import answers_in
from tests.usecases.requests_made import HandClock

IN = StepResult(target="ann", state=StepState.VERIFIED, reason="in the group")
ALSO_IN = StepResult(target="bob", state=StepState.VERIFIED, reason="in the group")
NOT_YET = StepResult(target="cy", state=StepState.DONE)


JOB = JobId("J1")


def policy(applies: Fact, **changes: Any) -> PolicyAnswer:
    facts: dict[str, Any] = {
        "name": "MFA",
        "state": PolicyState.ENABLED,
        "grant": Grant.MFA,
        "applies": applies,
        "whole": Fact.YES,
    }
    return PolicyAnswer(**(facts | changes))


class Entra:
    """Answers every question with the same policies, and counts them."""

    def __init__(self, *policies: PolicyAnswer) -> None:
        self.policies = policies
        self.asked: list[str] = []

    def __call__(self, user: str) -> WhatIf:
        self.asked.append(user)
        return WhatIf(app="x", asked_at=datetime.now(UTC), policies=self.policies)


def judged(*policies: PolicyAnswer) -> StepResult:
    entra = Entra(*policies)
    first, second = Samples(HandClock()).confirm(JOB, (IN, ALSO_IN), entra)
    assert (second, entra.asked) == (ALSO_IN, ["ann"])
    return first


def as_told(**conditions: Any) -> PolicyAnswer:
    """What Graph says of the group's policy, in its own words."""
    row = {
        "id": "p",
        "displayName": "MFA",
        "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"]},
            **conditions.pop("conditions", {}),
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        "policyApplies": True,
        "analysisReasons": "notSet",
    }
    (answer,) = answers_in([row | conditions])
    return answer


def test_entra_that_asks_for_mfa_confirms_it() -> None:
    found = judged(policy(Fact.NO), policy(Fact.YES))
    assert (found.state, "what-if asks for MFA" in found.reason) == (StepState.VERIFIED, True)


@pytest.mark.parametrize(
    "idle",
    [
        policy(Fact.YES, state=PolicyState.REPORT_ONLY),
        policy(Fact.YES, grant=Grant.MFA_OR_OTHER),
        policy(Fact.NO),
        as_told(conditions={"applications": {"includeApplications": ["Office365"]}}),
        as_told(conditions={"platforms": {"includePlatforms": ["android"]}}),
        as_told(
            conditions={
                "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
            }
        ),
    ],
    ids=[
        "report-only",
        "another control does as well",
        "not for this account",
        "some apps",
        "some platforms",
        "some places",
    ],
)
def test_entra_that_asks_for_none_leaves_it_open(idle: PolicyAnswer) -> None:
    found = judged(idle)
    assert (found.state, "no MFA yet" in found.reason) == (StepState.DONE, True)


ANOTHER_APP: dict[str, Any] = {"policyApplies": False, "analysisReasons": "application"}


def test_a_policy_that_leaves_out_the_app_asked_about_is_not_held_against_it() -> None:
    found = judged(as_told(**ANOTHER_APP))
    assert (found.state, "could not tell" in found.reason) == (StepState.VERIFIED, True)
    left_out = as_told(**ANOTHER_APP | {"analysisReasons": "users,application"})
    assert "no MFA yet" in judged(left_out).reason
    for_one_app = {"applications": {"includeApplications": ["some-app"]}}
    assert "no MFA yet" in judged(as_told(conditions=for_one_app, **ANOTHER_APP)).reason


@pytest.mark.parametrize(
    ("strength", "said"),
    [
        ({"id": "s", "requirementsSatisfied": "mfa"}, "what-if asks for MFA"),
        ({"id": "s"}, "could not tell"),
        ({"id": "s", "requirementsSatisfied": "none"}, "no MFA yet"),
    ],
)
def test_an_authentication_strength_counts_as_far_as_it_is_told(
    strength: dict[str, str], said: str
) -> None:
    grant = {"operator": "OR", "builtInControls": [], "authenticationStrength": strength}
    assert said in judged(as_told(grantControls=grant)).reason


def test_what_entra_cannot_tell_is_said_and_not_held_against_it() -> None:
    found = judged(policy(Fact.UNKNOWN), policy(Fact.NO))
    assert (found.state, "could not tell" in found.reason) == (StepState.VERIFIED, True)


def test_a_question_that_fails_proves_nothing() -> None:
    def away(_user: str) -> WhatIf:
        raise VendorDown("Entra", "HTTP 503")

    found, _ = Samples(HandClock()).confirm(JOB, (IN, ALSO_IN), away)
    assert (found.state, "could not tell" in found.reason) == (StepState.VERIFIED, True)


def test_nobody_is_asked_about_before_all_are_in() -> None:
    entra = Entra()
    assert Samples(HandClock()).confirm(JOB, (IN, NOT_YET), entra) == (IN, NOT_YET)
    assert entra.asked == []


def test_who_waits_for_entra_to_ask_is_not_asked_about_at_every_look() -> None:
    clock, entra = HandClock(), Entra(policy(Fact.NO))
    samples = Samples(clock)
    looks = [samples.confirm(JOB, (IN,), entra) for _ in range(3)]
    assert (len(set(looks)), looks[0][0].state, entra.asked) == (1, StepState.DONE, ["ann"])
    samples.confirm(JobId("J2"), (ALSO_IN,), entra)
    assert entra.asked == ["ann", "bob"]
    clock.move(seconds=ASK_AGAIN_AFTER.total_seconds())
    entra.policies = (policy(Fact.YES),)
    assert samples.confirm(JOB, (IN,), entra)[0].state is StepState.VERIFIED
