"""Three-valued facts, and what could not be read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


class Fact(StrEnum):
    """A thing is so, is not so, or could not be found out."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: object) -> "Fact":
        """YES or NO for a real boolean; anything else a vendor sends is UNKNOWN."""
        if value is True:
            return cls.YES
        if value is False:
            return cls.NO
        return cls.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """One thing that could not be read. `since` is when it was first missing, in aware UTC."""

    source: str
    what: str
    reason: str
    remedy: str = ""
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What could not be read for an answer; empty means everything asked for was read."""

    unread: tuple[Unread, ...] = field(default=())

    @property
    def complete(self) -> bool:
        return not self.unread

    def covers(self, what: str) -> bool:
        return all(item.what != what for item in self.unread)

    def plus(self, *more: Unread) -> Self:
        return type(self)(unread=(*self.unread, *more))

    def since_first_missing(self, earlier: "Coverage") -> "Coverage":
        """Keep the earlier `since` for whatever was already missing then."""
        first = {(item.source, item.what): item.since for item in earlier.unread}
        return Coverage(
            unread=tuple(
                Unread(
                    source=item.source,
                    what=item.what,
                    reason=item.reason,
                    remedy=item.remedy,
                    since=min(item.since, first.get((item.source, item.what), item.since)),
                )
                for item in self.unread
            )
        )
