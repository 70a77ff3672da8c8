"""Who may open a data directory, and what those see who only look."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.clients import ClientKey
from core.domain.digest import Numbers
from core.domain.findings import Snapshot
from core.domain.remediation import RequestId
from core.errors import DataInUse, NotFound, StorageFailed
from core.ports import Freeze, SlotState
from storage import open_data, read_only
from tests.storage.making import ACME, OVER, START, TECH, SetClock, requested, withdrawn

ROOT = Path(__file__).parents[2]
_OPEN = """
import sys
from pathlib import Path
from core.errors import DataInUse
from storage import open_data
from tests.storage.making import SetClock
try:
    open_data(Path(sys.argv[1]), clock=SetClock())
except DataInUse as refusal:
    print(refusal.sentence)
else:
    print("opened")
"""


def opened_elsewhere(path: Path) -> str:
    """What another process gets told that opens the directory."""
    command = [sys.executable, "-c", _OPEN, str(path)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_second_process_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with open_data(tmp_path, clock=SetClock()):
        said = opened_elsewhere(tmp_path)
        assert said == "Another Gatehouse is running on this data directory; stop that one first."
    assert opened_elsewhere(tmp_path) == "opened"


def test_the_same_process_is_refused_as_well(tmp_path: Path) -> None:
    with open_data(tmp_path, clock=SetClock()), pytest.raises(DataInUse):
        open_data(tmp_path, clock=SetClock())


def test_a_directory_that_could_not_be_opened_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StorageFailed

    with monkeypatch.context() as patch:
        patch.setattr("storage.data.AuditLog", broken)
        with pytest.raises(StorageFailed):
            open_data(tmp_path, clock=SetClock())
    open_data(tmp_path, clock=SetClock()).close()


def test_a_path_that_is_no_directory_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match="cannot write to its disk"):
        open_data(tmp_path / "file", clock=SetClock())


def test_a_folder_of_other_things_is_neither_swept_nor_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / ".notes.tmp").touch()
    with pytest.raises(StorageFailed, match="name a folder of its own"):
        open_data(tmp_path, clock=SetClock())
    assert [file.name for file in tmp_path.iterdir()] == [".notes.tmp"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_only_the_owner_may_look_into_any_of_it(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with open_data(path, clock=SetClock()) as data:
        data.requests.commit(RequestId("A"), requested("A"), expected=0)
        data.requests.commit(RequestId("A"), withdrawn(), expected=1)
        data.snapshots.put(Snapshot(client=ACME))
    assert path.stat().st_mode & 0o777 == 0o700
    for file in path.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_what_a_killed_process_left_half_written_is_swept_out(tmp_path: Path) -> None:
    open_data(tmp_path, clock=SetClock()).close()
    leftovers = [tmp_path / ".store.json.1234.tmp", tmp_path / "snapshots" / ".acme.json.1.tmp"]
    for leftover in leftovers:
        leftover.write_bytes(b"half")
    open_data(tmp_path, clock=SetClock()).close()
    assert not any(leftover.exists() for leftover in leftovers)


def tree(path: Path) -> dict[str, tuple[int, bytes]]:
    files = [file for file in path.rglob("*") if file.is_file()]
    return {str(f.relative_to(path)): (f.stat().st_mtime_ns, f.read_bytes()) for f in files}


def test_a_reader_sees_everything_and_leaves_no_trace(tmp_path: Path) -> None:
    freeze = Freeze(at=START, by=TECH, by_name="Tess", why="odd")
    with open_data(tmp_path, clock=SetClock()) as data:
        for name in ("open", "gone"):
            data.requests.commit(RequestId(name), requested(name), expected=0)
        data.requests.commit(RequestId("gone"), withdrawn(), expected=1)
        data.snapshots.put(Snapshot(client=ACME))
        data.slots.claim("C1", START.date())
        data.slots.settle("C1", START.date(), SlotState.POSTED, {ACME: Numbers(devices=3)})
        data.switch.set(freeze, actor="tech")
        (tmp_path / "snapshots" / "bad.json").write_bytes(b"garbage")
        before = tree(tmp_path)
        reader = read_only(tmp_path, clock=SetClock())
        assert [request.id for request in reader.requests.open()] == ["open"]
        assert [request.id for request in reader.requests.finished_since(START)] == ["gone"]
        assert reader.snapshots.get(ACME) == Snapshot(client=ACME)
        assert reader.snapshots.get(ClientKey("bad")) is None
        assert reader.slots.last_numbers("C2", START.date()) is None
        assert reader.switch.frozen() == freeze
        assert reader.audit.head() == data.audit.head()
        assert tree(tmp_path) == before


@pytest.mark.parametrize("what", ["commit", "append", "snapshot", "claim", "freeze"])
def test_a_reader_cannot_write(tmp_path: Path, what: str) -> None:
    open_data(tmp_path, clock=SetClock()).close()
    before = tree(tmp_path)
    reader = read_only(tmp_path, clock=SetClock())
    attempts: dict[str, Callable[[], object]] = {
        "commit": lambda: reader.requests.commit(RequestId("A"), requested("A"), expected=0),
        "append": lambda: reader.audit.append("note", actor="U1"),
        "snapshot": lambda: reader.snapshots.put(Snapshot(client=ACME)),
        "claim": lambda: reader.slots.claim("C1", START.date()),
        "freeze": lambda: reader.switch.set(OVER, actor="U1"),
    }
    with pytest.raises(StorageFailed, match="reading only"):
        attempts[what]()
    assert tree(tmp_path) == before


def test_a_reader_of_a_damaged_store_reads_the_copy_before_and_repairs_nothing(
    tmp_path: Path,
) -> None:
    with open_data(tmp_path, clock=SetClock()) as data:
        for name in ("A", "B"):
            data.requests.commit(RequestId(name), requested(name), expected=0)
    (tmp_path / "store.json").write_bytes(b"garbage")
    before = tree(tmp_path)
    assert [r.id for r in read_only(tmp_path, clock=SetClock()).requests.open()] == ["A"]
    assert tree(tmp_path) == before


def test_looking_where_nothing_is_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no data of Gatehouse at"):
        read_only(tmp_path, clock=SetClock())
    assert not any(tmp_path.iterdir())
