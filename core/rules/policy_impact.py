"""Whom a tenant-wide change meets and what it has shown so far, in sentences an approver reads."""

from collections.abc import Iterator, Sequence

from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.identity import AccountKind, Grant, Strength
from core.domain.tenant_change import PolicyTemplate, ReportOnlyImpact, Sample, TenantPolicy
from core.rules.held_out import HeldOut
from core.rules.policy_templates import Crowd

_SHOWN = 5


def who(crowd: Crowd, begin: str, *, by_method: bool = True) -> Iterator[str]:
    """`begin` is how the first sentence starts: "Once it is enabled, it asks".

    Not `by_method`: what is asked of them cannot be answered with a method, so none is counted.
    """
    people = crowd.people
    admins = sum(v.admin for v in people)
    guests = sum(v.kind is AccountKind.GUEST for v in people)
    kinds = ((admins, "administrator"), (guests, "guest"))
    among = ", ".join(_counted(count, word) for count, word in kinds if count)
    yield f"{begin} {_counted(len(people), 'account')}{f' ({among} among them)' if among else ''}."
    if not crowd.whole:
        yield "It also names groups, guests or roles whose members are not counted here."
    exempt = [v.upn for v in people if v.exempt is not None]
    if exempt:
        yield f"It meets exempt people too ({names(exempt)}): Entra knows nothing of exemptions here."
    unable = [v.upn for v in people if v.capable is Fact.NO]
    if unable and by_method:
        yield (
            f"{len(unable)} of them have no usable method ({names(unable)}): whoever signs in first "
            "registers one, so reach each of them before it is enforced."
        )
    unsure = sum(v.capable is Fact.UNKNOWN for v in people)
    if unsure and by_method:
        yield f"Of {unsure} more it is not known whether they have a usable method."


def unready(item: TenantPolicy, people: Sequence[MfaVerdict]) -> tuple[MfaVerdict, ...]:
    """Of those a policy would ask, who may have nothing to answer with and is not asked for MFA yet.

    Guests answer at home; who is asked already by something else meets nothing new.
    """
    if item.policy.grant is Grant.BLOCK:
        return ()
    if item.template is PolicyTemplate.RESISTANT_ADMINS:
        return keyless(people)
    return tuple(
        v
        for v in people
        if v.capable is not Fact.YES and v.enforced is not Fact.YES and v.held_out != HeldOut.GUEST
    )


def keyless(people: Sequence[MfaVerdict]) -> tuple[MfaVerdict, ...]:
    """Whom a policy that wants phishing-resistant methods would keep out: ordinary ones do not answer it."""
    return tuple(v for v in people if v.strength is not Strength.PHISHING_RESISTANT)


def observed(impact: ReportOnlyImpact) -> Iterator[str]:
    """What a report-only policy would have done to the sign-ins since."""
    part = "" if impact.whole else "the newest of them: "
    yield (
        f"Seen since {impact.since:%d %b}, {part}{impact.sign_ins} sign-ins it would have judged: "
        f"{impact.passed} pass, {impact.prompted} would be asked, {impact.refused} would be refused."
    )
    if impact.refused_people:
        yield f"Would be refused: {names(impact.refused_people)}."
    if impact.sign_ins == 0:
        yield "No sign-in has shown what it does yet: nothing is proven by the wait."


def sample_of(crowd: Crowd) -> Sample | None:
    """Whom to ask Entra's what-if about: somebody who can answer, a member before a guest.

    Nobody where it is not sure that the policy holds whom it seems to hold.
    """
    order = sorted(
        crowd.people, key=lambda v: (v.kind is AccountKind.GUEST, v.capable is not Fact.YES, v.upn)
    )
    if not order or not crowd.whole:
        return None
    return Sample(user_id=order[0].user_id, name=order[0].upn)


def names(upns: Sequence[str]) -> str:
    """A few names and how many more there are."""
    rest = len(upns) - _SHOWN
    return ", ".join(upns[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
