"""What safe keeping costs, as ratios against the plain way of doing the same in the same run."""

import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import RLock

from tinydb import TinyDB

from core.domain.clients import ClientKey
from core.domain.events import Requested
from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import DeviceId, DeviceKind
from core.domain.people import PersonKey
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    Options,
    Plan,
    RequestId,
    Target,
)
from core.domain.transitions import evolve
from core.ports import Received
from storage import open_data
from storage.audit_log import AuditLog
from storage.audit_verify import verify
from storage.codec import encode
from storage.tinydb_storage import Database, SafeStorage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROW = {"name": "ACME-PC01", "state": "pending", "targets": [f"ninja:{n}" for n in range(20)]}
ACME = ClientKey("acme")


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def duel(
    what: str,
    ours: Callable[[], object],
    against: str,
    baseline: Callable[[], object],
    *,
    times: int,
) -> None:
    """Time both in turns, so that a busy machine is unkind to both; print the medians and their ratio."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for do, times_taken in zip((ours, baseline), taken, strict=True):
            started = time.perf_counter()
            do()
            times_taken.append(time.perf_counter() - started)
    mine, plain = (statistics.median(each) * 1000 for each in taken)
    print(f"{what:<34} {mine:8.3f} ms {mine / plain:7.2f} x {against} ({plain:.3f} ms)")


def tables(folder: Path, documents: int) -> None:
    """One insert, one read by id."""
    stock = TinyDB(folder / f"stock{documents}.json")
    stock.insert_multiple([ROW] * documents)
    ours = Database(
        folder / f"ours{documents}.json", storage=SafeStorage, lock=RLock(), damaged=folder
    )
    rows = ours.rows("rows")
    with ours.storage.transaction():
        for number in range(documents):
            rows.put(str(number), ROW)
    numbers = count(documents)
    duel(
        f"table of {documents}: insert",
        lambda: rows.put(str(next(numbers)), ROW),
        "stock TinyDB insert",
        lambda: stock.insert(ROW),
        times=25,
    )
    duel(
        f"table of {documents}: read by id",
        lambda: rows.find("7"),
        "stock TinyDB get",
        lambda: stock.get(doc_id=7),
        times=50,
    )
    stock.close()


def append_and_sync(path: Path) -> Callable[[], object]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    line = json.dumps(ROW).encode() + b"\n"

    def append() -> None:
        os.write(descriptor, line)
        os.fsync(descriptor)

    return append


def audit(folder: Path) -> None:
    """One entry, and checking many."""
    (folder / "audit").mkdir()
    log = AuditLog(folder / "audit", clock=WallClock(), lock=RLock())

    def append() -> object:
        return log.append("note", actor="tech", client=ACME, **ROW)

    plain = append_and_sync(folder / "plain.jsonl")
    duel("audit entry", append, "append and fsync of one line", plain, times=300)
    for _ in range(5000):
        append()
    log.close()
    (path,) = log.files()
    lines = path.read_bytes().splitlines()

    def parse_and_hash() -> object:
        return [(json.loads(line), hashlib.sha256(line).digest()) for line in lines]

    against = "parsing and hashing them"
    duel(f"verify {len(lines)} entries", lambda: verify(path), against, parse_and_hash, times=5)


def requested(name: str) -> Requested:
    targets = tuple(
        Target(id=f"ninja:{n}", name=f"PC{n}", basis=frozenset({"KB1", "KB2"})) for n in range(20)
    )
    plan = Plan(
        client=ACME,
        client_name="Acme Dental",
        account="ninja",
        action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES,
        options=Options(),
        targets=targets,
        made_at=NOW,
    )
    job = Job(
        id=JobId("1"),
        kind=JobKind.INSTALL,
        account="ninja",
        client=ACME,
        targets=tuple(target.id for target in targets),
    )
    return Requested(
        at=NOW,
        by=PersonKey("tech"),
        by_name="Tess",
        request_id=RequestId(name),
        plan=plan,
        jobs=(job,),
        reason="overdue",
        ticket=None,
        expires_at=NOW + timedelta(hours=1),
        approvals_needed=1,
    )


def snapshot(devices: int) -> Snapshot:
    verdicts = tuple(
        DeviceVerdict(
            device_id=DeviceId(f"ninja:{n}"),
            account="ninja",
            name=f"ACME-PC{n}",
            kind=DeviceKind.WORKSTATION,
            os="Windows 11 24H2",
            online=Fact.YES,
            last_seen=NOW,
            last_scan=NOW,
            overdue=Fact.NO,
        )
        for n in range(devices)
    )
    section = PatchSection(observed_at=NOW, devices=verdicts, coverage=Coverage())
    return Snapshot(client=ACME, patches=section)


def data(folder: Path) -> None:
    """What a click and a scan wait for."""
    plain = append_and_sync(folder / "plain2.jsonl")
    sync = "append and fsync of one line"
    keys = count()
    with open_data(folder / "data", clock=WallClock()) as opened:

        def take_in() -> None:
            payload = {"actions": [{"value": "R4K7Q"}], "user": {"id": "U1"}}
            item = Received(key=str(next(keys)), kind="click", payload=payload, at=NOW)
            opened.inbox.append(item)

        def commit() -> None:
            name = f"R{next(keys)}"
            opened.requests.commit(RequestId(name), requested(name), expected=0)

        duel("inbox: keep one payload", take_in, sync, plain, times=300)
        row = encode(evolve(None, requested("R")))
        stock = TinyDB(folder / "stock.json")
        against = "stock TinyDB insert of it"
        duel("commit with 1 to 20 open", commit, against, lambda: stock.insert(row), times=20)
        for _ in range(80):
            commit()
            stock.insert(row)
        duel("commit with 100 open", commit, against, lambda: stock.insert(row), times=10)
        stock.close()
        opened.snapshots.put(snapshot(1000))
        as_json = json.dumps([ROW] * 1000)
        duel(
            "read a snapshot of 1,000 devices",
            lambda: opened.snapshots.get(ACME),
            "parsing 1,000 rows of JSON",
            lambda: json.loads(as_json),
            times=9,
        )


def main(folder: Path) -> None:
    for documents in (100, 1000):
        tables(folder, documents)
    audit(folder)
    data(folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
