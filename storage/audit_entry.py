"""One entry of the audit log: what is in it, how it is written, how it is bound to the one before."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.domain.clients import ClientKey
from core.ports import AuditHead
from storage.codec import canonical

#: What stands before the first entry ever.
GENESIS = AuditHead(seq=0, hash="0" * 64)
_SEQ = re.compile(rb'"seq":([0-9]{1,18})\}\n\Z')


class BadEntry(Exception):
    """A line that is not an entry as this module writes it; the text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """Who did what, when; `prev` is the hash of the entry before, `hash` covers everything else."""

    seq: int
    prev: str
    at: datetime
    kind: str
    actor: str
    client: ClientKey | None
    detail: dict[str, Any]
    hash: str

    @property
    def head(self) -> AuditHead:
        return AuditHead(seq=self.seq, hash=self.hash)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What is about to be recorded. `detail` holds plain JSON values."""

    kind: str
    actor: str
    client: ClientKey | None = None
    detail: dict[str, Any]


def bind(draft: Draft, *, after: AuditHead, at: datetime) -> AuditEntry:
    """The entry that follows `after`."""
    body: dict[str, Any] = {
        "seq": after.seq + 1,
        "prev": after.hash,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": draft.kind,
        "actor": draft.actor,
        "client": draft.client,
        "detail": draft.detail,
    }
    return _entry({**body, "hash": _hash(body)})


def to_line(entry: AuditEntry) -> bytes:
    """The entry as its line in the file."""
    return canonical(_fields(entry)) + b"\n"


def from_line(line: bytes) -> AuditEntry:
    """The entry a line holds; every single byte of it counts. Raises BadEntry."""
    try:
        fields = json.loads(line)
        entry = _entry(fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEntry("is not an audit entry") from error
    body = {name: value for name, value in fields.items() if name != "hash"}
    if to_line(entry) != line or _hash(body) != entry.hash:
        raise BadEntry("was edited: its content does not fit its hash")
    return entry


def seq_of(line: bytes) -> int | None:
    """The number a line says it has, at a glance: "seq" sorts last, so it ends the line."""
    found = _SEQ.search(line)
    return int(found[1]) if found else None


def _entry(fields: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        seq=int(fields["seq"]),
        prev=str(fields["prev"]),
        at=datetime.fromisoformat(fields["at"]).astimezone(UTC),
        kind=str(fields["kind"]),
        actor=str(fields["actor"]),
        client=fields["client"],
        detail=dict(fields["detail"]),
        hash=str(fields["hash"]),
    )


def _fields(entry: AuditEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "prev": entry.prev,
        "at": entry.at.isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "actor": entry.actor,
        "client": entry.client,
        "detail": entry.detail,
        "hash": entry.hash,
    }


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()
