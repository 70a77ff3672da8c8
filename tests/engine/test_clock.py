"""The sandbox's clock file moves the bot's clock, forward only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.clock import OffsetClock


def test_the_offset_in_the_file_is_added(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    file.write_text('{"offset_s": 3600}')

    ahead = OffsetClock(file).now() - datetime.now(UTC)

    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)


def test_a_sandbox_may_live_in_the_past(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    file.write_text('{"offset_s": -3600}')

    behind = datetime.now(UTC) - OffsetClock(file).now()

    assert timedelta(minutes=59) < behind < timedelta(minutes=61)


def test_time_does_not_run_backwards(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    file.write_text('{"offset_s": 3600}')
    clock = OffsetClock(file)
    before = clock.now()
    file.write_text('{"offset_s": 0}')

    assert clock.now() >= before


def test_without_a_file_it_is_the_machines_clock(tmp_path: Path) -> None:
    ahead = OffsetClock(tmp_path / "none.json").now() - datetime.now(UTC)

    assert abs(ahead) < timedelta(minutes=1)
