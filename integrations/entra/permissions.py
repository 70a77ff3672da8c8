"""Which application roles each of the two apps needs in a tenant, and what for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.identity import DEVICE_REGISTER
from core.domain.tenant_change import TenantPower

_DIRECTORY = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """One application role of Microsoft Graph. `covers` uses the names of core.domain.identity.READS."""

    role: str
    purpose: str
    covers: tuple[str, ...] = ()
    #: Roles that do as well; one of them instead is neither missing nor too much.
    instead: frozenset[str] = frozenset()

    def held(self, roles: Iterable[str]) -> bool:
        return not self.accepted.isdisjoint(roles)

    @property
    def accepted(self) -> frozenset[str]:
        return self.instead | {self.role}


#: The registration report replaces it wherever there is a premium licence.
UNLICENSED_ONLY = "UserAuthenticationMethod.Read.All"

READ: tuple[Permission, ...] = (
    Permission(role="User.Read.All", purpose="accounts", covers=("users",), instead=_DIRECTORY),
    Permission(
        role="AuditLog.Read.All",
        purpose="the registration report and last sign-ins",
        covers=("registrations",),
    ),
    Permission(
        role="Policy.Read.All",
        purpose="conditional access, security defaults, the methods policy, per-user MFA",
        covers=("policies", "security defaults", "methods policy", "per-user MFA"),
    ),
    Permission(
        role="GroupMember.Read.All",
        purpose="members of the groups that policies name",
        covers=("groups",),
        instead=_DIRECTORY | {"Group.Read.All"},
    ),
    Permission(
        role="RoleManagement.Read.Directory",
        purpose="administrators, active and eligible",
        covers=("roles", "eligible roles"),
        instead=frozenset({"RoleManagement.Read.All"}),
    ),
    Permission(
        role="Organization.Read.All",
        purpose="the tenant's name, domains and licences",
        covers=("domains", "licences"),
        instead=_DIRECTORY,
    ),
    Permission(
        role="Device.Read.All",
        purpose="computers that no RMM knows",
        covers=(DEVICE_REGISTER,),
        instead=_DIRECTORY,
    ),
    Permission(
        role=UNLICENSED_ONLY,
        purpose="methods per user, in tenants without a premium licence",
    ),
)

WRITE: tuple[Permission, ...] = (
    Permission(
        role="GroupMember.ReadWrite.All", purpose="adding to and removing from the MFA group"
    ),
    Permission(
        role="Directory.Read.All",
        purpose="proving the MFA group and reading back who is in it",
    ),
    Permission(role="Policy.Read.All", purpose="proving that an enabled policy targets the group"),
    Permission(role="User.RevokeSessions.All", purpose="signing users out"),
)

#: What the write app needs besides for tenant-wide changes; each part may be granted or not.
POWERS: Mapping[TenantPower, tuple[Permission, ...]] = {
    TenantPower.POLICIES: (
        Permission(
            role="Policy.ReadWrite.ConditionalAccess", purpose="creating and switching policies"
        ),
        Permission(role="Application.Read.All", purpose="what Entra asks for beside it"),
    ),
    TenantPower.SECURITY_DEFAULTS: (
        Permission(
            role="Policy.ReadWrite.SecurityDefaults", purpose="switching security defaults on"
        ),
    ),
    TenantPower.CAMPAIGN: (
        Permission(
            role="Policy.ReadWrite.AuthenticationMethod", purpose="the registration campaign"
        ),
    ),
    TenantPower.PER_USER: (
        Permission(role="Policy.ReadWrite.AuthenticationMethod", purpose="per-user MFA"),
    ),
}
#: Neither missing where it is not granted, nor too much where it is.
OPTIONAL = tuple(item for needed in POWERS.values() for item in needed)
_READS_POLICIES = Permission(role="Policy.Read.All", purpose="reading back what was changed")


def role_for(part: str) -> str | None:
    """The role that reading this part needs."""
    return next((item.role for item in READ if part in item.covers), None)


def missing(needed: Iterable[Permission], roles: Iterable[str]) -> tuple[Permission, ...]:
    held = frozenset(roles)
    return tuple(item for item in needed if not item.held(held))


def lacking(roles: Iterable[str]) -> Mapping[TenantPower, tuple[str, ...]]:
    """By part of a tenant, the roles without which it cannot be changed and read back."""
    held = frozenset(roles)
    return {
        power: tuple(item.role for item in missing((*needed, _READS_POLICIES), held))
        for power, needed in POWERS.items()
    }


def surplus(needed: Iterable[Permission], roles: Iterable[str]) -> tuple[str, ...]:
    """Roles that nothing here asks for: more than the app needs."""
    used = frozenset[str]().union(*(item.accepted for item in needed))
    return tuple(sorted(set(roles) - used))
