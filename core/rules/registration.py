"""Whether somebody who knows a password may register the account's first method from anywhere."""

from core.domain.facts import Fact
from core.domain.identity import DirectoryReading, DirectoryUser, PolicyState
from core.rules.audience import reach
from core.rules.logic import all_of, any_of, opposite


def registration_limited(user: DirectoryUser, reading: DirectoryReading) -> Fact:
    """YES where a policy in force asks for a trusted place, a known device or MFA before registering."""
    if not reading.coverage.covers("policies"):
        return Fact.UNKNOWN
    limiting = (
        policy
        for policy in reading.policies
        if policy.limits_registration and policy.state is PolicyState.ENABLED
    )
    return any_of(
        all_of(
            reach(policy.include, user, reading).fact,
            opposite(reach(policy.exclude, user, reading).fact),
        )
        for policy in limiting
    )
