"""A tenant's own settings about MFA, in Graph's words and in ours. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.identity import CaPolicy, PolicyState
from core.domain.tenant_change import (
    Campaign,
    CampaignTarget,
    CreatePolicy,
    PolicyTemplate,
    TenantPolicy,
    in_order,
)
from core.rules.policy_templates import audience_of, template_of
from integrations.entra import mapping, policies

Json = dict[str, Any]

POLICIES = "/identity/conditionalAccess/policies"
DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
METHODS = "/policies/authenticationMethodsPolicy"
STRENGTHS = "/policies/authenticationStrengthPolicies"

#: Microsoft's own policies cannot be renamed, and nothing else in the object tells them apart.
_MANAGED = "Microsoft-managed:"
_EXCLUSIONS = ("excludeUsers", "excludeGroups", "excludeRoles", "excludeGuestsOrExternalUsers")
_CAMPAIGN = "authenticationMethodsRegistrationCampaign"
_RESISTANT = frozenset({"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"})
STATE_VALUES: Mapping[PolicyState, str] = {
    PolicyState.ENABLED: "enabled",
    PolicyState.REPORT_ONLY: "enabledForReportingButNotEnforced",
    PolicyState.DISABLED: "disabled",
}


# Reading.


def tenant_policy(row: Json) -> TenantPolicy:
    """Raises KeyError where the policy has no id."""
    policy = policies.policy(row)
    template = template_of(policy.name)
    return TenantPolicy(
        policy=policy,
        fingerprint=_fingerprint(row),
        essence=_fingerprint(_without(row, ("excludeUsers",))),
        asks=_fingerprint(_without(row, _EXCLUSIONS)),
        since=mapping.moment(row.get("modifiedDateTime") or row.get("createdDateTime")),
        managed=policy.name.startswith(_MANAGED),
        template=template,
        reviewed=template is not None and _demands_as(policy, template),
    )


def _fingerprint(row: Json) -> str:
    """SHA-256, in hex, over whom a policy asks for what."""
    parts = ("conditions", "grantControls", "sessionControls")
    told = json.dumps({part: _plain(row.get(part)) for part in parts}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Without what says nothing, and lists as sets: Graph promises neither an order nor nulls."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item not in (None, [], {})}
    if isinstance(value, list):
        return sorted((_plain(item) for item in value), key=json.dumps)
    return value


def _without(row: Json, exclusions: Iterable[str]) -> Json:
    """The policy as it would be without these lists of its exclusions."""
    conditions = row.get("conditions") or {}
    users = {**(conditions.get("users") or {}), **dict.fromkeys(exclusions)}
    return {**row, "conditions": {**conditions, "users": users}}


def campaign(row: Json) -> Campaign:
    """The campaign in an authenticationMethodsPolicy. Raises KeyError or TypeError where there is none."""
    told = row["registrationEnforcement"][_CAMPAIGN]
    return Campaign(
        state=str(told["state"]),
        snooze_days=int(told["snoozeDurationInDays"]),
        include=in_order(map(_target, told["includeTargets"])),
        exclude=in_order(map(_target, told["excludeTargets"])),
    )


def _target(row: Json) -> CampaignTarget:
    return CampaignTarget(
        id=str(row["id"]),
        kind=str(row["targetType"]),
        method=row.get("targetedAuthenticationMethod"),
    )


def resistant_strength(rows: list[Json]) -> str | None:
    """The built-in strength that takes phishing-resistant methods and no others."""
    for row in rows:
        allowed = frozenset(row.get("allowedCombinations") or ())
        if row.get("policyType") == "builtIn" and allowed and allowed <= _RESISTANT:
            return str(row["id"])
    return None


# Writing.


def new_policy(change: CreatePolicy, name: str) -> Json:
    """The body that creates a policy, report-only."""
    legacy = change.template is PolicyTemplate.BLOCK_LEGACY
    return {
        "displayName": name,
        "state": STATE_VALUES[PolicyState.REPORT_ONLY],
        "conditions": {
            "clientAppTypes": ["exchangeActiveSync", "other"] if legacy else ["all"],
            "applications": {"includeApplications": ["All"]},
            "users": _users(change),
        },
        "grantControls": _grant(change),
    }


def _users(change: CreatePolicy) -> Json:
    roles = list(change.included_roles)
    include: Json = {"includeRoles": roles} if roles else {"includeUsers": ["All"]}
    exclude: Json = {"excludeUsers": list(change.excluded_users)}
    if change.excluded_roles:
        exclude["excludeRoles"] = list(change.excluded_roles)
    return include | exclude


def _grant(change: CreatePolicy) -> Json:
    """A strength goes as a nested object alone: beside it not even an empty list of controls is taken."""
    if change.strength is not None:
        return {"operator": "OR", "authenticationStrength": {"id": change.strength}}
    blocks = change.template is PolicyTemplate.BLOCK_LEGACY
    return {"operator": "OR", "builtInControls": ["block" if blocks else "mfa"]}


def is_as_created(row: Json, change: CreatePolicy) -> bool:
    """Whether a policy as read asks and spares just whom its creation asked for; its state aside."""
    made, wanted = policies.policy(row), policies.policy({"id": "", **new_policy(change, "")})
    strength = (row.get("grantControls") or {}).get("authenticationStrength") or {}
    return (
        _demands_as(made, change.template)
        and (made.include, made.exclude) == (wanted.include, wanted.exclude)
        and strength.get("id") == change.strength
    )


def _demands_as(made: CaPolicy, template: PolicyTemplate) -> bool:
    """Whether a policy asks what its template asks, of whom it asks it; whom it excludes aside."""
    include, _ = audience_of(template)
    blank = CreatePolicy(template=template, name="", excluded_users=())
    wanted = policies.policy({"id": "", **new_policy(blank, "")})
    return (
        made.include == include
        and (made.all_apps, made.excluded_apps) == (True, ())
        and (made.grant, made.narrowed_by) == (wanted.grant, wanted.narrowed_by)
    )


def excluded_users(row: Json) -> frozenset[str]:
    """The accounts a policy as read excludes by name, in small letters."""
    return frozenset(user.lower() for user in _users_of(row).get("excludeUsers") or ())


def excluding(row: Json, *, add: Iterable[str] = (), drop: Iterable[str] = ()) -> Json:
    """The whole condition, as read but for these accounts: whether Graph merges inside one is not documented."""
    users = _users_of(row)
    gone = {user.lower() for user in drop}
    kept = [user for user in users.get("excludeUsers") or () if user.lower() not in gone]
    named = excluded_users(row)
    added = sorted(user for user in add if user.lower() not in named)
    told = {name: value for name, value in users.items() if value is not None}
    return {**told, "excludeUsers": [*kept, *added]}


def _users_of(row: Json) -> Json:
    users = (row.get("conditions") or {}).get("users")
    return users if isinstance(users, dict) else {}


def campaign_body(wanted: Campaign) -> Json:
    """The whole campaign: Graph documents no merging of parts."""
    whole = {
        "state": wanted.state,
        "snoozeDurationInDays": wanted.snooze_days,
        "includeTargets": [
            {"id": t.id, "targetType": t.kind, "targetedAuthenticationMethod": t.method}
            for t in wanted.include
        ],
        "excludeTargets": [{"id": t.id, "targetType": t.kind} for t in wanted.exclude],
    }
    return {"registrationEnforcement": {_CAMPAIGN: whole}}
