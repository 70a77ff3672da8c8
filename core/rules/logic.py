"""Yes, no and unknown combined: an unknown decides nothing, and only what is certain decides."""

from collections.abc import Iterable

from core.domain.facts import Fact


def any_of(facts: Iterable[Fact]) -> Fact:
    """YES where one is; NO where all are; UNKNOWN otherwise."""
    seen = set(facts)
    if Fact.YES in seen:
        return Fact.YES
    return Fact.UNKNOWN if Fact.UNKNOWN in seen else Fact.NO


def all_of(*facts: Fact) -> Fact:
    """NO where one is; YES where all are; UNKNOWN otherwise."""
    if Fact.NO in facts:
        return Fact.NO
    return Fact.UNKNOWN if Fact.UNKNOWN in facts else Fact.YES


def opposite(fact: Fact) -> Fact:
    """UNKNOWN stays unknown."""
    return {Fact.YES: Fact.NO, Fact.NO: Fact.YES, Fact.UNKNOWN: Fact.UNKNOWN}[fact]
