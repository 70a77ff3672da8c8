"""What reading a fleet costs at every vendor, and that nothing gets lost; `make bench` measures the same at full size."""

from typing import Any

import pytest

from bench.rig.fewest import FEWEST, pages
from bench.rmm import lost, measure
from core.domain.patching import RmmReading
from integrations.rmm import VENDORS
from integrations.rmm.vendor import Vendor


@pytest.mark.parametrize(
    "vendor", [vendor for vendor in VENDORS if vendor.key in FEWEST], ids=lambda vendor: vendor.key
)
def test_a_fleet_costs_hardly_more_calls_than_the_fewest_and_no_row_is_lost(
    vendor: Vendor[Any],
) -> None:
    measured = measure(vendor, 24)
    assert sum(measured.fewest.missing.values()) > 0
    assert measured.lost == 0
    assert 0.9 * measured.fewest.calls <= measured.requests <= 1.1 * measured.fewest.calls + 4


def test_a_device_that_was_not_read_is_lost_with_all_it_misses() -> None:
    nothing: dict[str, RmmReading] = {}
    assert lost({"a": 3, "b": 0}, nothing) == 5


def test_even_an_empty_list_takes_a_call_and_a_full_page_takes_no_second_one() -> None:
    assert [pages(rows, 250) for rows in (0, 1, 250, 251)] == [1, 1, 1, 2]
