"""Writing the audit log: what goes in stays in, in order, without secrets."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock

import pytest

from core.domain.clients import ClientKey
from core.errors import BadInput, StorageFailed
from storage.audit_entry import GENESIS
from storage.audit_log import CLOCK_BACK, RETENTION, TORN, AuditLog
from storage.audit_verify import verify
from tests.storage.faults import failing, full_disk, room_for
from tests.storage.making import START, SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "audit"
    path.mkdir()
    return path


@pytest.fixture
def log(folder: Path, clock: SetClock) -> Iterator[AuditLog]:
    made = opened(folder, clock)
    yield made
    made.close()


def opened(folder: Path, clock: SetClock) -> AuditLog:
    return AuditLog(folder, clock=clock, lock=RLock())


def test_an_entry_holds_who_did_what_when_and_what_came_before(log: AuditLog) -> None:
    first = log.append("note", actor="U1", client=ClientKey("acme"), why="because", ids=("a", "b"))
    second = log.append("note", actor="U2")
    one, two = log.entries()
    assert (one.seq, one.prev, one.hash) == (1, GENESIS.hash, first.hash)
    assert (two.seq, two.prev, two.hash) == (2, first.hash, second.hash)
    assert (one.at, one.kind, one.actor, one.client) == (START, "note", "U1", "acme")
    assert one.detail == {"why": "because", "ids": ["a", "b"]}


def test_an_entry_is_one_line_of_json_whatever_was_typed(log: AuditLog, folder: Path) -> None:
    log.append("note", actor='evil"\n{"seq":2}', why="line\r\nbreak \u2028 \x1b[31m \u202e")
    lines = (folder / "2026-11.jsonl").read_bytes().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["actor"] == 'evil"\n{"seq":2}'
    assert lines[0].isascii()
    assert b"\x1b" not in lines[0]


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234567890-abcdefGHIJ",
        "xapp-1-A0123-456-abcdef0123456789",
        "https://hooks.slack.com/actions/T1/2/abcDEF",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJnYXRlIn0.c2lnbmF0dXJl",
        "Bearer abcdefghijklmnopqrstuvwxyz",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_obvious_secrets_never_reach_the_file(log: AuditLog, folder: Path, secret: str) -> None:
    log.append("note", actor="U1", text=f"it said {secret} twice", deep=[{"answer": secret}])
    log.append("note", actor="U1", client_secret="hunter2-hunter2")
    written = (folder / "2026-11.jsonl").read_text()
    assert secret not in written
    assert secret.splitlines()[-1] not in written
    assert "hunter2" not in written
    assert next(log.entries()).detail["text"] == "it said [redacted] twice"


def test_words_that_only_look_a_little_like_secrets_are_kept(log: AuditLog) -> None:
    log.append("note", actor="U1", text="bearer of bad news", digest="ab" * 32, token=None)
    assert next(log.entries()).detail == {
        "text": "bearer of bad news",
        "digest": "ab" * 32,
        "token": None,
    }


def test_a_new_month_gets_a_new_file_that_continues_the_old_one(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    log.append("note", actor="U1")
    clock.move(days=9)
    last = log.append("note", actor="U1")
    assert [path.name for path in log.files()] == ["2026-11.jsonl", "2026-12.jsonl"]
    assert [entry.seq for entry in log.entries()] == [1, 2]
    again = opened(folder, clock)
    assert again.head() == last
    assert again.append("note", actor="U1").seq == 3
    again.close()
    assert verify(folder).entries == 3
    assert verify(folder).ok


def test_a_month_begun_and_not_yet_written_to_continues_the_one_before(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    log.append("note", actor="U1")
    (folder / "2026-12.jsonl").touch()
    clock.move(days=9)
    again = opened(folder, clock)
    assert again.append("note", actor="U1").seq == 2
    again.close()
    assert verify(folder).ok


def test_a_line_torn_by_a_kill_is_kept_aside_and_recorded(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    head = log.append("note", actor="U1")
    with (folder / "2026-11.jsonl").open("ab") as file:
        file.write(b'{"actor":"U2","at":"2026-')
    again = opened(folder, clock)
    entries = list(again.entries())
    again.close()
    assert (entries[0].head, entries[1].kind) == (head, TORN)
    assert entries[1].detail["bytes"] == 25
    assert (folder / "torn" / entries[1].detail["file"]).read_bytes() == (
        b'{"actor":"U2","at":"2026-'
    )
    assert verify(folder).ok


def test_a_full_disk_refuses_the_entry_and_leaves_no_trace(log: AuditLog, folder: Path) -> None:
    head = log.append("note", actor="U1")
    size = (folder / "2026-11.jsonl").stat().st_size
    for fault in (full_disk(), failing("fsync"), room_for(size + 20)):
        with fault, pytest.raises(StorageFailed):
            log.append("note", actor="U2")
        assert log.head() == head
    log.append("note", actor="U3")
    assert verify(folder).ok
    assert [entry.actor for entry in log.entries()] == ["U1", "U3"]


def test_a_second_writer_is_refused(log: AuditLog, folder: Path, clock: SetClock) -> None:
    other = opened(folder, clock)
    other.append("note", actor="other")
    with pytest.raises(StorageFailed, match="Something else writes"):
        log.append("note", actor="U1")
    other.close()
    assert [entry.actor for entry in log.entries()] == ["other"]


def test_a_clock_that_goes_back_is_recorded_once_and_bends_no_entry(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    log.append("note", actor="U1")
    clock.move(hours=-2)
    log.append("note", actor="U2")
    log.append("note", actor="U3")
    entries = list(log.entries())
    assert [entry.kind for entry in entries] == ["note", CLOCK_BACK, "note", "note"]
    assert entries[1].detail == {"clock": (START - timedelta(hours=2)).isoformat()}
    assert {entry.at for entry in entries} == {START}
    assert verify(folder).ok


def test_a_clock_set_right_by_a_second_is_nothing_special(log: AuditLog, clock: SetClock) -> None:
    log.append("note", actor="U1")
    clock.move(seconds=-1)
    log.append("note", actor="U2")
    assert [entry.kind for entry in log.entries()] == ["note", "note"]


def test_a_clock_that_goes_back_over_a_month_stays_in_the_newest_file(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    log.append("note", actor="U1")
    clock.move(days=-30)
    log.append("note", actor="U2")
    again = opened(folder, clock)
    again.append("note", actor="U3")
    again.close()
    assert [path.name for path in log.files()] == ["2026-11.jsonl"]


def months(log: AuditLog, clock: SetClock, count: int) -> None:
    for month in range(count):
        clock.time = datetime(2026 + (10 + month) // 12, (10 + month) % 12 + 1, 15, tzinfo=UTC)
        log.append("note", actor="U1", month=month)


def test_old_files_go_whole_and_with_a_record(log: AuditLog, folder: Path, clock: SetClock) -> None:
    months(log, clock, 15)
    assert log.retain(400) == ("2026-11.jsonl",)
    assert log.files()[0].name == "2026-12.jsonl"
    record = list(log.entries())[-1]
    assert (record.kind, record.detail["file"], record.detail["last_seq"]) == (
        RETENTION,
        "2026-11.jsonl",
        1,
    )
    result = verify(folder)
    assert result.ok
    assert result.first is not None
    assert result.first.seq == 2
    assert log.retain(400) == ()


def test_half_a_year_is_kept_whatever_is_configured(log: AuditLog, clock: SetClock) -> None:
    months(log, clock, 8)
    with pytest.raises(BadInput, match="183 days"):
        log.retain(182)
    assert len(log.files()) == 8
    assert log.retain(183) == ("2026-11.jsonl",)


def test_a_log_silent_for_years_loses_its_last_file_too_but_not_the_thread(
    log: AuditLog, folder: Path, clock: SetClock
) -> None:
    head = log.append("note", actor="U1")
    clock.move(days=800)
    assert log.retain(400) == ("2026-11.jsonl",)
    (record,) = log.entries()
    assert (record.kind, record.prev) == (RETENTION, head.hash)
    assert verify(folder).ok
    again = opened(folder, clock)
    assert again.head() == record.head
    again.close()


def test_nothing_is_deleted_that_cannot_be_recorded(log: AuditLog, clock: SetClock) -> None:
    months(log, clock, 8)
    with full_disk(), pytest.raises(StorageFailed):
        log.retain(183)
    assert len(log.files()) == 8


def test_entries_can_be_read_from_any_number_on(log: AuditLog, clock: SetClock) -> None:
    months(log, clock, 5)
    for after in range(6):
        assert [entry.seq for entry in log.entries(after=after)] == list(range(after + 1, 6))
