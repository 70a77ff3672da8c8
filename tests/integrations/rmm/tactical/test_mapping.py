"""Tactical's JSON as devices and patches, from recorded answers and their odd cases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.facts import Fact
from core.domain.patching import Device, DeviceKind, Patch, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer
from core.rules.windows import windows_in
from integrations.rmm.tactical import mapping, policy
from integrations.rmm.tactical.mapping import Listing
from tests.integrations.rmm.recorded import recorded

AGENT = "TrgEKxblzTZRVjctXPrSlUQEYNubolAMVnIbTdkD"
NEW_YORK = ZoneInfo("America/New_York")


def devices() -> list[Device]:
    rows = recorded("tactical", "agents")
    return [mapping.device("main", "T", "8", row, last_scan=None) for row in rows]


def listing(**how: Any) -> Listing:
    return Listing(account="main", source="T", agent_id=AGENT, **{"zone": NEW_YORK, **how})


def patches(**how: Any) -> dict[int, Patch]:
    return listing(**how).patches(recorded("tactical", "winupdate"))


# Devices.


def test_device_is_mapped_whole() -> None:
    device = devices()[0]
    assert device.id == f"main:{AGENT}"
    assert (device.vendor_id, device.organisation, device.name) == (AGENT, "8", "LV-WS-014")
    assert device.kind is DeviceKind.WORKSTATION
    assert device.os == "Windows 11 Pro, 64 bit 24H2 (build 26100.3476)"
    assert device.online is Fact.YES
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 20, 123456, tzinfo=UTC)
    assert device.reboot_needed is Fact.NO
    assert device.has_policy is Fact.UNKNOWN


def test_server_that_has_not_been_heard_of_is_offline() -> None:
    device = devices()[1]
    assert (device.kind, device.online) == (DeviceKind.SERVER, Fact.NO)
    assert device.last_seen == datetime(2026, 9, 20, tzinfo=UTC)
    assert device.reboot_needed is Fact.YES


def test_release_can_be_read_from_the_system() -> None:
    names = [windows_in(device.os) for device in devices()[:2]]
    assert [windows.name for windows in names if windows] == [
        "Windows 11 24H2",
        "Windows Server 2019",
    ]


def test_mac_is_a_device_that_nothing_patches() -> None:
    device = devices()[2]
    assert device.has_policy is Fact.NO
    assert (device.name, device.os) == (f"agent {device.vendor_id}", "")
    assert (device.last_seen, device.reboot_needed) == (None, Fact.UNKNOWN)


def test_words_nobody_knows_are_unknown() -> None:
    device = devices()[3]
    assert (device.kind, device.online) == (DeviceKind.UNKNOWN, Fact.UNKNOWN)


@pytest.mark.parametrize("row", [{}, {"agent_id": ""}, {"agent_id": 47}])
def test_agent_without_an_id_is_malformed(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        mapping.device("main", "T", "8", row, last_scan=None)


def test_agent_is_asked_about_unless_nothing_approved_surely_waits() -> None:
    asked = [mapping.has_waiting(row) for row in recorded("tactical", "agents")]
    assert asked == [True, False, False, True]


def test_domain_comes_from_the_hardware_inventory() -> None:
    assert mapping.domain(recorded("tactical", "agent")) == "larkhillvets.example"


@pytest.mark.parametrize(
    "inventory",
    [None, {}, {"comp_sys": None}, {"comp_sys": [[{"Domain": "WORKGROUP"}]]}, {"comp_sys": ["x"]}],
)
def test_workgroup_or_an_odd_inventory_proves_no_domain(inventory: Any) -> None:
    assert mapping.domain({"wmi_detail": inventory}) is None


# When an agent was asked to scan.


def scheduled(boot_time: Any, last_seen: str | None = "2026-09-21T14:00:00Z") -> datetime | None:
    return mapping.scheduled_scan({"last_seen": last_seen, "boot_time": boot_time})


def test_agent_that_is_up_was_asked_within_eight_hours() -> None:
    seen = datetime(2026, 9, 21, 14, tzinfo=UTC)
    assert scheduled((seen - timedelta(days=3)).timestamp()) == seen - timedelta(hours=8)
    assert scheduled(None) == seen - timedelta(hours=8)
    assert scheduled(-1.0) == seen - timedelta(hours=8)


def test_agent_that_started_since_was_asked_then() -> None:
    started = datetime(2026, 9, 21, 12, 30, tzinfo=UTC)
    assert scheduled(started.timestamp()) == started


def test_clock_of_a_device_that_lies_in_the_future_says_nothing() -> None:
    seen = datetime(2026, 9, 21, 14, tzinfo=UTC)
    assert scheduled((seen + timedelta(days=400)).timestamp()) == seen - timedelta(hours=8)


def test_agent_that_was_never_seen_was_never_asked() -> None:
    assert scheduled(1.79e9, last_seen=None) is None


# Updates.


def test_update_is_mapped_whole() -> None:
    patch = patches()[48]
    assert patch.key == "5f1e0000-0000-4000-8000-000000000048"
    assert patch.device_id == f"main:{AGENT}"
    assert patch.kb == "KB5066835"
    assert (patch.severity, patch.raw_severity) == (Severity.CRITICAL, "Critical")
    assert patch.patch_class is PatchClass.CUMULATIVE
    assert (patch.state, patch.raw_state) == (PatchState.APPROVED, "approve, n/a")
    assert (patch.released, patch.installed_at) == (None, None)


@pytest.mark.parametrize(
    ("row_id", "state"),
    [
        (48, PatchState.APPROVED),
        (47, PatchState.PENDING),
        (46, PatchState.FAILED),
        # Failed once, and ignored since.
        (45, PatchState.REJECTED),
        (44, PatchState.INSTALLED),
        (42, PatchState.UNKNOWN),
        # Neither installed nor not.
        (40, PatchState.UNKNOWN),
    ],
)
def test_every_state_is_told_from_the_action_and_the_result(row_id: int, state: PatchState) -> None:
    assert patches()[row_id].state is state


@pytest.mark.parametrize(
    ("row_id", "patch_class"),
    [
        (47, PatchClass.FEATURE),
        # Its classes are in another language, or missing: the ids and the title tell.
        (48, PatchClass.CUMULATIVE),
        (46, PatchClass.CUMULATIVE),
        (45, PatchClass.SECURITY),
        (44, PatchClass.DEFINITION),
        (42, PatchClass.UPDATE),
        (40, PatchClass.UPDATE),
    ],
)
def test_class_is_told_by_microsofts_ids_or_the_title(row_id: int, patch_class: PatchClass) -> None:
    assert patches()[row_id].patch_class is patch_class


def test_severity_nobody_knows_ranks_nothing_and_is_kept() -> None:
    patch = patches()[42]
    assert (patch.severity, patch.raw_severity) == (Severity.UNRANKED, "Sehr hoch")


def test_article_and_key_come_from_the_title_where_their_fields_are_empty() -> None:
    assert patches()[42].kb == "KB4577586"
    assert patches()[47].key == "KB5054156 windows 11, version 25h2"


def test_row_without_any_name_is_left_out() -> None:
    assert 41 not in patches()


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": "48"}])
def test_row_without_a_number_is_malformed(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        listing().patches([{"title": "x", **row}])


def test_installation_date_is_read_in_the_servers_zone() -> None:
    assert patches()[43].installed_at == datetime(2026, 7, 19, 7, 22, tzinfo=UTC)


def test_installation_date_without_a_zone_is_the_earliest_it_can_be() -> None:
    earliest = patches(zone=None)[43].installed_at
    assert earliest == datetime(2026, 7, 18, 13, 22, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "2026-07-19T03:22:00Z", "13 40 2026 03:22", 7])
def test_date_of_another_form_is_none(value: Any) -> None:
    assert mapping.installed_moment(value, NEW_YORK) is None


# Policies.


def test_policy_approves_by_severity_over_what_was_decided() -> None:
    approving = policy.approving(recorded("tactical", "agent"))
    assert approving == {"Critical", ""}
    states = {row_id: patch.state for row_id, patch in patches(approving=approving).items()}
    assert states[47] is PatchState.APPROVED
    assert states[45] is PatchState.REJECTED
    ignored = {**recorded("tactical", "winupdate")[3], "severity": "Critical", "result": "n/a"}
    (patch,) = listing(approving=approving).patches([ignored]).values()
    assert patch.state is PatchState.APPROVED


def test_missing_severity_is_not_the_same_as_none_given() -> None:
    unrated = {"id": 1, "title": "x", "installed": False, "action": "nothing", "severity": None}
    (patch,) = listing(approving=frozenset({""})).patches([unrated]).values()
    assert patch.state is PatchState.PENDING


@pytest.mark.parametrize(
    ("word", "never"),
    [
        ("never", True),
        ("inherit", True),
        ("required", False),
        ("always", False),
        ("perhaps", False),
    ],
)
def test_only_a_policy_that_says_so_never_restarts(word: str, never: bool) -> None:
    agent = {"effective_patch_policy": {"reboot_after_install": word}}
    assert policy.never_restarts(agent) is never
    assert not policy.never_restarts({})
