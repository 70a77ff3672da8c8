"""What an estate really holds, as JSON, so that a reading can be compared with it in another process."""

from typing import Any

from sandbox.entra.apps import READ_CLIENT_SECRET
from sandbox.entra.directory import active_roles, transitive_members
from sandbox.entra.lag import Replicas
from sandbox.estate.model import Tenant
from sandbox.frame.world import World

Json = dict[str, Any]


def truth_of(world: World) -> Json:
    """Tenants by id."""
    replicas = Replicas(now=world.clock.now)
    return {
        "read_secret": READ_CLIENT_SECRET,
        "tenants": {c.tenant.id: _tenant(c.tenant, replicas) for c in world.estate.companies},
    }


def _tenant(tenant: Tenant, replicas: Replicas) -> Json:
    """`assignments` are rows, one per holder and role; the holders are users, groups resolved."""
    users = tenant.users.values()
    enabled = [user for user in users if user.enabled]
    premium = "AAD_PREMIUM" in tenant.plans
    return {
        "premium": premium,
        "p2": "AAD_PREMIUM_P2" in tenant.plans,
        "users": list(tenant.users),
        "devices": [device.id for device in tenant.devices],
        "registrations": [user.id for user in enabled if user.in_report or not premium],
        "policies": [policy["id"] for policy in tenant.policies],
        "assignments": sum(len(user.roles) + len(user.scoped_roles) for user in users)
        + sum(len(group.roles) for group in tenant.groups.values()),
        "groups_with_roles": sum(bool(group.roles) for group in tenant.groups.values()),
        "eligible": sum(len(user.eligible_roles) for user in users),
        "role_holders": sorted(
            f"{role} {user}"
            for user, roles in active_roles(tenant, replicas).items()
            for role in roles
        ),
        "group_members": {
            group.id: [m for m in transitive_members(tenant, group, replicas) if m in tenant.users]
            for group in tenant.groups.values()
        },
    }
