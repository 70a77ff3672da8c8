"""What changed for the worse, or the better, between two readings of a tenant that both told it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict
from core.domain.identity import AccountKind, Audience, DirectoryReading, PolicyState, UserId
from core.domain.mfa_history import MfaChange, MfaChangeKind, MfaMark, PolicyMark
from core.domain.notice import OnNotice
from core.rules.admin_roles import role_name
from core.rules.attention import shortcoming
from core.rules.notice_period import day_words
from core.rules.numbers import admins_without_mfa

#: Digests are daily; what is older than this was compared long ago.
KEPT = timedelta(days=4)
MOST_MARKS = 40
_RANKS: Mapping[PolicyState, int] = {
    PolicyState.DISABLED: 0,
    PolicyState.REPORT_ONLY: 1,
    PolicyState.ENABLED: 2,
}
_STATE_WORDS: Mapping[PolicyState, str] = {
    PolicyState.DISABLED: "switched off",
    PolicyState.REPORT_ONLY: "report-only",
    PolicyState.ENABLED: "in force",
}
_NAMED = 2


# Remembering.


def policy_marks(reading: DirectoryReading) -> Mapping[str, PolicyMark] | None:
    """All policies in short; None where they were not read in full."""
    if not reading.coverage.covers("policies"):
        return None
    names = {str(user.id): user.upn for user in reading.users} | dict(reading.group_names)
    return {
        policy.id: PolicyMark(
            name=policy.name,
            state=policy.state,
            excluded=dict(_excluded(policy.exclude, names)),
        )
        for policy in reading.policies
    }


def _excluded(audience: Audience, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if audience.everyone:
        yield "everyone", "everyone"
    for user in sorted(audience.users):
        yield f"user {user}", names.get(user, "an account")
    for group in sorted(audience.groups):
        yield f"group {group}", names.get(group, "a group")
    for role in sorted(audience.roles):
        yield f"role {role}", role_name(role)
    for word in sorted(audience.external_types):
        yield f"external {word}", "guests"


def remembered(marks: Sequence[MfaMark], section: MfaSection) -> tuple[MfaMark, ...]:
    """The marks with this reading's, where it differs from the last; old ones go, but never the last."""
    new = _mark(section)
    if marks and _same(marks[-1], new):
        return tuple(marks)
    oldest = new.observed_at - KEPT
    superseded = sum(mark.observed_at <= oldest for mark in marks[1:])
    return (*marks[superseded:], new)[-MOST_MARKS:]


def mark_at(marks: Sequence[MfaMark], read_at: datetime | None) -> MfaMark | None:
    """How things stood at a reading; None where that is not remembered."""
    if read_at is None:
        return None
    return next((mark for mark in reversed(marks) if mark.observed_at <= read_at), None)


def _mark(section: MfaSection) -> MfaMark:
    return MfaMark(
        observed_at=section.observed_at,
        exposed=frozenset(v.user_id for v in section.verdicts if _may_be_exposed(v)),
        admins=_admins(section),
        policies=section.policies,
    )


def _same(one: MfaMark, other: MfaMark) -> bool:
    return (one.exposed, one.admins, one.policies) == (other.exposed, other.admins, other.policies)


def _admins(section: MfaSection) -> frozenset[UserId] | None:
    if not _roles_read(section):
        return None
    return frozenset(v.user_id for v in section.verdicts if v.admin and _may_be_open(v))


def _roles_read(section: MfaSection) -> bool:
    return section.coverage.covers("roles") and section.coverage.covers("eligible roles")


def _may_be_exposed(verdict: MfaVerdict) -> bool:
    return verdict.gap is not Fact.NO and verdict.enforced is not Fact.YES


def _may_be_open(verdict: MfaVerdict) -> bool:
    guest = verdict.kind is AccountKind.GUEST and verdict.enforced is not Fact.YES
    return guest or verdict.gap is not Fact.NO


# Comparing.


def changes(client: ClientKey, before: MfaMark, section: MfaSection) -> tuple[MfaChange, ...]:
    """What is surely so now and surely was not then; within a kind in the section's order."""
    found = (*_new_admins(client, before, section), *_policies(client, before, section))
    named = {change.subject for change in found if change.kind is MfaChangeKind.ADMIN_WITHOUT_MFA}
    exposed = (
        _change(MfaChangeKind.UNCOVERED, client, verdict.upn, shortcoming(verdict))
        for verdict in section.gaps()
        if verdict.enforced is Fact.NO and verdict.user_id not in before.exposed
    )
    return in_order((*found, *(change for change in exposed if change.subject not in named)))


def in_order(found: Sequence[MfaChange]) -> tuple[MfaChange, ...]:
    """The most urgent kind first, and otherwise as they came."""
    order = list(MfaChangeKind)
    return tuple(sorted(found, key=lambda change: order.index(change.kind)))


def _new_admins(client: ClientKey, before: MfaMark, section: MfaSection) -> Iterator[MfaChange]:
    if before.admins is None or not _roles_read(section):
        return
    for verdict in admins_without_mfa(section):
        if verdict.user_id not in before.admins:
            part = "of a part of the tenant; " if verdict.part_admin else ""
            kind = MfaChangeKind.ADMIN_WITHOUT_MFA
            yield _change(kind, client, verdict.upn, f"{part}{shortcoming(verdict)}")


def _policies(client: ClientKey, before: MfaMark, section: MfaSection) -> Iterator[MfaChange]:
    if before.policies is None or section.policies is None:
        return
    for policy_id, old in before.policies.items():
        new = section.policies.get(policy_id)
        if new is None:
            yield from _gone(client, old)
        else:
            yield from _other_state(client, old, new)
            yield from _more_excluded(client, old, new, _on_notice(section, policy_id))


def _gone(client: ClientKey, old: PolicyMark) -> Iterator[MfaChange]:
    if old.state is PolicyState.ENABLED:
        yield _change(MfaChangeKind.POLICY_WEAKER, client, old.name, "was in force, is deleted now")


def _other_state(client: ClientKey, old: PolicyMark, new: PolicyMark) -> Iterator[MfaChange]:
    """A state that was not understood is no change."""
    then, now = _RANKS.get(old.state), _RANKS.get(new.state)
    if then is None or now is None or then == now:
        return
    kind = MfaChangeKind.POLICY_WEAKER if now < then else MfaChangeKind.POLICY_STRONGER
    words = f"was {_STATE_WORDS[old.state]}, is {_STATE_WORDS[new.state]} now"
    yield _change(kind, client, new.name, words)


def _on_notice(section: MfaSection, policy_id: str) -> Mapping[str, OnNotice]:
    """What a policy excludes until a day that was announced."""
    marked = ((v.user_id, v.notice) for v in section.verdicts)
    return {
        f"user {user}": notice
        for user, notice in marked
        if notice is not None and notice.policy_id == policy_id
    }


def _more_excluded(
    client: ClientKey, old: PolicyMark, new: PolicyMark, noticed: Mapping[str, OnNotice]
) -> Iterator[MfaChange]:
    """What Gatehouse leaves out for a while is told as that, apart from what somebody else left out."""
    added = {key: name for key, name in new.excluded.items() if key not in old.excluded}
    if new.state is PolicyState.DISABLED:
        return
    theirs = [name for key, name in added.items() if key not in noticed]
    ours = [noticed[key] for key in added if key in noticed]
    if theirs:
        named = ", ".join(theirs[:_NAMED])
        more = f" and {len(theirs) - _NAMED} more" if len(theirs) > _NAMED else ""
        words = f"leaves out {named}{more} since"
        yield _change(MfaChangeKind.POLICY_EXCLUDES, client, new.name, words)
    if ours:
        people = f"{len(ours)} {'person' if len(ours) == 1 else 'people'}"
        words = f"leaves out {people} until {day_words(ours[0].until)}: notice given by {ours[0].request}"
        yield _change(MfaChangeKind.POLICY_NOTICE, client, new.name, words)


def _change(kind: MfaChangeKind, client: ClientKey, subject: str, detail: str) -> MfaChange:
    return MfaChange(kind=kind, client=client, subject=subject, detail=detail)
