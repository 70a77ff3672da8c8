"""Whether being in the group is felt: Entra's own what-if, asked for one of those who were added."""

from collections.abc import Callable
from dataclasses import replace

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.identity import Grant, PolicyState
from core.domain.remediation import StepState
from core.domain.what_if import WhatIf
from core.errors import VendorError
from core.rules.logic import any_of


def with_sample(
    results: tuple[StepResult, ...], ask: Callable[[str], WhatIf]
) -> tuple[StepResult, ...]:
    """The results once all are verified, with what Entra says of the first of them.

    Where it would ask for no MFA yet, that one is not done; a question that fails proves nothing.
    """
    if not results or any(result.state is not StepState.VERIFIED for result in results):
        return results
    sample, *others = results
    try:
        asked = _asks_for_mfa(ask(sample.target))
    except VendorError:
        asked = Fact.UNKNOWN
    return (_told(sample, asked), *others)


def _asks_for_mfa(answer: WhatIf) -> Fact:
    enabled = (policy for policy in answer.policies if policy.state is PolicyState.ENABLED)
    return any_of(policy.applies for policy in enabled if policy.grant is Grant.MFA)


def _told(sample: StepResult, asked: Fact) -> StepResult:
    match asked:
        case Fact.YES:
            return replace(sample, reason=f"{sample.reason}; what-if asks for MFA")
        case Fact.NO:
            reason = f"{sample.reason}, but what-if asks for no MFA yet"
            return replace(sample, state=StepState.DONE, reason=reason)
        case _:
            return replace(sample, reason=f"{sample.reason}; what-if could not tell")
