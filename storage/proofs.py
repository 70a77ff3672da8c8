"""Proofs of unsure writes: each goes on the record first, then into a small table."""

from core.domain.proofs import Doubt, WriteProof
from storage.audit_entry import AuditEntry, Draft
from storage.codec import decode, encode
from storage.ledger import Ledger
from storage.redaction import redact

KIND = "proof."
GIVEN = KIND + "given"
TABLE = "proofs"


class ProofTable:
    """One row per vendor, server and reading."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows = ledger.database.rows(TABLE)

    def find(self, doubt: Doubt) -> WriteProof | None:
        """The newest proof of this very reading on this very server."""
        with self._ledger.lock:
            row = self._rows.raw().get(doubt.key)
            return decode(WriteProof, row) if row else None

    def put(self, proof: WriteProof, *, actor: str) -> None:
        """Record a proof and open the lock. Raises StorageFailed, and then the lock stays shut."""
        row, key = redact(encode(proof)), proof.doubt.key
        draft = Draft(kind=GIVEN, actor=actor, client=proof.client, detail={"proof": row})
        self._ledger.commit(
            draft,
            lambda: self._rows.put(key, row),
            is_stored=lambda: self._rows.find(key) == row,
        )

    def replay(self, entry: AuditEntry) -> bool:
        """Take in an entry the store missed; begun and failed ones change nothing."""
        if entry.kind != GIVEN:
            return False
        row = entry.detail["proof"]
        key = decode(WriteProof, row).doubt.key
        self._ledger.keep(lambda: self._rows.put(key, row), entry.head)
        return True
