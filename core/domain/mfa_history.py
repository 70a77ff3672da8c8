"""What is remembered of earlier readings of a tenant, and what changed since one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.clients import ClientKey
from core.domain.identity import PolicyState, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyMark:
    """One conditional-access policy in short. `excluded` maps what it leaves out to its name for people."""

    name: str
    state: PolicyState
    excluded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaMark:
    """One reading in short: who was, or may have been, open to a bare password.

    What was not known then is in these sets too, so that nothing counts as new by mere doubt. None
    stands for what was not read in full.
    """

    observed_at: datetime
    exposed: frozenset[UserId]
    admins: frozenset[UserId] | None = None
    policies: Mapping[str, PolicyMark] | None = None


class MfaChangeKind(StrEnum):
    """What sort of thing changed, most urgent first."""

    ADMIN_WITHOUT_MFA = "admin_without_mfa"
    POLICY_WEAKER = "policy_weaker"
    POLICY_EXCLUDES = "policy_excludes"
    UNCOVERED = "uncovered"
    POLICY_STRONGER = "policy_stronger"
    #: Left out by Gatehouse itself until a day that was announced.
    POLICY_NOTICE = "policy_notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaChange:
    """One thing that is so now and surely was not then; `subject` is text from outside."""

    kind: MfaChangeKind
    client: ClientKey
    subject: str
    detail: str
