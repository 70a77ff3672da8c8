"""Changes that are audited first: the entry, then the store, each on the disk before the next step."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock

from core.errors import StorageFailed
from core.ports import AuditHead
from storage.audit_entry import GENESIS, AuditEntry, Draft
from storage.audit_reader import AuditReader
from storage.tinydb_storage import Database

ABANDONED = "storage.abandoned"
_TABLE = "ledger"
_ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class _Owed:
    """An entry whose change could not be stored: it has to be taken back before anything else."""

    seq: int
    is_stored: Callable[[], bool]


class Ledger:
    """Binds the audit log to one database, which remembers the last entry it has taken in (the anchor)."""

    def __init__(self, database: Database, audit: AuditReader, *, lock: RLock) -> None:
        self.database = database
        self.audit = audit
        self.lock = lock
        self._owed: _Owed | None = None

    def commit(
        self, draft: Draft, store: Callable[[], None], *, is_stored: Callable[[], bool]
    ) -> None:
        """Record a change, then make it. Raises StorageFailed, and then it counts as not made.

        Where the store fails after the entry was written, a second entry takes the first one back; until
        that is possible nothing more is committed.
        """
        with self.lock:
            self._settle_owed()
            head = self.audit.record(draft).head
            try:
                self.keep(store, head)
            except Exception:
                self._owed = _Owed(head.seq, is_stored)
                with suppress(StorageFailed):
                    self._settle_owed()
                raise

    def keep(self, store: Callable[[], None], head: AuditHead) -> None:
        """Make a change that is on the record already, and remember that it is in the store."""
        with self.database.storage.transaction():
            store()
            self.database.rows(_TABLE).put(_ANCHOR, {"seq": head.seq, "hash": head.hash})

    def anchor(self) -> AuditHead:
        """The last entry whose change the database holds."""
        row = self.database.rows(_TABLE).find(_ANCHOR)
        return AuditHead(seq=row["seq"], hash=row["hash"]) if row else GENESIS

    def standing(self, *, after: int = 0) -> Iterator[AuditEntry]:
        """The entries after a number, without those whose change was taken back."""
        entries = self.audit.entries(after=after)
        abandoned = {entry.detail["entry"] for entry in entries if entry.kind == ABANDONED}
        return (e for e in self.audit.entries(after=after) if e.seq not in abandoned)

    def _settle_owed(self) -> None:
        if self._owed is None:
            return
        if not self._owed.is_stored():
            self.audit.append(ABANDONED, actor="gatehouse", entry=self._owed.seq)
        self._owed = None
