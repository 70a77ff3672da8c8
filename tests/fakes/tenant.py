"""A tenant's own settings as the directory would read them, and changes to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.clients import ClientKey
from core.domain.facts import Coverage, Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import (
    AccountKind,
    Audience,
    CaPolicy,
    Grant,
    PolicyState,
    Strength,
    UserId,
)
from core.domain.remediation import Action
from core.domain.tenant_change import (
    Campaign,
    CampaignTarget,
    CreatePolicy,
    EndNotice,
    PolicyTemplate,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
    TenantChange,
    TenantControls,
    TenantPolicy,
    TenantPower,
)
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.rules.policy_templates import NAMES, template_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CAMPAIGN = Campaign(
    state="default",
    snooze_days=1,
    include=(CampaignTarget(id="all_users", kind="group", method="microsoftAuthenticator"),),
)
MFA_FOR_ALL = NAMES[PolicyTemplate.MFA_ALL_USERS]
MANAGED = "Microsoft-managed: Multifactor authentication for all users"


def a_change(action: Action, name: str = MFA_FOR_ALL) -> TenantChange | None:
    """What a plan of a tenant-wide action changes; None for the others."""
    match action:
        case Action.CREATE_POLICY:
            return CreatePolicy(
                template=PolicyTemplate.RESISTANT_ADMINS,
                name=name,
                excluded_users=("bg1", "bg2"),
                included_roles=("role-1", "role-2"),
            )
        case Action.PROMOTE_POLICY | Action.STEP_BACK_POLICY:
            return SetPolicyState(
                policy_id="policy-1",
                name=name,
                before=PolicyState.REPORT_ONLY,
                after=PolicyState.ENABLED,
                fingerprint="f00",
                essence="e00",
                add_excluded=("bg1",),
            )
        case Action.END_NOTICE:
            return EndNotice(policy_id="policy-1", name=name, asks="a00")
        case Action.SECURITY_DEFAULTS:
            return SecurityDefaultsOn()
        case Action.START_CAMPAIGN | Action.UNDO_CAMPAIGN:
            return SetCampaign(before=CAMPAIGN, after=replace(CAMPAIGN, state="enabled"))
        case _:
            return None


def a_policy(
    name: str = f"{MFA_FOR_ALL} [R00001-1]",
    state: PolicyState = PolicyState.REPORT_ONLY,
    *,
    policy_id: str = "policy-1",
    days: float | None = 8,
    reviewed: bool = True,
    **changes: Any,
) -> TenantPolicy:
    """`days` is how long it stands so; `changes` go into the policy itself."""
    legacy = template_of(name) is PolicyTemplate.BLOCK_LEGACY
    facts: dict[str, Any] = {
        "grant": Grant.BLOCK if legacy else Grant.MFA,
        "all_apps": True,
        "narrowed_by": ("old protocols only",) if legacy else (),
        "include": Audience(everyone=True),
        "exclude": Audience(users=frozenset({"bg1"})),
    }
    return TenantPolicy(
        policy=CaPolicy(id=policy_id, name=name, state=state, **(facts | changes)),
        fingerprint="f00",
        essence="e00",
        asks="a00",
        since=None if days is None else NOW - timedelta(days=days),
        managed=name.startswith("Microsoft-managed"),
        template=template_of(name),
        reviewed=reviewed,
    )


def controls(*policies: TenantPolicy, **changes: Any) -> TenantControls:
    """A licensed tenant whose write app may change everything; bg1 and root are Global Administrators."""
    facts: dict[str, Any] = {
        "lacking": dict.fromkeys(TenantPower, ()),
        "policies": policies,
        "security_defaults": Fact.NO,
        "campaign": CAMPAIGN,
        "resistant_strength": "strength-4",
        "licensed": Fact.YES,
        "role_holders": {GLOBAL_ADMINISTRATOR: frozenset({"bg1", "root"})},
    }
    return TenantControls(**(facts | changes))


def verdict(user: str, **changes: Any) -> MfaVerdict:
    facts: dict[str, Any] = {
        "user_id": UserId(user),
        "name": user.title(),
        "upn": f"{user}@acme.example",
        "kind": AccountKind.MEMBER,
        "requirement": Requirement.UNCOVERED,
        "registered": Fact.YES,
        "capable": Fact.YES,
        "enforced": Fact.NO,
        "gap": Fact.YES,
        "strength": Strength.ORDINARY,
    }
    return MfaVerdict(**(facts | changes))


#: The emergency account, an administrator, two people of whom one has no method, a guest, a scanner.
PEOPLE = (
    verdict("bg1", held_out="break-glass", admin=True, strength=Strength.PHISHING_RESISTANT),
    verdict("root", admin=True),
    verdict("ann"),
    verdict("ben", registered=Fact.NO, capable=Fact.NO, strength=Strength.NONE),
    verdict("gail", kind=AccountKind.GUEST, held_out="guest", strength=Strength.SMS_OR_VOICE_ONLY),
    verdict("scanner", held_out="looks like a service account", capable=Fact.NO),
)
#: The same without the one who has no method.
ABLE = tuple(person for person in PEOPLE if person.user_id != "ben")


def snapshot(*people: MfaVerdict) -> Snapshot:
    section = MfaSection(observed_at=NOW, verdicts=people or PEOPLE, coverage=Coverage())
    return Snapshot(client=ClientKey("acme"), mfa=section)
