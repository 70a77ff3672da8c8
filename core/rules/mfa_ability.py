"""Whether a user could answer an MFA prompt: registered and capable, as far as that can be told."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.domain.facts import Fact
from core.domain.identity import DirectoryReading, DirectoryUser, MfaRegistration
from core.rules.held_out import lives_elsewhere

_NEVER_FEDERATED = ".onmicrosoft.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ability:
    """Registered and capable, the vendor's words for the methods, and sentences on what is in doubt.

    `elsewhere`: methods that this tenant does not see may be at work.
    """

    registered: Fact
    capable: Fact
    methods: tuple[str, ...] = ()
    elsewhere: bool = False
    why: tuple[str, ...] = ()


def ability_of(user: DirectoryUser, reading: DirectoryReading, *, third_party: bool) -> Ability:
    """A "no" of the registration report counts only where MFA cannot be at work elsewhere."""
    row = reading.registrations.get(user.id)
    if row is None:
        return Ability(registered=Fact.UNKNOWN, capable=Fact.UNKNOWN, why=(_no_row(reading),))
    doubts = tuple(_elsewhere(user, reading, third_party=third_party))
    if doubts and row.capable is not Fact.YES:
        return Ability(
            registered=_doubted(row.registered),
            capable=Fact.UNKNOWN,
            methods=row.methods,
            elsewhere=True,
            why=doubts,
        )
    return Ability(
        registered=row.registered,
        capable=row.capable,
        methods=row.methods,
        elsewhere=bool(doubts),
        why=_plainly(row),
    )


def federated(user: DirectoryUser, reading: DirectoryReading) -> Fact:
    """Whether another identity provider handles the account's sign-ins."""
    domain = user.upn.rpartition("@")[2].casefold()
    if domain in {name.casefold() for name in reading.federated_domains}:
        return Fact.YES
    if reading.coverage.covers("domains") or domain.endswith(_NEVER_FEDERATED):
        return Fact.NO
    return Fact.UNKNOWN


def _doubted(fact: Fact) -> Fact:
    return Fact.YES if fact is Fact.YES else Fact.UNKNOWN


def _elsewhere(
    user: DirectoryUser, reading: DirectoryReading, *, third_party: bool
) -> Iterator[str]:
    """Reasons to believe that MFA may be answered somewhere this tenant does not see."""
    if lives_elsewhere(user):
        yield "The account's home is another tenant, whose MFA is not seen here."
    domain = user.upn.rpartition("@")[2]
    match federated(user, reading):
        case Fact.YES:
            yield f"Sign-ins of {domain} are federated: the other side's MFA is not seen here."
        case Fact.UNKNOWN:
            yield f"Whether sign-ins of {domain} are federated could not be read."
    yield from _unseen(reading)
    if third_party:
        yield "Registrations with another maker's MFA are not seen here."


def _unseen(reading: DirectoryReading) -> Iterator[str]:
    """Methods that leave nothing at the account."""
    if reading.unseen_methods is None:
        yield "Whether methods are allowed that are not seen here could not be read."
    for method in reading.unseen_methods or ():
        yield f"The methods policy allows {method}: who has registered that is not seen here."


def _no_row(reading: DirectoryReading) -> str:
    if not reading.coverage.covers("registrations"):
        return "The registered methods could not be read."
    return "The registration report has no row for this account."


def _plainly(row: MfaRegistration) -> tuple[str, ...]:
    match row.registered, row.capable:
        case Fact.YES, Fact.NO:
            return ("Has a method, but the methods policy does not let it be used.",)
        case Fact.YES, Fact.UNKNOWN:
            return ("Has a method; whether the methods policy lets it be used could not be told.",)
        case Fact.UNKNOWN, _:
            return ("Whether what it registered answers an MFA prompt could not be told.",)
    return ()
