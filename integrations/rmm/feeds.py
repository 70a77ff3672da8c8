"""Reading a fleet feed by feed: what cannot be read whole is noted and left out, never shown in part."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from core.domain.facts import Coverage, Unread
from core.errors import VendorError

T = TypeVar("T")


@dataclass(kw_only=True)
class Feeds:
    """The feeds of one fleet read; `unread` holds for every organisation in it."""

    source: str
    now: datetime
    unread: list[Unread] = field(default_factory=list)

    def take(self, what: str, read: Callable[[], T]) -> T | None:
        """What `read` brings, or None after noting why not."""
        try:
            return read()
        except VendorError as failure:
            self.note(what, failure.reason, failure.remedy)
            return None

    def note(self, what: str, reason: str, remedy: str = "") -> None:
        self.unread.append(self.missing(what, reason, remedy))

    def missing(self, what: str, reason: str, remedy: str = "") -> Unread:
        return Unread(source=self.source, what=what, reason=reason, remedy=remedy, since=self.now)

    def coverage(self, *more: Unread) -> Coverage:
        return Coverage(unread=(*self.unread, *more))
