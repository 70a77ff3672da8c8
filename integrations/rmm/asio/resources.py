"""Naming a company in a request: which word for it the platform takes changed over time, and differs from call to call."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from core.errors import VendorRefused

T = TypeVar("T")

#: Companies named in one call at most.
AT_MOST = 4

_REFUSED = 400
_IN_LISTS = ("company", "companies", "client", "clients")
_IN_HEARTBEATS = ("companies", "clients", "company", "client")


class Word:
    """Finds the word that one kind of call takes, by asking, and keeps to it from then on."""

    def __init__(self, candidates: Iterable[str]) -> None:
        self._candidates = tuple(dict.fromkeys(candidates))

    def asked(self, ask: Callable[[str], T]) -> T:
        """What `ask` brings with the first word that is not refused. Raises the first word's refusal where all are."""
        refusals: list[VendorRefused] = []
        for word in self._candidates:
            try:
                answer = ask(word)
            except VendorRefused as failure:
                if failure.status != _REFUSED:
                    raise
                refusals.append(failure)
            else:
                self._candidates = (word, *(other for other in self._candidates if other != word))
                return answer
        raise refusals[0]


def in_lists(first: str) -> Word:
    """For bodies {"resourceType", "resources"}."""
    return Word(word for word in (first, *_IN_LISTS) if word in _IN_LISTS)


def in_heartbeats() -> Word:
    return Word(_IN_HEARTBEATS)


def batches(companies: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(companies), AT_MOST):
        yield companies[start : start + AT_MOST]
