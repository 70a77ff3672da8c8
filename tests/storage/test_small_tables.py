"""Tables that must stay small, since every change writes all of them."""

from datetime import timedelta
from pathlib import Path
from threading import RLock

from core.domain.remediation import RequestId
from core.ports import SlotState
from storage.drafts import DraftTable
from storage.slots import SlotTable
from storage.tinydb_storage import Database, SafeStorage
from tests.storage.making import START, TECH, SetClock, plan


def database(folder: Path) -> Database:
    return Database(folder / "t.json", storage=SafeStorage, lock=RLock(), damaged=folder)


def test_slots_older_than_five_weeks_go_but_for_the_last_one_posted(tmp_path: Path) -> None:
    clock = SetClock()
    tables = database(tmp_path)
    slots = SlotTable(tables, clock=clock, worker="w1")
    for day in range(60):
        for channel in ("busy", "asleep"):
            posted = channel == "busy" or day == 0
            state = SlotState.POSTED if posted else SlotState.MISSED
            slots.claim(channel, clock.now().date())
            slots.settle(channel, clock.now().date(), state, {})
        clock.move(days=1)
    kept = tables.rows("slots").all()
    assert len(kept) <= 2 * 36 + 1
    assert START.date().isoformat() in {row["day"] for row in kept if row["channel"] == "asleep"}


def test_expired_drafts_are_swept_out_by_the_next_one(tmp_path: Path) -> None:
    clock = SetClock()
    tables = database(tmp_path)
    drafts = DraftTable(tables, clock=clock)
    for number in range(5):
        until = clock.now() + timedelta(hours=1)
        drafts.put(RequestId(f"D{number}"), plan(), owner=TECH, until=until)
        clock.move(minutes=50)
    assert [str(row.doc_id) for row in tables.rows("drafts")] == ["D3", "D4"]
