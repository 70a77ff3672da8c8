"""Questions about a tenant's directory that several resources ask."""

import re

from sandbox.entra.lag import Replicas
from sandbox.entra.protocol import Call, GraphError, not_found, not_premium
from sandbox.estate.model import Group, Tenant, User

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

#: One of these lets Entra see the tenant's licences; without them it takes every tenant for a free one.
_SEES_LICENCES = frozenset({"Directory.Read.All", "Organization.Read.All", "User.Read.All"})


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


def find_user(tenant: Tenant, key: str) -> User:
    """A user by object id or sign-in name."""
    if is_guid(key):
        user = tenant.users.get(key.lower())
    else:
        wanted = key.lower()
        user = next((item for item in tenant.users.values() if item.upn.lower() == wanted), None)
    if user is None:
        raise not_found(key)
    return user


def find_group(tenant: Tenant, group_id: str) -> Group:
    group = tenant.groups.get(group_id.lower())
    if group is None:
        raise not_found(group_id)
    return group


def members_key(tenant: Tenant, group_id: str) -> str:
    """The name under which a group's membership is replicated."""
    return f"{tenant.id}/{group_id}/members"


def direct_members(tenant: Tenant, group: Group, replicas: Replicas) -> list[str]:
    """Member ids as a read sees them now."""
    return list(replicas.seen(members_key(tenant, group.id), group.members))


def transitive_members(tenant: Tenant, group: Group, replicas: Replicas) -> list[str]:
    """Ids of all members, nested groups and their members included, each once."""
    found: dict[str, None] = {}
    waiting = direct_members(tenant, group, replicas)
    while waiting:
        member = waiting.pop(0)
        if member in found:
            continue
        found[member] = None
        nested = tenant.groups.get(member)
        if nested is not None:
            waiting.extend(direct_members(tenant, nested, replicas))
    return list(found)


def active_roles(tenant: Tenant, replicas: Replicas) -> dict[str, set[str]]:
    """User id -> role template ids held at tenant scope, by name or through a group."""
    held = {user.id: set(user.roles) for user in tenant.users.values() if user.roles}
    for group in tenant.groups.values():
        if group.roles:
            for member in transitive_members(tenant, group, replicas):
                held.setdefault(member, set()).update(group.roles)
    return held


def need_premium(call: Call) -> None:
    """Refuse a tenant without P1, and a caller that may not see whether there is one."""
    if "AAD_PREMIUM" not in call.tenant.plans or not call.caller.roles & _SEES_LICENCES:
        raise not_premium()


def need_p2(call: Call) -> None:
    if "AAD_PREMIUM_P2" not in call.tenant.plans:
        raise GraphError(
            400,
            "AadPremiumLicenseRequired",
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance "
            "license.",
        )
