"""Files that only grow: a line is in them whole and on the disk, or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import StorageFailed
from storage.atomic_file import failed, sync_folder, write_all

_BLOCK = 65536


class AppendFile:
    """One open file. A torn tail (a line a killed process did not finish) is handed to `on_torn` first."""

    def __init__(self, path: Path, *, on_torn: Callable[[Path, bytes], None]) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self._descriptor = os.open(path, flags, 0o600)
            sync_folder(path.parent)
            self._size = _whole_lines(self._descriptor)
            torn = os.pread(self._descriptor, _BLOCK * _BLOCK, self._size)
            if torn:
                on_torn(path, torn)
                self._cut_back()
        except OSError as error:
            raise failed(error) from error
        self._broken = False

    def append(self, line: bytes) -> None:
        """Add a line that ends in a line break. Raises StorageFailed, and then nothing was added."""
        try:
            if self._broken:
                self._cut_back()
                self._broken = False
            self._refuse_second_writer()
            self._add(line)
        except OSError as error:
            raise failed(error) from error

    def close(self) -> None:
        """From here on every append fails."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _add(self, line: bytes) -> None:
        self._broken = True
        try:
            write_all(self._descriptor, line)
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                self._cut_back()
                self._broken = False
            raise
        self._size += len(line)
        self._broken = False

    def _cut_back(self) -> None:
        os.ftruncate(self._descriptor, self._size)
        os.fsync(self._descriptor)

    def _refuse_second_writer(self) -> None:
        if os.fstat(self._descriptor).st_size != self._size:
            raise StorageFailed(f"Something else writes to {self.path.name}; stop it first.")


def _whole_lines(descriptor: int) -> int:
    """How many bytes of a file belong to finished lines."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
