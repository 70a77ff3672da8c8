"""What scans and update scripts found is replaced by what is newer and survives a restart."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.facts import Coverage
from core.domain.findings import MfaSection, Snapshot
from core.domain.patching import (
    DeviceId,
    LineHistory,
    Listing,
    Patch,
    PatchClass,
    PatchState,
    ProductLine,
    Severity,
)
from core.domain.remediation import Job, JobId, JobKind, JobState
from core.errors import StorageFailed
from tests.contracts.stores.house import House
from tests.storage.making import ACME, START


def snapshot(client: str = "acme", *, name: str = "Acme") -> Snapshot:
    section = MfaSection(observed_at=START, verdicts=(), coverage=Coverage(), tenant_name=name)
    history = {DeviceId("ninja:1"): {ProductLine("Edge"): LineHistory(missing_since=START)}}
    return Snapshot(client=ClientKey(client), mfa=section, history=history)


def test_there_is_no_snapshot_before_the_first(house: House) -> None:
    assert house.store.snapshots.get(ACME) is None


def test_the_newest_snapshot_replaces_the_older_one(house: House) -> None:
    house.store.snapshots.put(snapshot(name="old"))
    house.store.snapshots.put(snapshot(name="new"))
    assert house.store.snapshots.get(ACME) == snapshot(name="new")
    house.restart()
    assert house.store.snapshots.get(ACME) == snapshot(name="new")


@pytest.mark.parametrize("client", ["..", "a/b", "ä ö", "con", "*"])
def test_a_client_may_have_any_key(house: House, client: str) -> None:
    house.store.snapshots.put(snapshot())
    house.store.snapshots.put(snapshot(client))
    assert house.store.snapshots.get(ClientKey(client)) == snapshot(client)
    assert house.store.snapshots.get(ACME) == snapshot()


def test_a_full_disk_keeps_the_older_snapshot(house: House) -> None:
    house.store.snapshots.put(snapshot(name="old"))
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.snapshots.put(snapshot(name="new"))
    assert house.store.snapshots.get(ACME) == snapshot(name="old")


def listing(device: str = "datto:1", *, hours: int = 0) -> Listing:
    patch = Patch(
        key="KB5000001",
        device_id=DeviceId(device),
        title="2026-11 Cumulative Update",
        kb="KB5000001",
        severity=Severity.CRITICAL,
        patch_class=PatchClass.CUMULATIVE,
        state=PatchState.APPROVED,
        released=START.date(),
        cves=("CVE-2026-12345",),
    )
    return Listing(
        device_id=DeviceId(device),
        listed_at=START + timedelta(hours=hours),
        patches=(patch,),
        reboot_needed=False,
    )


def test_the_newest_listing_of_a_device_survives_a_restart(house: House) -> None:
    for hours in (1, 3, 2):
        house.store.listings.put(listing(hours=hours))
    house.store.listings.put(listing("datto:2"))
    house.restart()
    assert house.store.listings.get(DeviceId("datto:1")) == listing(hours=3)
    assert house.store.listings.get(DeviceId("datto:2")) == listing("datto:2")
    assert house.store.listings.get(DeviceId("datto:3")) is None


def test_a_full_disk_keeps_the_older_listing(house: House) -> None:
    house.store.listings.put(listing())
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.listings.put(listing(hours=1))
    assert house.store.listings.get(DeviceId("datto:1")) == listing()


def run(device: str = "datto:1", **changed: Any) -> Job:
    job = Job(
        id=JobId("listing-1-1"),
        kind=JobKind.SCAN,
        account="datto",
        client=ACME,
        targets=(device,),
        dispatched_at=START,
    )
    return replace(job, **changed)


def test_the_last_run_of_a_device_survives_a_restart(house: House) -> None:
    house.store.script_runs.put(run(state=JobState.DISPATCHING))
    house.store.script_runs.put(run(state=JobState.DISPATCHED, reference="uid"))
    house.store.script_runs.put(run("datto:2"))
    house.restart()
    kept = {job.targets[0]: job for job in house.store.script_runs.all()}
    assert kept == {
        "datto:1": run(state=JobState.DISPATCHED, reference="uid"),
        "datto:2": run("datto:2"),
    }


def test_a_full_disk_keeps_the_run_before(house: House) -> None:
    house.store.script_runs.put(run())
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.script_runs.put(run(state=JobState.DONE))
    assert house.store.script_runs.all() == (run(),)
