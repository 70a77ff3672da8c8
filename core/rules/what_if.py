"""Whether a tenant's own answer and our verdict fit together."""

from core.domain.findings import MfaVerdict, Requirement
from core.domain.identity import Grant, PolicyState
from core.domain.what_if import WhatIf

_BARE = (Requirement.UNCOVERED, Requirement.EXCLUDED, Requirement.REPORT_ONLY)


def disagrees(verdict: MfaVerdict, answer: WhatIf) -> bool:
    """True only where both cannot be right: most likely something changed since the verdict."""
    asks = any(policy.grant is Grant.MFA for policy in answer.applying(PolicyState.ENABLED))
    if verdict.requirement is Requirement.ENFORCED:
        return not asks
    return verdict.requirement in _BARE and asks
