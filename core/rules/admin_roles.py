"""Entra's built-in directory roles: who counts as an administrator, and what the roles are called."""

from collections.abc import Mapping

from core.domain.identity import DirectoryReading

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
DIRECTORY_SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"

#: Template ids are the same in every tenant.
ROLE_NAMES: Mapping[str, str] = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "966707d0-3269-4727-9be2-8c3a10f19b9d": "Password Administrator",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f": "Authentication Administrator",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    DIRECTORY_SYNC_ROLE: "Directory Synchronization Accounts",
}

#: Roles that make nobody an administrator: the sync service, and what every user or guest holds anyway.
#: Any other role does, known here or not.
_ORDINARY = frozenset(
    {
        DIRECTORY_SYNC_ROLE,
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
        "a0b1b346-4d3e-4e8b-98f8-753987be4970",  # User
        "10dae51f-b6af-4016-8d66-8c2a99b929b3",  # Guest User
        "2af84b1e-32c8-42b7-82bc-daa82404023b",  # Restricted Guest User
    }
)

#: Whom a policy for administrators names: the roles above that can change something.
_READERS = frozenset({"f2ef992c-3afb-46b9-b7cf-a126ee74c451", DIRECTORY_SYNC_ROLE})
POLICY_ROLES = frozenset(ROLE_NAMES) - _READERS


def role_name(template_id: str) -> str:
    return ROLE_NAMES.get(template_id, "a directory role")


def active_admin_roles(reading: DirectoryReading, user_id: str) -> tuple[str, ...]:
    """Template ids of the administrator roles a user holds now, through groups included."""
    return _held(reading.role_holders, user_id)


def eligible_admin_roles(reading: DirectoryReading, user_id: str) -> tuple[str, ...]:
    """Template ids of the administrator roles a user can activate but does not hold now."""
    active = set(active_admin_roles(reading, user_id))
    return tuple(r for r in _held(reading.eligible_holders, user_id) if r not in active)


def scoped_admin_roles(reading: DirectoryReading, user_id: str) -> tuple[str, ...]:
    """Template ids of the administrator roles a user holds over a part of the tenant only."""
    return _held(reading.scoped_holders, user_id)


def scoped_eligible_admin_roles(reading: DirectoryReading, user_id: str) -> tuple[str, ...]:
    """Those a user can activate over a part of the tenant but does not hold there now."""
    active = set(scoped_admin_roles(reading, user_id))
    return tuple(r for r in _held(reading.scoped_eligible_holders, user_id) if r not in active)


def is_admin(reading: DirectoryReading, user_id: str) -> bool:
    """Who can activate a role counts: nothing but the sign-in stands in the way. So does a part of the tenant."""
    narrow = (reading.scoped_holders, reading.scoped_eligible_holders)
    return _is_wide(reading, user_id) or any(_held(holders, user_id) for holders in narrow)


def is_part_admin(reading: DirectoryReading, user_id: str) -> bool:
    """An administrator, and nowhere over the whole tenant."""
    return is_admin(reading, user_id) and not _is_wide(reading, user_id)


def _is_wide(reading: DirectoryReading, user_id: str) -> bool:
    wide = (reading.role_holders, reading.eligible_holders)
    return any(_held(holders, user_id) for holders in wide)


def is_global_admin(reading: DirectoryReading, user_id: str) -> bool:
    """Holds the role now."""
    return user_id in reading.role_holders.get(GLOBAL_ADMINISTRATOR, frozenset())


def _held(holders: Mapping[str, frozenset[str]], user_id: str) -> tuple[str, ...]:
    order = list(ROLE_NAMES)
    held = [role for role, users in holders.items() if user_id in users and role not in _ORDINARY]
    return tuple(sorted(held, key=lambda r: (order.index(r) if r in order else len(order), r)))
