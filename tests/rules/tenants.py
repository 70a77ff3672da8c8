"""Short ways to write down a tenant for the tests of the MFA rules."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from core.domain.clients import Client, ClientKey
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import MfaVerdict
from core.domain.identity import (
    AccountKind,
    Audience,
    CaPolicy,
    DirectoryReading,
    DirectoryUser,
    Grant,
    MfaRegistration,
    PerUserState,
    PolicyState,
    UserId,
)
from core.domain.policy import MfaPolicy
from core.rules.mfa_gaps import judge_mfa

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"
EVERYONE = Audience(everyone=True)
NOBODY = Audience()


def client(**changes: Any) -> Client:
    facts: dict[str, Any] = {
        "key": ClientKey("acme"),
        "name": "Acme Dental",
        "channel": "acme",
        "time_zone": "UTC",
        "digest_at": time(7),
        "break_glass": ("bg",),
        "mfa_group": "mfa-group",
    }
    return Client(**(facts | changes))


def user(user_id: str = "ann", **changes: Any) -> DirectoryUser:
    facts: dict[str, Any] = {
        "id": UserId(user_id),
        "name": user_id.title(),
        "upn": f"{user_id}@acme.example",
        "enabled": Fact.YES,
        "kind": AccountKind.MEMBER,
        "licensed": Fact.YES,
    }
    return DirectoryUser(**(facts | changes))


def guest(user_id: str = "gus", **changes: Any) -> DirectoryUser:
    facts: dict[str, Any] = {
        "upn": f"{user_id}_partner.example#EXT#@acme.onmicrosoft.com",
        "kind": AccountKind.GUEST,
        "external_type": "b2bCollaborationGuest",
        "licensed": Fact.NO,
    }
    return user(user_id, **(facts | changes))


def policy(name: str = "Require MFA", **changes: Any) -> CaPolicy:
    facts: dict[str, Any] = {
        "id": name,
        "name": name,
        "state": PolicyState.ENABLED,
        "grant": Grant.MFA,
        "all_apps": True,
        "include": EVERYONE,
        "exclude": NOBODY,
    }
    return CaPolicy(**(facts | changes))


def capable(*user_ids: str, methods: tuple[str, ...] = ("fido2",)) -> dict[UserId, MfaRegistration]:
    return rows(user_ids, Fact.YES, Fact.YES, methods)


def without_method(*user_ids: str) -> dict[UserId, MfaRegistration]:
    return rows(user_ids, Fact.NO, Fact.NO)


def rows(
    user_ids: Iterable[str], registered: Fact, can: Fact, methods: tuple[str, ...] = ()
) -> dict[UserId, MfaRegistration]:
    return {
        UserId(i): MfaRegistration(
            user_id=UserId(i), registered=registered, capable=can, methods=methods
        )
        for i in user_ids
    }


def reading(
    *users: DirectoryUser,
    unread: Iterable[str] = (),
    per_user: Mapping[str, PerUserState] | None = None,
    **changes: Any,
) -> DirectoryReading:
    """A tenant read in full: security defaults off, per-user MFA off, everybody capable."""
    states = dict.fromkeys((u.id for u in users), PerUserState.DISABLED) | dict(per_user or {})
    facts: dict[str, Any] = {
        "tenant_id": "t",
        "users": users,
        "registrations": capable(*(u.id for u in users)),
        "unseen_methods": (),
        "security_defaults": Fact.NO,
        "per_user": states,
        "coverage": missing(*unread),
        "observed_at": NOW,
    }
    return DirectoryReading(**(facts | changes))


def missing(*what: str) -> Coverage:
    return Coverage(
        unread=tuple(Unread(source="Entra", what=w, reason="refused", since=NOW) for w in what)
    )


def verdicts(
    read: DirectoryReading, *, of: Client | None = None, rules: MfaPolicy | None = None
) -> dict[str, MfaVerdict]:
    section = judge_mfa(read, of or client(), rules or MfaPolicy(), now=NOW)
    return {str(v.user_id): v for v in section.verdicts}


def verdict(read: DirectoryReading, user_id: str = "ann", **rules: Any) -> MfaVerdict:
    return verdicts(read, **rules)[user_id]
