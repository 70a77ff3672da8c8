"""A reading of a tenant beside what the tenant holds: rows that were lost, and the fewest calls it takes."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from core.domain.identity import DirectoryReading
from integrations.entra.reading import named_groups

Truth = Mapping[str, Any]

#: The most rows a page may hold; fewer where accounts come with their last sign-ins.
PAGE, PAGE_WITH_SIGN_INS = 999, 500
BATCH = 20
#: The organisation, its licences, conditional access, security defaults, methods policy, role definitions.
SINGLE_PAGES = 6


def lost(truth: Truth, reading: DirectoryReading) -> int:
    """Rows of the tenant that are not in the reading; what it says it could not read counts as well."""
    held = {f"{role} {user}" for role, users in reading.role_holders.items() for user in users}
    missing = [
        set(truth["users"]) - {user.id for user in reading.users},
        set(truth["devices"]) - {device.id for device in reading.devices},
        set(truth["registrations"]) - set(reading.registrations),
        set(truth["policies"]) - {policy.id for policy in reading.policies},
        set(truth["role_holders"]) - held,
        *(
            set(truth["group_members"].get(group, ()))
            - reading.group_members.get(group, frozenset())
            for group in named_groups(reading)
        ),
    ]
    return sum(map(len, missing)) + len(reading.coverage.unread)


def floor(truth: Truth, reading: DirectoryReading, *, with_sign_ins: bool) -> int:
    """Calls, signing in apart: pages of the collections that had to be read, and full batches."""
    count: int = (
        SINGLE_PAGES
        + _pages(len(truth["users"]), PAGE_WITH_SIGN_INS if with_sign_ins else PAGE)
        + _pages(len(truth["devices"]), PAGE)
        + _pages(truth["assignments"], PAGE)
        + (_pages(truth["eligible"], PAGE) if truth["p2"] else 0)
        + _registrations(truth)
        # Members and name of each group; members of those that hold roles.
        + ceil(2 * len(named_groups(reading)) / BATCH)
        # The same of groups inside those: the chain of reasons names them.
        + ceil(2 * len(set().union(*reading.inner_groups.values())) / BATCH)
        + ceil(truth["groups_with_roles"] / BATCH)
        + ceil(len(reading.per_user) / BATCH)
    )
    return count


def _registrations(truth: Truth) -> int:
    """The report, or every account's own list."""
    count = len(truth["registrations"])
    return _pages(count, PAGE) if truth["premium"] else ceil(count / BATCH)


def _pages(rows: int, most: int) -> int:
    """A collection without rows takes a call too."""
    return max(1, ceil(rows / most))
