"""Syncro's JSON as devices and patches, from recorded answers and their odd cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import Device, DeviceKind, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer
from integrations.rmm.rows import iso_moment
from integrations.rmm.syncro import mapping
from tests.integrations.rmm.recorded import recorded

NOW = datetime(2026, 9, 20, 8, 10, tzinfo=UTC)
ONLINE_FOR = timedelta(minutes=15)


def mapped(row: dict[str, Any]) -> Device:
    return mapping.device("syncro", "S", row, now=NOW, online_for=ONLINE_FOR)


def assets() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recorded("syncro", "assets")["assets"]
    return [row for row in found if mapping.has_agent(row)]


def listed() -> list[dict[str, Any]]:
    told = recorded("syncro", "patches")
    return [*told["installed_patches"], *told["available_patches"]]


def test_device_is_mapped_whole() -> None:
    device = mapped(assets()[0])
    assert (device.id, device.vendor_id, device.organisation) == ("syncro:501", "501", "7")
    assert (device.name, device.os) == ("ED-LT-02", "Microsoft Windows 11 Pro 25H2 26200")
    assert device.kind is DeviceKind.WORKSTATION
    assert device.last_seen == datetime(2026, 9, 20, 8, 5, 0, 119000, tzinfo=UTC)
    assert (device.online, device.reboot_needed) == (Fact.YES, Fact.YES)
    assert (device.domain, device.last_scan) == ("exampledental.example", None)
    assert device.has_policy is Fact.UNKNOWN


def test_alert_for_an_offline_agent_outweighs_a_sync_of_late() -> None:
    device = mapped(assets()[1])
    assert (device.online, device.kind) == (Fact.NO, DeviceKind.SERVER)
    assert (device.reboot_needed, device.domain) == (Fact.NO, None)


def test_agent_without_an_inventory_is_a_device_about_which_little_is_known() -> None:
    device = mapped(assets()[2])
    assert (device.name, device.os, device.last_seen) == ("asset 503", "macOS 26", None)
    assert (device.online, device.reboot_needed) == (Fact.UNKNOWN, Fact.UNKNOWN)
    assert device.kind is DeviceKind.WORKSTATION


def test_machine_with_an_inventory_counts_whatever_its_type_and_a_printer_does_not() -> None:
    assert [row["id"] for row in assets()] == [501, 502, 503, 504]
    assert (mapped(assets()[3]).online, mapped(assets()[3]).kind) == (Fact.NO, DeviceKind.UNKNOWN)


def test_only_windows_and_the_unknown_is_asked_for_patches() -> None:
    assert [mapping.is_patched(row) for row in assets()] == [True, True, False, False]
    assert mapping.is_patched({"id": 1})


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(0), Fact.YES),
        (ONLINE_FOR, Fact.YES),
        (timedelta(minutes=16), Fact.UNKNOWN),
        (timedelta(hours=24), Fact.UNKNOWN),
        (timedelta(hours=25), Fact.NO),
    ],
)
def test_last_sync_tells_only_at_its_ends_who_is_online(ago: timedelta, expected: Fact) -> None:
    inventory = {"last_synced_at": (NOW - ago).isoformat()}
    row = {"id": 1, "customer_id": 7, "properties": {"kabuto_information": inventory}}
    assert mapped(row).online is expected


@pytest.mark.parametrize("row", [{"id": 1}, {"customer_id": 7}, {"id": "1", "customer_id": 7}])
def test_device_without_identity_is_malformed(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        mapped(row)


@pytest.mark.parametrize("told", ["", "soon", None, 1_790_000_000])
def test_time_that_is_none_is_none(told: object) -> None:
    assert iso_moment(told) is None


def test_patches_keep_their_words() -> None:
    told = [
        (p.kb, p.state, p.patch_class, p.raw_state) for p in mapping.patches("a", "1", listed())
    ]
    assert told == [
        ("KB5000009", PatchState.INSTALLED, PatchClass.CUMULATIVE, "Recently Installed"),
        ("KB2267602", PatchState.INSTALLED, PatchClass.DEFINITION, "Recently Installed"),
        ("KB5000001", PatchState.PENDING, PatchClass.CUMULATIVE, "Missing Patches"),
        ("KB5000002", PatchState.FAILED, PatchClass.CUMULATIVE, "Failed Patches: 0x8024200B"),
        ("KB5000003", PatchState.REJECTED, PatchClass.UPDATE, "Rejected Patches"),
        (None, PatchState.PENDING, PatchClass.DRIVER, "Missing Patches"),
        (None, PatchState.UNKNOWN, PatchClass.FEATURE, "Deferred Patches"),
    ]


def test_patch_is_mapped_whole() -> None:
    installed, _, patch, *_ = mapping.patches("syncro", "501", listed())
    assert installed.installed_at == datetime(2026, 8, 14, 14, 30, tzinfo=UTC)
    assert patch.device_id == "syncro:501"
    assert patch.key == f"KB5000001 {patch.title.casefold()}"
    assert (patch.severity, patch.released, patch.installed_at) == (Severity.UNRANKED, None, None)


def test_last_evaluation_is_the_newest_told() -> None:
    assert mapping.last_evaluation(listed()) == datetime(2026, 9, 20, 8, 30, tzinfo=UTC)
    assert mapping.last_evaluation(recorded("syncro", "patches")["installed_patches"]) is None
