"""/policies: security defaults, the authentication methods policy, authentication strengths."""

import copy
from typing import Any

from sandbox.entra.odata import check_names, filter_test, pick, selected
from sandbox.entra.paging import page
from sandbox.entra.protocol import (
    NO_CONTENT,
    Answer,
    Call,
    Json,
    Operation,
    all_of,
    any_of,
    bad_request,
    not_found,
)
from sandbox.estate import policies
from sandbox.estate.strengths import built_in_strengths, strength
from sandbox.estate.times import stamp

_DEFAULTS = "identitySecurityDefaultsEnforcementPolicy"
_CAMPAIGN_STATES = ("default", "enabled", "disabled")


def get_security_defaults(call: Call) -> Answer:
    context = call.context(f"policies/{_DEFAULTS}/$entity")
    enabled = call.replicas.seen(_defaults_key(call), call.tenant.security_defaults)
    return Answer(
        body={
            "@odata.context": context,
            "id": "00000000-0000-0000-0000-000000000005",
            "displayName": "Security Defaults",
            "description": "Basic protection that Microsoft recommends.",
            "isEnabled": enabled,
        }
    )


def _defaults_key(call: Call) -> str:
    return f"{call.tenant.id}/security-defaults"


def update_security_defaults(call: Call) -> Answer:
    """Refused while any conditional-access policy is enabled."""
    wanted = call.body.get("isEnabled") if isinstance(call.body, dict) else None
    if not isinstance(wanted, bool):
        raise bad_request("The property 'isEnabled' has to be true or false.")
    enabled = any(item["state"] == policies.ENABLED for item in call.tenant.policies)
    if wanted and enabled:
        raise bad_request(
            "Your organization is currently using Conditional Access policies which prevents you "
            "from enabling security defaults."
        )
    before, call.tenant.security_defaults = call.tenant.security_defaults, wanted
    call.replicas.wrote(_defaults_key(call), before)
    call.effect("security_defaults_update", [call.tenant.id], before=before, after=wanted)
    return NO_CONTENT


def get_methods_policy(call: Call) -> Answer:
    names = selected(call)
    check_names(names or (), call.tenant.methods_policy, "authenticationMethodsPolicy")
    context = call.context("authenticationMethodsPolicy/$entity")
    shown = call.replicas.seen(_methods_key(call), call.tenant.methods_policy)
    body = {"@odata.context": context} | pick(shown, names)
    return Answer(body=copy.deepcopy(body))


def _methods_key(call: Call) -> str:
    return f"{call.tenant.id}/methods-policy"


def update_methods_policy(call: Call) -> Answer:
    """Takes the registration campaign, whole."""
    campaign = _campaign(call.body)
    _check_targets(call, campaign)
    policy = call.tenant.methods_policy
    call.replicas.wrote(_methods_key(call), copy.deepcopy(policy))
    before = policy["registrationEnforcement"]
    policy["registrationEnforcement"] = {"authenticationMethodsRegistrationCampaign": campaign}
    policy["lastModifiedDateTime"] = stamp(call.world.clock.now())
    call.effect("methods_policy_update", [call.tenant.id], before=before, after=campaign)
    return NO_CONTENT


def _campaign(body: Any) -> Json:
    enforcement = body.get("registrationEnforcement") if isinstance(body, dict) else None
    name = "authenticationMethodsRegistrationCampaign"
    campaign: Any = enforcement.get(name) if isinstance(enforcement, dict) else None
    if not isinstance(campaign, dict):
        raise bad_request("The request has no registration campaign in it.", "BadRequest")
    if campaign.get("state") not in _CAMPAIGN_STATES:
        raise bad_request("The campaign's state is unknown.", "BadRequest")
    snooze = campaign.get("snoozeDurationInDays")
    if not isinstance(snooze, int) or not 0 <= snooze <= 14:
        raise bad_request("snoozeDurationInDays has to be between 0 and 14.", "BadRequest")
    return dict(campaign)


def _check_targets(call: Call, campaign: Json) -> None:
    known = {"all_users", *call.tenant.users, *call.tenant.groups}
    for side in ("includeTargets", "excludeTargets"):
        for target in campaign.get(side) or ():
            if target.get("id") not in known:
                raise bad_request(f"The target {target.get('id')} does not exist.", "BadRequest")


def list_strengths(call: Call) -> Answer:
    names, test = selected(call), filter_test(call, ("displayName", "id", "policyType"))
    rows = [row for row in built_in_strengths() if test is None or test(row)]
    context = "policies/authenticationStrengthPolicies"
    return page(call, rows, lambda row: pick(row, names), context=context, size=1000)


def get_strength(call: Call) -> Answer:
    found = strength(call.ids["strength_id"])
    if found is None:
        raise not_found(call.ids["strength_id"])
    context = call.context("policies/authenticationStrengthPolicies/$entity")
    return Answer(body={"@odata.context": context} | found)


_READ_METHODS = any_of(
    "Policy.Read.AuthenticationMethod", "Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"
)
OPERATIONS = (
    Operation(
        method="GET",
        template=f"/policies/{_DEFAULTS}",
        handler=get_security_defaults,
        roles=any_of("Policy.Read.All"),
        family="policy",
    ),
    Operation(
        method="PATCH",
        template=f"/policies/{_DEFAULTS}",
        handler=update_security_defaults,
        roles=all_of("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults"),
        family="policy",
    ),
    Operation(
        method="GET",
        template="/policies/authenticationMethodsPolicy",
        handler=get_methods_policy,
        roles=_READ_METHODS,
        family="policy",
        options=frozenset({"select"}),
    ),
    Operation(
        method="PATCH",
        template="/policies/authenticationMethodsPolicy",
        handler=update_methods_policy,
        roles=any_of("Policy.ReadWrite.AuthenticationMethod"),
        family="policy",
    ),
    Operation(
        method="GET",
        template="/policies/authenticationStrengthPolicies",
        handler=list_strengths,
        roles=_READ_METHODS,
        family="policy",
        options=frozenset({"select", "filter"}),
    ),
    Operation(
        method="GET",
        template="/policies/authenticationStrengthPolicies/{strength_id}",
        handler=get_strength,
        roles=_READ_METHODS,
        family="policy",
    ),
)
