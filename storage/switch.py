"""The one switch that stops everything, kept so that a restart cannot release it."""

from dataclasses import replace

from core.errors import Conflict
from core.ports import Freeze
from storage.audit_entry import AuditEntry, Draft
from storage.codec import decode, encode
from storage.ledger import Ledger

KIND = "switch."
TABLE = "switch"
_ROW = "freeze"


class FreezeSwitch:
    """One row: the newest freeze."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows = ledger.database.rows(TABLE)

    def frozen(self) -> Freeze | None:
        """None while Gatehouse may act."""
        last = self.last()
        return last if last is not None and last.ended_at is None else None

    def last(self) -> Freeze | None:
        """The newest freeze, whether it stands or has ended; None where there was none."""
        row = self._rows.find(_ROW)
        return decode(Freeze, row) if row else None

    def set(self, freeze: Freeze, *, actor: str, over: Freeze | None = None) -> None:
        """Freeze, note a first ask to unfreeze, or keep that it has ended. Audited first.

        Raises Conflict where `over` is given and is not the newest freeze any more.
        """
        draft = Draft(kind=KIND + _word(freeze), actor=actor, detail={"freeze": encode(freeze)})
        with self._ledger.lock:
            if over is not None and self.last() != over:
                raise Conflict
            self._ledger.commit(
                draft, lambda: self._put(freeze), is_stored=lambda: self.last() == freeze
            )

    def replay(self, entry: AuditEntry) -> bool:
        """Take in an entry the store missed."""
        told = entry.detail["freeze"]
        freeze = decode(Freeze, told) if told else self._ended_by(entry)
        self._ledger.keep(lambda: self._put(freeze) if freeze else None, entry.head)
        return True

    def _ended_by(self, entry: AuditEntry) -> Freeze | None:
        """Older versions put on the record that a freeze ended, and not which."""
        last = self.last()
        return replace(last, ended_name=entry.actor, ended_at=entry.at) if last else None

    def _put(self, freeze: Freeze) -> None:
        self._rows.put(_ROW, encode(freeze))


def _word(freeze: Freeze) -> str:
    if freeze.ended_at is not None:
        return "unfrozen"
    return "unfreeze_asked" if freeze.unfreeze_by else "frozen"
