"""TinyDB as we use it: nothing lost, nothing torn, nothing changed behind its back."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import RLock
from typing import Any

import pytest
from tinydb import where
from tinydb.operations import increment

from core.errors import StorageFailed
from storage.tinydb_storage import Database, Origin, Row, SafeStorage
from tests.storage.faults import failing, full_disk


def opened(folder: Path, *, read_only: bool = False) -> Database:
    return Database(
        folder / "small.json",
        storage=SafeStorage,
        lock=RLock(),
        damaged=folder / "damaged",
        read_only=read_only,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as made:
        yield made


def test_sixteen_threads_of_a_hundred_increments_make_sixteen_hundred(
    database: Database, tmp_path: Path
) -> None:
    rows = database.rows("counters")
    rows.put("n", {"n": 0})

    def count(_: int) -> None:
        for _ in range(100):
            rows.update(increment("n"), doc_ids=["n"])  # type: ignore[list-item]  # our ids are text

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(count, range(16)))
    assert opened(tmp_path).rows("counters").find("n") == {"n": 1600}


def test_a_key_is_added_once_however_many_try(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = database.rows("claims")
    find = rows.find

    def find_slowly(key: str) -> Row | None:
        found = find(key)
        time.sleep(0.01)
        return found

    monkeypatch.setattr(rows, "find", find_slowly)
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda n: rows.add("key", {"by": n}), range(8)))
    assert added.count(True) == 1
    assert find("key") == {"by": added.index(True)}


@pytest.mark.parametrize("hand_out", ["find", "get", "search", "search again", "all", "read"])
def test_changing_what_was_handed_out_changes_nothing(database: Database, hand_out: str) -> None:
    rows = database.rows("people")
    rows.put("a", {"name": "A", "tags": ["x"]})
    query: Any = where("name") == "A"

    ways: dict[str, Callable[[], Any]] = {
        "find": lambda: rows.find("a"),
        "get": lambda: rows.get(query),
        "search": lambda: rows.search(query)[0],
        "search again": lambda: (rows.search(query), rows.search(query))[1][0],
        "all": lambda: rows.all()[0],
        "read": lambda: database.storage.read()["people"]["a"],
    }
    ways[hand_out]()["tags"].append("y")
    assert ways[hand_out]() == {"name": "A", "tags": ["x"]}


def test_changing_what_was_handed_in_changes_nothing(database: Database) -> None:
    rows = database.rows("people")
    row = {"tags": ["x"]}
    rows.put("a", row)
    rows.upsert(Row(row, "b"))
    row["tags"].append("y")
    assert [rows.find("a"), rows.find("b")] == [{"tags": ["x"]}] * 2


def test_a_transaction_is_one_write_over_all_tables(database: Database, tmp_path: Path) -> None:
    database.rows("one").put("a", {"n": 1})
    with database.storage.transaction():
        database.rows("one").put("a", {"n": 2})
        database.rows("two").put("b", {"n": 2})
        assert opened(tmp_path).rows("one").find("a") == {"n": 1}
    backup = json.loads((tmp_path / "small.json.bak").read_bytes().partition(b"\n")[2])
    assert backup == {"one": {"a": {"n": 1}}}
    assert opened(tmp_path).rows("two").find("b") == {"n": 2}


def test_an_error_undoes_the_whole_transaction(database: Database, tmp_path: Path) -> None:
    rows = database.rows("one")
    rows.put("a", {"n": 1})

    def half_way() -> None:
        with database.storage.transaction():
            rows.put("a", {"n": 2})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        half_way()
    assert rows.all() == [{"n": 1}]
    assert opened(tmp_path).rows("one").all() == [{"n": 1}]


def test_what_json_cannot_hold_is_refused_and_leaves_all_as_it_was(database: Database) -> None:
    rows = database.rows("one")
    rows.put("a", {"n": 1})
    with pytest.raises(TypeError):
        rows.put("a", {"n": object()})
    assert rows.find("a") == {"n": 1}
    rows.put("a", {"n": 2})
    assert rows.find("a") == {"n": 2}


def test_a_full_disk_leaves_all_as_it_was(database: Database, tmp_path: Path) -> None:
    rows = database.rows("one")
    rows.put("a", {"n": 1})
    with full_disk():
        with pytest.raises(StorageFailed):
            rows.put("a", {"n": 2})
        assert rows.find("a") == {"n": 1}
    rows.put("b", {"n": 3})
    assert opened(tmp_path).rows("one").all() == [{"n": 1}, {"n": 3}]


def test_after_a_failed_write_nothing_is_served_until_the_file_can_be_read(
    database: Database, tmp_path: Path
) -> None:
    rows = database.rows("one")
    rows.put("a", {"n": 1})
    sealed = (tmp_path / "small.json").read_bytes()
    with failing("Path.replace"), pytest.raises(StorageFailed):
        rows.put("a", {"n": 2})
    (tmp_path / "small.json").write_bytes(b"garbage")
    with pytest.raises(StorageFailed, match=r"small\.json cannot be read"):
        rows.find("a")
    with pytest.raises(StorageFailed, match=r"small\.json cannot be read"):
        rows.put("a", {"n": 3})
    (tmp_path / "small.json").write_bytes(sealed)
    assert rows.find("a") == {"n": 1}


def test_a_change_that_changes_nothing_writes_nothing(database: Database) -> None:
    rows = database.rows("one")
    rows.put("a", {"n": 1})
    with full_disk():
        rows.put("a", {"n": 1})
        rows.drop("never there")


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_file_falls_back_to_the_copy_before_and_says_so(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "small.json"
    first = opened(tmp_path)
    for n in (1, 2):
        first.rows("one").put("a", {"n": n})
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    second = opened(tmp_path)
    assert second.storage.origin is Origin.BACKUP
    assert "small.json cannot be read" in caplog.text
    assert second.rows("one").find("a") == {"n": 1}
    second.rows("one").put("b", {"n": 3})
    third = opened(tmp_path)
    assert third.storage.origin is Origin.MAIN
    assert third.rows("one").all() == [{"n": 1}, {"n": 3}]
    aside = [file.read_bytes() for file in (tmp_path / "damaged").glob("*")]
    assert aside == ([] if damage is None else [damage])


def test_where_both_copies_are_damaged_it_says_that_all_is_lost(tmp_path: Path) -> None:
    first = opened(tmp_path)
    for n in (1, 2):
        first.rows("one").put("a", {"n": n})
    (tmp_path / "small.json").write_bytes(b"garbage")
    (tmp_path / "small.json.bak").write_bytes(b"garbage")
    second = opened(tmp_path)
    assert second.storage.origin is Origin.LOST
    assert second.rows("one").all() == []
    second.rows("one").put("a", {"n": 5})
    assert opened(tmp_path).storage.origin is Origin.MAIN


def test_a_new_file_is_told_from_a_lost_one(tmp_path: Path) -> None:
    assert opened(tmp_path).storage.origin is Origin.NEW


def test_a_reader_writes_nothing(tmp_path: Path) -> None:
    opened(tmp_path).rows("one").put("a", {"n": 1})
    reader = opened(tmp_path, read_only=True)
    with pytest.raises(StorageFailed, match="reading only"):
        reader.rows("one").put("a", {"n": 2})
    assert reader.rows("one").find("a") == {"n": 1}
    assert opened(tmp_path).rows("one").find("a") == {"n": 1}


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    for n in (1, 2):
        opened(tmp_path).rows("one").put("a", {"n": n})
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("small.json*")}
    assert modes == {0o600}
