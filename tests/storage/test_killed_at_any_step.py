"""A process killed at any step loses nothing it acknowledged."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.findings import Snapshot
from core.domain.remediation import JobState
from core.ports import Freeze, PostState, Received
from storage import Data, open_data
from storage.audit_verify import verify
from storage.recovery import DAMAGE, RESTORED
from tests.storage.faults import Killed, dying_at
from tests.storage.making import ACME, OVER, START, TECH, SetClock, decided, requested, withdrawn
from tests.storage.recovering import ID, at_the_vendor, frozen, kinds, opened


def life(data: Data, done: list[str]) -> None:
    """A little of everything; what returned is in `done`."""
    data.requests.commit(ID, requested(), expected=0)
    done.append("requested")
    data.requests.commit(ID, decided(), expected=1)
    done.append("decided")
    data.switch.set(Freeze(at=START, by=TECH, by_name="Tess", why="odd"), actor="tech")
    done.append("frozen")
    data.requests.commit(ID, withdrawn(), expected=2)
    done.append("withdrawn")
    data.switch.set(OVER, actor="manager")
    done.append("unfrozen")
    data.slots.claim("C1", START.date())
    done.append("claimed")
    data.inbox.append(Received(key="k", kind="command", payload={}, at=START))
    done.append("received")
    data.outbox.begin("R:card", "C1", START)
    data.outbox.settle("R:card", PostState.SENT)
    done.append("posted")
    data.snapshots.put(Snapshot(client=ACME))
    done.append("scanned")


def check(data: Data, done: list[str]) -> None:
    """Everything that returned is there; the one thing that was cut off is there or is not."""
    version = sum(word in done for word in ("requested", "decided", "withdrawn"))
    request = data.requests.get(ID)
    assert (request.version if request else 0) in (version, version + 1)
    assert len(data.requests.open()) + len(data.requests.finished_since(START)) <= 1
    assert ("claimed" in done) <= (not data.slots.claim("C1", START.date()))
    assert ("received" in done) <= bool(data.inbox.pending())
    post = data.outbox.find("R:card")
    assert ("posted" in done) <= bool(post and post.state is PostState.SENT)
    assert ("scanned" in done) <= bool(data.snapshots.get(ACME))
    if "frozen" in done and "withdrawn" not in done:
        assert frozen(data).why == "odd"
    if "unfrozen" in done or "decided" not in done:
        assert data.switch.frozen() is None


def kill_at(path: Path, step: int, do: Callable[[Data], None]) -> bool:
    """Run until the given step of the disk; False where it ended before."""
    data = open_data(path, clock=SetClock())
    with dying_at(step) as passed:
        try:
            do(data)
        except Killed:
            return True
        finally:
            data._lock.release()
    return len(passed) >= step


@pytest.mark.parametrize("part", range(4))
def test_a_kill_at_any_step_loses_nothing_acknowledged_and_never_freezes(
    tmp_path: Path, part: int
) -> None:
    step = part + 1
    while True:
        path = tmp_path / str(step)
        done: list[str] = []
        killed = kill_at(path, step, lambda data, done=done: life(data, done))  # type: ignore[misc]
        with opened(path) as data:
            check(data, done)
            assert not {DAMAGE, RESTORED} & set(kinds(data))
        assert verify(path).ok
        if not killed:
            break
        step += 4
    assert step > 40


def test_a_kill_during_the_repair_itself_is_repaired(tmp_path: Path) -> None:
    step = 1
    killed = True
    while killed:
        path = tmp_path / str(step)
        with opened(path) as data:
            at_the_vendor(data)
        store = path / "store.json"
        store.write_bytes(store.read_bytes()[:-9])
        killed = _killed_while_opening(path, step)
        with opened(path) as data:
            assert frozen(data).by_name == "Gatehouse"
            assert data.requests.open()[0].jobs[0].state is JobState.UNKNOWN
        assert verify(path).ok
        step += 1
    assert step > 10


def _killed_while_opening(path: Path, step: int) -> bool:
    with dying_at(step):
        try:
            open_data(path, clock=SetClock()).close()
        except Killed:
            return True
    return False
