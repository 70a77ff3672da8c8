"""The audit log for other eyes."""

import csv
from io import StringIO
from pathlib import Path
from threading import RLock

import pytest

from core.domain.clients import ClientKey
from storage.audit_export import COLUMNS, csv_rows, jsonl
from storage.audit_log import AuditLog
from storage.audit_verify import verify
from tests.storage.making import SetClock


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path, clock=SetClock(), lock=RLock())


def test_exported_lines_can_be_verified_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    for number in range(3):
        log.append("note", actor="U1", number=number)
    export = tmp_path / "export.jsonl"
    export.write_text("".join(jsonl(log.entries())))
    log.close()
    result = verify(export, expected=log.head())
    assert (result.ok, result.entries) == (True, 3)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_no_cell_is_taken_for_a_formula(log: AuditLog, start: str) -> None:
    log.append("note", actor=f'{start}HYPERLINK("https://evil","x")', client=ClientKey(start + "1"))
    log.close()
    header, row = csv.reader(StringIO("".join(csv_rows(log.entries())), newline=""))
    assert tuple(header) == COLUMNS
    cells = dict(zip(header, row, strict=True))
    assert cells["actor"] == f'\'{start}HYPERLINK("https://evil","x")'
    assert cells["client"] == f"'{start}1"
    assert all(cell.lstrip(" ")[:1] not in "=+-@\t\r\n\uff1d" for cell in row)


def test_a_row_cannot_be_forged_by_a_line_break(log: AuditLog) -> None:
    log.append("note", actor='U1","x"\r\n"99","forged')
    log.close()
    rows = list(csv.reader(StringIO("".join(csv_rows(log.entries())), newline="")))
    assert len(rows) == 2
    assert rows[1][3] == 'U1","x"\r\n"99","forged'
