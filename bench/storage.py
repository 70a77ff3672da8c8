"""What safe keeping costs, as ratios against the plain way of doing the same in the same run."""

import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import RLock

from tinydb import TinyDB

from core.domain.clients import ClientKey
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
from core.domain.transitions import Requested
from core.ports import Received
from storage import open_data
from storage.audit_log import AuditLog
from storage.audit_verify import verify
from storage.tinydb_storage import Database, SafeStorage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROW = {"name": "ACME-PC01", "state": "pending", "targets": [f"ninja:{n}" for n in range(20)]}
ACME = ClientKey("acme")


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def median_ms(do: Callable[[], object], *, times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        do()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def report(what: str, ours: float, against: str, baseline: float) -> None:
    print(f"{what:<44} {ours:9.3f} ms   {ours / baseline:6.2f} x {against} ({baseline:.3f} ms)")


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
    stock_insert = median_ms(lambda: stock.insert(ROW), times=15)
    numbers = count(documents)
    our_insert = median_ms(lambda: rows.put(str(next(numbers)), ROW), times=15)
    report(f"table of {documents}: insert", our_insert, "stock TinyDB insert", stock_insert)
    stock_read = median_ms(lambda: stock.get(doc_id=7), times=50)
    our_read = median_ms(lambda: rows.find("7"), times=50)
    report(f"table of {documents}: read by id", our_read, "stock TinyDB get", stock_read)
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
    plain = median_ms(append_and_sync(folder / "plain.jsonl"), times=300)
    (folder / "audit").mkdir()
    log = AuditLog(folder / "audit", clock=WallClock(), lock=RLock())
    entry = median_ms(lambda: log.append("note", actor="tech", client=ACME, **ROW), times=300)
    report("audit entry", entry, "append and fsync of one line", plain)
    for _ in range(5000):
        log.append("note", actor="tech", client=ACME, **ROW)
    log.close()
    (path,) = log.files()
    lines = path.read_bytes().splitlines()
    hashed = median_ms(
        lambda: [(json.loads(line), hashlib.sha256(line).digest()) for line in lines], times=5
    )
    checked = median_ms(lambda: verify(path), times=5)
    report(f"verify {len(lines)} entries", checked, "parsing and hashing them", hashed)


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
    plain = median_ms(append_and_sync(folder / "plain2.jsonl"), times=300)
    with open_data(folder / "data", clock=WallClock()) as opened:
        keys = count()

        def take_in() -> None:
            payload = {"actions": [{"value": "R4K7Q"}], "user": {"id": "U1"}}
            item = Received(key=str(next(keys)), kind="click", payload=payload, at=NOW)
            opened.inbox.append(item)

        def commit() -> None:
            name = f"R{next(keys)}"
            opened.requests.commit(RequestId(name), requested(name), expected=0)

        report("inbox: keep one payload", median_ms(take_in, times=300), "append and fsync", plain)
        report("commit with 1 to 20 open", median_ms(commit, times=20), "append and fsync", plain)
        for _ in range(80):
            commit()
        report("commit with 100 open", median_ms(commit, times=10), "append and fsync", plain)
        newest = snapshot(1000)
        as_json = json.dumps([ROW] * 1000)
        parse = median_ms(lambda: json.loads(as_json), times=9)
        opened.snapshots.put(newest)
        read = median_ms(lambda: opened.snapshots.get(ACME), times=9)
        report("snapshot of 1,000 devices: read", read, "parsing 1,000 rows of JSON", parse)


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    with scratch() as folder:
        for documents in (100, 1000):
            tables(folder, documents)
        audit(folder)
        data(folder)
