"""TinyDB made safe for small tables: one lock, one atomic and fsynced write per change, two generations."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from enum import StrEnum
from pathlib import Path
from threading import RLock
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document, Table

from core.errors import StorageFailed
from storage.atomic_file import Damaged, move_aside, seal, unseal, write_whole

_log = logging.getLogger(__name__)

State = dict[str, dict[str, Any]]


class Origin(StrEnum):
    """Where the state came from when the file was opened."""

    NEW = "new"
    MAIN = "main"
    BACKUP = "backup"
    LOST = "lost"


class SafeStorage(Storage):
    """The whole state in one sealed file, the previous generation beside it as `.bak`.

    Readers get copies. Changes happen in a `transaction`, which holds the lock and writes once, at its
    end. After a failed write nothing is served until the file has been read again.
    """

    def __init__(self, path: Path, *, lock: RLock, damaged: Path, read_only: bool = False) -> None:
        self.lock = lock
        self._path = path
        self._backup = path.with_name(path.name + ".bak")
        self._damaged = damaged
        self._read_only = read_only
        self._depth = 0
        self._working: State = {}
        self._shared: State | None = None
        self._body: bytes | None
        self._body, self.origin = self._open()

    def read(self) -> State:
        """A copy of everything; within a transaction the state being changed."""
        with self.lock:
            if self._depth:
                return self._working
            copy: State = json.loads(self._known_body())
            return copy

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The parsed state itself, kept between writes: to be copied from, never to be changed."""
        with self.lock:
            if self._depth:
                return self._working
            if self._shared is None:
                self._shared = json.loads(self._known_body())
            return self._shared

    def write(self, data: State) -> None:
        """Replace everything, durably. Raises StorageFailed."""
        with self.transaction():
            self._working = data

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything done to the tables inside becomes one write; an error undoes all of it."""
        with self.lock:
            if not self._depth:
                self._working = json.loads(self._known_body())
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            if not self._depth:
                self._save(json.dumps(self._working, separators=(",", ":")).encode("ascii"))

    def _save(self, body: bytes) -> None:
        if body == self._body and self.origin is Origin.MAIN:
            return
        if self._read_only:
            raise StorageFailed("Nothing is written: the data was opened for reading only.")
        self._body = self._shared = None
        if self.origin is not Origin.MAIN and self._path.exists():
            move_aside(self._path, self._damaged)
        write_whole(self._path, seal(body), keep=self._backup)
        self._body = body
        self.origin = Origin.MAIN

    def _known_body(self) -> bytes:
        if self._body is None:
            self._body = self._read_again()
        return self._body

    def _read_again(self) -> bytes:
        try:
            return unseal(self._path.read_bytes())
        except (OSError, Damaged) as error:
            raise StorageFailed(
                f"{self._path.name} cannot be read after a failed write, so Gatehouse does nothing at all."
            ) from error

    def _open(self) -> tuple[bytes, Origin]:
        if not self._path.exists() and not self._backup.exists():
            return b"{}", Origin.NEW
        for path, origin in ((self._path, Origin.MAIN), (self._backup, Origin.BACKUP)):
            try:
                return unseal(path.read_bytes()), origin
            except (OSError, Damaged):
                _log.exception("%s cannot be read", path)
        return b"{}", Origin.LOST


class Row(Document):
    """A document cut off from the stored state, however deep one changes it."""

    def __init__(self, value: Mapping[str, Any], doc_id: str) -> None:
        super().__init__(deepcopy(dict(value)), doc_id)  # type: ignore[arg-type]  # our ids are text


class LockedTable(Table):
    """A table whose every change is read, changed and written under the storage's lock. Ids are text."""

    document_class: type[Document] = Row
    document_id_class = str  # type: ignore[assignment]  # TinyDB's annotation knows numbers only
    #: The query cache hands the same documents to everybody, so it stays empty.
    default_query_cache_capacity = 0
    _storage: SafeStorage

    def __init__(self, storage: SafeStorage, name: str) -> None:
        super().__init__(storage, name, cache_size=0)

    def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Write one row, new or not."""
        self._update_table(lambda table: table.update({key: dict(row)}))  # type: ignore[dict-item]

    def add(self, key: str, row: Mapping[str, Any]) -> bool:
        """Write one row unless its key is taken: True for exactly one caller."""
        with self._storage.transaction():
            if self.find(key) is not None:
                return False
            self.put(key, row)
            return True

    def find(self, key: str) -> Row | None:
        """A copy of one row."""
        raw = self._read_table().get(key)
        return None if raw is None else Row(raw, key)

    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows themselves by key: to be decoded, never to be changed."""
        return self._read_table()

    def drop(self, *keys: str) -> None:
        """Remove rows; keys that are not there do not matter."""
        self.remove(doc_ids=keys)  # type: ignore[arg-type]  # our ids are text

    def upsert(self, document: Mapping[str, Any], cond: Any = None) -> list[int]:
        with self._storage.transaction():
            return super().upsert(document, cond)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        table: dict[str, Mapping[str, Any]] = self._storage.shared().get(self.name, {})  # type: ignore[assignment]
        return table

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with self._storage.transaction():
            super()._update_table(updater)


class Database(TinyDB):
    """One file of small tables (see `SafeStorage`)."""

    table_class: type[Table] = LockedTable
    storage: SafeStorage

    def rows(self, name: str) -> LockedTable:
        table: LockedTable = self.table(name)  # type: ignore[assignment]  # see table_class
        return table
