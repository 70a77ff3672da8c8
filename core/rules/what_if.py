"""What a tenant's own answer says of MFA, and whether our verdict fits it."""

from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Requirement
from core.domain.identity import Grant, PolicyState
from core.domain.what_if import PolicyAnswer, WhatIf
from core.rules.logic import all_of, any_of

_BARE = (Requirement.UNCOVERED, Requirement.EXCLUDED, Requirement.REPORT_ONLY)


def asks_for_mfa(answer: WhatIf) -> Fact:
    """Whether MFA is sure to be asked for at an ordinary sign-in. One that was never put proves nothing."""
    enabled = (policy for policy in answer.policies if policy.state is PolicyState.ENABLED)
    return any_of(_sure(policy) for policy in enabled if policy.grant is Grant.MFA)


def disagrees(verdict: MfaVerdict, answer: WhatIf) -> bool:
    """True only where both cannot be right: most likely something changed since the verdict."""
    asks = asks_for_mfa(answer)
    if verdict.requirement is Requirement.ENFORCED:
        return asks is Fact.NO
    return verdict.requirement in _BARE and asks is Fact.YES


def _sure(policy: PolicyAnswer) -> Fact:
    """A policy that leaves out the app asked about may well ask at every other one."""
    return all_of(Fact.UNKNOWN if policy.other_apps else policy.applies, policy.whole)
