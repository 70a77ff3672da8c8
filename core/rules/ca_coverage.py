"""What a tenant's policies demand of one user at an ordinary sign-in, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.facts import Fact
from core.domain.findings import Requirement
from core.domain.identity import (
    CaPolicy,
    DirectoryReading,
    DirectoryUser,
    Grant,
    PerUserState,
    PolicyState,
    UserId,
)
from core.rules.audience import Reach, reach
from core.rules.logic import all_of, opposite


class Force(StrEnum):
    """How far a policy makes MFA certain at an ordinary sign-in of whoever is in its scope."""

    FULL = "full"
    #: In force, but some ordinary sign-ins pass without MFA.
    SOMETIMES = "sometimes"
    #: A control of another maker is demanded; whether that is MFA, Entra does not know.
    THIRD_PARTY = "third_party"
    #: Would be FULL; whether it is in force was not understood.
    UNCLEAR = "unclear"
    #: Would be FULL if it were switched on.
    REPORT_ONLY = "report_only"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """The answer for one user. `why` holds sentences; `third_party`: other MFA may be at work."""

    requirement: Requirement
    enforced: Fact
    third_party: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Meeting:
    """One policy and one user."""

    policy: CaPolicy
    force: Force
    included: Reach
    excluded: Reach

    @property
    def applies(self) -> Fact:
        """Exclusion always wins."""
        return all_of(self.included.fact, opposite(self.excluded.fact))

    @property
    def left_out(self) -> bool:
        """Surely in scope but for an exclusion that is just as sure."""
        return self.included.fact is Fact.YES and self.excluded.fact is Fact.YES


def force_of(policy: CaPolicy) -> Force:
    """Step A of the coverage rule: what the policy makes of an ordinary sign-in."""
    whole = policy.all_apps and not policy.narrowed_by
    match policy.state, policy.grant:
        case PolicyState.ENABLED, Grant.MFA:
            return Force.FULL if whole else Force.SOMETIMES
        case PolicyState.ENABLED, Grant.MFA_OR_OTHER:
            return Force.SOMETIMES
        case PolicyState.ENABLED, Grant.THIRD_PARTY if whole:
            return Force.THIRD_PARTY
        case PolicyState.REPORT_ONLY, Grant.MFA if whole:
            return Force.REPORT_ONLY
        case PolicyState.UNKNOWN, Grant.MFA | Grant.THIRD_PARTY if whole:
            return Force.UNCLEAR
        case _:
            return Force.NONE


def demand_on(user: DirectoryUser, reading: DirectoryReading) -> Demand:
    """Steps B to D: what is demanded of this user. What could not be read is never "nothing"."""
    meetings = tuple(_meetings(user, reading))
    return (
        _by_policy(meetings)
        or _by_security_defaults(reading)
        or _by_per_user_state(user, reading)
        or _undecided(user, meetings, reading)
        or _not_enforced(meetings)
    )


def per_user_state_decides(reading: DirectoryReading) -> tuple[UserId, ...]:
    """Accounts that nothing else is sure to cover: only theirs has to be asked, one call per user."""
    if reading.security_defaults is Fact.YES:
        return ()
    readable = reading.coverage.covers("policies")
    full = [p for p in reading.policies if readable and force_of(p) is Force.FULL]
    return tuple(
        user.id
        for user in reading.users
        if user.enabled is not Fact.NO and not any(_surely(p, user, reading) for p in full)
    )


def _surely(policy: CaPolicy, user: DirectoryUser, reading: DirectoryReading) -> bool:
    included = reach(policy.include, user, reading).fact is Fact.YES
    return included and reach(policy.exclude, user, reading).fact is Fact.NO


def _meetings(user: DirectoryUser, reading: DirectoryReading) -> Iterator[_Meeting]:
    """Every policy that may include the user; nothing is concluded from half a set of policies."""
    if not reading.coverage.covers("policies"):
        return
    for policy in sorted(reading.policies, key=lambda policy: (policy.name, policy.id)):
        force = force_of(policy)
        if force is Force.NONE:
            continue
        included = reach(policy.include, user, reading)
        if included.fact is not Fact.NO:
            excluded = reach(policy.exclude, user, reading)
            yield _Meeting(policy=policy, force=force, included=included, excluded=excluded)


# What enforces.


def _by_policy(meetings: Sequence[_Meeting]) -> Demand | None:
    full = [m for m in meetings if m.force is Force.FULL and m.applies is Fact.YES]
    if not full:
        return None
    return Demand(
        requirement=Requirement.ENFORCED,
        enforced=Fact.YES,
        why=tuple(f"{_inclusion(m)}{_apps_left_out(m.policy)}." for m in full),
    )


def _by_security_defaults(reading: DirectoryReading) -> Demand | None:
    if reading.security_defaults is not Fact.YES:
        return None
    why = (
        "Security defaults are on: everyone has to register, administrators are asked at every "
        "sign-in, others when Microsoft finds it necessary."
    )
    return Demand(requirement=Requirement.SECURITY_DEFAULTS, enforced=Fact.YES, why=(why,))


def _by_per_user_state(user: DirectoryUser, reading: DirectoryReading) -> Demand | None:
    state = reading.per_user.get(user.id)
    if state not in (PerUserState.ENABLED, PerUserState.ENFORCED):
        return None
    return Demand(
        requirement=Requirement.PER_USER,
        enforced=Fact.YES,
        why=(f"Per-user MFA is {state.value} for this account.",),
    )


# What cannot be told.


def _undecided(
    user: DirectoryUser, meetings: Sequence[_Meeting], reading: DirectoryReading
) -> Demand | None:
    reasons = (
        *_unread_policies(reading),
        *(_doubt(m) for m in meetings if _may_enforce(m)),
        *_unread_defaults(reading),
        *_unread_per_user_state(user, reading),
    )
    if not reasons:
        return None
    third_party = any(m.force is Force.THIRD_PARTY and m.applies is not Fact.NO for m in meetings)
    return Demand(
        requirement=Requirement.UNKNOWN,
        enforced=Fact.UNKNOWN,
        third_party=third_party,
        why=reasons,
    )


def _may_enforce(meeting: _Meeting) -> bool:
    if meeting.force in (Force.THIRD_PARTY, Force.UNCLEAR):
        return meeting.applies is not Fact.NO
    return meeting.force is Force.FULL and meeting.applies is Fact.UNKNOWN


def _doubt(meeting: _Meeting) -> str:
    name = meeting.policy.name
    if meeting.included.fact is Fact.UNKNOWN:
        return f"{name} may include this account{_unread_way(meeting.included)}."
    if meeting.excluded.fact is Fact.UNKNOWN:
        return f"{_inclusion(meeting)}, which may exclude it{_unread_way(meeting.excluded)}."
    if meeting.force is Force.THIRD_PARTY:
        return f"{_inclusion(meeting)}, which asks for another maker's control: it may be MFA."
    return f"{_inclusion(meeting)}, whose state was not understood."


def _unread_way(way: Reach) -> str:
    return f" {way.as_excluded}, which could not be read"


def _unread_policies(reading: DirectoryReading) -> Iterator[str]:
    if not reading.coverage.covers("policies"):
        yield "The conditional-access policies could not be read."


def _unread_defaults(reading: DirectoryReading) -> Iterator[str]:
    if reading.security_defaults is Fact.UNKNOWN:
        yield "Whether security defaults are on could not be read."


def _unread_per_user_state(user: DirectoryUser, reading: DirectoryReading) -> Iterator[str]:
    if reading.per_user.get(user.id, PerUserState.UNKNOWN) is PerUserState.UNKNOWN:
        yield "The state of per-user MFA could not be read."


# What surely does not enforce.


def _not_enforced(meetings: Sequence[_Meeting]) -> Demand:
    excluded = [m for m in meetings if m.force is Force.FULL and m.left_out]
    partial = [m for m in meetings if m.force is Force.SOMETIMES and m.applies is Fact.YES]
    planned = [m for m in meetings if m.force is Force.REPORT_ONLY and m.applies is Fact.YES]
    why = (
        *(f"{_inclusion(m)}, but excluded {m.excluded.as_excluded}." for m in excluded),
        *(f"{_inclusion(m)}, {_weakness(m.policy)}." for m in partial),
        *(f"{_inclusion(m)}, which is report-only and demands nothing." for m in planned),
    )
    requirement = _first_named(
        {
            Requirement.PARTIAL: partial,
            Requirement.EXCLUDED: excluded,
            Requirement.REPORT_ONLY: planned,
        }
    )
    return Demand(requirement=requirement, enforced=Fact.NO, why=why)


def _first_named(found: Mapping[Requirement, Sequence[_Meeting]]) -> Requirement:
    return next((name for name, some in found.items() if some), Requirement.UNCOVERED)


def _inclusion(meeting: _Meeting) -> str:
    return f"{meeting.included.as_included}, included by {meeting.policy.name}"


def _apps_left_out(policy: CaPolicy) -> str:
    count = len(policy.excluded_apps)
    if not count:
        return ""
    return f", which leaves out {count} {'app' if count == 1 else 'apps'}"


def _weakness(policy: CaPolicy) -> str:
    if policy.grant is Grant.MFA_OR_OTHER:
        return "which accepts another control instead of MFA"
    if policy.narrowed_by:
        return f"which leaves sign-ins out ({', '.join(policy.narrowed_by)})"
    return "which covers some apps only"
