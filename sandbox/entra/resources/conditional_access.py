"""/identity/conditionalAccess: policies, named locations and the what-if."""

import copy
import uuid
from typing import Any

from sandbox.entra.directory import find_user
from sandbox.entra.odata import check_names, filter_test, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.policy_rules import check_change, check_new, completed
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
from sandbox.entra.what_if import NOT_SET, Judge, SignIn
from sandbox.estate import policies
from sandbox.estate.times import stamp

_COLLECTION = "identity/conditionalAccess/policies"


def _key(call: Call, policy_id: str) -> str:
    """The name under which a policy is replicated."""
    return f"{call.tenant.id}/policy/{policy_id}"


def _visible(call: Call) -> list[Json]:
    """The policies as a read sees them now: a new one may be missing, a changed one be old."""
    seen = [call.replicas.seen(_key(call, item["id"]), item) for item in call.tenant.policies]
    return [item for item in seen if item is not None]


def list_policies(call: Call) -> Answer:
    names, test = selected(call), filter_test(call, ("displayName", "id", "state", "templateId"))
    rows = [row for row in _visible(call) if test is None or test(row)]
    check_names(names or (), rows[0] if rows else names or (), "conditionalAccessPolicy")
    size = page_size(call, default=1000, most=1000)
    return page(call, rows, lambda row: pick(row, names), context=_COLLECTION, size=size)


def get_policy(call: Call) -> Answer:
    wanted = call.ids["policy_id"].lower()
    row = next((item for item in _visible(call) if item["id"] == wanted), None)
    if row is None:
        raise not_found(wanted)
    body = {"@odata.context": f"{call.context(_COLLECTION)}/$entity"}
    return Answer(body=body | pick(row, selected(call)))


def create_policy(call: Call) -> Answer:
    """Names are not unique: a request sent twice makes two policies."""
    check_new(call.tenant, call.body)
    policy = completed(call.body, str(uuid.uuid4()), stamp(call.world.clock.now()))
    call.tenant.policies.append(policy)
    call.replicas.wrote(_key(call, policy["id"]), None)
    call.effect("policy_create", [policy["id"]], name=policy["displayName"], state=policy["state"])
    body = {"@odata.context": f"{call.context(_COLLECTION)}/$entity"}
    return Answer(status=201, body=body | copy.deepcopy(policy))


def update_policy(call: Call) -> Answer:
    """Replaces what is sent, condition by condition; inside a condition nothing is merged.

    A condition is shown whole afterwards: what was not sent of it is empty.
    """
    wanted = call.ids["policy_id"].lower()
    policy = next((item for item in call.tenant.policies if item["id"] == wanted), None)
    if policy is None:
        raise not_found(wanted)
    check_change(call.tenant, policy, call.body)
    before = copy.deepcopy(policy)
    changes = dict(call.body)
    conditions = dict(changes.pop("conditions", None) or {})
    if conditions.get("users"):
        conditions["users"] = {**policies.scope(), **conditions["users"]}
    policy["conditions"] = {**policy["conditions"], **conditions}
    policy.update(changes, modifiedDateTime=stamp(call.world.clock.now()))
    call.replicas.wrote(_key(call, wanted), before)
    call.effect("policy_update", [wanted], before=before["state"], after=policy["state"])
    return NO_CONTENT


def list_locations(call: Call) -> Answer:
    names = selected(call)
    context = "identity/conditionalAccess/namedLocations"
    size = page_size(call, default=1000, most=1000)
    rows = call.tenant.named_locations
    return page(call, rows, lambda row: pick(row, names), context=context, size=size)


def evaluate(call: Call) -> Answer:
    """Whether each policy applies. With appliedPoliciesOnly the report-only ones still come."""
    body = call.body if isinstance(call.body, dict) else {}
    sign_in = _sign_in(call, body)
    judge = Judge(call.tenant, call.replicas)
    results = []
    for policy in _visible(call):
        reason = judge.reason_against(policy, sign_in)
        if reason == NOT_SET or not body.get("appliedPoliciesOnly"):
            results.append(
                {**policy, "policyApplies": reason == NOT_SET, "analysisReasons": reason}
            )
    context = call.context("Collection(microsoft.graph.whatIfAnalysisResult)")
    return Answer(body={"@odata.context": context, "value": results})


def _sign_in(call: Call, body: Json) -> SignIn:
    identity = _part(body, "signInIdentity", "#microsoft.graph.userSignIn")
    context = _part(body, "signInContext", "#microsoft.graph.applicationContext",
                    "#microsoft.graph.userActionContext")  # fmt: skip
    conditions = _part(body, "signInConditions")
    return SignIn(
        user=find_user(call.tenant, str(identity.get("userId"))),
        apps=tuple(context.get("includeApplications") or ()),
        user_action=context.get("userAction"),
        platform=conditions.get("devicePlatform"),
        client_app=conditions.get("clientAppType"),
        sign_in_risk=conditions.get("signInRiskLevel"),
        user_risk=conditions.get("userRiskLevel"),
        ip=conditions.get("ipAddress"),
    )


def _part(body: Json, name: str, *types: str) -> dict[str, Any]:
    part = body.get(name)
    if not isinstance(part, dict):
        raise bad_request(f"The required property '{name}' is missing.", "BadRequest")
    if types and part.get("@odata.type") not in types:
        raise bad_request(f"'{name}' has no type that can be evaluated.", "BadRequest")
    return part


_READ = any_of("Policy.Read.All")
_WRITE = all_of("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All")
OPERATIONS = (
    Operation(
        method="GET",
        template="/identity/conditionalAccess/policies",
        handler=list_policies,
        roles=_READ,
        family="policy",
        options=frozenset({"select", "filter", "top"}),
        bucket="conditional_access",
    ),
    Operation(
        method="POST",
        template="/identity/conditionalAccess/policies",
        handler=create_policy,
        roles=_WRITE,
        family="policy",
        bucket="conditional_access",
    ),
    Operation(
        method="GET",
        template="/identity/conditionalAccess/policies/{policy_id}",
        handler=get_policy,
        roles=_READ,
        family="policy",
        options=frozenset({"select"}),
        bucket="conditional_access",
    ),
    Operation(
        method="PATCH",
        template="/identity/conditionalAccess/policies/{policy_id}",
        handler=update_policy,
        roles=_WRITE,
        family="policy",
        bucket="conditional_access",
    ),
    Operation(
        method="GET",
        template="/identity/conditionalAccess/namedLocations",
        handler=list_locations,
        roles=_READ,
        family="policy",
        options=frozenset({"select", "top"}),
        bucket="conditional_access",
    ),
    Operation(
        method="POST",
        template="/identity/conditionalAccess/evaluate",
        handler=evaluate,
        roles=any_of("Policy.Read.ConditionalAccess", "Policy.Read.All"),
        family="policy",
        bucket="conditional_access",
    ),
)
