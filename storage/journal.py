"""An append-only, fsynced file of JSON records that is rewritten when most of it no longer matters."""

import json
import logging
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from storage.append_file import AppendFile
from storage.atomic_file import write_whole
from storage.codec import canonical

_log = logging.getLogger(__name__)

Record = dict[str, Any]
_REWRITE_AFTER = 1000


class Journal:
    """Records in the order they were appended. Not thread-safe: its owner holds a lock."""

    def __init__(self, path: Path, *, damaged: Path) -> None:
        self._path = path
        self._damaged = damaged
        self._file = AppendFile(path, on_torn=self._set_aside)
        self._lines = 0
        self._lines_at_rewrite = 0

    def replay(self, take_in: Callable[[Record], None]) -> None:
        """Hand out everything in it. A line that cannot be taken in is left out, a copy set aside."""
        lines = self._path.read_bytes().splitlines()
        bad = [line for line in lines if not _taken_in(line, take_in)]
        if bad:
            self._set_aside(self._path, b"\n".join(bad))
        self._lines = len(lines)

    def append(self, record: Record) -> None:
        """Add one record, on the disk before this returns. Raises StorageFailed."""
        self._file.append(canonical(record) + b"\n")
        self._lines += 1

    def rewrite(self, records: Iterable[Record]) -> None:
        """Put these records in place of all of them, at once."""
        lines = [canonical(record) + b"\n" for record in records]
        write_whole(self._path, b"".join(lines))
        self._file.close()
        self._file = AppendFile(self._path, on_torn=self._set_aside)
        self._lines = self._lines_at_rewrite = len(lines)

    @property
    def has_grown(self) -> bool:
        """Whether it is worth the work to rewrite it."""
        return self._lines > _REWRITE_AFTER + 2 * self._lines_at_rewrite

    def close(self) -> None:
        self._file.close()

    def _set_aside(self, path: Path, data: bytes) -> None:
        self._damaged.mkdir(mode=0o700, exist_ok=True)
        target = self._damaged / f"{path.name}.{secrets.token_hex(4)}"
        write_whole(target, data)
        _log.error("%d bytes of %s cannot be read; they were moved to %s", len(data), path, target)


def _taken_in(line: bytes, take_in: Callable[[Record], None]) -> bool:
    try:
        take_in(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return False
    return True
