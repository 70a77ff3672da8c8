"""The append-only, hash-chained record of who did what, in monthly files of JSON Lines."""

import hashlib
import logging
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import RLock

from core.errors import BadInput
from core.ports import AuditHead, Clock
from storage.append_file import AppendFile
from storage.atomic_file import failed, sync_folder, write_whole
from storage.audit_entry import GENESIS, AuditEntry, Draft, bind, to_line
from storage.audit_reader import AuditReader

_log = logging.getLogger(__name__)

#: CISA's AA22-131A asks MSPs to keep their logs for at least six months.
SHORTEST_RETENTION_DAYS = 183
RETENTION = "audit.retention"
TORN = "audit.torn_line"
CLOCK_BACK = "audit.clock_went_back"
#: A clock that steps back by less is being set right, not tampered with.
_CLOCK_SLACK = timedelta(seconds=60)


class AuditLog(AuditReader):
    """The one writer of the log. Entries never go back in time: a clock that does is recorded itself."""

    def __init__(self, folder: Path, *, clock: Clock, lock: RLock) -> None:
        super().__init__(folder)
        self._clock = clock
        self._lock = lock
        self._clock_is_back = False
        self._torn: list[Path] = []
        files = self.files()
        path = files[-1] if files else self._file_of(clock.now())
        self._file = AppendFile(path, on_torn=self._set_aside)
        self._newest = self.newest()
        for torn in self._torn:
            self._record_torn(torn)

    def record(self, draft: Draft) -> AuditEntry:
        """Record a draft whose detail is plain and redacted already. Raises StorageFailed."""
        with self._lock:
            now = self._clock.now()
            if self._steps_back(now):
                clock = {"clock": now.astimezone(UTC).isoformat()}
                self._write(Draft(kind=CLOCK_BACK, actor="gatehouse", detail=clock), now)
            return self._write(draft, now)

    def head(self) -> AuditHead:
        """The newest entry, or what stands before the first."""
        with self._lock:
            return self._newest.head if self._newest else GENESIS

    def retain(self, days: int) -> tuple[str, ...]:
        """Delete whole files that ended more than `days` ago, after recording so; their names."""
        if days < SHORTEST_RETENTION_DAYS:
            raise BadInput(f"The audit log is kept for {SHORTEST_RETENTION_DAYS} days at least.")
        with self._lock:
            limit = self._clock.now().date() - timedelta(days=days)
            old = [path for path in self.files() if _last_day(path) < limit]
            for path in old:
                self._delete(path)
            return tuple(path.name for path in old)

    def close(self) -> None:
        self._file.close()

    def _write(self, draft: Draft, now: datetime) -> AuditEntry:
        at = max(now, self._newest.at) if self._newest else now
        self._turn_month(at)
        entry = bind(draft, after=self.head(), at=at)
        self._file.append(to_line(entry))
        self._newest = entry
        return entry

    def _steps_back(self, now: datetime) -> bool:
        """True once each time the clock is found to have gone back."""
        was_back = self._clock_is_back
        self._clock_is_back = self._newest is not None and self._newest.at - now > _CLOCK_SLACK
        return self._clock_is_back and not was_back

    def _turn_month(self, at: datetime) -> None:
        path = self._file_of(at)
        if path.name > self._file.path.name:
            older, self._file = self._file, AppendFile(path, on_torn=self._set_aside)
            older.close()

    def _file_of(self, at: datetime) -> Path:
        return self.folder / f"{at.astimezone(UTC):%Y-%m}.jsonl"

    def _set_aside(self, path: Path, data: bytes) -> None:
        torn = self.folder / "torn"
        torn.mkdir(mode=0o700, exist_ok=True)
        target = torn / f"{path.stem}.{secrets.token_hex(4)}"
        write_whole(target, data)
        self._torn.append(target)
        _log.warning("the last line of %s was cut off; it was moved to %s", path, target)

    def _record_torn(self, torn: Path) -> None:
        data = torn.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.append(TORN, actor="gatehouse", file=torn.name, bytes=len(data), sha256=digest)

    def _delete(self, path: Path) -> None:
        last = self.last_of(path)
        head = last.head if last else GENESIS
        self.append(
            RETENTION, actor="gatehouse", file=path.name, last_seq=head.seq, last_hash=head.hash
        )
        try:
            path.unlink()
            sync_folder(path.parent)
        except OSError as error:
            raise failed(error) from error


def _last_day(path: Path) -> date:
    first = date.fromisoformat(f"{path.stem}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
