"""What of an answer was not judged before: rows of a kind that was are left out, so that judging stays cheap."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

Place = tuple[Hashable, ...]
Kind = Hashable


@dataclass
class Novelty:
    """Two values are of one kind where no schema could tell them apart: the same fields, types and known words."""

    words: frozenset[str]
    _seen: set[tuple[Place, Hashable]] = field(default_factory=set)

    def new_in(self, place: Place, value: Any) -> tuple[Any, bool]:
        """The value with only such rows as are new at this place, and whether anything is."""
        thin, kind = self._thin(place, value)
        return thin, self._first(place, kind)

    def _first(self, place: Place, kind: Kind) -> bool:
        if (place, kind) in self._seen:
            return False
        self._seen.add((place, kind))
        return True

    def _thin(self, place: Place, value: Any) -> tuple[Any, Kind]:
        if isinstance(value, str):
            return value, value if value in self.words else ""
        if isinstance(value, dict):
            parts = {key: self._thin((*place, key), item) for key, item in value.items()}
            kinds = tuple((key, kind) for key, (_, kind) in parts.items())
            return {key: thin for key, (thin, _) in parts.items()}, kinds
        if isinstance(value, list):
            rows = [self._thin((*place, 0), item) for item in value]
            new = [(thin, kind) for thin, kind in rows if self._first((*place, 0), kind)]
            return [thin for thin, _ in new], (list, *(kind for _, kind in new))
        return value, type(value).__name__
