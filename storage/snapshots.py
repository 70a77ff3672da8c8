"""The newest snapshot of each client, one sealed file per client."""

import os
from pathlib import Path
from urllib.parse import quote

from core.domain.clients import ClientKey
from core.domain.findings import Snapshot
from core.errors import StorageFailed
from storage.atomic_file import Damaged, move_aside, seal, unseal, write_whole
from storage.codec import from_bytes, to_bytes

#: A file's number, when it was written, and its length: files are replaced whole.
_Stamp = tuple[int, int, int]


class SnapshotFiles:
    """Snapshots by client. A damaged file counts as "never scanned" and is set aside.

    Every scan looks at every client's: a file is taken apart again only once it is another.
    """

    def __init__(self, folder: Path, *, damaged: Path) -> None:
        self._folder = folder
        self._damaged = damaged
        self._read: dict[ClientKey, tuple[_Stamp, Snapshot]] = {}

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""
        path = self._path(client)
        try:
            with path.open("rb") as file:
                stamp = _stamp(os.fstat(file.fileno()))
                known = self._read.get(client)
                if known is not None and known[0] == stamp:
                    return known[1]
                snapshot = from_bytes(Snapshot, unseal(file.read()))
        except FileNotFoundError:
            return None
        except (Damaged, ValueError):
            self._set_aside(path)
            return None
        self._read[client] = (stamp, snapshot)
        return snapshot

    def put(self, snapshot: Snapshot) -> None:
        """Replace the client's snapshot, atomically."""
        write_whole(self._path(snapshot.client), seal(to_bytes(snapshot)))
        self._read.pop(snapshot.client, None)

    def _set_aside(self, path: Path) -> None:
        move_aside(path, self._damaged)

    def _path(self, client: ClientKey) -> Path:
        return self._folder / f"{quote(client, safe='')}.json"


class SnapshotReader(SnapshotFiles):
    """The same for readers beside a running bot: nothing is written, and nothing is moved."""

    def put(self, snapshot: Snapshot) -> None:
        raise StorageFailed(
            f"{snapshot.client} is not written: the data was opened for reading only."
        )

    def _set_aside(self, path: Path) -> None:
        pass


def _stamp(told: os.stat_result) -> _Stamp:
    return told.st_ino, told.st_mtime_ns, told.st_size
