"""Conditional-access policies as Graph writes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.estate.strengths import strength
from sandbox.estate.times import stamp

Json = dict[str, Any]
ENABLED = "enabled"
DISABLED = "disabled"
REPORT_ONLY = "enabledForReportingButNotEnforced"


def scope(
    *,
    users: Iterable[str] = (),
    groups: Iterable[str] = (),
    roles: Iterable[str] = (),
    guests: str | None = None,
    without_users: Iterable[str] = (),
    without_groups: Iterable[str] = (),
) -> Json:
    """Whom a policy addresses. `guests` holds comma-joined guest types, of all tenants."""
    return {
        "includeUsers": list(users),
        "excludeUsers": list(without_users),
        "includeGroups": list(groups),
        "excludeGroups": list(without_groups),
        "includeRoles": list(roles),
        "excludeRoles": [],
        "includeGuestsOrExternalUsers": _guests(guests),
        "excludeGuestsOrExternalUsers": None,
    }


def everyone(*, without_users: Iterable[str] = (), without_groups: Iterable[str] = ()) -> Json:
    return scope(users=["All"], without_users=without_users, without_groups=without_groups)


def _guests(types: str | None) -> Json | None:
    if types is None:
        return None
    tenants = {
        "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
        "membershipKind": "all",
    }
    return {"guestOrExternalUserTypes": types, "externalTenants": tenants}


def applications(*include: str) -> Json:
    return {
        "includeApplications": list(include),
        "excludeApplications": [],
        "includeUserActions": [],
        "includeAuthenticationContextClassReferences": [],
        "applicationFilter": None,
    }


def registering_methods() -> Json:
    """Not an app but what a user does: registering security information."""
    return {**applications(), "includeUserActions": ["urn:user:registersecurityinfo"]}


def conditions(users: Json, **narrowing: Any) -> Json:
    """All conditions of a policy; `narrowing` replaces the wide defaults."""
    wide: Json = {
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "clientAppTypes": ["all"],
        "servicePrincipalRiskLevels": [],
        "insiderRiskLevels": None,
        "platforms": None,
        "locations": None,
        "devices": None,
        "clientApplications": None,
        "authenticationFlows": None,
        "applications": applications("All"),
        "users": users,
    }
    return {**wide, **narrowing}


def require(*controls: str, operator: str = "OR", custom: Iterable[str] = ()) -> Json:
    return {
        "operator": operator,
        "builtInControls": list(controls),
        "customAuthenticationFactors": list(custom),
        "termsOfUse": [],
        "authenticationStrength": None,
    }


def require_strength(strength_id: str) -> Json:
    return {**require(), "authenticationStrength": strength(strength_id)}


def policy(
    policy_id: str,
    name: str,
    grant: Json,
    wanted: Json,
    *,
    created: datetime,
    state: str = ENABLED,
    template_id: str | None = None,
) -> Json:
    """The whole conditionalAccessPolicy object; `wanted` comes from `conditions`."""
    return {
        "id": policy_id,
        "templateId": template_id,
        "displayName": name,
        "createdDateTime": stamp(created),
        "modifiedDateTime": None,
        "deletedDateTime": None,
        "state": state,
        "conditions": wanted,
        "grantControls": grant,
        "sessionControls": None,
    }
