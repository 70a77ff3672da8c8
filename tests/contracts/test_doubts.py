"""What no document promises: told in the vendor's page, and shown by the proof of an account where that can tell."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from core.domain.facts import Fact
from integrations.rmm import VENDORS, quality
from integrations.rmm.vendor import Doubt, Permission, Vendor, VendorSettings
from tests.contracts.vendor_bench import Bench, Serve
from tests.contracts.vendor_rigs import RIGS
from tests.integrations.simulated_time import pace_by

_BULLET = re.compile(r"^- \*\*(?P<title>.+?)\*\*.* → (?P<how>.+)$")


@pytest.fixture
def bench(
    request: pytest.FixtureRequest, serve_tls: Serve, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    rig = next(rig for rig in RIGS if rig.key == request.param)
    made = Bench.make(rig, rig.make_world(), serve_tls, ca_file)
    pace_by(made.world.clock, monkeypatch)
    yield made
    made.close()


every_vendor = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.key)


@every_vendor
def test_the_page_tells_the_doubts_that_the_code_declares_and_who_can_settle_each(
    vendor: Vendor[VendorSettings],
) -> None:
    page = (quality.PAGE.parent / "vendors" / f"{vendor.key}.md").read_text(encoding="utf-8")
    section = page.partition("\n## Verify ")[2]
    found = [_BULLET.match(line) for line in section.splitlines() if line.startswith("- ")]
    told = [(item["title"], item["how"]) if item else None for item in found]
    assert vendor.doubts
    assert [item and item[0] for item in told] == [doubt.title for doubt in vendor.doubts]
    for item, doubt in zip(told, vendor.doubts, strict=True):
        assert item is not None
        assert _says(item[1], doubt), doubt.title


def _says(how: str, doubt: Doubt) -> bool:
    if doubt.locks:
        return how.startswith("`check`: *install locked*")
    if doubt.rows:
        return how == f"`check`: {', '.join(f'*{row}*' for row in doubt.rows)}."
    return how.startswith("Look at ") if doubt.look else how == "Either way."


@every_vendor
def test_each_doubt_is_settled_in_one_way(vendor: Vendor[VendorSettings]) -> None:
    for doubt in vendor.doubts:
        assert bool(doubt.rows) + doubt.locks + doubt.look <= 1
    assert any(doubt.locks for doubt in vendor.doubts) is (vendor.unsure is not None)


@pytest.mark.parametrize(
    "bench", [v.key for v in VENDORS if any(d.rows for d in v.doubts)], indirect=True
)
def test_the_proof_of_an_account_shows_every_doubt_that_it_can_settle(bench: Bench) -> None:
    doubts = next(v.doubts for v in VENDORS if v.key == bench.rig.key)
    permissions = bench.account().prove(bench.bindings()).permissions
    for row in (row for doubt in doubts for row in doubt.rows):
        (shown,) = _named(permissions, row)
        assert shown.present is Fact.YES


@pytest.mark.parametrize(
    ("bench", "word", "row", "present"),
    [
        ("datto", '"lastSeen"', "times last seen", Fact.NO),
        ("datto", '"lastAuditDate"', "ages of the counts", Fact.NO),
        ("vsax", '"LastSeenOnline"', "times last seen", Fact.NO),
        ("vsa9", '"Online"', "who is online", Fact.NO),
        ("vsa9", '"RebootPending"', "restarts owed", Fact.UNKNOWN),
        ("ncentral", '"Normal"', "words for the states of services", Fact.NO),
        ("tactical", '"status": "online"}', "answers to a ping", Fact.UNKNOWN),
    ],
    indirect=["bench"],
)
def test_a_doubt_that_turns_out_wrong_is_seen(
    bench: Bench, word: str, row: str, present: Fact
) -> None:
    bench.wire.rewrite = {word: word.replace('"', '"x', 1)}
    (shown,) = _named(bench.account().prove(bench.bindings()).permissions, row)
    assert shown.present is present
    assert shown.remedy


@pytest.mark.parametrize("bench", ["vsa9"], indirect=True)
def test_a_server_that_takes_the_condition_for_one_agent_another_way_is_seen(bench: Bench) -> None:
    nobody = {"TotalRecords": 0, "Result": [], "ResponseCode": 0, "Status": "OK", "Error": "None"}
    bench.wire.intercept = lambda request, _: (
        web.json_response(nobody) if "$filter" in request.query else None
    )
    (shown,) = _named(bench.account().prove(bench.bindings()).permissions, "one agent")
    assert shown.present is Fact.NO


def _named(permissions: tuple[Permission, ...], row: str) -> list[Permission]:
    return [item for item in permissions if item.name.startswith(row)]
