"""What Entra refuses in a conditional-access policy, in its numbered words."""

from typing import Any

from sandbox.entra.directory import is_guid
from sandbox.entra.protocol import GraphError, Json, bad_request
from sandbox.estate import policies
from sandbox.estate.model import Tenant
from sandbox.estate.strengths import strength

_STATES = (policies.ENABLED, policies.DISABLED, policies.REPORT_ONLY)
_PROPERTIES = {
    "conditions",
    "description",
    "displayName",
    "grantControls",
    "sessionControls",
    "state",
}
_MANAGED = "Microsoft-managed:"
_RISKS = ("signInRiskLevels", "userRiskLevels")


def check_new(tenant: Tenant, body: Any) -> None:
    """Raise GraphError 400 for a policy Entra would not create."""
    if "AAD_PREMIUM" not in tenant.plans:
        raise _numbered("Your tenant is not licensed for this feature.")
    _check_shape(body)
    for name in ("displayName", "state", "conditions"):
        if not body.get(name):
            raise _schema(f"The required property '{name}' is missing.")
    users = body["conditions"].get("users")
    if not users or not any(users.get(name) for name in users if name.startswith("include")):
        raise _schema("A policy has to include somebody.")
    if not body["conditions"].get("applications"):
        raise _schema("The required property 'applications' is missing.")
    if not body.get("grantControls") and not body.get("sessionControls"):
        raise _schema("A policy needs grant or session controls.")
    _check_values(tenant, body)


def check_change(tenant: Tenant, policy: Json, body: Any) -> None:
    """Raise GraphError 400 for a change Entra would not make."""
    _check_shape(body)
    if policy["displayName"].startswith(_MANAGED):
        _check_managed(policy, body)
    _check_values(tenant, body)


def completed(body: Json, policy_id: str, now: str) -> Json:
    """The whole policy object, with everything the request left out."""
    users = {**policies.scope(), **body["conditions"]["users"]}
    wanted = {
        **body["conditions"],
        "applications": {**policies.applications(), **body["conditions"]["applications"]},
    }
    wanted.pop("users")
    grant = body.get("grantControls")
    return {
        "id": policy_id,
        "templateId": None,
        "displayName": body["displayName"],
        "createdDateTime": now,
        "modifiedDateTime": None,
        "deletedDateTime": None,
        "state": body["state"],
        "conditions": policies.conditions(users, **wanted),
        "grantControls": _full_grant(grant) if grant else None,
        "sessionControls": body.get("sessionControls"),
    }


def _full_grant(grant: Json) -> Json:
    asked = grant.get("authenticationStrength")
    full = {**policies.require(), **grant}
    full["authenticationStrength"] = strength(asked["id"]) if asked else None
    return full


def _check_shape(body: Any) -> None:
    if not isinstance(body, dict) or not body:
        raise _schema("The request has no policy in it.")
    for name in set(body) - _PROPERTIES:
        raise _schema(f"The property '{name}' is unknown or may not be set.")
    if "state" in body and body["state"] not in _STATES:
        raise _schema(f"'{body['state']}' is not a state.")


def _check_values(tenant: Tenant, body: Json) -> None:
    conditions = body.get("conditions") or {}
    _check_grant(body.get("grantControls"))
    for name in _RISKS:
        if conditions.get(name) and "AAD_PREMIUM_P2" not in tenant.plans:
            raise _numbered("1039: Risk conditions need a P2 license.")
    users = conditions.get("users") or {}
    for group in [*users.get("includeGroups", ()), *users.get("excludeGroups", ())]:
        if not is_guid(group) or group not in tenant.groups:
            raise _numbered(f"1054: Invalid group value: {group}.")
    _check_locations(tenant, conditions.get("locations"))
    if body.get("state") == policies.ENABLED and tenant.security_defaults:
        raise _numbered(
            "Security Defaults is enabled in the tenant. You must disable Security defaults before "
            "enabling a Conditional Access policy."
        )


def _check_grant(grant: Json | None) -> None:
    if grant is None:
        return
    if any(name.endswith("@odata.bind") for name in grant):
        raise _schema("authenticationStrength has to be an object with an id.")
    asked = grant.get("authenticationStrength")
    if asked and "builtInControls" in grant and not grant["builtInControls"]:
        raise _schema("builtInControls may not be empty.")
    if asked and "mfa" in grant.get("builtInControls", ()):
        raise _schema("mfa and an authentication strength cannot be required together.")
    if asked and strength(str(asked.get("id"))) is None:
        raise _schema("The authentication strength does not exist.")


def _check_locations(tenant: Tenant, locations: Json | None) -> None:
    known = {"All", "AllTrusted", *(item["id"] for item in tenant.named_locations)}
    for side in ("includeLocations", "excludeLocations"):
        for place in (locations or {}).get(side, ()):
            if place not in known:
                raise _numbered(f"1040: The named location {place} does not exist.")


def _check_managed(policy: Json, body: Json) -> None:
    """Of a policy Microsoft put there, only the state and the exclusions may change."""
    users = (body.get("conditions") or {}).get("users") or {}
    kept = policy["conditions"]["users"]
    included = {name: value for name, value in users.items() if name.startswith("include")}
    touched = set(body) - {"state", "conditions"} or set(body.get("conditions") or ()) - {"users"}
    if touched or any(kept.get(name) != value for name, value in included.items()):
        raise _numbered("A Microsoft-managed policy can only change its state and exclusions.")


def _schema(sentence: str) -> GraphError:
    return _numbered(f"1007: Incoming ConditionalAccessPolicy object does not match. {sentence}")


def _numbered(sentence: str) -> GraphError:
    return bad_request(sentence, "BadRequest")
