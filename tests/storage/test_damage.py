"""Damaged, missing and contradicting files are noticed, and leave Gatehouse frozen where it matters."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.clients import ClientKey
from core.domain.findings import Snapshot
from core.domain.remediation import JobState, RequestId, StepState
from core.ports import Freeze
from storage import open_data
from storage.audit_verify import verify
from storage.codec import from_bytes
from storage.recovery import DAMAGE, RESTORED
from tests.storage.making import ACME, MANAGER, OVER, START, TECH, SetClock, requested, withdrawn
from tests.storage.recovering import AUDIT, ID, at_the_vendor, frozen, kinds, opened


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


def test_the_end_of_a_freeze_that_an_older_version_put_on_the_record_still_ends_it(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as data:
        data.audit.append("switch.unfrozen", actor="manager", freeze=None)  # of a lost freeze
        data.switch.set(Freeze(at=START, by=TECH, by_name="Tess", why="odd"), actor="tech")
        data.audit.append("switch.unfrozen", actor="manager", freeze=None)
    (tmp_path / "store.json").unlink()
    (tmp_path / "store.json.bak").unlink(missing_ok=True)
    with opened(tmp_path) as again:
        assert "odd" not in frozen(again).why
        assert "does not fit" not in frozen(again).why


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


def test_a_snapshot_is_taken_apart_again_only_once_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_apart: list[bytes] = []

    def counted(kind: type[Snapshot], data: bytes) -> Snapshot:
        taken_apart.append(data)
        return from_bytes(kind, data)

    monkeypatch.setattr("storage.snapshots.from_bytes", counted)
    with opened(tmp_path) as data:
        data.snapshots.put(Snapshot(client=ACME))
        assert [data.snapshots.get(ACME) for _ in range(3)] == [Snapshot(client=ACME)] * 3
        assert len(taken_apart) == 1
        newer = Snapshot(client=ACME, tried_at=START)
        data.snapshots.put(newer)
        assert [data.snapshots.get(ACME) for _ in range(2)] == [newer] * 2
        assert len(taken_apart) == 2


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
