"""Files that are replaced whole, and files that only grow."""

import stat
from pathlib import Path

import pytest

from core.errors import StorageFailed
from storage.append_file import AppendFile
from storage.atomic_file import Damaged, seal, sweep, unseal, write_whole
from tests.storage.faults import Killed, dying_at, failing, full_disk, room_for, short_writes


def test_a_file_is_replaced_whole_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old content")
    with short_writes(3):
        write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_content_before_is_kept_beside_it(tmp_path: Path) -> None:
    path, old = tmp_path / "file", tmp_path / "file.bak"
    for content in (b"1", b"2", b"3"):
        write_whole(path, content, keep=old)
    assert (path.read_bytes(), old.read_bytes()) == (b"3", b"2")


@pytest.mark.parametrize("call", ["write", "fsync", "link", "Path.replace"])
def test_a_failing_disk_leaves_the_content_before_and_no_litter(tmp_path: Path, call: str) -> None:
    path, old = tmp_path / "file", tmp_path / "file.bak"
    for content in (b"1", b"2"):
        write_whole(path, content, keep=old)
    with failing(call), pytest.raises(StorageFailed, match="No space left on device"):
        write_whole(path, b"3", keep=old)
    assert path.read_bytes() == b"2"
    assert not list(tmp_path.glob("*.tmp"))


def test_whenever_a_process_dies_there_is_old_or_new_and_the_content_before(tmp_path: Path) -> None:
    path, old = tmp_path / "file", tmp_path / "file.bak"
    for content in (b"", b"+"):
        write_whole(path, content, keep=old)
    died = 0
    for step in range(1, 20):
        before = path.read_bytes()
        with dying_at(step) as passed:
            try:
                write_whole(path, before + b"+", keep=old)
            except Killed:
                died += 1
        sweep(tmp_path)
        assert path.read_bytes() in (before, before + b"+")
        assert old.read_bytes() in (before[:-1], before)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "file.bak"]
    assert died == len(passed)


def test_a_disk_that_takes_half_keeps_the_content_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, b"a" * 50_000)
    with room_for(60_000), pytest.raises(StorageFailed, match="File too large"):
        write_whole(path, b"b" * 90_000)
    assert path.read_bytes() == b"a" * 50_000
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_log_that_runs_full_holds_whole_lines_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    log = AppendFile(path, on_torn=_never)
    with room_for(25_000):
        for _ in range(2):
            log.append(b"x" * 9_999 + b"\n")
        for _ in range(2):
            with pytest.raises(StorageFailed, match="File too large"):
                log.append(b"y" * 9_999 + b"\n")
    log.append(b"last\n")
    log.close()
    assert [len(line) for line in path.read_bytes().splitlines()] == [9_999, 9_999, 4]


def test_a_sealed_body_is_read_back_and_any_flipped_bit_is_noticed() -> None:
    sealed = seal(b'{"a":1}')
    assert unseal(sealed) == b'{"a":1}'
    for index in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[index] ^= 1
        with pytest.raises(Damaged):
            unseal(bytes(flipped))
    for end in range(len(sealed)):
        with pytest.raises(Damaged):
            unseal(sealed[:end])


def _never(path: Path, torn: bytes) -> None:
    pytest.fail(f"{path} was not torn: {torn!r}")


def test_lines_are_added_whole_however_few_bytes_the_system_takes(tmp_path: Path) -> None:
    log = AppendFile(tmp_path / "log", on_torn=_never)
    with short_writes(2):
        log.append(b"first\n")
    log.append(b"second\n")
    log.close()
    assert (tmp_path / "log").read_bytes() == b"first\nsecond\n"


@pytest.mark.parametrize("torn", [b"to", b"t" * 200_000, b"\0\0\0"])
def test_a_torn_last_line_is_handed_over_and_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"whole\n" + torn)
    seen: list[bytes] = []
    log = AppendFile(path, on_torn=lambda _, data: seen.append(data))
    log.append(b"next\n")
    log.close()
    assert seen == [torn]
    assert path.read_bytes() == b"whole\nnext\n"


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_line_that_could_not_be_added_leaves_nothing(tmp_path: Path, call: str) -> None:
    path = tmp_path / "log"
    log = AppendFile(path, on_torn=_never)
    log.append(b"first\n")
    with failing(call), pytest.raises(StorageFailed):
        log.append(b"second\n")
    assert path.read_bytes() == b"first\n"
    log.append(b"third\n")
    log.close()
    assert path.read_bytes() == b"first\nthird\n"


def test_a_line_that_could_not_be_taken_back_blocks_the_file_until_it_can(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = AppendFile(path, on_torn=_never)
    log.append(b"first\n")
    with failing("fsync", "ftruncate"):
        for _ in range(2):
            with pytest.raises(StorageFailed):
                log.append(b"second\n")
    log.append(b"third\n")
    log.close()
    assert path.read_bytes() == b"first\nthird\n"


def test_a_second_writer_is_noticed(tmp_path: Path) -> None:
    one = AppendFile(tmp_path / "log", on_torn=_never)
    two = AppendFile(tmp_path / "log", on_torn=_never)
    one.append(b"one\n")
    with pytest.raises(StorageFailed, match="Something else writes to log"):
        two.append(b"two\n")
    one.close()
    two.close()
    assert (tmp_path / "log").read_bytes() == b"one\n"


def test_a_closed_file_takes_nothing_more(tmp_path: Path) -> None:
    log = AppendFile(tmp_path / "log", on_torn=_never)
    log.close()
    with pytest.raises(StorageFailed):
        log.append(b"late\n")


def test_a_full_disk_is_named_in_the_refusal(tmp_path: Path) -> None:
    with full_disk(), pytest.raises(StorageFailed, match="does nothing at all until it can"):
        write_whole(tmp_path / "file", b"content")
