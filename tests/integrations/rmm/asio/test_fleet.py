"""What is read of a fleet, and what is not known of it."""

from datetime import timedelta

import pytest

from core.domain.facts import Fact
from core.domain.patching import PatchState
from core.errors import VendorBusy
from integrations.rmm.asio.quota import Quota
from sandbox.rmm.asio.words import on_windows
from sandbox.rmm.installs import MISSING
from tests.contracts.vendor_bench import Bench
from tests.integrations.rmm.asio.asking import HEARTBEAT, LIST, SUMMARY, account, asked, read, says
from tests.noon import NOON
from tests.storage.making import SetClock


def test_updates_are_read_only_where_some_are_counted_as_missing(bench: Bench) -> None:
    reading = read(bench)
    (company,) = bench.companies
    lacking = {
        device.uid
        for device in company.devices
        if device.last_scan is not None
        and device.patch_policy
        and on_windows(device)
        and any(
            u.state in ("approved", "failed", "pending", "rejected") and u.kind != "third_party"
            for u in device.updates
        )
    }
    paths = asked(bench, "/patches")
    assert {path.split("/")[-2] for path in paths} == lacking
    assert 0 < len(paths) == len(lacking) < len(company.devices)
    # Signing in, the quota, companies, endpoints, heartbeats, counts.
    assert len(bench.wire.sent) == len(lacking) + 6
    clean = {d.id for d in reading.devices if d.vendor_id not in lacking and d.online is Fact.YES}
    assert clean & reading.rows_known_for
    assert {p.state for p in reading.patches} >= {
        PatchState.APPROVED,
        PatchState.REJECTED,
        PatchState.INSTALLED,
    }


def test_company_without_a_single_device_is_not_called_clean(bench: Bench) -> None:
    bench.fault("status", LIST, status=404)
    reading = read(bench)
    assert not reading.coverage.covers("devices")
    assert "resource_type" in reading.coverage.unread[0].remedy


def test_heartbeats_that_cannot_be_read_leave_devices_shown_and_nothing_clean(bench: Bench) -> None:
    bench.fault("status", HEARTBEAT, status=500)
    reading = read(bench)
    assert not reading.coverage.covers("online state")
    assert {device.online for device in reading.devices} == {Fact.UNKNOWN}
    listed = {p.device_id for p in reading.patches if p.state is not PatchState.INSTALLED}
    assert reading.rows_known_for == reading.rows_known_for & listed


def test_counts_that_cannot_be_read_leave_every_device_unread(bench: Bench) -> None:
    bench.fault("status", SUMMARY, status=403)
    reading = read(bench)
    assert reading.devices
    assert not reading.coverage.covers("missing patches")
    assert (reading.patches, reading.rows_known_for) == ((), frozenset())
    assert asked(bench, "/patches") == []


def test_device_whose_updates_cannot_be_read_does_not_hide_the_others(bench: Bench) -> None:
    whole = read(bench)
    broken = next(iter(sorted({p.device_id for p in whole.patches} & whole.rows_known_for)))
    bench.fault("status", f"*/{broken.rpartition(':')[2]}/patches", status=500)
    reading = read(bench)
    assert reading.rows_known_for == whole.rows_known_for - {broken}
    assert "for 1 of" in reading.coverage.unread[0].reason


@pytest.mark.parametrize("kept", [0, 1])
def test_device_that_lists_fewer_updates_than_are_counted_is_not_known(
    bench: Bench, kept: int
) -> None:
    """Of two missing updates, one or none is listed."""
    row = {"updateID": "a", "partnerApprovalStatus": "Approved", "installedDate": None}
    body = {"summary": {"missingCount": 2}, "patches": [row] * kept}
    says(bench, "/patches", body)
    reading = read(bench)
    told = {path.split("/")[-2] for path in asked(bench, "/patches")}
    assert not {d.rpartition(":")[2] for d in reading.rows_known_for} & told


def test_quota_that_is_spent_is_waited_for_or_said(bench: Bench) -> None:
    slept: list[float] = []

    def quota(left: int, seconds: float) -> Quota:
        reset = int((NOON + timedelta(seconds=seconds)).timestamp())
        told = {"limit": 35, "remaining": left, "reset": reset}
        return Quota(
            source="V",
            ask=lambda: {"resources": {"asset": {"list": told}, "odd": None}},
            clock=SetClock(NOON),
            sleep=slept.append,
        )

    quota(4, 30).before_reading()
    assert slept == []
    quota(3, 30).before_reading()
    assert slept == [30]
    quota(0, -5).before_reading()
    assert slept == [30]
    with pytest.raises(VendorBusy) as caught:
        quota(0, 240).before_reading()
    assert caught.value.wait == timedelta(seconds=240)


def test_key_that_may_not_ask_for_its_quota_reads_all_the_same(bench: Bench) -> None:
    bench.fault("status", "/v1/rate_limits", status=403)
    assert read(bench).coverage.complete


# Other makers' software.

SOFTWARE = "/third-party-patching/compliance/summary"


def test_software_is_not_asked_about_unless_that_is_configured(bench: Bench) -> None:
    read(bench)
    assert asked(bench, SOFTWARE) == []


def test_software_that_is_behind_is_read_with_a_token_of_its_own(bench: Bench) -> None:
    (company,) = bench.companies
    behind = {
        (bench.device_id(device), update.title)
        for device in company.devices
        if device.last_scan is not None and on_windows(device)
        for update in device.updates
        if update.kind == "third_party" and update.state in MISSING
    }
    assert behind
    reading = read(bench, third_party=True)
    found = {(p.device_id, p.title) for p in reading.patches if p.key.startswith("software ")}
    assert found == behind
    assert reading.coverage.complete
    assert len(asked(bench, "/patch/details")) == len({device for device, _ in behind})
    scopes = [item.body["scope"] for item in bench.wire.sent if item.path == "/v1/token"]
    assert scopes[1:] == ["platform.tppatching.management.read"]


def test_software_that_may_not_be_read_is_said_and_hides_no_other_update(bench: Bench) -> None:
    whole = read(bench)
    bench.fault("status", f"*{SOFTWARE}", status=403)
    reading = read(bench, third_party=True)
    assert [item.what for item in reading.coverage.unread] == ["third-party updates"]
    proof = account(bench, third_party=True).prove(bench.bindings())
    assert [item.present for item in proof.permissions if "third_party" in item.name] == [Fact.NO]
    assert (reading.patches, reading.rows_known_for) == (whole.patches, whole.rows_known_for)
    assert reading.software_unread == {device.id for device in whole.devices}
    assert whole.software_unread == frozenset()
