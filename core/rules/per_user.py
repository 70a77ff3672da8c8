"""Whom the older per-user state may ask for MFA in a tenant that has conditional access for others."""

from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Requirement

_ASKED = (Requirement.ENFORCED, Requirement.PARTIAL)


def in_the_way(premium: Fact, requirement: Requirement) -> str | None:
    """Why not this account: Microsoft warns of having both, so one that either may reach is left to policies."""
    if premium is Fact.YES:
        return "its licence holds Entra ID P1: enforce MFA with the MFA group"
    if premium is Fact.UNKNOWN:
        return "whether its licence holds Entra ID P1 could not be read"
    if requirement in _ASKED:
        return "conditional access asks it for MFA already, and the two are never mixed"
    if requirement is Requirement.UNKNOWN:
        return "whether a policy asks it for MFA could not be read"
    return None


def per_user_may(verdict: MfaVerdict) -> bool:
    return in_the_way(verdict.premium, verdict.requirement) is None
