"""What a tenant's sign-in log shows: who really signed in without being asked for a second factor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleFactor:
    """How often one account signed in with one factor since; at least so often where not all was read."""

    count: int
    since: datetime
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInEvidence:
    """Successful sign-ins that took one factor, by user id; a user absent from a read log had none.

    `counts` is None where the log was not read, and `why_not` says why.
    """

    read_at: datetime
    since: datetime
    counts: Mapping[str, int] | None = None
    #: False: there were more than are looked through; the newest count.
    whole: bool = True
    why_not: str = ""
