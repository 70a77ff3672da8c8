"""What an update script listed stands in for counts, as long as it says something."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.facts import Coverage, Fact
from core.domain.patching import (
    CountStatus,
    Device,
    DeviceId,
    DeviceKind,
    Listing,
    PatchCounts,
    PatchState,
    RmmReading,
)
from core.errors import StorageFailed
from integrations.rmm.listings import LIFE, NoListings, Shelf
from integrations.rmm.update_script import OutputError
from tests.fakes.memory_store import MemoryStore
from tests.integrations.rmm.printed import ENDED, output, update
from tests.storage.making import SetClock

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
ID = DeviceId("datto:u")
COUNTED = Device(
    id=ID,
    account="datto",
    vendor_id="u",
    organisation="s",
    name="ED-WS-04",
    kind=DeviceKind.WORKSTATION,
    os="Windows 11",
    online=Fact.YES,
    last_scan=ENDED - timedelta(hours=9),
    reboot_needed=Fact.NO,
    counts=PatchCounts(status=CountStatus.MISSING, approved=5),
)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(SetClock())


@pytest.fixture
def shelf(store: MemoryStore) -> Shelf:
    return Shelf(store.listings)


def reading(*devices: Device) -> RmmReading:
    return RmmReading(
        account="datto",
        organisation="s",
        devices=devices,
        coverage=Coverage(),
        observed_at=NOW,
    )


def test_listed_device_is_read_row_by_row_as_of_its_listing(shelf: Shelf) -> None:
    shelf.keep(ID, output(installed=0, missing=2, reboot_required=True))
    other = replace(COUNTED, id=DeviceId("datto:v"))
    merged = shelf.merged(reading(COUNTED, other), NOW)
    assert merged.rows_known_for == {ID}
    assert [patch.kb for patch in merged.patches] == ["KB5100000", "KB5100001"]
    listed, untouched = merged.devices
    assert (listed.last_scan, listed.reboot_needed) == (ENDED, Fact.YES)
    assert untouched == other


def test_what_a_run_installed_is_told_once_it_is_in_force(shelf: Shelf) -> None:
    waiting = update("KB5000000", restart_pending=True)
    run = replace(output(installed=2), missing=(waiting,))
    shelf.keep(ID, run)
    patches = shelf.merged(reading(COUNTED), NOW).patches
    assert {(patch.kb, patch.state, patch.installed_at) for patch in patches} == {
        ("KB5000000", PatchState.PENDING, None),
        ("KB5000001", PatchState.INSTALLED, ENDED),
    }


@pytest.mark.parametrize(("age", "rows"), [(LIFE, 1), (LIFE + timedelta(seconds=1), 0)])
def test_old_listing_says_nothing(shelf: Shelf, age: timedelta, rows: int) -> None:
    shelf.keep(ID, output(installed=0, missing=1))
    merged = shelf.merged(reading(COUNTED), ENDED + age)
    assert len(merged.patches) == len(merged.rows_known_for) == rows
    if not rows:
        assert merged.devices == (COUNTED,)


def test_rmm_that_finds_nothing_missing_later_ends_a_listing(shelf: Shelf) -> None:
    to_install = replace(output(installed=0), missing=(update("KB5000001", approved=True),))
    shelf.keep(ID, to_install)
    clean = replace(COUNTED, counts=PatchCounts(status=CountStatus.FULLY_PATCHED, approved=0))
    earlier = shelf.merged(reading(clean), NOW)
    assert earlier.rows_known_for == {ID}
    later = replace(clean, last_scan=ENDED + timedelta(hours=1))
    assert shelf.merged(reading(later), NOW).rows_known_for == frozenset()
    agrees = output(installed=0, missing=1, finished_at=ENDED + timedelta(minutes=1))
    shelf.keep(ID, agrees)
    assert shelf.merged(reading(later), NOW).rows_known_for == {ID}


def test_restart_since_the_listing_counts(shelf: Shelf) -> None:
    shelf.keep(ID, output(reboot_required=True))
    restarted = replace(COUNTED, last_scan=ENDED + timedelta(hours=1))
    (device,) = shelf.merged(reading(restarted), NOW).devices
    assert device.reboot_needed is Fact.NO


def test_output_that_cannot_be_taken_lists_nothing(shelf: Shelf, store: MemoryStore) -> None:
    shelf.keep(ID, OutputError("version: wrong"))
    shelf.keep(ID, None)
    assert store.listings.get(ID) is None


def test_full_disk_fails_no_run(shelf: Shelf, store: MemoryStore) -> None:
    store.kept.full = True
    with pytest.raises(StorageFailed):
        store.listings.put(output().listing(ID))
    shelf.keep(ID, output())
    assert store.listings.get(ID) is None


def test_without_a_data_directory_nothing_is_kept() -> None:
    shelf = Shelf(NoListings())
    shelf.keep(ID, output())
    assert shelf.merged(reading(COUNTED), NOW) == reading(COUNTED)


def test_older_listing_does_not_replace_a_newer_one(store: MemoryStore) -> None:
    newer, older = output(missing=1), output(missing=2, finished_at=ENDED - timedelta(hours=1))
    for run in (newer, older):
        Shelf(store.listings).keep(ID, run)
    kept = store.listings.get(ID)
    assert isinstance(kept, Listing)
    assert kept == newer.listing(ID)
