"""Proves that a group may be used to enforce MFA: it does that, and nothing else."""

from collections.abc import Iterable, Iterator, Sequence

from core.domain.identity import CaPolicy, GroupProof, PolicyState
from core.errors import VendorError, VendorForbidden, VendorNotFound
from core.rules.ca_coverage import Force, force_of
from integrations.entra import mapping, policies
from integrations.entra.api import SOURCE, GraphApi, Json
from integrations.entra.batch import Batches, Outcome
from integrations.entra.groups import Groups, address, read_whole_groups
from integrations.entra.pacing import TenantPace
from integrations.entra.roles import ACTIVE, read_holders, read_templates

GROUP_PROPERTIES = (
    "id,displayName,securityEnabled,mailEnabled,groupTypes,membershipRule,onPremisesSyncEnabled,"
    "isAssignableToRole,assignedLicenses"
)
_OUTSIDER_PROPERTIES = "id,userPrincipalName,userType,externalUserState,creationType"


def prove_group(api: GraphApi, pace: TenantPace, group: str) -> GroupProof:
    """`problems` are clauses about the group ("it is not a security group"). Raises VendorError.

    Costs two batches and the list of policies; more only where policies exclude roles or guests.
    """
    ended = Batches(api=api).get(
        {
            "group": f"{address(group)}?$select={GROUP_PROPERTIES}",
            "app roles": f"{address(group)}/appRoleAssignments",
        }
    )
    if isinstance(ended["group"], VendorNotFound):
        return GroupProof(group_id=group, name=group, problems=("it does not exist in the tenant",))
    row, app_roles = _read(ended["group"]), api.rest(_read(ended["app roles"]))
    found = tuple(
        map(policies.policy, api.rows("/identity/conditionalAccess/policies", pace=pace.policies))
    )
    in_force = [policy for policy in found if _enforces_for(policy, group)]
    groups = read_whole_groups(api, {group, *_excluded_groups(found)})
    return GroupProof(
        group_id=group,
        name=str(row.get("displayName") or group),
        problems=(
            *_problems(row),
            *(["it gives access to applications (app roles)"] if app_roles else []),
            *_exclusions(found, group, groups),
            *([] if in_force else ["no enabled policy demands MFA of it for all apps"]),
        ),
        members=groups.users[group],
        policies=tuple(policy.name for policy in in_force),
        excluded=_left_out(api, in_force, groups),
    )


def _read(end: Outcome) -> Json:
    if isinstance(end, VendorForbidden):
        remedy = "Grant Directory.Read.All to the write app in that tenant."
        raise VendorForbidden(
            SOURCE, end.reason, remedy=remedy, status=end.status, code=end.code
        ) from end
    if isinstance(end, VendorError):
        raise end
    return end


def _problems(row: Json) -> Iterator[str]:
    """What a group must not be. A property that was not told is a problem too."""
    kinds = row.get("groupTypes") or ()
    if row.get("securityEnabled") is not True:
        yield "it is not a security group"
    if row.get("mailEnabled") is not False or "Unified" in kinds:
        yield "it is a mail or Microsoft 365 group"
    if row.get("membershipRule") or "DynamicMembership" in kinds:
        yield "its members follow a rule (dynamic membership)"
    if row.get("onPremisesSyncEnabled") is True:
        yield "it is synced from on-premises"
    if row.get("isAssignableToRole") is True:
        yield "directory roles can be assigned to it"
    if row.get("assignedLicenses") != []:
        yield "it hands out licences"


def _enforces_for(policy: CaPolicy, group: str) -> bool:
    included = group in policy.include.groups and not policy.exclude.everyone
    return included and force_of(policy) is Force.FULL


def _in_force(found: Iterable[CaPolicy]) -> Iterator[CaPolicy]:
    """Report-only ones too: they may be switched on any day."""
    return (policy for policy in found if policy.state is not PolicyState.DISABLED)


def _excluded_groups(found: Iterable[CaPolicy]) -> frozenset[str]:
    return frozenset(group for policy in _in_force(found) for group in policy.exclude.groups)


def _exclusions(found: Iterable[CaPolicy], group: str, groups: Groups) -> Iterator[str]:
    for policy in _in_force(found):
        if group in policy.exclude.groups:
            yield f"the policy {policy.name} excludes it"
        elif any(group in groups.inside[outer] for outer in policy.exclude.groups):
            yield f"the policy {policy.name} excludes a group that it is in"


def _left_out(api: GraphApi, in_force: Sequence[CaPolicy], groups: Groups) -> dict[str, str]:
    """User id -> policy, for users whom every policy that includes the group excludes."""
    if not in_force:
        return {}
    roles = _role_holders(api, in_force)
    outsiders = _outsiders(api, in_force)
    excluded = [
        policy.exclude.users.union(
            *(groups.users[group] for group in policy.exclude.groups),
            *(roles.get(role, frozenset()) for role in policy.exclude.roles),
            *(
                people
                for kind, people in outsiders.items()
                if not policy.exclude.external_types.isdisjoint((kind, "*"))
            ),
        )
        for policy in in_force
    ]
    return dict.fromkeys(frozenset.intersection(*excluded), in_force[0].name)


def _role_holders(api: GraphApi, in_force: Iterable[CaPolicy]) -> dict[str, frozenset[str]]:
    if not any(policy.exclude.roles for policy in in_force):
        return {}
    return read_holders(api, ACTIVE, read_templates(api))


def _outsiders(api: GraphApi, in_force: Iterable[CaPolicy]) -> dict[str, frozenset[str]]:
    """Kind of guest -> accounts. Where only some home tenants are excluded, all count: none is promised MFA."""
    if not any(policy.exclude.external_types for policy in in_force):
        return {}
    people: dict[str, frozenset[str]] = {}
    for row in api.rows("/users", {"$select": _OUTSIDER_PROPERTIES, "$top": 999}):
        kind = mapping.external_type(row)
        if kind is not None:
            people[kind] = people.get(kind, frozenset()) | {row["id"]}
    return people
