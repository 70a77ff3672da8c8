"""One scan over a NinjaOne report, page by page, that notices when the server has skipped a page."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.errors import MalformedAnswer
from integrations.rmm.rows import Row, rows

_MAX_PAGES = 10_000
_TRIES = 3


class _SkippedError(Exception):
    """The server's position is not where we left off."""


@dataclass
class _Position:
    """How much was read, and whether the server's offset says the same."""

    read: int = 0
    #: Whether offsets are those of a page's end; None where they cannot be made sense of.
    of_end: bool | None = field(default=None)

    def move(self, offset: int | None, page: int) -> None:
        """Raise _SkippedError where a page does not follow the one before it."""
        before, self.read = self.read, self.read + page
        if before == 0 and offset in (0, page):
            self.of_end = offset == page
        if offset is None or self.of_end is None:
            return
        if offset != (self.read if self.of_end else before):
            raise _SkippedError


class Scan:
    """Reads all rows of a report.

    The cursor's name stays the same from page to page: the position lives on the server and moves on with
    every answer, received or not. A page asked for again after a lost answer is therefore the next one,
    and the rows of the lost one would be missing unnoticed. The cursor's `offset` tells, so the scan then
    starts anew.
    """

    def __init__(
        self,
        source: str,
        what: str,
        page: Callable[[str | None], Row],
        keep: Callable[[Row], bool],
    ) -> None:
        """`keep` says which rows are wanted: a report may be far larger than what is of use in it."""
        self._source = source
        self._what = what
        self._page = page
        self._keep = keep

    def rows(self) -> list[Row]:
        """Raises VendorError; MalformedAnswer where the pages do not add up."""
        for _ in range(_TRIES):
            try:
                return self._once()
            except _SkippedError:
                continue
        raise MalformedAnswer(self._source, f"The pages of the {self._what} do not add up.")

    def _once(self) -> list[Row]:
        found: list[Row] = []
        position = _Position()
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            answer = self._page(cursor)
            page = rows(self._source, answer.get("results"), self._what)
            cursor, offset = _cursor(answer)
            position.move(offset, len(page))
            found += filter(self._keep, page)
            if not page or cursor is None:
                return found
        raise MalformedAnswer(self._source, f"The report of {self._what} does not end.")


def _cursor(answer: Row) -> tuple[str | None, int | None]:
    """The cursor's name and the offset it tells; None for what is missing."""
    cursor = answer.get("cursor")
    if isinstance(cursor, str):
        return cursor or None, None
    if not isinstance(cursor, dict):
        return None, None
    name, offset = cursor.get("name"), cursor.get("offset")
    known = isinstance(offset, int) and not isinstance(offset, bool)
    return (name if isinstance(name, str) and name else None), (offset if known else None)
