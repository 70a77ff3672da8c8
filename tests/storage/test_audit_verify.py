"""Whatever is done to the audit log afterwards, the first bad line is named."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from threading import RLock

import pytest

from core.domain.remediation import RequestId
from core.errors import NotFound
from core.ports import AuditHead
from storage import open_data
from storage.audit_entry import AuditEntry, Draft, bind, from_line, to_line
from storage.audit_log import AuditLog
from storage.audit_verify import verify
from tests.storage.making import START, SetClock, requested

FILE = "2026-11.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten entries in one month."""
    folder = tmp_path / "audit"
    folder.mkdir()
    clock = SetClock()
    log = AuditLog(folder, clock=clock, lock=RLock())
    for number in range(10):
        log.append("note", actor=f"U{number}", number=number)
        clock.move(minutes=1)
    log.close()
    return folder


def lines(folder: Path) -> list[bytes]:
    return (folder / FILE).read_bytes().splitlines(keepends=True)


def head(folder: Path, line: int = -1) -> AuditHead:
    return from_line(lines(folder)[line]).head


def rewritten(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    (folder / FILE).write_bytes(b"".join(change(lines(folder))))


def first_bad(folder: Path, *, expected: AuditHead | None = None) -> tuple[int, str]:
    problem = verify(folder, expected=expected).problem
    assert problem is not None
    assert problem.file == FILE
    return problem.line, problem.sentence


def test_an_untouched_log_is_fine(folder: Path) -> None:
    for path in (folder, folder / FILE):
        result = verify(path, expected=head(folder))
        assert result.ok
        assert (result.entries, result.head) == (10, head(folder))


def test_an_empty_log_is_fine(tmp_path: Path) -> None:
    result = verify(tmp_path)
    assert (result.ok, result.entries, result.head) == (True, 0, None)


def test_no_log_at_all_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no audit log at"):
        verify(tmp_path / "nowhere")


def test_every_single_flipped_bit_is_found_on_its_line(folder: Path) -> None:
    rewritten(folder, lambda all_lines: all_lines[:3])
    content = (folder / FILE).read_bytes()
    starts = [0, *(i + 1 for i, byte in enumerate(content) if byte == 10)]
    for index in range(len(content) - 1):
        flipped = bytearray(content)
        flipped[index] ^= 1
        (folder / FILE).write_bytes(flipped)
        line = sum(start <= index for start in starts)
        problem = verify(folder).problem
        assert problem is not None, index
        assert problem.line == line, index


def test_an_edited_entry_is_found_even_where_its_json_means_the_same(folder: Path) -> None:
    rewritten(folder, lambda all_lines: [*all_lines[:4], all_lines[4].replace(b":", b": ", 1)])
    assert first_bad(folder) == (
        5,
        f"{FILE}, line 5 was edited: its content does not fit its hash.",
    )


def test_a_dropped_entry_is_found(folder: Path) -> None:
    rewritten(folder, lambda all_lines: all_lines[:4] + all_lines[6:])
    line, sentence = first_bad(folder)
    assert line == 5
    assert "(entry 7) follows entry 4: what was between was dropped" in sentence


def test_a_dropped_first_entry_is_found(folder: Path) -> None:
    rewritten(folder, lambda all_lines: all_lines[1:])
    line, sentence = first_bad(folder)
    assert line == 1
    assert "nothing recorded says where those before it went" in sentence


def test_a_cut_off_end_is_found_only_with_a_head_noted_elsewhere(folder: Path) -> None:
    noted = head(folder)
    rewritten(folder, lambda all_lines: all_lines[:7])
    assert verify(folder).ok
    line, sentence = first_bad(folder, expected=noted)
    assert line == 7
    assert "entry 10 was written: the end was cut off" in sentence


def test_a_log_emptied_is_found_with_a_head_noted_elsewhere(folder: Path) -> None:
    noted = head(folder)
    (folder / FILE).write_bytes(b"")
    assert not verify(folder, expected=noted).ok


def test_swapped_entries_are_found(folder: Path) -> None:
    rewritten(folder, lambda x: [*x[:3], x[4], x[3], *x[5:]])
    line, sentence = first_bad(folder)
    assert line == 4
    assert "(entry 5) stands before entry 4: the order was changed" in sentence


def test_a_duplicated_entry_is_found(folder: Path) -> None:
    rewritten(folder, lambda x: [*x[:4], x[3], *x[4:]])
    assert first_bad(folder) == (
        5,
        f"{FILE}, line 5 (entry 4) is a duplicate of the line above.",
    )


def test_an_entry_repeated_further_down_is_found(folder: Path) -> None:
    rewritten(folder, lambda x: [*x, x[3]])
    line, sentence = first_bad(folder)
    assert line == 11
    assert "stands after entry 10: it was duplicated or moved" in sentence


def test_two_writers_are_found(folder: Path) -> None:
    def rival(all_lines: list[bytes]) -> list[bytes]:
        eighth = from_line(all_lines[7])
        draft = Draft(kind="note", actor="rival", detail={})
        return [*all_lines, to_line(bind(draft, after=eighth.head, at=START))]

    rewritten(folder, rival)
    line, sentence = first_bad(folder)
    assert line == 11
    assert "(entry 9) stands after entry 10" in sentence


def rechained(entries: list[AuditEntry]) -> list[bytes]:
    """What someone who can write the file and knows the format would leave behind."""
    made = entries[:1]
    for entry in entries[1:]:
        draft = Draft(kind=entry.kind, actor=entry.actor, client=entry.client, detail=entry.detail)
        made.append(bind(draft, after=made[-1].head, at=entry.at))
    return [to_line(entry) for entry in made]


def test_a_log_rewritten_from_the_middle_is_found_only_with_a_noted_head(folder: Path) -> None:
    noted = head(folder)

    rewritten(folder, lambda x: rechained([from_line(line) for line in x if b"U4" not in line]))
    assert verify(folder).ok
    assert "entry 10 was written" in first_bad(folder, expected=noted)[1]
    assert (
        "entry 7 is not the one noted elsewhere"
        in first_bad(folder, expected=AuditHead(seq=7, hash=noted.hash))[1]
    )


def test_entries_whose_time_goes_back_are_found(folder: Path) -> None:
    def back(all_lines: list[bytes]) -> list[bytes]:
        entries = [from_line(line) for line in all_lines]
        return rechained([*entries[:4], entries[7], *entries[4:7], *entries[8:]])

    rewritten(folder, back)
    line, sentence = first_bad(folder)
    assert line == 6
    assert "the clock went back" in sentence


def test_an_entry_that_continues_another_history_is_found(folder: Path) -> None:
    def graft(all_lines: list[bytes]) -> list[bytes]:
        forged = rechained([from_line(line) for line in all_lines if b"U4" not in line])
        return [*all_lines[:6], *forged[6:]]

    rewritten(folder, graft)
    line, sentence = first_bad(folder)
    assert line == 7
    assert "does not continue the line above" in sentence


def test_a_line_still_being_written_is_left_out(folder: Path) -> None:
    with (folder / FILE).open("ab") as file:
        file.write(b'{"actor":"U11","at"')
    result = verify(folder)
    assert (result.ok, result.entries) == (True, 10)


def test_garbage_is_named(folder: Path) -> None:
    for garbage in (b"garbage\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"\n", b'{"seq":"x"}\n'):
        content = lines(folder)
        (folder / FILE).write_bytes(b"".join([*content[:2], garbage, *content[2:]]))
        assert first_bad(folder) == (3, f"{FILE}, line 3 is not an audit entry.")
        (folder / FILE).write_bytes(b"".join(content))


def test_a_missing_month_is_found(tmp_path: Path) -> None:
    clock = SetClock()
    log = AuditLog(tmp_path, clock=clock, lock=RLock())
    for _ in range(3):
        log.append("note", actor="U1")
        clock.move(days=31)
    log.close()
    assert verify(tmp_path).ok
    (tmp_path / "2026-12.jsonl").unlink()
    problem = verify(tmp_path).problem
    assert problem is not None
    assert (problem.file, problem.line) == ("2027-01.jsonl", 1)
    assert verify(tmp_path / "2027-01.jsonl").ok


def test_an_oldest_month_deleted_by_hand_is_found(tmp_path: Path) -> None:
    clock = SetClock()
    log = AuditLog(tmp_path, clock=clock, lock=RLock())
    for _ in range(2):
        log.append("note", actor="U1")
        clock.move(days=31)
    log.close()
    (tmp_path / "2026-11.jsonl").unlink()
    problem = verify(tmp_path).problem
    assert problem is not None
    assert "nothing recorded says where those before it went" in problem.sentence


def test_the_store_of_a_data_directory_notes_a_head_by_itself(tmp_path: Path) -> None:
    with open_data(tmp_path, clock=SetClock()) as data:
        for name in ("A", "B"):
            data.requests.commit(RequestId(name), requested(name), expected=0)
    assert verify(tmp_path).ok
    file = tmp_path / "audit" / FILE
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    problem = verify(tmp_path).problem
    assert problem is not None
    assert "entry 2 was written: the end was cut off" in problem.sentence
    assert problem == verify(tmp_path, expected=verify(tmp_path).head).problem
    assert verify(tmp_path / "audit").ok


def test_a_log_can_be_verified_while_it_is_written_to(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, clock=SetClock(), lock=RLock())
    counts = []
    for number in range(20):
        log.append("note", actor="U1", number=number)
        result = verify(tmp_path)
        assert result.ok
        counts.append(result.entries)
    log.close()
    assert all(later == earlier + 1 for earlier, later in pairwise(counts))


def test_numbers_beyond_all_bounds_are_no_entries(folder: Path) -> None:
    entry = json.loads(lines(folder)[9])
    entry["at"] = "9999-99-99"
    with (folder / FILE).open("ab") as file:
        file.write(json.dumps(entry).encode() + b"\n")
    assert first_bad(folder)[0] == 11
