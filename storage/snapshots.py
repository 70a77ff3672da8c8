"""The newest snapshot of each client, one sealed file per client."""

from pathlib import Path
from urllib.parse import quote

from core.domain.clients import ClientKey
from core.domain.findings import Snapshot
from core.errors import StorageFailed
from storage.atomic_file import Damaged, move_aside, seal, unseal, write_whole
from storage.codec import from_bytes, to_bytes


class SnapshotFiles:
    """Snapshots by client. A damaged file counts as "never scanned" and is set aside."""

    def __init__(self, folder: Path, *, damaged: Path) -> None:
        self._folder = folder
        self._damaged = damaged

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""
        path = self._path(client)
        try:
            return from_bytes(Snapshot, unseal(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (Damaged, ValueError):
            self._set_aside(path)
            return None

    def put(self, snapshot: Snapshot) -> None:
        """Replace the client's snapshot, atomically."""
        write_whole(self._path(snapshot.client), seal(to_bytes(snapshot)))

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
