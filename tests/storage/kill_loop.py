"""Start a writer, kill it -9 at a random moment, look at what it left; again and again.

Run as a script (`kill_loop.py MODE FOLDER KILLS SEED`): forking is safe only in a process without threads.
Prints {"kills", "acknowledged", "problems"} as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any

from core.domain.facts import Coverage
from core.domain.findings import MfaSection, Snapshot
from core.domain.remediation import RequestId
from core.ports import MessageRef, PostState, Received
from storage import Data, open_data
from storage.audit_verify import verify
from storage.tinydb_storage import Database, Origin, SafeStorage
from tests.storage.making import ACME, START, SetClock, decided, requested, withdrawn

Ack = Callable[..., None]
#: A directory gets so many kills before a fresh one is taken: its log would make every start slower.
_LIVES = 8
#: Most writers are killed at work, the others while they open the store; seconds at most.
_MOSTLY, _BUSY, _OPENING = 0.75, 0.05, 0.015


def write_everything(path: Path, life: int, ack: Ack) -> None:
    """All stores, as fast as they go."""
    data = open_data(path, clock=SetClock())
    for turn in count():
        name = RequestId(f"{life}-{turn}")
        ack("trying", f"{name}")
        data.requests.commit(name, requested(name), expected=0)
        ack("request", name, 1)
        data.inbox.append(Received(key=name, kind="click", payload={"n": turn}, at=START))
        ack("received", name)
        data.requests.commit(name, decided(), expected=1)
        ack("request", name, 2)
        data.slots.claim(name, START.date())
        ack("claimed", name)
        data.outbox.begin(name, "C1", START)
        ack("begun", name)
        if turn % 2:
            data.requests.commit(name, withdrawn(), expected=2)
            ack("request", name, 3)
            data.outbox.settle(name, PostState.SENT, MessageRef(channel="C1", ts=name))
            ack("posted", name)
            ack("finishing", name)
            data.inbox.done(name)
        section = MfaSection(observed_at=START, verdicts=(), coverage=Coverage(), tenant_name=name)
        data.snapshots.put(Snapshot(client=ACME, mfa=section))
        ack("scanned", name)


def check_everything(path: Path, acks: list[list[Any]]) -> list[str]:
    """What is missing of what was acknowledged, as sentences."""
    with open_data(path, clock=SetClock()) as data:
        kept = {item.key for item in data.inbox.pending()}
        kept |= {ack[1] for ack in acks if ack[0] == "finishing"}
        problems = [f"{ack} is lost" for ack in acks if not _holds(data, ack, kept)]
        if data.switch.frozen():
            problems.append(f"frozen: {data.switch.frozen()}")
    result = verify(path)
    return problems + ([] if result.ok else [str(result.problem)])


def _holds(data: Data, ack: list[Any], kept: set[str]) -> bool:
    word, name, *rest = ack
    post = data.outbox.find(name)
    request = data.requests.get(RequestId(name))
    checks: dict[str, Callable[[], bool]] = {
        "request": lambda: request is not None and request.version >= rest[0],
        "received": lambda: name in kept,
        "claimed": lambda: not data.slots.claim(name, START.date()),
        "begun": lambda: post is not None and post.state is not PostState.NEW,
        "scanned": lambda: data.snapshots.get(ACME) is not None,
        "posted": lambda: post is not None and post.state is PostState.SENT,
    }
    return checks.get(word, lambda: True)()


def _table(path: Path) -> Database:
    return Database(path / "t.json", storage=SafeStorage, lock=RLock(), damaged=path / "damaged")


def write_shrinking(path: Path, life: int, ack: Ack) -> None:
    """A file that grows and shrinks in turn: stock TinyDB dies of this between fsync and truncate."""
    path.mkdir(exist_ok=True)
    rows = _table(path).rows("t")
    found = rows.find("n")
    for number in count(found["n"] + 1 if found else 0):
        rows.put("n", {"n": number, "fill": "x" * (60_000 if number % 2 else 10)})
        ack("written", str(life), number)


def check_shrinking(path: Path, acks: list[list[Any]]) -> list[str]:
    if not path.exists():
        return []
    database = _table(path)
    if database.storage.origin not in (Origin.MAIN, Origin.NEW):
        return [f"the file is {database.storage.origin}"]
    row: dict[str, Any] = database.rows("t").find("n") or {"n": -1, "fill": ""}
    newest = max((ack[2] for ack in acks), default=-1)
    whole = len(row["fill"]) in (0, 60_000 if row["n"] % 2 else 10)
    return [] if row["n"] >= newest and whole else [f"{row['n']} stands where {newest} was written"]


_MODES = {
    "everything": (write_everything, check_everything),
    "shrinking": (write_shrinking, check_shrinking),
}


def killed_after(
    seconds: float, write: Callable[[Ack], None], *, once_busy: bool
) -> list[list[Any]]:
    """Fork a writer, kill it, give what it had acknowledged until then.

    The time runs from its start (it may die while it opens the store), or from its first sign of life.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_until_killed(writing, write)
    os.close(writing)
    heard = os.read(reading, 65536) if once_busy else b""
    os.set_blocking(reading, False)
    heard += _listen(reading, until=time.monotonic() + seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    heard += _listen(reading, until=None)
    os.close(reading)
    if os.WIFEXITED(status):
        heard += b'["died", "the writer failed by itself"]\n'
    return [json.loads(line) for line in heard.splitlines(keepends=True) if line.endswith(b"\n")]


def _write_until_killed(pipe: int, write: Callable[[Ack], None]) -> None:
    def ack(*words: str | int) -> None:
        os.write(pipe, json.dumps(words).encode() + b"\n")

    try:
        write(ack)
    finally:
        os._exit(1)


def _listen(pipe: int, *, until: float | None) -> bytes:
    """Read until a moment, or (None) until nothing more is there."""
    heard = b""
    while until is None or time.monotonic() < until:
        data = b""
        with suppress(BlockingIOError):
            data = os.read(pipe, 65536)
        if not data and until is None:
            break
        heard += data
        if until is not None:
            time.sleep(0.001)
    return heard


def main(mode: str, folder: Path, kills: int, seed: int) -> dict[str, Any]:
    write, check = _MODES[mode]
    chance = random.Random(seed)
    problems: list[str] = []
    acknowledged = 0
    acks: list[list[Any]] = []
    for kill in range(kills):
        if kill % _LIVES == 0:
            acks = []
        path = folder / str(kill // _LIVES)
        once_busy = chance.random() < _MOSTLY
        seconds = chance.uniform(0.0, _BUSY if once_busy else _OPENING)
        heard = killed_after(seconds, partial(write, path, kill), once_busy=once_busy)
        acknowledged += len(heard)
        acks += heard
        problems += [f"kill {kill}: {problem}" for problem in check(path, acks)]
        problems += [f"kill {kill}: {ack[1]}" for ack in acks if ack[0] == "died"]
    return {"kills": kills, "acknowledged": acknowledged, "problems": problems[:20]}


if __name__ == "__main__":
    _, mode, folder, kills, seed = sys.argv
    print(json.dumps(main(mode, Path(folder), int(kills), int(seed))))  # noqa: T201
