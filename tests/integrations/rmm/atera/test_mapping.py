"""Atera's JSON, mapped: the rows that were recorded, and odd ones."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import DeviceKind, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer
from integrations.rmm.atera import mapping
from integrations.rmm.rows import iso_moment
from tests.integrations.rmm.recorded import recorded

Row = dict[str, Any]


def agents() -> list[Row]:
    rows: list[Row] = recorded("atera", "agents")["items"]
    return rows


def updates() -> list[Row]:
    rows: list[Row] = recorded("atera", "available-patches")["AvailableUpdates"]
    return rows


def test_agent_is_mapped_whole() -> None:
    device = mapping.device("atera", "Atera", agents()[0])
    assert (device.id, device.vendor_id, device.organisation) == ("atera:501", "501", "7")
    assert (device.name, device.kind) == ("FIR-WS-001", DeviceKind.WORKSTATION)
    assert device.os == "Microsoft Windows 11 Pro x64 26200"
    assert (device.online, device.domain) == (Fact.YES, "fir.example")
    assert device.last_seen == datetime(2026, 9, 20, 8, 55, 12, tzinfo=UTC)
    assert (device.last_scan, device.reboot_needed) == (None, Fact.UNKNOWN)


def test_agents_differ_in_what_they_tell() -> None:
    devices = [mapping.device("a", "Atera", row) for row in agents()]
    assert [device.kind for device in devices] == [
        DeviceKind.WORKSTATION,
        DeviceKind.SERVER,
        DeviceKind.WORKSTATION,
        DeviceKind.UNKNOWN,
    ]
    assert [device.name for device in devices[1:]] == ["FIR-DC-01", "Kim's Mac", "agent 504"]
    assert [device.online for device in devices[1:]] == [Fact.NO, Fact.YES, Fact.UNKNOWN]
    assert [device.domain for device in devices[1:]] == [None, None, None]
    assert devices[1].last_seen == datetime(2026, 9, 18, 22, 10, tzinfo=UTC)
    assert devices[3].last_seen is None


def test_updates_of_windows_alone_are_asked_for() -> None:
    assert [mapping.is_patched(row) for row in agents()] == [True, True, False, True]
    assert [bool(mapping.guid(row)) for row in agents()] == [True, True, True, False]


@pytest.mark.parametrize(
    "row", [{"AgentID": 1}, {"CustomerID": 7}, {"AgentID": "x", "CustomerID": 7}]
)
def test_agent_without_identity_is_malformed(row: Row) -> None:
    with pytest.raises(MalformedAnswer):
        mapping.device("a", "Atera", row)


@pytest.mark.parametrize("told", ["", "soon", None, 1_790_000_000, "9999-12-31T23:59:59-14:00"])
def test_time_that_is_none_is_none(told: object) -> None:
    assert iso_moment(told) is None


def test_updates_keep_their_words() -> None:
    found = mapping.available("a", "501", updates())
    assert [(p.kb, p.state, p.patch_class, p.raw_state) for p in found] == [
        ("KB5000001", PatchState.PENDING, PatchClass.CUMULATIVE, "Available"),
        ("KB5000002", PatchState.FAILED, PatchClass.CUMULATIVE, "Failed"),
        (None, PatchState.REJECTED, PatchClass.DRIVER, "Excluded"),
        ("KB2267602", PatchState.PENDING, PatchClass.DEFINITION, ""),
        (None, PatchState.UNKNOWN, PatchClass.FEATURE, "Deferred"),
    ]
    first = found[0]
    assert (first.device_id, first.severity, first.released) == ("a:501", Severity.UNRANKED, None)
    assert first.key == f"KB5000001 {first.title.casefold()}"


def test_what_is_installed_is_so_whatever_its_word() -> None:
    found = mapping.installed("a", "501", updates())
    assert {patch.state for patch in found} == {PatchState.INSTALLED}
    assert {patch.installed_at for patch in found} == {None}
