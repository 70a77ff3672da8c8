"""Which accounts a stolen password would open: the verdict per user, with its reasons."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.facts import Coverage, Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement
from core.domain.identity import DEVICE_REGISTER, DirectoryReading, DirectoryUser
from core.domain.policy import MfaPolicy
from core.rules.admin_roles import (
    active_admin_roles,
    eligible_admin_roles,
    is_admin,
    is_global_admin,
    is_part_admin,
    role_name,
    scoped_admin_roles,
    scoped_eligible_admin_roles,
)
from core.rules.ca_coverage import Demand, demand_on
from core.rules.deleted_names import deleted_names
from core.rules.held_out import HeldOut, exempt, held_out, lives_elsewhere
from core.rules.licence_cover import premium_of
from core.rules.logic import all_of, opposite
from core.rules.mfa_ability import Ability, ability_of, federated
from core.rules.mfa_changes import policy_marks
from core.rules.mfa_strength import strength_of
from core.rules.registration import registration_limited

_BLOCKED = "Sign-in is blocked, so no password opens it."
_EXEMPT_WORDS = {
    HeldOut.BREAK_GLASS: "A configured break-glass account: exempt from ordinary policy.",
    HeldOut.SYNC: "Holds the directory synchronization role: it cannot answer a prompt.",
    HeldOut.GUEST: "A guest: its own tenant asks for MFA; guests are listed, but not counted as gaps.",
}


def judge_mfa(
    reading: DirectoryReading, client: Client, policy: MfaPolicy, *, now: datetime
) -> MfaSection:
    """Judge every account that can or may be able to sign in; break-glass accounts in any case."""
    everyone = sorted(
        (_verdict(user, reading, client, policy, now) for user in reading.users), key=_urgency
    )
    blocked = [v for v in everyone if v.enabled is Fact.NO and v.user_id not in client.break_glass]
    shut_out = {verdict.user_id for verdict in blocked}
    return MfaSection(
        observed_at=reading.observed_at,
        verdicts=tuple(verdict for verdict in everyone if verdict.user_id not in shut_out),
        blocked=tuple(replace(verdict, why=(_BLOCKED,)) for verdict in blocked),
        coverage=Coverage(
            unread=tuple(i for i in reading.coverage.unread if i.what != DEVICE_REGISTER)
        ),
        tenant_name=reading.tenant_name,
        default_domain=reading.default_domain,
        domains=reading.domains,
        policies=policy_marks(reading),
        licensed=reading.licensed,
        remarks=deleted_names(reading),
    )


def _verdict(
    user: DirectoryUser,
    reading: DirectoryReading,
    client: Client,
    policy: MfaPolicy,
    now: datetime,
) -> MfaVerdict:
    demand = _as_felt(demand_on(user, reading), user, reading)
    ability = ability_of(user, reading, third_party=demand.third_party)
    spared = exempt(user, reading, client, policy)
    stale = _is_stale(user, client, policy, now)
    return MfaVerdict(
        user_id=user.id,
        name=user.name,
        upn=user.upn,
        kind=user.kind,
        requirement=demand.requirement,
        registered=ability.registered,
        capable=ability.capable,
        enforced=demand.enforced,
        gap=Fact.NO if spared else _gap(user, ability, demand),
        enabled=user.enabled,
        admin=is_admin(reading, user.id),
        part_admin=is_part_admin(reading, user.id),
        global_admin=is_global_admin(reading, user.id),
        stale=stale,
        held_out=held_out(user, reading, client, policy, now),
        methods=ability.methods,
        strength=strength_of(ability),
        premium=premium_of(user, reading),
        registration_limited=registration_limited(user, reading),
        why=(
            *_spared(user, spared),
            *_roles(user, reading),
            *demand.why,
            *_licence(user, reading, demand),
            *ability.why,
            *_dangers(ability, demand),
            *_registering(user, reading, ability),
            *_staleness(user, stale),
        ),
    )


def _gap(user: DirectoryUser, ability: Ability, demand: Demand) -> Fact:
    """An enabled account that is not capable, or not enforced."""
    safe = all_of(ability.capable, demand.enforced)
    return all_of(user.enabled, opposite(safe))


def _as_felt(demand: Demand, user: DirectoryUser, reading: DirectoryReading) -> Demand:
    """Where another identity provider signs people in, that one may demand MFA in our stead."""
    if demand.enforced is not Fact.NO or federated(user, reading) is Fact.NO:
        return demand
    domain = user.upn.rpartition("@")[2]
    doubt = f"Whether the sign-in service behind {domain} demands MFA cannot be seen from here."
    return replace(demand, enforced=Fact.UNKNOWN, why=(*demand.why, doubt))


def _is_stale(user: DirectoryUser, client: Client, policy: MfaPolicy, now: datetime) -> bool:
    """Never True where the last sign-in was not told; who never did is given as long from the first day.

    Break-glass accounts are not to be used: it is no reason to disable them.
    """
    if user.id in client.break_glass or user.enabled is Fact.NO:
        return False
    limit = now - timedelta(days=policy.stale_days)
    since = user.created_at if user.never_signed_in else user.last_sign_in
    return since is not None and since < limit


# The sentences.


def _spared(user: DirectoryUser, spared: HeldOut | None) -> Iterator[str]:
    if spared is not None:
        yield _EXEMPT_WORDS[spared]
    if spared is HeldOut.BREAK_GLASS and user.enabled is Fact.NO:
        yield "It is disabled: it will not help in an emergency."
    if user.enabled is Fact.UNKNOWN:
        yield "Whether the account may sign in at all could not be read."


def _roles(user: DirectoryUser, reading: DirectoryReading) -> Iterator[str]:
    active = active_admin_roles(reading, user.id)
    if active:
        yield f"Administrator: {', '.join(role_name(role) for role in active)}."
    scoped = scoped_admin_roles(reading, user.id)
    if scoped:
        names = ", ".join(role_name(role) for role in scoped)
        yield f"Administrator of a part of the tenant: {names}. Policies for roles do not cover that."
    eligible = eligible_admin_roles(reading, user.id)
    if eligible:
        names = ", ".join(role_name(role) for role in eligible)
        yield f"Can become administrator: {names}. Policies for roles cover that only once activated."
    narrow = scoped_eligible_admin_roles(reading, user.id)
    if narrow:
        names = ", ".join(role_name(role) for role in narrow)
        part = f"Can become administrator of a part of the tenant: {names}."
        yield f"{part} Policies for roles do not cover that."


def _licence(user: DirectoryUser, reading: DirectoryReading, demand: Demand) -> Iterator[str]:
    """Entra does not look whether a licence covers what its policies do. That is no gap, and to be known."""
    if demand.requirement not in (Requirement.ENFORCED, Requirement.PARTIAL):
        return
    premium = premium_of(user, reading)
    if premium is Fact.NO:
        yield (
            "No licence of this account holds Entra ID P1: the policy applies to it all the same, "
            "but the tenant's licences do not cover that."
        )
    elif reading.licensed is Fact.YES and premium is Fact.UNKNOWN and not lives_elsewhere(user):
        yield "Whether a licence of this account holds Entra ID P1 could not be read."


def _dangers(ability: Ability, demand: Demand) -> Iterator[str]:
    """The two cells of the verdict that let a stranger in."""
    if demand.enforced is Fact.NO and demand.requirement is not Requirement.PARTIAL:
        yield "No policy in force demands MFA: the password is enough."
    if demand.enforced is Fact.YES and ability.registered is Fact.NO:
        yield "MFA is demanded, but no method is registered: whoever signs in first registers one."


def _registering(user: DirectoryUser, reading: DirectoryReading, ability: Ability) -> Iterator[str]:
    """Where the first method can be registered, of accounts that have none."""
    limited = registration_limited(user, reading)
    if ability.registered is Fact.NO and limited is Fact.YES:
        yield "A policy lets a method be registered from trusted places or devices only."


def _staleness(user: DirectoryUser, stale: bool) -> Iterator[str]:
    since = user.created_at if user.never_signed_in else user.last_sign_in
    if stale and since is not None:
        first = "Made" if user.never_signed_in else "Last signed in"
        never = " and never signed in" if user.never_signed_in else ""
        yield f"{first} on {since.day} {since:%b %Y}{never}: disable it rather than enforce MFA."


def _urgency(verdict: MfaVerdict) -> tuple[int, int, int, str, str]:
    """Gaps first, administrators first among them, then who is open to a bare password."""
    gap = (Fact.YES, Fact.UNKNOWN, Fact.NO).index(verdict.gap)
    exposed = list(reversed(Requirement)).index(verdict.requirement)
    return (gap, verdict.rank, exposed, verdict.name.casefold(), verdict.user_id)
