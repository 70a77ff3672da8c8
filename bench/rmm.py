"""Reading fleets at every vendor: calls beside the fewest possible and beside a loop over devices, and rows that were lost."""

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.rig.fewest import FEWEST, Fewest
from bench.rig.fleets import connected
from core.domain.patching import CountStatus, Device, DeviceId, PatchState, RmmReading
from integrations.rmm import VENDORS
from integrations.rmm.vendor import Vendor

LARGE, SMALL = 10_000, 1_128
QUICK = 60


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One read of one fleet. `lasted`: by the clock on which the vendor's limits count."""

    requests: int
    fewest: Fewest
    lost: int
    lasted: timedelta

    def as_json(self) -> dict[str, int]:
        return {
            "requests": self.requests,
            "floor": self.fewest.calls,
            "per_device_loop_requests": self.fewest.by_loop,
            "rows_lost": self.lost,
        }


def measure(vendor: Vendor[Any], devices: int) -> Measured:
    with connected(vendor, devices) as fleet:
        world = fleet.world
        fewest, started = FEWEST[vendor.key](world), world.clock.now()
        readings = fleet.read()
        return Measured(
            requests=sum(row["count"] for row in world.calls.rows(vendor.key)),
            fewest=fewest,
            lost=lost(fewest.missing, readings),
            lasted=world.clock.now() - started,
        )


def lost(missing: Mapping[str, int], readings: Mapping[str, RmmReading]) -> int:
    """Devices and their missing updates that were not read; what a reading says it lacks counts as well."""
    devices = {d.vendor_id: d for reading in readings.values() for d in reading.devices}
    rows = Counter(
        patch.device_id
        for reading in readings.values()
        for patch in reading.patches
        if patch.state is not PatchState.INSTALLED
    )
    count = sum(len(reading.coverage.unread) for reading in readings.values())
    for key, told in missing.items():
        count += max(0, told - _told(devices[key], rows)) if key in devices else told + 1
    return count


def _told(device: Device, rows: Mapping[DeviceId, int]) -> int:
    if device.counts is None:
        return rows.get(device.id, 0)
    counts = device.counts
    told = [counts.approved, counts.not_approved] if counts.missing is None else [counts.missing]
    if told == [None, None]:
        return int(counts.status is CountStatus.MISSING)
    return sum(count or 0 for count in told)


def show(key: str, devices: int, measured: Measured) -> None:
    fewest = measured.fewest
    print(
        f"{key:<10} {devices:>8,} {measured.requests:>9,} {fewest.calls:>8,} "
        f"{measured.requests / fewest.calls:>6.2f} {fewest.by_loop:>8,} {measured.lost:>5} "
        f"{measured.lasted.total_seconds() / 60:>8.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--quick", action="store_true", help="a small fleet: the shape alone")
    parser.add_argument("vendors", nargs="*", help="keys of vendors; all where none is named")
    asked = parser.parse_args()
    large, small = (QUICK, QUICK) if asked.quick else (LARGE, SMALL)
    if not asked.json:
        print(f"{'':<10} {'devices':>8} {'requests':>9} {'floor':>8} {'x':>6} {'loop':>8} {'lost':>5} {'minutes':>8}")  # fmt: skip
    found: dict[str, Any] = {}
    wanted = [vendor for vendor in VENDORS if vendor.key in (asked.vendors or FEWEST)]
    for vendor in wanted:
        of_large, of_small = measure(vendor, large), measure(vendor, small)
        found[vendor.key] = of_large.as_json() | {"small": of_small.as_json()}
        if not asked.json:
            show(vendor.key, large, of_large)
            show(vendor.key, small, of_small)
    if asked.json:
        print(json.dumps({"vendors": found}))
    unknown = [vendor.key for vendor in VENDORS if vendor.key not in FEWEST]
    if unknown:
        raise SystemExit(f"not measured, for bench/rig/fewest.py lacks {', '.join(unknown)}")


if __name__ == "__main__":
    main()
