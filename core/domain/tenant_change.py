"""Changes to a whole tenant: what exactly is approved, and the settings they start from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from core.domain.facts import Fact
from core.domain.identity import CaPolicy, PolicyState


class PolicyTemplate(StrEnum):
    """The small reviewed set of policies that Gatehouse creates."""

    MFA_ALL_USERS = "mfa_all_users"
    RESISTANT_ADMINS = "resistant_admins"
    BLOCK_LEGACY = "block_legacy"


class TenantPower(StrEnum):
    """A part of a tenant that the write app may or may not be allowed to change."""

    POLICIES = "policies"
    SECURITY_DEFAULTS = "security_defaults"
    CAMPAIGN = "campaign"
    PER_USER = "per_user"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The account that Entra's what-if is asked about once the change is made."""

    user_id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePolicy:
    """A policy of the reviewed set, always created report-only. Ids are sorted, so that digests agree."""

    type: Literal["create_policy"] = "create_policy"
    template: PolicyTemplate
    name: str
    excluded_users: tuple[str, ...]
    excluded_roles: tuple[str, ...] = ()
    #: Empty: everyone is included.
    included_roles: tuple[str, ...] = ()
    #: The authentication strength it demands instead of plain MFA.
    strength: str | None = None
    sample: Sample | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetPolicyState:
    """One policy from a state to another; with it `add_excluded` join its exclusions, `drop_excluded` leave them."""

    type: Literal["set_policy_state"] = "set_policy_state"
    policy_id: str
    name: str
    before: PolicyState
    after: PolicyState
    #: Hash of all the policy asks of whom: an edit since makes it another policy.
    fingerprint: str
    #: The same without the accounts it excludes: so it has to be afterwards too.
    essence: str
    add_excluded: tuple[str, ...] = ()
    sample: Sample | None = None
    drop_excluded: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EndNotice:
    """The people of one job leave the exclusions of an enabled policy, and all else in it stays."""

    type: Literal["end_notice"] = "end_notice"
    policy_id: str
    name: str
    #: Hash of all it asks, whomever it excludes: if that differs, it asks something else than was approved.
    asks: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EnableInTurn:
    """A policy is enabled in two calls: at once without the people on notice, then for them too.

    `enable` adds them to the exclusions; a plan's targets say who they are and until when.
    """

    type: Literal["enable_in_turn"] = "enable_in_turn"
    enable: SetPolicyState
    rest: EndNotice


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityDefaultsOn:
    """Security defaults from off to on; there is no way back from here."""

    type: Literal["security_defaults_on"] = "security_defaults_on"


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignTarget:
    """A user or group (`kind`) of a registration campaign, and the method it is nudged to."""

    id: str
    kind: str
    method: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """A tenant's registration campaign, whole; targets are sorted.

    `state` is "default" (Microsoft decides), "enabled" or "disabled".
    """

    state: str
    snooze_days: int
    include: tuple[CampaignTarget, ...] = ()
    exclude: tuple[CampaignTarget, ...] = ()


def in_order(targets: Iterable[CampaignTarget]) -> tuple[CampaignTarget, ...]:
    """As a campaign holds them, so that two equal ones are equal."""
    return tuple(sorted(targets, key=lambda target: (target.kind, target.id)))


@dataclass(frozen=True, kw_only=True, slots=True)
class SetCampaign:
    """The registration campaign from one whole value to another."""

    type: Literal["set_campaign"] = "set_campaign"
    before: Campaign
    after: Campaign


#: What one call does, and what one plan does.
TenantChange = CreatePolicy | SetPolicyState | EndNotice | SecurityDefaultsOn | SetCampaign
PlannedChange = TenantChange | EnableInTurn


def stepped(change: PlannedChange | None) -> TenantChange | None:
    """What is done to the policy itself."""
    return change.enable if isinstance(change, EnableInTurn) else change


def state_after(change: PlannedChange | None) -> PolicyState | None:
    """The state that a policy is set to; None where it is about something else."""
    step = stepped(change)
    return step.after if isinstance(step, SetPolicyState) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantPolicy:
    """A conditional-access policy as it stands now. `since`: not changed after this moment."""

    policy: CaPolicy
    #: Hashes of all it asks of whom, with and without the accounts it excludes; `asks` without all it excludes.
    fingerprint: str
    essence: str
    asks: str
    since: datetime | None = None
    #: Microsoft put it there: only its state and exclusions can be changed.
    managed: bool = False
    #: Which of our templates it was made from, by its name.
    template: PolicyTemplate | None = None
    #: It still is what that template makes, whomever it excludes.
    reviewed: bool = False

    @property
    def id(self) -> str:
        return self.policy.id

    @property
    def name(self) -> str:
        return self.policy.name

    @property
    def state(self) -> PolicyState:
        return self.policy.state


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantControls:
    """A tenant's own settings about MFA, read now. None or UNKNOWN: could not be read, see `unread`."""

    #: For every part, the roles that the write app lacks; none: it may change it.
    lacking: Mapping[TenantPower, tuple[str, ...]]
    policies: tuple[TenantPolicy, ...] | None = None
    security_defaults: Fact = Fact.UNKNOWN
    campaign: Campaign | None = None
    #: Id of the built-in authentication strength that only takes phishing-resistant methods.
    resistant_strength: str | None = None
    licensed: Fact = Fact.UNKNOWN
    #: Role template id -> users who hold it actively at tenant scope.
    role_holders: Mapping[str, frozenset[str]] | None = None
    #: Part ("policies", "campaign" ...) -> why it could not be read.
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportOnlyImpact:
    """What one report-only policy would have done to the sign-ins that were looked through.

    `whole` is False where there were more sign-ins than are looked through; the newest are.
    """

    since: datetime
    sign_ins: int
    passed: int
    prompted: int
    refused: int
    #: Sign-in names of those who would have been refused, at most a few.
    refused_people: tuple[str, ...] = ()
    whole: bool = True
