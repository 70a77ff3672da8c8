"""The accounts every directory has: staff, guests, leavers, shared mailboxes, rooms, services, break-glass."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.estate.draft import Draft, local_part
from sandbox.estate.methods import KEY, registration
from sandbox.estate.model import User
from sandbox.estate.roles import DIRECTORY_SYNCHRONIZATION_ACCOUNTS, GLOBAL_ADMINISTRATOR
from sandbox.estate.times import ago


@dataclass(frozen=True, kw_only=True)
class Department:
    """A department, how large it is compared with the others, and what its people are called."""

    name: str
    size: int
    titles: tuple[str, ...]


def person(draft: Draft, name: str, *, department: str, title: str, **facts: Any) -> User:
    """Add a licensed employee who signs in now and then, registered for MFA like most."""
    usual: dict[str, Any] = {
        "methods": registration(draft.rng),
        "last_sign_in": ago(draft.rng, draft.now, 0.05, 9),
        "sku": draft.sku,
    }
    return draft.account(
        name,
        local_part(name),
        department=department,
        job_title=title,
        **(usual | facts),
    )


def staff(draft: Draft, departments: Sequence[Department], **facts: Any) -> None:
    """Fill the directory with employees up to the outline's number of accounts."""
    missing = draft.outline.users - len(draft.tenant.users)
    whole = sum(department.size for department in departments)
    seats = [
        department
        for department in departments
        for _ in range(max(1, round(missing * department.size / whole)))
    ]
    biggest = max(departments, key=lambda item: item.size)
    seats = (seats + [biggest] * missing)[: max(missing, 0)]
    for department in seats:
        title = draft.rng.choice(department.titles)
        person(draft, draft.next_name(), department=department.name, title=title, **facts)


def leavers(draft: Draft, count: int) -> None:
    """People who have gone: sign-in blocked, methods and memberships still there."""
    for _ in range(count):
        person(
            draft,
            draft.next_name(),
            department="Left",
            title="Former employee",
            enabled=False,
            last_sign_in=ago(draft.rng, draft.now, 40, 300),
            sku=None,
        )


def future_hire(draft: Draft, *, department: str, title: str) -> User:
    """Starts in two weeks; the account exists, nobody has used it."""
    return person(
        draft,
        draft.next_name(),
        department=department,
        title=title,
        created=draft.now - timedelta(days=3),
        hired=(draft.now + timedelta(days=14)).date(),
        last_sign_in=None,
        methods=[],
    )


def guest(draft: Draft, name: str, home: str, **facts: Any) -> User:
    """A collaborator from another directory; registered for MFA at home, not here."""
    usual: dict[str, Any] = {
        "guest": True,
        "external": True,
        "last_sign_in": ago(draft.rng, draft.now, 1, 60),
    }
    local = f"{local_part(name)}_{home}#EXT#"
    return draft.account(name, local, domain=draft.tenant.initial_domain, **(usual | facts))


def break_glass(draft: Draft, count: int = 2) -> list[User]:
    """Emergency accounts: cloud-only, on the initial domain, permanent Global Administrators with a key."""
    made = [
        draft.account(
            f"Emergency Access {number}",
            f"emergency-{number}",
            domain=draft.tenant.initial_domain,
            purpose="break_glass",
            roles=[GLOBAL_ADMINISTRATOR],
            methods=list(KEY),
            last_sign_in=ago(draft.rng, draft.now, 80, 120),
        )
        for number in range(1, count + 1)
    ]
    draft.tenant.break_glass_ids = [user.id for user in made]
    return made


def sync_account(draft: Draft) -> User:
    """The account Entra Connect signs in with."""
    return draft.account(
        "On-Premises Directory Synchronization Service Account",
        f"Sync_{draft.outline.key.split('-')[0].upper()}-DC01_{draft.tenant.id[:12].replace('-', '')}",
        domain=draft.tenant.initial_domain,
        purpose="sync",
        roles=[DIRECTORY_SYNCHRONIZATION_ACCOUNTS],
        last_sign_in=ago(draft.rng, draft.now, 0.01, 0.04),
    )


def service(draft: Draft, name: str, local: str, **facts: Any) -> User:
    """An account that a machine signs in with; nobody could answer a prompt."""
    usual: dict[str, Any] = {
        "purpose": "service",
        "last_sign_in": ago(draft.rng, draft.now, 0.01, 1),
    }
    return draft.account(name, local, **(usual | facts))


def shared_mailbox(draft: Draft, name: str, local: str, *, enabled: bool = False) -> User:
    """Sign-in to a shared mailbox should be blocked, and often is not."""
    return draft.account(name, local, purpose="shared", enabled=enabled)


def room(draft: Draft, name: str, local: str, *, enabled: bool = False) -> User:
    return draft.account(name, local, purpose="room", enabled=enabled)
