"""Reading the audit log, without any lock: while it is being written to, or from a copy elsewhere."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.domain.clients import ClientKey
from core.errors import StorageFailed
from core.ports import AuditHead
from storage.audit_entry import GENESIS, AuditEntry, BadEntry, Draft, from_line, seq_of
from storage.codec import plain
from storage.redaction import redact


class AuditReader:
    """The monthly files of one folder, as a log that cannot be written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        """The monthly files, oldest first; their names sort by time."""
        return sorted(self.folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))

    def entries(self, *, after: int = 0) -> Iterator[AuditEntry]:
        """The readable entries with a higher number than `after`, oldest first."""
        for path in self._files_from(after):
            later = (line for line in whole_lines(path) if (seq_of(line) or 0) > after)
            yield from filter(None, map(_readable, later))

    def head(self) -> AuditHead:
        """The newest entry, or what stands before the first."""
        newest = self.newest()
        return newest.head if newest else GENESIS

    def newest(self) -> AuditEntry | None:
        """The last readable entry."""
        return next((last for path in reversed(self.files()) if (last := self.last_of(path))), None)

    def last_of(self, path: Path) -> AuditEntry | None:
        """The last readable entry of one file."""
        lines = reversed(list(whole_lines(path)))
        return next(filter(None, map(_readable, lines)), None)

    def append(
        self, kind: str, *, actor: str, client: ClientKey | None = None, **detail: object
    ) -> AuditHead:
        """Record something. Raises StorageFailed, and then nothing was recorded."""
        draft = Draft(kind=kind, actor=actor, client=client, detail=redact(plain(detail)))
        return self.record(draft).head

    def record(self, draft: Draft) -> AuditEntry:
        """Record a draft whose detail is plain and redacted already; a reader refuses."""
        raise StorageFailed(f"{draft.kind} is not recorded: the data was opened for reading only.")

    def _files_from(self, after: int) -> list[Path]:
        files = self.files()
        for index in range(len(files) - 1, 0, -1):
            first = next(filter(None, map(seq_of, whole_lines(files[index]))), None)
            if first and first <= after + 1:
                return files[index:]
        return files


def whole_lines(path: Path) -> Iterator[bytes]:
    """The finished lines of a file, each with its line break; one still being written is left out."""
    # A file whose time is up may be deleted while others read.
    with suppress(FileNotFoundError), path.open("rb") as lines:
        yield from (line for line in lines if line.endswith(b"\n"))


def _readable(line: bytes) -> AuditEntry | None:
    try:
        return from_line(line)
    except BadEntry:
        return None
