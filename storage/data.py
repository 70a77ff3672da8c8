"""The data directory: everything that outlives a restart, held by one process at a time."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Self

from filelock import FileLock, Timeout

from core.errors import DataInUse, NotFound, StorageFailed
from core.ports import Clock
from storage.atomic_file import failed, sweep
from storage.audit_log import AuditLog
from storage.audit_reader import AuditReader
from storage.drafts import DraftTable
from storage.exemptions import ExemptionTable
from storage.finished_requests import FinishedRequests
from storage.inbox import InboxJournal
from storage.ledger import Ledger
from storage.listings import ListingJournal
from storage.outbox import OutboxJournal
from storage.proofs import ProofTable
from storage.recovery import Recovery
from storage.request_store import RequestStore
from storage.script_runs import ScriptRunJournal
from storage.slots import SlotTable
from storage.snapshots import SnapshotFiles, SnapshotReader
from storage.switch import FreezeSwitch
from storage.tinydb_storage import Database, Origin, SafeStorage

_FOLDERS = ("audit", "audit/torn", "requests", "snapshots", "damaged")


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """An opened data directory; each part satisfies the port of its name."""

    path: Path
    requests: RequestStore
    audit: AuditLog
    snapshots: SnapshotFiles
    slots: SlotTable
    switch: FreezeSwitch
    exemptions: ExemptionTable
    proofs: ProofTable
    drafts: DraftTable
    inbox: InboxJournal
    outbox: OutboxJournal
    listings: ListingJournal
    script_runs: ScriptRunJournal
    _lock: FileLock

    def close(self) -> None:
        """Let go of the directory; everything acknowledged is on the disk already."""
        self.inbox.close()
        self.outbox.close()
        self.listings.close()
        self.script_runs.close()
        self.audit.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOnlyData:
    """A data directory as it stands, read without the lock; every attempt to write raises StorageFailed."""

    path: Path
    requests: RequestStore
    audit: AuditReader
    snapshots: SnapshotFiles
    slots: SlotTable
    switch: FreezeSwitch
    exemptions: ExemptionTable
    proofs: ProofTable


def open_data(path: Path, *, clock: Clock) -> Data:
    """Take the data directory, make it where there is none, and put right what a crash left.

    Raises DataInUse while another process holds it, StorageFailed where it cannot be written to.
    """
    lock = _hold(path)
    try:
        return _open(path, clock, lock)
    except BaseException:
        lock.release()
        raise


def read_only(path: Path, *, clock: Clock) -> ReadOnlyData:
    """Look into a data directory beside a running bot. Raises NotFound where there is none."""
    if not (path / "store.json").exists():
        raise NotFound(f"There is no data of Gatehouse at {path}.")
    lock = RLock()
    audit = AuditReader(path / "audit")
    ledger = Ledger(_database(path, "store", lock, read_only=True), audit, lock=lock)
    return ReadOnlyData(
        path=path,
        requests=RequestStore(ledger, FinishedRequests(path / "requests"), worker=_worker()),
        audit=audit,
        snapshots=SnapshotReader(path / "snapshots", damaged=path / "damaged"),
        slots=SlotTable(
            _database(path, "slots", lock, read_only=True), clock=clock, worker=_worker()
        ),
        switch=FreezeSwitch(ledger),
        exemptions=ExemptionTable(ledger),
        proofs=ProofTable(ledger),
    )


def _open(path: Path, clock: Clock, file_lock: FileLock) -> Data:
    lock = RLock()
    worker = _worker()
    databases = {name: _database(path, name, lock) for name in ("store", "slots", "drafts")}
    store, slots, drafts = databases.values()
    has_history = any(AuditReader(path / "audit").entries())
    restored = _restored(databases, has_history=has_history)
    audit = AuditLog(path / "audit", clock=clock, lock=lock)
    ledger = Ledger(store, audit, lock=lock)
    requests = RequestStore(ledger, FinishedRequests(path / "requests"), worker=worker)
    switch, exemptions = FreezeSwitch(ledger), ExemptionTable(ledger)
    proofs = ProofTable(ledger)
    Recovery(
        ledger=ledger,
        audit=audit,
        requests=requests,
        switch=switch,
        exemptions=exemptions,
        proofs=proofs,
        clock=clock,
    ).run(restored)
    for database in (slots, drafts):
        _rewrite(database)
    damaged = path / "damaged"
    return Data(
        path=path,
        requests=requests,
        audit=audit,
        snapshots=SnapshotFiles(path / "snapshots", damaged=damaged),
        slots=SlotTable(slots, clock=clock, worker=worker),
        switch=switch,
        exemptions=exemptions,
        proofs=proofs,
        drafts=DraftTable(drafts, clock=clock),
        inbox=InboxJournal(path / "inbox.jsonl", clock=clock, damaged=damaged),
        outbox=OutboxJournal(path / "outbox.jsonl", clock=clock, damaged=damaged),
        listings=ListingJournal(path / "listings.jsonl", clock=clock, damaged=damaged),
        script_runs=ScriptRunJournal(path / "script-runs.jsonl", clock=clock, damaged=damaged),
        _lock=file_lock,
    )


def _hold(path: Path) -> FileLock:
    lock = FileLock(path / "lock", timeout=0, mode=0o600, thread_local=False)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(path)
        path.chmod(0o700)
        lock.acquire()
        for folder in (path, *(path / name for name in _FOLDERS)):
            folder.mkdir(mode=0o700, exist_ok=True)
            sweep(folder)
    except Timeout as error:
        raise DataInUse from error
    except OSError as error:
        lock.release()
        raise failed(error) from error
    return lock


def _refuse_foreign(path: Path) -> None:
    """Whoever names a folder of other things by mistake must not find it swept and closed to others."""
    names = {entry.name for entry in path.iterdir()}
    if names and not names & {"lock", "store.json", "audit"}:
        raise StorageFailed(
            f"{path} holds other files and no data of Gatehouse: name a folder of its own."
        )


def _database(path: Path, name: str, lock: RLock, *, read_only: bool = False) -> Database:
    return Database(
        path / f"{name}.json",
        storage=SafeStorage,
        lock=lock,
        damaged=path / "damaged",
        read_only=read_only,
    )


def _restored(databases: Mapping[str, Database], *, has_history: bool) -> list[str]:
    """One sentence for each database that is not what was last written."""
    sentences = {
        Origin.BACKUP: "{} was damaged, and the copy before the last change was taken.",
        Origin.LOST: "{} and its copy were damaged: only what the audit log tells is still there.",
    }
    if has_history and databases["store"].storage.origin is Origin.NEW:
        return ["store.json was missing, and it was made anew from the audit log."]
    return [
        sentences[database.storage.origin].format(f"{name}.json")
        for name, database in databases.items()
        if database.storage.origin in sentences
    ]


def _rewrite(database: Database) -> None:
    """Write a database that was made or restored; one that was read as it is stays untouched."""
    with database.storage.transaction():
        pass


def _worker() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
