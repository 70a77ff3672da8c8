"""Updates of other makers' software in a reading of NinjaOne: beside the system's own, and never in their way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from core.domain.patching import RmmReading
from tests.contracts.vendor_bench import Bench
from tests.contracts.vendor_rigs.ninjaone import RIG
from tests.sandbox.rmm_desk import make_world


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()


def read(bench: Bench) -> list[RmmReading]:
    return list(bench.account().read(bench.bindings()).values())


def software(readings: list[RmmReading]) -> set[tuple[str, str]]:
    return {
        (patch.device_id, patch.title)
        for reading in readings
        for patch in reading.patches
        if patch.key.startswith("software ")
    }


def test_software_is_read_with_the_fleet(bench: Bench) -> None:
    readings = read(bench)
    listed = {
        (bench.device_id(device), update.title)
        for company in bench.companies
        for device in company.devices
        for update in device.updates
        if update.kind == "third_party"
        and update.state in ("approved", "pending", "rejected")
        and device.online
        and device.patch_policy
        and device.last_scan is not None
    }
    assert listed
    assert listed <= software(readings)
    assert all(reading.coverage.complete for reading in readings)


@pytest.mark.parametrize("report", ["software-patches", "software-patch-installs"])
def test_software_that_cannot_be_read_is_said_and_hides_no_update_of_the_system(
    bench: Bench, report: str
) -> None:
    whole = read(bench)
    bench.fault("status", f"*/queries/{report}", status=403)
    readings = read(bench)
    assert software(readings) == set()
    assert {item.what for reading in readings for item in reading.coverage.unread} == {
        "third-party updates"
    }
    known = [reading.rows_known_for for reading in readings]
    assert known == [reading.rows_known_for for reading in whole]
    assert sum(map(len, known)) > 0
    for reading in readings:
        assert reading.software_unread == {device.id for device in reading.devices}
    assert not any(reading.software_unread for reading in whole)
