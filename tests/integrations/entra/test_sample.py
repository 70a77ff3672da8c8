"""Being in the group is verified by what it does: one person's imagined sign-in."""

from datetime import UTC, datetime

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.identity import Grant, PolicyState
from core.domain.remediation import StepState
from core.domain.what_if import PolicyAnswer, WhatIf
from core.errors import VendorDown
from integrations.entra.sample import with_sample

IN = StepResult(target="ann", state=StepState.VERIFIED, reason="in the group")
ALSO_IN = StepResult(target="bob", state=StepState.VERIFIED, reason="in the group")
NOT_YET = StepResult(target="cy", state=StepState.DONE)


def policy(
    applies: Fact,
    state: PolicyState = PolicyState.ENABLED,
    grant: Grant = Grant.MFA,
) -> PolicyAnswer:
    return PolicyAnswer(name="MFA", state=state, grant=grant, applies=applies)


def judged(*policies: PolicyAnswer) -> StepResult:
    asked: list[str] = []

    def ask(user: str) -> WhatIf:
        asked.append(user)
        return WhatIf(app="x", asked_at=datetime.now(UTC), policies=policies)

    first, second = with_sample((IN, ALSO_IN), ask)
    assert (second, asked) == (ALSO_IN, ["ann"])
    return first


def test_entra_that_asks_for_mfa_confirms_it() -> None:
    found = judged(policy(Fact.NO), policy(Fact.YES))
    assert (found.state, "what-if asks for MFA" in found.reason) == (StepState.VERIFIED, True)


@pytest.mark.parametrize(
    "idle",
    [
        policy(Fact.YES, PolicyState.REPORT_ONLY),
        policy(Fact.YES, grant=Grant.MFA_OR_OTHER),
        policy(Fact.NO),
    ],
    ids=["report-only", "another control does as well", "not for this account"],
)
def test_entra_that_asks_for_none_leaves_it_open(idle: PolicyAnswer) -> None:
    found = judged(idle)
    assert (found.state, "no MFA yet" in found.reason) == (StepState.DONE, True)


def test_what_entra_cannot_tell_is_said_and_not_held_against_it() -> None:
    found = judged(policy(Fact.UNKNOWN), policy(Fact.NO))
    assert (found.state, "could not tell" in found.reason) == (StepState.VERIFIED, True)


def test_a_question_that_fails_proves_nothing() -> None:
    def away(_user: str) -> WhatIf:
        raise VendorDown("Entra", "HTTP 503")

    found, _ = with_sample((IN, ALSO_IN), away)
    assert (found.state, "could not tell" in found.reason) == (StepState.VERIFIED, True)


def test_nobody_is_asked_about_before_all_are_in() -> None:
    def ask(_user: str) -> WhatIf:
        raise AssertionError

    assert with_sample((IN, NOT_YET), ask) == (IN, NOT_YET)
