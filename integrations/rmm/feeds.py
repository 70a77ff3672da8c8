"""Reading a fleet feed by feed: what cannot be read whole is noted and left out, never shown in part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from core.domain.clients import RmmBinding
from core.domain.facts import Coverage, Unread
from core.domain.patching import RmmReading
from core.errors import VendorError
from integrations.rmm.vendor import bound_organisations

T = TypeVar("T")


@dataclass(kw_only=True)
class Feeds:
    """The feeds of one fleet read; `unread` holds for every organisation in it."""

    source: str
    account: str
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

    def note_first(self, what: str, failures: Sequence[VendorError]) -> None:
        """Note one failure for all of the devices that `what` was asked of; nothing where there is none."""
        for failure in failures[:1]:
            self.note(what, failure.reason, failure.remedy)

    def missing(self, what: str, reason: str, remedy: str = "") -> Unread:
        return Unread(source=self.source, what=what, reason=reason, remedy=remedy, since=self.now)

    def lacking(self, failures: Sequence[VendorError], devices: int) -> list[Unread]:
        """One sentence for all those of an organisation's devices whose updates could not be read."""
        return [
            self.missing(
                "missing patches",
                f"Could not be read for {len(failures)} of {devices} devices: {first.reason}",
                first.remedy,
            )
            for first in failures[:1]
        ]

    def coverage(self, *more: Unread) -> Coverage:
        return Coverage(unread=(*self.unread, *more))

    # Readings.

    def nothing(self, organisation: str, *unread: Unread) -> RmmReading:
        """Of an organisation nothing is known but why."""
        return RmmReading(
            account=self.account,
            organisation=organisation,
            coverage=Coverage(unread=unread),
            observed_at=self.now,
        )

    def nothing_at_all(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """What stood in the way of the first feeds stood in the way of every organisation."""
        return {item: self.nothing(item, *self.unread) for item in bound_organisations(bindings)}

    def readings(
        self,
        bindings: Sequence[RmmBinding],
        names: Mapping[str, str],
        read: Callable[[str, str], RmmReading],
        *,
        no_such: str,
        or_else: str = "",
    ) -> dict[str, RmmReading]:
        """A reading for every binding: `read` of those there are, by id and name, and `no_such` of the others.

        `no_such` is a sentence with {} for the id; `or_else` is what helps besides correcting the binding.
        """
        more = f", or {or_else}" if or_else else ""
        remedy = f"Correct the client's rmm binding in the configuration{more}."
        return {
            item: read(item, names[item])
            if item in names
            else self.nothing(item, self.missing("devices", no_such.format(item), remedy))
            for item in bound_organisations(bindings)
        }
