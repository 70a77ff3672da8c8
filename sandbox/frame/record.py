"""What was asked of each stand-in, and which writes it really carried out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Calls:
    """Counts requests by (target, method, path template) and status."""

    _by_status: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)

    def add(self, target: str, method: str, path_template: str, status: str) -> None:
        self._by_status.setdefault((target, method, path_template), Counter())[status] += 1

    def rows(self, target: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "target": key[0],
                "method": key[1],
                "path_template": key[2],
                "count": sum(statuses.values()),
                "by_status": dict(statuses),
            }
            for key, statuses in sorted(self._by_status.items())
            if target in (None, key[0])
        ]

    def clear(self) -> None:
        self._by_status.clear()


@dataclass
class Effects:
    """Writes really executed: what was changed, on which targets, and when (UTC, ISO 8601)."""

    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, target: str, kind: str, target_ids: Iterable[str | int], at: str, **detail: Any
    ) -> None:
        self._rows.append(
            {
                "target": target,
                "kind": kind,
                "target_ids": [str(item) for item in target_ids],
                "at": at,
                **detail,
            }
        )

    def rows(self, target: str | None = None) -> list[dict[str, Any]]:
        return [row for row in self._rows if target in (None, row["target"])]
