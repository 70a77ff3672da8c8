"""What a crash or a bad disk leaves is put right at the next start, or a person is asked to look."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.clients import ClientKey
from core.domain.events import Event
from core.domain.findings import Snapshot
from core.domain.remediation import JobState, Request, RequestId, RequestState, StepState
from core.domain.transitions import evolve
from core.errors import Conflict, StorageFailed
from core.ports import Freeze, PostState, Received
from storage import Data, open_data
from storage.audit_verify import verify
from storage.ledger import ABANDONED
from storage.recovery import COMPLETED, DAMAGE, RESTORED
from tests.storage.faults import Killed, dying_at, failing
from tests.storage.making import (
    ACME,
    MANAGER,
    OVER,
    START,
    TECH,
    SetClock,
    decided,
    dispatching,
    requested,
    started,
    withdrawn,
)

ID = RequestId("R4K7Q")
AUDIT = "audit/2026-11.jsonl"


@contextmanager
def opened(path: Path) -> Iterator[Data]:
    data = open_data(path, clock=SetClock())
    try:
        yield data
    finally:
        data.close()


def kinds(data: Data) -> list[str]:
    return [entry.kind for entry in data.audit.entries()]


def steps(worker: str) -> list[Event]:
    return [requested(), decided(), started(), dispatching(worker)]


def at_the_vendor(data: Data) -> Request:
    """One request whose job is out."""
    for version, event in enumerate(steps(data.requests.worker())):
        request = data.requests.commit(ID, event, expected=version)
    return request


def frozen(data: Data) -> Freeze:
    freeze = data.switch.frozen()
    assert freeze is not None
    return freeze


# Killed at any step.


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


# Between the record and the store.


def recorded_only(data: Data, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Die after the audit entry and before the store."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("storage.ledger.Ledger.keep", die)
        with pytest.raises(Killed):
            do()
    data._lock.release()


def test_what_is_on_the_record_and_not_in_the_store_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_data(tmp_path, clock=SetClock())
    data.requests.commit(ID, requested(), expected=0)
    recorded_only(data, monkeypatch, lambda: data.requests.commit(ID, decided(), expected=1))
    with opened(tmp_path) as again:
        request = again.requests.get(ID)
        assert request is not None
        assert (request.version, request.state) == (2, RequestState.APPROVED)
        assert kinds(again) == ["request.requested", "request.decided", COMPLETED]
        assert again.switch.frozen() is None
    with opened(tmp_path) as third:
        assert len(kinds(third)) == 3


def test_a_freeze_on_the_record_and_not_in_the_store_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_data(tmp_path, clock=SetClock())
    freeze = Freeze(at=START, by=TECH, by_name="Tess", why="odd")
    recorded_only(data, monkeypatch, lambda: data.switch.set(freeze, actor="tech"))
    with opened(tmp_path) as again:
        assert again.switch.frozen() == freeze


@pytest.mark.parametrize("event", [decided(), withdrawn()])
def test_what_could_not_be_stored_is_taken_back_on_the_record(tmp_path: Path, event: Event) -> None:
    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)
        with failing("Path.replace"), pytest.raises(StorageFailed):
            data.requests.commit(ID, event, expected=1)
        assert kinds(data)[1:] == [f"request.{event.type}", ABANDONED]
        request = data.requests.get(ID)
        assert request is not None
        assert request.version == 1
        assert data.requests.open() == (request,)
    with opened(tmp_path) as again:
        assert again.requests.get(ID) == request
        assert again.requests.commit(ID, decided(), expected=1).version == 2
    with opened(tmp_path) as third:
        assert third.requests.open()[0].version == 2
    assert verify(tmp_path).ok


def test_nothing_more_is_committed_while_an_entry_cannot_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)

        def broken(*_: object, **__: object) -> None:
            raise StorageFailed

        with monkeypatch.context() as patch:
            patch.setattr("storage.ledger.Ledger.keep", broken)
            patch.setattr("storage.audit_log.AuditLog.append", broken)
            for _ in range(2):
                with pytest.raises(StorageFailed):
                    data.requests.commit(ID, decided(), expected=1)
        assert kinds(data) == ["request.requested", "request.decided"]
        data.requests.commit(ID, withdrawn(), expected=1)
        assert kinds(data)[2:] == [ABANDONED, "request.closed"]
    with opened(tmp_path) as again:
        request = again.requests.get(ID)
        assert request is not None
        assert request.state is RequestState.WITHDRAWN


def test_a_freeze_that_could_not_be_stored_is_taken_back_on_the_record(tmp_path: Path) -> None:
    freeze = Freeze(at=START, by=TECH, by_name="Tess", why="odd")
    with opened(tmp_path) as data:
        with failing("Path.replace"), pytest.raises(StorageFailed):
            data.switch.set(freeze, actor="tech")
        assert kinds(data) == ["switch.frozen", ABANDONED]
    with opened(tmp_path) as again:
        assert again.switch.frozen() is None


def broken_disk(*_: object, **__: object) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("event", [decided(), withdrawn()])
def test_a_change_that_got_there_all_the_same_is_not_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: Event
) -> None:
    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)
        with monkeypatch.context() as patch:
            patch.setattr("storage.atomic_file.sync_folder", broken_disk)
            with pytest.raises(StorageFailed, match="Input/output error"):
                data.requests.commit(ID, event, expected=1)
        kept = data.requests.get(ID)
        assert kept is not None
        assert kept.version == 2
        assert ABANDONED not in kinds(data)
    with opened(tmp_path) as again:
        assert again.requests.get(ID) == kept
        assert again.switch.frozen() is None


def test_a_request_that_ended_is_not_open_even_where_its_row_could_not_be_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFailed

    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)
        with monkeypatch.context() as patch:
            patch.setattr("storage.tinydb_storage.write_whole", full)
            with pytest.raises(StorageFailed):
                data.requests.commit(ID, withdrawn(), expected=1)
        assert data.requests.open() == ()
        assert [request.id for request in data.requests.finished_since(START)] == [ID]
        data.requests.commit(RequestId("next"), requested("next"), expected=0)
        assert ABANDONED not in kinds(data)
        assert b"R4K7Q" in (tmp_path / "store.json").read_bytes()
    with opened(tmp_path) as again:
        assert [request.id for request in again.requests.open()] == ["next"]
        assert b"R4K7Q" not in (tmp_path / "store.json").read_bytes()


def test_the_check_of_a_version_and_its_commit_are_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(request: Request | None, event: Event) -> Request:
        time.sleep(0.01)
        return evolve(request, event)

    monkeypatch.setattr("storage.request_store.evolve", slowly)
    with opened(tmp_path) as data, ThreadPoolExecutor(8) as pool:
        data.requests.commit(ID, requested(), expected=0)
        tries = [pool.submit(data.requests.commit, ID, decided(), expected=1) for _ in range(8)]
        errors = [attempt.exception() for attempt in tries]
        assert errors.count(None) == 1
        assert sum(isinstance(error, Conflict) for error in errors) == 7
        assert kinds(data) == ["request.requested", "request.decided"]


def test_a_secret_typed_into_a_reason_is_kept_nowhere(tmp_path: Path) -> None:
    event = replace(requested(), reason="my token is xoxb-1234567890-abcdefGHIJ, use it")
    with opened(tmp_path) as data:
        request = data.requests.commit(ID, event, expected=0)
        assert request.reason == "my token is [redacted], use it"
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"abcdefGHIJ" not in kept


def test_a_finished_file_without_its_row_gone_counts_as_finished(tmp_path: Path) -> None:
    data = open_data(tmp_path, clock=SetClock())
    data.requests.commit(ID, requested(), expected=0)
    before = (tmp_path / "store.json").read_bytes()
    data.requests.commit(ID, withdrawn(), expected=1)
    data.close()
    (tmp_path / "store.json").write_bytes(before)
    with opened(tmp_path) as again:
        assert again.requests.open() == ()
        assert [request.id for request in again.requests.finished_since(START)] == [ID]
        assert again.switch.frozen() is None


# Damage.


@pytest.mark.parametrize("both", [False, True])
def test_a_damaged_store_is_rebuilt_frozen_and_calls_in_flight_are_unknown(
    tmp_path: Path, both: bool
) -> None:
    with opened(tmp_path) as data:
        before = at_the_vendor(data)
        data.requests.commit(RequestId("other"), requested("other"), expected=0)
        data.requests.commit(RequestId("other"), withdrawn(), expected=1)
    damaged = [tmp_path / "store.json", *([tmp_path / "store.json.bak"] if both else [])]
    for file in damaged:
        file.write_bytes(file.read_bytes().replace(b"Acme", b"Evil"))
    with opened(tmp_path) as again:
        (request,) = again.requests.open()
        assert (request.version, request.plan) == (before.version + 1, before.plan)
        assert request.jobs[0].state is JobState.UNKNOWN
        assert {step.state for step in request.steps} == {StepState.UNKNOWN}
        assert "store.json" in frozen(again).why
        assert RESTORED in kinds(again)
        assert kinds(again)[-2:] == ["request.job_moved", "switch.frozen"]
        assert len(again.requests.finished_since(START)) == 1
    assert any((tmp_path / "damaged").iterdir())
    assert verify(tmp_path).ok
    with opened(tmp_path) as third:
        assert "store.json" in frozen(third).why
        third.switch.set(OVER, actor="manager")
    with opened(tmp_path) as fourth:
        assert fourth.switch.frozen() is None
        assert fourth.requests.open()[0].version == before.version + 1


def test_a_store_that_vanished_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        before = at_the_vendor(data)
    for file in tmp_path.glob("store.json*"):
        file.unlink()
    with opened(tmp_path) as again:
        assert again.requests.open()[0].version == before.version + 1
        assert "store.json was missing" in frozen(again).why


def test_an_older_copy_does_not_lift_a_freeze(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)
        data.switch.set(Freeze(at=START, by=TECH, by_name="Tess", why="odd"), actor="tech")
    (tmp_path / "store.json").write_bytes(b"garbage")
    with opened(tmp_path) as again:
        assert frozen(again).why == "odd"


def test_damaged_slots_leave_gatehouse_frozen(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        data.slots.claim("C1", START.date())
        data.slots.claim("C2", START.date())
    (tmp_path / "slots.json").write_bytes(b"garbage")
    with opened(tmp_path) as again:
        assert "slots.json was damaged" in frozen(again).why
        again.switch.set(OVER, actor="manager")
    with opened(tmp_path) as third:
        assert third.switch.frozen() is None
        assert not third.slots.claim("C1", START.date())


def test_a_damaged_snapshot_counts_as_never_scanned_and_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as data:
        data.snapshots.put(Snapshot(client=ACME))
        (tmp_path / "snapshots" / "acme.json").write_bytes(b"garbage")
        assert data.snapshots.get(ClientKey("acme")) is None
        assert "acme.json is damaged" in caplog.text
        assert [p.read_bytes() for p in (tmp_path / "damaged").iterdir()] == [b"garbage"]
        assert data.switch.frozen() is None


def test_a_damaged_finished_request_is_told_from_the_record(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        data.requests.commit(ID, requested(), expected=0)
        before = data.requests.commit(ID, withdrawn(), expected=1)
        (file,) = (tmp_path / "requests").iterdir()
        file.write_bytes(b"garbage")
        assert data.requests.get(ID) == before
        assert data.requests.finished_since(START - timedelta(days=1)) == (before,)


def test_an_edited_audit_log_freezes_once(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        for name in ("A", "B", "C"):
            data.requests.commit(RequestId(name), requested(name), expected=0)
    file = tmp_path / AUDIT
    file.write_bytes(file.read_bytes().replace(b'"Tess Tech"', b'"Eve Tech"', 1))
    with opened(tmp_path) as again:
        assert "2026-11.jsonl, line 1 was edited" in frozen(again).why
        assert DAMAGE in kinds(again)
        again.switch.set(OVER, actor="manager")
    with opened(tmp_path) as third:
        assert third.switch.frozen() is None
        assert len(third.requests.open()) == 3
    assert not verify(tmp_path).ok


def test_an_audit_log_cut_short_freezes(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        for name in ("A", "B", "C"):
            data.requests.commit(RequestId(name), requested(name), expected=0)
    file = tmp_path / AUDIT
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    with opened(tmp_path) as again:
        assert "The audit log lacks entry 3" in frozen(again).why
        assert [request.id for request in again.requests.open()] == ["A", "B", "C"]
        again.switch.set(OVER, actor="manager")
    with opened(tmp_path) as third:
        assert third.switch.frozen() is None


def test_a_store_last_changed_before_the_oldest_kept_month_is_no_trouble(tmp_path: Path) -> None:
    clock = SetClock()
    with open_data(tmp_path, clock=clock) as data:
        data.requests.commit(ID, requested(), expected=0)
        clock.move(days=250)
        data.audit.append("note", actor="tech")
        assert data.audit.retain(183) == ("2026-11.jsonl",)
    with open_data(tmp_path, clock=clock) as again:
        assert again.switch.frozen() is None
        assert [request.id for request in again.requests.open()] == [ID]
    assert verify(tmp_path).ok


def test_a_record_that_contradicts_the_store_freezes(tmp_path: Path) -> None:
    data = open_data(tmp_path, clock=SetClock())
    data.requests.commit(ID, requested(), expected=0)
    entry = next(data.audit.entries())
    data.audit.append(entry.kind, actor="tech", **{**entry.detail, "from": 5, "to": 6})
    data.close()
    with opened(tmp_path) as again:
        assert "Audit entry 2 does not fit the store" in frozen(again).why
        assert again.requests.open()[0].version == 1


def test_an_unfreeze_needs_a_person_even_after_many_starts(tmp_path: Path) -> None:
    with opened(tmp_path) as data:
        at_the_vendor(data)
    (tmp_path / "store.json").write_bytes(b"")
    for _ in range(3):
        with opened(tmp_path) as again:
            assert frozen(again).by is None
    with opened(tmp_path) as last:
        last.switch.set(OVER, actor=MANAGER)
        assert last.switch.frozen() is None
