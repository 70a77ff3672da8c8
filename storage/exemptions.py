"""Exemptions: each grant and each early end goes on the record first, then into a small table."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from core.domain.clients import ClientKey
from core.domain.exemptions import Exemption
from core.domain.remediation import RequestId
from storage.audit_entry import AuditEntry, Draft
from storage.codec import decode, encode
from storage.ledger import Ledger
from storage.redaction import redact

KIND = "exemption."
TABLE = "exemptions"
#: How long one that is over stays listed; the audit log keeps it.
KEPT = timedelta(days=35)


class ExemptionTable:
    """One row per client and user."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows = ledger.database.rows(TABLE)

    def of(self, client: ClientKey) -> tuple[Exemption, ...]:
        """A client's exemptions, those over for a while included, by name."""
        with self._ledger.lock:
            rows = [row for row in self._rows.raw().values() if row["client"] == client]
            found = [decode(Exemption, row) for row in rows]
        return tuple(sorted(found, key=lambda item: (item.name.casefold(), item.user_id)))

    def grant(self, granted: Sequence[Exemption], *, actor: str) -> None:
        """Record them, each in place of its user's earlier one. Raises StorageFailed."""
        rows = [redact(encode(item)) for item in granted]
        draft = Draft(
            kind=KIND + "granted",
            actor=actor,
            client=granted[0].client,
            detail={"exemptions": rows},
        )
        self._ledger.commit(
            draft,
            lambda: self._put(rows),
            is_stored=lambda: all(self._rows.find(_key(row)) == row for row in rows),
        )

    def end(
        self,
        client: ClientKey,
        user_ids: Collection[str],
        *,
        granted_by: RequestId,
        actor: str,
    ) -> None:
        """End early what a request granted to these users. Raises StorageFailed."""
        detail = {"client": client, "users": sorted(user_ids), "granted_by": granted_by}
        draft = Draft(kind=KIND + "ended", actor=actor, client=client, detail=detail)
        self._ledger.commit(
            draft,
            lambda: self._drop(detail),
            is_stored=lambda: not self._granted_by(detail),
        )

    def replay(self, entry: AuditEntry) -> bool:
        """Take in an entry the store missed."""
        if entry.kind == KIND + "granted":
            self._ledger.keep(lambda: self._put(entry.detail["exemptions"]), entry.head)
        else:
            self._ledger.keep(lambda: self._drop(entry.detail), entry.head)
        return True

    def _put(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            self._rows.put(_key(row), row)
        self._prune(decode(Exemption, rows[0]))

    def _prune(self, newest: Exemption) -> None:
        """Whoever puts one in sweeps out what was over long before."""
        oldest = (newest.since - KEPT).date().isoformat()
        self._rows.drop(*(key for key, row in self._rows.raw().items() if row["until"] < oldest))

    def _drop(self, detail: dict[str, Any]) -> None:
        self._rows.drop(*self._granted_by(detail))

    def _granted_by(self, detail: dict[str, Any]) -> list[str]:
        """The keys of these users' rows, as far as it was this request that put them there."""
        keys = {f"{detail['client']} {user}" for user in detail["users"]}
        request = detail["granted_by"]
        return [
            key
            for key, row in self._rows.raw().items()
            if key in keys and row["request"] == request
        ]


def _key(row: dict[str, Any]) -> str:
    return f"{row['client']} {row['user_id']}"
