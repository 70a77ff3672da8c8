"""The one switch that stops everything, kept so that a restart cannot release it."""

from core.ports import Freeze
from storage.audit_entry import AuditEntry, Draft
from storage.codec import decode, encode
from storage.ledger import Ledger

KIND = "switch."
TABLE = "switch"
_ROW = "freeze"


class FreezeSwitch:
    """One row: there while Gatehouse is frozen."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows = ledger.database.rows(TABLE)

    def frozen(self) -> Freeze | None:
        """None while Gatehouse may act."""
        row = self._rows.find(_ROW)
        return decode(Freeze, row) if row else None

    def set(self, freeze: Freeze | None, *, actor: str) -> None:
        """Freeze, note a first ask to unfreeze, or unfreeze (None). Audited first."""
        draft = Draft(
            kind=KIND + _word(freeze),
            actor=actor,
            detail={"freeze": encode(freeze) if freeze else None},
        )
        self._ledger.commit(
            draft, lambda: self._put(freeze), is_stored=lambda: self.frozen() == freeze
        )

    def replay(self, entry: AuditEntry) -> bool:
        """Take in an entry the store missed."""
        freeze = entry.detail["freeze"]
        self._ledger.keep(lambda: self._put(decode(Freeze, freeze) if freeze else None), entry.head)
        return True

    def _put(self, freeze: Freeze | None) -> None:
        if freeze is None:
            self._rows.drop(_ROW)
        else:
            self._rows.put(_ROW, encode(freeze))


def _word(freeze: Freeze | None) -> str:
    if freeze is None:
        return "unfrozen"
    return "unfreeze_asked" if freeze.unfreeze_by else "frozen"
