"""NinjaOne's JSON as devices and patches, from recorded answers and their odd cases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchClass,
    PatchState,
    Severity,
)
from core.errors import MalformedAnswer
from integrations.rmm.ninjaone import history, mapping
from tests.integrations.rmm.recorded import recorded


def devices() -> dict[str, Device]:
    health = mapping.by_device("N", recorded("ninjaone", "device-health")["results"], "health")
    rows = recorded("ninjaone", "devices-detailed")
    mapped = [
        mapping.device("ninja", "N", row, health=health.get(row["id"]), last_scan=None)
        for row in rows
        if mapping.is_patched(row)
    ]
    return {device.vendor_id: device for device in mapped}


def missing() -> dict[mapping.Place, Patch]:
    return mapping.patches("ninja", "N", recorded("ninjaone", "os-patches")["results"])


def attempts() -> dict[mapping.Place, Patch]:
    return mapping.patches("ninja", "N", recorded("ninjaone", "os-patch-installs")["results"])


def by_title(patches: Any, words: str) -> Patch:
    (found,) = (patch for patch in patches if words in patch.title)
    assert isinstance(found, Patch)
    return found


# Devices.


@pytest.mark.parametrize(
    ("told", "has_policy"),
    [
        ({"policyId": None, "rolePolicyId": None}, Fact.NO),
        # Whether a policy patches is not told.
        ({"policyId": None, "rolePolicyId": 62}, Fact.UNKNOWN),
        ({"policyId": 90, "rolePolicyId": None}, Fact.UNKNOWN),
        # Absent is not told.
        ({"policyId": None}, Fact.UNKNOWN),
        ({}, Fact.UNKNOWN),
    ],
)
def test_no_policy_is_claimed_only_where_both_are_told_as_none(
    told: dict[str, Any], has_policy: Fact
) -> None:
    row = {"id": 7, "organizationId": 1, "nodeClass": "WINDOWS_WORKSTATION", **told}
    device = mapping.device("ninja", "N", row, health=None, last_scan=None)
    assert device.has_policy is has_policy


def test_device_is_mapped_whole() -> None:
    device = devices()["42"]
    assert device.id == "ninja:42"
    assert (device.organisation, device.name) == ("1", "ED-WS-04")
    assert device.kind is DeviceKind.WORKSTATION
    assert device.os == "Windows 11 Enterprise 24H2"
    assert device.online is Fact.YES
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 20, 123000, tzinfo=UTC)
    assert device.reboot_needed is Fact.NO
    assert device.domain == "example.local"
    assert device.tags == {"front-desk"}
    # It has a policy by its role. The API does not show whether that one patches.
    assert device.has_policy is Fact.UNKNOWN
    assert device.counts is None


def test_pending_restart_is_seen_in_either_source() -> None:
    assert devices()["43"].reboot_needed is Fact.YES
    row = {"os": {"needsReboot": False}}
    assert mapping.reboot_needed(row, {"pendingRebootReason": "Windows Update"}) is Fact.YES
    assert mapping.reboot_needed({"os": {"needsReboot": True}}, None) is Fact.YES


def test_no_restart_is_believed_only_with_both_sources() -> None:
    assert mapping.reboot_needed({"os": {"needsReboot": False}}, None) is Fact.UNKNOWN
    assert mapping.reboot_needed({}, {"pendingRebootReason": None}) is Fact.UNKNOWN


def test_server_without_a_display_name_or_dns_domain_takes_what_is_there() -> None:
    device = devices()["43"]
    assert (device.name, device.kind) == ("ED-DC01", DeviceKind.SERVER)
    assert device.online is Fact.NO
    assert device.domain == "ad.example.com"
    assert device.os == "Windows Server 2022 Standard"
    assert device.last_seen is None


def test_bare_device_is_all_unknown() -> None:
    device = devices()["44"]
    assert device.name == "device 44"
    assert (device.online, device.reboot_needed) == (Fact.UNKNOWN, Fact.UNKNOWN)
    assert (device.last_seen, device.domain, device.os) == (None, None, "")


def test_unknown_node_class_is_an_unknown_kind_and_not_dropped() -> None:
    device = devices()["45"]
    assert device.kind is DeviceKind.UNKNOWN
    assert device.name == "<!channel>"
    assert device.last_seen is None
    assert device.reboot_needed is Fact.UNKNOWN


def test_what_ninjaone_does_not_patch_is_left_out() -> None:
    assert set(devices()) == {"42", "43", "44", "45"}


@pytest.mark.parametrize("field", ["id", "organizationId"])
@pytest.mark.parametrize("value", [None, "42", True, 4.5])
def test_device_without_a_number_is_malformed(field: str, value: object) -> None:
    row = {"id": 1, "organizationId": 2, field: value}
    with pytest.raises(MalformedAnswer):
        mapping.device("ninja", "N", row, health=None, last_scan=None)


@pytest.mark.parametrize(
    "value",
    [None, 0, -1, True, "1790000000", float("nan"), float("inf"), 1e300, [], {}],
)
def test_times_that_are_none_are_none(value: object) -> None:
    assert mapping.moment(value) is None


# Patches.


def test_patch_keeps_the_vendors_words() -> None:
    patch = by_title(missing().values(), "2026-08 Cumulative Update")
    assert patch.device_id == "ninja:42"
    assert (patch.kb, patch.severity, patch.raw_severity) == (
        "KB5000001",
        Severity.CRITICAL,
        "CRITICAL",
    )
    assert (patch.state, patch.raw_state) == (PatchState.APPROVED, "APPROVED")
    assert (patch.released, patch.installed_at) == (None, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2026-08 Cumulative Update", PatchClass.CUMULATIVE),
        # Windows 11 25H2 names its monthly update without a product.
        ("2026-08 Security Update (KB5000002) (26200.7171)", PatchClass.CUMULATIVE),
        ("Monthly Quality Rollup", PatchClass.CUMULATIVE),
        ("(Version 1.437.12.0)", PatchClass.DEFINITION),
        # The type says REGULAR_UPDATES; the title knows better.
        ("(Version 1.437.13.0)", PatchClass.DEFINITION),
        ("Intel Corporation", PatchClass.DRIVER),
        ("Windows 11, version 25H2", PatchClass.FEATURE),
        ("Servicing Stack", PatchClass.SECURITY),
        ("Malicious Software", PatchClass.UPDATE),
        ("SQL Server", PatchClass.UPDATE),
        ("openssl", PatchClass.UNKNOWN),
    ],
)
def test_class_comes_from_type_and_title(words: str, expected: PatchClass) -> None:
    found = [patch for patch in missing().values() if words in patch.title]
    assert found
    assert {patch.patch_class for patch in found} == {expected}


@pytest.mark.parametrize(
    ("words", "expected", "raw"),
    [
        ("Monthly Quality Rollup", Severity.CRITICAL, "critical"),
        ("Servicing Stack", Severity.MODERATE, "Moderate"),
        ("openssl", Severity.LOW, "LOW"),
        ("Intel Corporation", Severity.UNRANKED, "recommended"),
        ("SQL Server", Severity.UNRANKED, "security"),
        ("Malicious Software", Severity.UNRANKED, "unknown"),
        ("(Version 1.437.12.0)", Severity.UNRANKED, "NONE"),
    ],
)
def test_severities_are_normalised_and_kept_raw(words: str, expected: Severity, raw: str) -> None:
    patch = by_title(missing().values(), words)
    assert (patch.severity, patch.raw_severity) == (expected, raw)


@pytest.mark.parametrize(
    ("words", "kb"),
    [
        ("(26200.7171)", "KB5000002"),
        ("Malicious Software", "KB890830"),
        ("Intel Corporation", None),
        ("openssl", None),
    ],
)
def test_kb_number_is_found_in_field_or_title(words: str, kb: str | None) -> None:
    assert by_title(missing().values(), words).kb == kb


def test_unknown_and_missing_status_words_are_unknown() -> None:
    assert by_title(missing().values(), "SQL Server").state is PatchState.UNKNOWN
    assert by_title(missing().values(), "SQL Server").raw_state == "QUARANTINED"
    assert by_title(missing().values(), "openssl").state is PatchState.UNKNOWN


def test_manual_is_pending_and_rejected_stays_rejected() -> None:
    assert by_title(missing().values(), "(26200.7171)").state is PatchState.PENDING
    feature = [p for p in missing().values() if p.title == "Windows 11, version 25H2"]
    assert [p.state for p in feature] == [PatchState.REJECTED]


@pytest.mark.parametrize("lost", ["deviceId", "name"])
def test_patch_without_device_or_name_is_malformed(lost: str) -> None:
    row = {"deviceId": 42, "name": "something", "status": "APPROVED", lost: None}
    with pytest.raises(MalformedAnswer):
        mapping.patch("ninja", "N", row)


# Missing and attempted together.


def test_failure_that_was_installed_later_is_installed() -> None:
    patch = by_title(attempts().values(), "KB4999001")
    assert patch.state is PatchState.INSTALLED
    assert patch.installed_at == datetime(2026, 9, 11, 0, 26, 40, tzinfo=UTC)


def test_install_that_failed_again_later_is_failed() -> None:
    patch = by_title(attempts().values(), "KB4999002")
    assert (patch.state, patch.installed_at) == (PatchState.FAILED, None)


def test_update_that_failed_and_is_listed_again_is_one_failed_update() -> None:
    merged = mapping.merged(missing(), attempts())
    patch = by_title(merged, "KB5000001")
    assert (patch.state, patch.raw_state) == (PatchState.FAILED, "FAILED")


def test_update_rejected_after_it_failed_is_rejected() -> None:
    merged = mapping.merged(missing(), attempts())
    states = [p.state for p in merged if p.title == "Windows 11, version 25H2"]
    assert states == [PatchState.REJECTED]


def test_update_installed_once_and_missing_again_is_missing() -> None:
    row = {"deviceId": 42, "name": "Update (KB5000001)", "status": "APPROVED"}
    listed = mapping.patches("ninja", "N", [row])
    tried = mapping.patches("ninja", "N", [{**row, "status": "INSTALLED", "installedAt": 1.7e9}])
    assert [p.state for p in mapping.merged(listed, tried)] == [PatchState.APPROVED]


def test_old_failure_counts_only_while_ninjaone_counts_failures() -> None:
    rows = recorded("ninjaone", "os-patch-installs")["results"]
    failed = [row for row in rows if row["status"] == "FAILED"]
    since = datetime(2026, 8, 22, tzinfo=UTC)
    health = mapping.by_device("N", recorded("ninjaone", "device-health")["results"], "health")
    kept = {row["id"] for row in history.still_failed(failed, health, since)}
    # i7 is older than `since`, on a device of which NinjaOne says that nothing has failed.
    assert kept == {"i1", "i3", "i4", "i6"}
    assert "i7" in {row["id"] for row in history.still_failed(failed, {}, since)}
    counted = {43: {"failedOSPatchesCount": 1}}
    assert "i7" in {row["id"] for row in history.still_failed(failed, counted, since)}


def test_collection_times_are_the_newest_row_of_each_device() -> None:
    newest = mapping.newest_rows("N", recorded("ninjaone", "os-patches")["results"])
    assert newest == {42: datetime(2026, 9, 21, 15, 13, 20, 500000, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("pending", "failed", "states", "suspicious"),
    [
        (0, 0, [], False),
        (2, 0, [], True),
        (2, 0, [PatchState.INSTALLED], True),
        (2, 0, [PatchState.APPROVED], False),
        (0, 1, [PatchState.APPROVED], True),
        (0, 1, [PatchState.FAILED], False),
        (None, None, [], False),
    ],
)
def test_counts_without_rows_are_suspicious(
    pending: int | None, failed: int | None, states: list[PatchState], suspicious: bool
) -> None:
    health = {"pendingOSPatchesCount": pending, "failedOSPatchesCount": failed}
    patches = [
        Patch(
            key=str(state), device_id=DeviceId("ninja:1"), title="x", kb=None,
            severity=Severity.LOW, patch_class=PatchClass.UPDATE, state=state,
        )
        for state in states
    ]  # fmt: skip
    assert mapping.more_than_listed(health, patches) is suspicious
    assert mapping.more_than_listed(None, patches) is False


MONTH = "Cumulative Update for Windows 11 Version 24H2 for x64-based Systems"


@pytest.mark.parametrize(
    ("installed", "state", "is_behind"),
    [
        (f"2026-07 {MONTH} (KB4999001)", "INSTALLED", False),
        (f"2026-07 {MONTH} (KB4999001)", "FAILED", True),
        ("2026-07 Cumulative Update for .NET Framework 4.8.1 (KB4999002)", "INSTALLED", True),
        (None, None, True),
    ],
)
def test_device_without_an_earlier_release_among_its_installs_is_behind(
    installed: str | None, state: str | None, is_behind: bool
) -> None:
    listed = [{"deviceId": 42, "name": f"2026-08 {MONTH} (KB5000001)", "status": "APPROVED"}]
    tried = [{"deviceId": 42, "name": installed, "status": state}] if installed else []
    missing_now = mapping.patches("ninja", "N", listed)
    attempted = mapping.patches("ninja", "N", tried)
    behind = history.behind(missing_now.values(), attempted.values())
    assert behind == ({"ninja:42"} if is_behind else set())


def test_only_cumulative_updates_make_a_device_behind() -> None:
    listed = [{"deviceId": 42, "name": "Intel - System - 10.1", "type": "DRIVER_UPDATES"}]
    assert history.behind(mapping.patches("ninja", "N", listed).values(), []) == set()


def test_installed_definitions_are_not_worth_remembering() -> None:
    rows = recorded("ninjaone", "os-patches")["results"]
    passed_over = {row["id"][-2:] for row in rows if not history.is_lasting(row)}
    assert passed_over == {"03", "04"}


# Other makers' software.


def software(report: str) -> dict[mapping.Place, Patch]:
    rows = recorded("ninjaone", report)["results"]
    return mapping.patches("ninja", "N", rows, mapping.software_patch)


def test_software_is_told_by_its_title_and_graded_only_where_its_impact_is_a_grade() -> None:
    listed = software("software-patches").values()
    chrome = by_title(listed, "Chrome")
    assert (chrome.device_id, chrome.kb) == ("ninja:42", None)
    assert (chrome.severity, chrome.raw_severity) == (Severity.CRITICAL, "critical")
    assert (chrome.patch_class, chrome.state) == (PatchClass.UPDATE, PatchState.APPROVED)
    zipper = by_title(listed, "7-Zip")
    assert (zipper.severity, zipper.patch_class) == (Severity.UNRANKED, PatchClass.SECURITY)
    assert (zipper.state, zipper.raw_state) == (PatchState.PENDING, "MANUAL")
    assert by_title(listed, "Notepad").state is PatchState.REJECTED


def test_software_with_words_nobody_knows_is_listed_all_the_same() -> None:
    player = by_title(software("software-patches").values(), "VLC")
    assert (player.title, player.state) == ("VLC media player 3.0.21", PatchState.UNKNOWN)
    assert (player.severity, player.raw_severity) == (Severity.UNRANKED, "")


def test_software_that_failed_and_is_listed_again_is_failed_and_a_later_install_counts() -> None:
    merged = mapping.merged(software("software-patches"), software("software-patch-installs"))
    assert by_title(merged, "Zoom").state is PatchState.FAILED
    older = by_title(merged, "Chrome 140")
    assert older.state is PatchState.INSTALLED
    assert older.installed_at == datetime(2026, 9, 9, 21, 40, 0, 500000, tzinfo=UTC)
    assert len(merged) == 6


@pytest.mark.parametrize("changed", [{"title": None}, {"title": " "}, {"deviceId": None}])
def test_software_without_a_title_or_a_device_is_refused(changed: dict[str, Any]) -> None:
    row = recorded("ninjaone", "software-patches")["results"][0] | changed
    with pytest.raises(MalformedAnswer):
        mapping.software_patch("ninja", "N", row)
