"""Notice: a dated time in which a policy in force still leaves people out who have no method yet."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OnNotice:
    """For one account: which request leaves it out of which policy, and until when (the client's zone)."""

    request: str
    policy_id: str
    policy_name: str
    until: datetime
