"""What is on the record and not in the store is completed, or taken back on the record."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.events import Event
from core.domain.remediation import Request, RequestId, RequestState
from core.domain.transitions import evolve
from core.errors import Conflict, StorageFailed
from core.ports import Freeze
from storage import Data, open_data
from storage.audit_verify import verify
from storage.ledger import ABANDONED
from storage.recovery import COMPLETED
from tests.storage.faults import Killed, failing
from tests.storage.making import START, TECH, SetClock, decided, requested, withdrawn
from tests.storage.recovering import ID, kinds, opened


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
