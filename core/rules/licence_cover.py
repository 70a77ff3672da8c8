"""Whether an account's own licences allow for conditional access."""

from core.domain.facts import Fact
from core.domain.identity import DirectoryReading, DirectoryUser
from core.rules.held_out import lives_elsewhere


def premium_of(user: DirectoryUser, reading: DirectoryReading) -> Fact:
    """Whether Entra ID P1 covers the account. Of one at home in another tenant, its licences here tell nothing."""
    if lives_elsewhere(user):
        return Fact.UNKNOWN
    if reading.licensed is Fact.NO:
        return Fact.NO
    return reading.premium.get(user.id, Fact.UNKNOWN)
