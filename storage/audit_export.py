"""The audit log for other eyes: JSON Lines (which can be verified again) and CSV for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from storage.audit_entry import AuditEntry, to_line
from storage.codec import canonical

COLUMNS = ("seq", "at", "kind", "actor", "client", "detail", "prev", "hash")
#: A spreadsheet takes a cell that begins like this for a formula (full-width forms included).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def jsonl(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """The entries as the lines they are."""
    return (to_line(entry).decode("ascii") for entry in entries)


def csv_rows(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """A header, then one row per entry; no cell can be taken for a formula."""
    yield _row(COLUMNS)
    for entry in entries:
        yield _row(
            (
                str(entry.seq),
                entry.at.isoformat(),
                entry.kind,
                entry.actor,
                entry.client or "",
                canonical(entry.detail).decode("ascii"),
                entry.prev,
                entry.hash,
            )
        )


def _row(cells: Iterable[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([_inert(cell) for cell in cells])
    return buffer.getvalue()


def _inert(cell: str) -> str:
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell
