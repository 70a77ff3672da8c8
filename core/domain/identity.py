"""A tenant's accounts and policies, in words that carry no vendor JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from core.domain.facts import Coverage, Fact

UserId = NewType("UserId", str)


class AccountKind(StrEnum):
    """What an account is to its tenant."""

    MEMBER = "member"
    GUEST = "guest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryUser:
    """One account. `external_type` is Entra's guestOrExternalUserTypes word, None for internal members."""

    id: UserId
    name: str
    upn: str
    enabled: Fact
    kind: AccountKind
    external_type: str | None = None
    synced: bool = False
    licensed: Fact = Fact.UNKNOWN
    created_at: datetime | None = None
    hire_at: datetime | None = None
    last_sign_in: datetime | None = None
    #: Sign-ins of others were told and none of this one.
    never_signed_in: bool = False
    #: Entra says that it stands for a thing (a room's telephone, a queue), not for a person.
    resource: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaRegistration:
    """Registered: has a method. Capable: the methods policy lets it be used. `methods` are raw words."""

    user_id: UserId
    registered: Fact
    capable: Fact
    methods: tuple[str, ...] = ()


class Strength(StrEnum):
    """The best of what an account registered for MFA; no telling whether a policy lets it be used."""

    PHISHING_RESISTANT = "phishing_resistant"
    ORDINARY = "ordinary"
    SMS_OR_VOICE_ONLY = "sms_or_voice_only"
    NONE = "none"
    UNKNOWN = "unknown"


class PolicyState(StrEnum):
    """Whether a conditional-access policy is in force."""

    ENABLED = "enabled"
    REPORT_ONLY = "report_only"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class Grant(StrEnum):
    """What a policy asks of a sign-in, as far as MFA is concerned."""

    MFA = "mfa"
    #: MFA or another control (a compliant device, say): MFA is not certain.
    MFA_OR_OTHER = "mfa_or_other"
    THIRD_PARTY = "third_party"
    BLOCK = "block"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """One side (include or exclude) of a policy's user condition. Role ids are role template ids."""

    everyone: bool = False
    users: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)
    #: Entra's guestOrExternalUserTypes words; "*" for the older "GuestsOrExternalUsers".
    external_types: frozenset[str] = field(default_factory=frozenset)
    #: The external types count for listed home tenants only; an account's home tenant is not told.
    some_tenants_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CaPolicy:
    """A conditional-access policy. `narrowed_by` names every condition that leaves ordinary sign-ins out."""

    id: str
    name: str
    state: PolicyState
    grant: Grant
    all_apps: bool
    excluded_apps: tuple[str, ...] = ()
    narrowed_by: tuple[str, ...] = ()
    #: It stands before registering a method, wherever that is tried but from trusted places.
    limits_registration: bool = False
    include: Audience
    exclude: Audience


class PerUserState(StrEnum):
    """Legacy per-user MFA."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ENFORCED = "enforced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryDevice:
    """A computer or phone that signs in. `joined` is NO for one that is merely registered (somebody's own)."""

    id: str
    name: str
    os: str
    joined: Fact
    enabled: Fact
    last_sign_in: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryReading:
    """All that one read of a tenant brought. A key absent from a mapping was not read.

    `group_members` holds user ids, nesting resolved; a group that no longer exists has an empty set and
    stands in `gone`. `coverage.unread[].what` is one of the READS below. Only the role mappings are
    whole once their read is: a role absent from them then has no holder.
    """

    tenant_id: str
    tenant_name: str | None = None
    default_domain: str | None = None
    domains: tuple[str, ...] = ()
    federated_domains: frozenset[str] = field(default_factory=frozenset)
    licensed: Fact = Fact.UNKNOWN
    users: tuple[DirectoryUser, ...] = ()
    registrations: Mapping[UserId, MfaRegistration] = field(default_factory=dict)
    #: What may answer an MFA prompt here and stands in no account's registrations; None where not read.
    unseen_methods: tuple[str, ...] | None = None
    policies: tuple[CaPolicy, ...] = ()
    group_members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    group_names: Mapping[str, str] = field(default_factory=dict)
    #: Group -> the groups inside it -> who stands in those themselves; for the chain of reasons alone.
    inner_groups: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    gone: frozenset[str] = field(default_factory=frozenset)
    #: Whether Entra ID P1 covers an account, where the tenant has any.
    premium: Mapping[UserId, Fact] = field(default_factory=dict)
    #: Role template id -> users who hold it actively at tenant scope, through groups included.
    role_holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: The same for roles held over a part of the tenant only (an administrative unit, one object).
    scoped_holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Those held for the whole tenant once activated (PIM).
    eligible_holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Those held over a part of it once activated.
    scoped_eligible_holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    security_defaults: Fact = Fact.UNKNOWN
    per_user: Mapping[UserId, PerUserState] = field(default_factory=dict)
    devices: tuple[DirectoryDevice, ...] = ()
    coverage: Coverage
    observed_at: datetime


DEVICE_REGISTER = "device register"
#: The names of what a read of a tenant consists of; Coverage speaks in these.
READS = (
    "users",
    "registrations",
    "methods policy",
    "policies",
    "groups",
    "roles",
    "eligible roles",
    "security defaults",
    "licences",
    "domains",
    "per-user MFA",
    DEVICE_REGISTER,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupProof:
    """Whether a group may be used to enforce MFA; `problems` are sentences, empty when it may."""

    group_id: str
    name: str
    problems: tuple[str, ...]
    members: frozenset[str] = field(default_factory=frozenset)
    #: Names of the enabled full MFA policies that include the group.
    policies: tuple[str, ...] = ()
    #: User id -> the policy that excludes them although the group is included.
    excluded: Mapping[str, str] = field(default_factory=dict)
