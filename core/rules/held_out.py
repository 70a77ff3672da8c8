"""Accounts that are listed but never acted on, and which of them count as no gap."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.identity import AccountKind, DirectoryReading, DirectoryUser
from core.domain.policy import MfaPolicy
from core.rules.admin_roles import DIRECTORY_SYNC_ROLE, is_admin
from core.rules.audience import INTERNAL_GUEST


class HeldOut(StrEnum):
    """Why an account is held out. The last four are guesses: they spare it work, not its verdict."""

    BREAK_GLASS = "break-glass"
    PROTECTED = "protected"
    OWN = "Gatehouse's own administration"
    CONFIGURED_SERVICE = "configured service or scan-to-mail account"
    SYNC = "sync"
    GUEST = "guest"
    SERVICE = "looks like a service account"
    SHARED = "looks like a shared mailbox"
    ROOM = "looks like a room or resource"
    FUTURE_HIRE = "future hire"


_SYNC_NAME = "On-Premises Directory Synchronization Service Account"
_HINTS: Mapping[HeldOut, frozenset[str]] = {
    HeldOut.SERVICE: frozenset(
        {"copier", "fax", "mfp", "noreply", "package", "printer", "scan", "scanner"}
        | {"service", "smtp", "svc", "svr", "sys"}
    ),
    HeldOut.ROOM: frozenset(
        {"boardroom", "conference", "equipment", "meeting", "resource", "room", "rooms"}
    ),
    HeldOut.SHARED: frozenset(
        {"accounts", "billing", "booking", "bookings", "careers", "contact", "enquiries", "hello"}
        | {"helpdesk", "info", "invoices", "jobs", "mail", "office", "orders", "postmaster"}
        | {"reception", "sales", "shared", "support", "team"}
    ),
}


def held_out(
    user: DirectoryUser,
    reading: DirectoryReading,
    client: Client,
    policy: MfaPolicy,
    now: datetime,
) -> HeldOut | None:
    """Why nothing is done to this account; None for everybody else."""
    if user.id in client.break_glass:
        return HeldOut.BREAK_GLASS
    configured = _configured(user, client)
    if configured is not None:
        return configured
    if _holds_sync_role(user, reading) or user.name == _SYNC_NAME:
        return HeldOut.SYNC
    if _is_guest_from_elsewhere(user) and not policy.include_guests:
        return HeldOut.GUEST
    if user.hire_at is not None and user.hire_at > now:
        return HeldOut.FUTURE_HIRE
    return _guess(user, reading)


def exempt(
    user: DirectoryUser, reading: DirectoryReading, client: Client, policy: MfaPolicy
) -> HeldOut | None:
    """Why this account is no gap whatever its methods: configured or certain, never guessed.

    A guest's own tenant asks for MFA, so most guests show no method here; by default they only stand in
    the list. An internal guest has a password here and is judged like a member.
    """
    if user.id in client.break_glass:
        return HeldOut.BREAK_GLASS
    if _holds_sync_role(user, reading):
        return HeldOut.SYNC
    if _is_guest_from_elsewhere(user) and not policy.include_guests:
        return HeldOut.GUEST
    return None


def _configured(user: DirectoryUser, client: Client) -> HeldOut | None:
    """Named in the configuration by object id or by sign-in name."""
    names = {user.id.casefold(), user.upn.casefold()}
    lists = {
        HeldOut.PROTECTED: client.protected_users,
        HeldOut.OWN: client.own_accounts,
        HeldOut.CONFIGURED_SERVICE: client.service_accounts,
    }
    return next((k for k, held in lists.items() if names & {n.casefold() for n in held}), None)


def lives_elsewhere(user: DirectoryUser) -> bool:
    """The account's home is another tenant, whose MFA may be trusted and is not seen here."""
    return user.external_type is not None and user.external_type != INTERNAL_GUEST


def _is_guest_from_elsewhere(user: DirectoryUser) -> bool:
    return user.kind is AccountKind.GUEST and lives_elsewhere(user)


def _holds_sync_role(user: DirectoryUser, reading: DirectoryReading) -> bool:
    return user.id in reading.role_holders.get(DIRECTORY_SYNC_ROLE, frozenset())


def _guess(user: DirectoryUser, reading: DirectoryReading) -> HeldOut | None:
    """As Entra says, or by name where no licence says that a person works with it; never an administrator."""
    if is_admin(reading, user.id):
        return None
    if user.resource:
        return HeldOut.ROOM
    if user.licensed is not Fact.NO:
        return None
    words = set(re.split(r"[^a-z]+", user.upn.partition("@")[0].casefold()))
    return next((kind for kind, hints in _HINTS.items() if not words.isdisjoint(hints)), None)
