"""Faults on demand: what goes wrong, where, how often and for how long."""

import fnmatch
import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

FaultKind = Literal["latency", "status", "drop_before", "drop_after", "truncate", "garbage", "html"]
KINDS: tuple[str, ...] = get_args(FaultKind)


class FaultError(ValueError):
    """The fault asked for makes no sense; the message says why."""


@dataclass(kw_only=True)
class Fault:
    """One rule. `path` is a glob over the request path; `drop_after` does the work and loses the answer."""

    id: str
    target: str
    kind: str
    path: str | None = None
    method: str | None = None
    status: int = 503
    retry_after: float | str | None = None
    seconds: float = 1.0
    rate: float = 1.0
    count: int | None = None
    until: float | None = None
    hits: int = 0
    removed: bool = False

    def matches(self, target: str, method: str, path: str, roll: float) -> bool:
        return (
            self.target in ("*", target)
            and (self.method is None or self.method.upper() == method)
            and (self.path is None or fnmatch.fnmatchcase(path, self.path))
            and (self.count is None or self.hits < self.count)
            and (self.until is None or time.monotonic() < self.until)
            and roll < self.rate
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "target": self.target,
            "kind": self.kind,
            "path": self.path,
            "method": self.method,
            "status": self.status,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "rate": self.rate,
            "count": self.count,
            "hits": self.hits,
        }


@dataclass
class Faults:
    """The faults in force, oldest first."""

    seed: int = 0
    _rules: dict[str, Fault] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def add(self, body: dict[str, Any]) -> Fault:
        """Raise FaultError where the body has no target or an unknown kind or field."""
        known = {
            "target", "kind", "path", "method", "status", "retry_after", "seconds", "rate", "count",
        }  # fmt: skip
        unknown = set(body) - known - {"duration_s"}
        if unknown:
            raise FaultError(f"unknown field {min(unknown)!r}")
        if body.get("kind") not in KINDS:
            raise FaultError(f"kind must be one of {', '.join(KINDS)}")
        if not body.get("target"):
            raise FaultError("target is missing")
        until = time.monotonic() + float(body["duration_s"]) if "duration_s" in body else None
        fields = {key: value for key, value in body.items() if key in known}
        fault = Fault(id=f"fault-{next(self._ids)}", until=until, **fields)
        self._rules[fault.id] = fault
        return fault

    def take(self, target: str, method: str, path: str) -> list[Fault]:
        """The faults that strike this request; each is counted as a hit."""
        struck = [
            fault
            for fault in self._rules.values()
            if fault.matches(target, method, path, self._random.random())
        ]
        for fault in struck:
            fault.hits += 1
        return struck

    def rows(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._rules.values()]

    def remove(self, fault_id: str | None = None) -> int:
        """Remove one fault, or all of them; say how many went."""
        gone = [key for key in self._rules if fault_id in (None, key)]
        for key in gone:
            self._rules.pop(key).removed = True
        return len(gone)
