"""The journals behind inbox and outbox: small, whole, and honest about what cannot be read."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import StorageFailed
from core.ports import MessageRef, PostState, Received
from storage.inbox import InboxJournal
from storage.journal import Journal
from storage.outbox import OutboxJournal
from tests.storage.faults import failing
from tests.storage.making import START, SetClock


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "j.jsonl", damaged=tmp_path / "damaged")
    yield made
    made.close()


def records(journal: Journal) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    journal.replay(read.append)
    return read


def inbox(folder: Path, clock: SetClock) -> InboxJournal:
    return InboxJournal(folder / "inbox.jsonl", clock=clock, damaged=folder / "damaged")


def outbox(folder: Path, clock: SetClock) -> OutboxJournal:
    return OutboxJournal(folder / "outbox.jsonl", clock=clock, damaged=folder / "damaged")


def item(number: int, clock: SetClock) -> Received:
    return Received(key=f"k{number}", kind="command", payload={"n": number}, at=clock.now())


def test_records_come_back_in_order(journal: Journal) -> None:
    for number in range(3):
        journal.append({"n": number})
    assert records(journal) == [{"n": 0}, {"n": 1}, {"n": 2}]
    journal.rewrite([{"n": 1}])
    journal.append({"n": 5})
    assert records(journal) == [{"n": 1}, {"n": 5}]


def test_a_torn_record_was_never_acknowledged_and_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_bytes(b'{"n":0}\n{"n":1')
    journal = Journal(tmp_path / "j.jsonl", damaged=tmp_path / "damaged")
    assert records(journal) == [{"n": 0}]
    journal.close()
    assert [p.read_bytes() for p in (tmp_path / "damaged").iterdir()] == [b'{"n":1']


def test_a_damaged_record_is_set_aside_and_the_rest_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SetClock()
    box = inbox(tmp_path, clock)
    for number in range(3):
        box.append(item(number, clock))
    box.close()
    path = tmp_path / "inbox.jsonl"
    first, second, third = path.read_bytes().splitlines(keepends=True)
    bad = [b"garbage\n", b"[]\n", second.replace(b'"in"', b'"on"'), b'{"in":{"key":"k"}}\n']
    path.write_bytes(b"".join([first, *bad, third]))
    again = inbox(tmp_path, clock)
    assert [received.key for received in again.pending()] == ["k0", "k2"]
    again.close()
    assert "cannot be read" in caplog.text
    aside = [p.read_bytes() for p in (tmp_path / "damaged").iterdir()]
    assert aside == [b"".join(bad).rstrip(b"\n")]


def test_a_journal_that_could_not_be_reopened_takes_nothing_into_the_void(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append({"n": 0})

    def refuse(*_: object, **__: object) -> None:
        raise StorageFailed

    with monkeypatch.context() as patch:
        patch.setattr("storage.journal.AppendFile", refuse)
        with pytest.raises(StorageFailed):
            journal.rewrite([{"n": 1}])
    with pytest.raises(StorageFailed):
        journal.append({"n": 2})
    assert (tmp_path / "j.jsonl").read_bytes() == b'{"n":1}\n'


def test_the_inbox_stays_small_and_drops_payloads_of_what_is_done(tmp_path: Path) -> None:
    clock = SetClock()
    box = inbox(tmp_path, clock)
    for number in range(700):
        box.append(item(number, clock))
        if number:
            box.done(f"k{number}")
        clock.move(minutes=30)
    box.close()
    lines = (tmp_path / "inbox.jsonl").read_bytes().splitlines()
    assert len(lines) < 1400
    again = inbox(tmp_path, clock)
    assert [received.key for received in again.pending()] == ["k0"]
    again.close()
    payloads = [
        line for line in (tmp_path / "inbox.jsonl").read_bytes().splitlines() if b"payload" in line
    ]
    assert len(payloads) == 1


def test_a_key_is_remembered_for_a_week_and_a_pending_item_for_ever(tmp_path: Path) -> None:
    clock = SetClock()
    box = inbox(tmp_path, clock)
    for number in range(2):
        box.append(item(number, clock))
    box.done("k1")
    box.close()
    for days, known in ((6, True), (2, False)):
        clock.move(days=days)
        box = inbox(tmp_path, clock)
        assert box.pending()[0].key == "k0"
        assert not box.append(item(0, clock))
        assert box.append(item(1, clock)) is not known
        box.close()


def test_an_item_is_done_even_where_there_is_no_room_to_tidy_up(tmp_path: Path) -> None:
    clock = SetClock()
    box = inbox(tmp_path, clock)
    box.append(item(0, clock))
    box._journal._lines = 10_000
    with failing("Path.replace"):
        box.done("k0")
    assert box.pending() == ()
    box.append(item(1, clock))
    box.close()
    again = inbox(tmp_path, clock)
    assert [received.key for received in again.pending()] == ["k1"]
    again.close()


def test_the_outbox_forgets_old_posts_but_never_an_open_question(tmp_path: Path) -> None:
    clock = SetClock()
    box = outbox(tmp_path, clock)
    place = MessageRef(channel="C1", ts="1.2")
    for key in ("sent", "unknown", "sending"):
        box.begin(key, "C1", START)
    box.settle("sent", PostState.SENT, place)
    box.settle("unknown", PostState.UNKNOWN)
    box.close()
    clock.move(days=89)
    box = outbox(tmp_path, clock)
    found = box.find("sent")
    assert found is not None
    assert found.ref == place
    box.close()
    clock.time = START + timedelta(days=91)
    box = outbox(tmp_path, clock)
    assert box.find("sent") is None
    assert box.find("unknown") is not None
    assert [post.key for post in box.cut_off()] == ["sending"]
    box.close()


def test_the_outbox_file_stays_small(tmp_path: Path) -> None:
    box = outbox(tmp_path, SetClock())
    for _ in range(700):
        box.begin("card", "C1", START)
        box.settle("card", PostState.NEW)
    box.close()
    lines = (tmp_path / "outbox.jsonl").read_bytes().splitlines()
    assert len(lines) < 1000
    assert json.loads(lines[-1])["state"] == "new"
