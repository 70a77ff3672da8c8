"""Automate's JSON as devices and patches, from recorded answers and their odd cases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import Device, DeviceKind, Patch, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer, VendorAuthError
from integrations.rmm.automate import history, mapping, software
from integrations.rmm.automate.sign_in import read_sign_in
from tests.integrations.rmm.recorded import recorded

STATS: dict[str, Any] = recorded("automate", "patching-stats")
NOW = datetime(2026, 9, 21, 14, tzinfo=UTC)


def devices() -> dict[str, Device]:
    rows = recorded("automate", "computers")
    mapped = [mapping.device("cwa", "A", row, stats=STATS) for row in rows]
    return {device.vendor_id: device for device in mapped}


def patches() -> list[Patch]:
    rows = recorded("automate", "microsoft-updates")
    return [mapping.patch("cwa", "A", "412", row) for row in rows]


def the_patch(words: str) -> Patch:
    (found,) = (patch for patch in patches() if words in patch.title)
    return found


# Devices.


def test_device_is_mapped_whole() -> None:
    device = devices()["412"]
    assert device.id == "cwa:412"
    assert (device.organisation, device.name) == ("12", "RIMU-WS-004")
    assert (device.kind, device.online) == (DeviceKind.WORKSTATION, Fact.YES)
    assert device.os == "Microsoft Windows 11 Enterprise x64"
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 51, 123000, tzinfo=UTC)
    assert device.last_scan == datetime(2026, 9, 21, 3, 5, tzinfo=UTC)
    assert (device.reboot_needed, device.has_policy) == (Fact.NO, Fact.YES)
    assert device.domain == "rimujoinery.example"
    assert device.counts is None


def test_ids_are_texts_or_numbers_and_mean_the_same() -> None:
    device = devices()["413"]
    assert (device.id, device.organisation) == ("cwa:413", "12")


def test_server_is_known_by_its_system_where_its_type_says_nothing() -> None:
    device = devices()["413"]
    assert (device.kind, device.online) == (DeviceKind.SERVER, Fact.NO)
    assert device.reboot_needed is Fact.YES
    # A NetBIOS name proves no domain, and the year 1 is no heartbeat.
    assert device.domain is None
    assert device.last_seen == datetime(2026, 9, 19, 8, tzinfo=UTC)


def test_bare_device_is_all_unknown() -> None:
    device = devices()["414"]
    assert (device.name, device.kind) == ("computer 414", DeviceKind.WORKSTATION)
    assert (device.online, device.reboot_needed) == (Fact.UNKNOWN, Fact.UNKNOWN)
    assert (device.last_seen, device.domain, device.os) == (None, None, "")
    assert device.has_policy is Fact.UNKNOWN


def test_other_zones_and_words_that_are_no_booleans_are_read_as_they_are() -> None:
    device = devices()["415"]
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert device.kind is DeviceKind.UNKNOWN
    assert device.reboot_needed is Fact.UNKNOWN
    # Whether Automate manages Microsoft's updates is no question for a Mac.
    assert device.has_policy is Fact.UNKNOWN


def test_device_whose_stats_could_not_be_read_has_no_scan_and_no_word_on_policy() -> None:
    device = mapping.device("cwa", "A", recorded("automate", "computers")[0], stats=None)
    assert (device.last_scan, device.has_policy) == (None, Fact.UNKNOWN)


def test_managed_by_nobody_is_without_a_policy() -> None:
    row = recorded("automate", "computers")[0]
    device = mapping.device("cwa", "A", row, stats={**STATS, "IsMicrosoftManaged": False})
    assert device.has_policy is Fact.NO


@pytest.mark.parametrize("value", [None, "", "12a", True, 4.5, -3, "-3", "²"])
def test_device_without_an_id_is_malformed(value: object) -> None:
    row = {"Id": "1", "Client": {"Id": "2"}}
    for broken in ({**row, "Id": value}, {**row, "Client": {"Id": value}}):
        with pytest.raises(MalformedAnswer):
            mapping.device("cwa", "A", broken, stats=None)


@pytest.mark.parametrize(
    "value",
    [
        None, "", "never", 0, 1.7e9, True, [], {},
        "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0000-00-00T00:00:00", "1970-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
    ],
)  # fmt: skip
def test_times_that_are_none_are_none(value: object) -> None:
    assert mapping.moment(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "2026-08-12T10:00:00Z",
        "2026-08-12T10:00:00",
        "2026-08-12T12:00:00+02:00",
        "2026-08-12T10:00:00.0000000Z",
        " 2026-08-12 10:00:00 ",
    ],
)
def test_every_form_of_a_time_is_read_as_utc(value: str) -> None:
    at = mapping.moment(value)
    assert at == datetime(2026, 8, 12, 10, tzinfo=UTC)
    assert at is not None
    assert at.tzinfo is UTC


# Stats.


def test_stats_count_what_is_lacking_and_all_there_is() -> None:
    assert (mapping.lacking(STATS), mapping.counted(STATS)) == (9, 13)
    assert mapping.was_inventoried(STATS)


@pytest.mark.parametrize("field", ["MissingPatchCount", "FailedPatchCount"])
@pytest.mark.parametrize("value", [None, -1, "7", True])
def test_count_that_is_none_is_not_taken_for_zero(field: str, value: object) -> None:
    stats = {**STATS, field: value}
    assert mapping.lacking(stats) is None
    assert mapping.counted(stats) is None


@pytest.mark.parametrize(
    "change",
    [
        {"NoPatchInventory": True},
        {"LastPatchInventory": "0001-01-01T00:00:00"},
        {"LastPatchInventory": None},
    ],
)
def test_computer_without_an_inventory_is_seen(change: dict[str, object]) -> None:
    assert not mapping.was_inventoried({**STATS, **change})


# Updates.


def test_patch_keeps_the_vendors_words_and_its_release_date() -> None:
    patch = the_patch("2026-09 Cumulative Update for Windows")
    assert (patch.device_id, patch.kb) == ("cwa:412", "KB5000001")
    assert (patch.severity, patch.raw_severity) == (Severity.CRITICAL, "Critical, CVSS 8.8")
    assert (patch.state, patch.raw_state) == (PatchState.APPROVED, "Missing, Approve")
    assert (patch.released, patch.installed_at) == (date(2026, 9, 8), None)
    assert patch.patch_class is PatchClass.CUMULATIVE


@pytest.mark.parametrize(
    ("words", "kb"),
    [
        (".NET Framework", "KB5000002"),
        ("SQL Server", "KB5000003"),
        ("Intel Corporation", None),
        # The field is empty; the title knows.
        ("Removal", "KB4990001"),
    ],
)
def test_kb_number_is_a_number_a_text_or_in_the_title(words: str, kb: str | None) -> None:
    assert the_patch(words).kb == kb


@pytest.mark.parametrize(
    ("words", "severity", "raw"),
    [
        # Nobody graded it, so its score's band does.
        (".NET Framework", Severity.IMPORTANT, "Unspecified, CVSS 7.3"),
        ("SQL Server", Severity.UNRANKED, ""),
        ("Intel Corporation", Severity.UNRANKED, ""),
        # A score above 10 is none; a word outranks a score.
        ("Windows 11, version 25H2", Severity.LOW, "Low"),
        ("Removal", Severity.MODERATE, "Moderate, CVSS 9.8"),
        ("Security Intelligence", Severity.UNRANKED, "Unspecified"),
    ],
)
def test_severity_is_the_word_or_else_the_score(words: str, severity: Severity, raw: str) -> None:
    patch = the_patch(words)
    assert (patch.severity, patch.raw_severity) == (severity, raw)


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (10, Severity.CRITICAL), (9.0, Severity.CRITICAL), (8.9, Severity.IMPORTANT),
        (7, Severity.IMPORTANT), (6.9, Severity.MODERATE), (4.0, Severity.MODERATE),
        (3.9, Severity.LOW), (0.1, Severity.LOW), (0, Severity.UNRANKED), (-1, Severity.UNRANKED),
        (float("nan"), Severity.UNRANKED), ("9.8", Severity.UNRANKED), (True, Severity.UNRANKED),
    ],
)  # fmt: skip
def test_score_has_the_bands_of_cvss(score: object, severity: Severity) -> None:
    assert mapping.patch("cwa", "A", "1", {"Title": "x", "Cvss": score}).severity is severity


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (".NET Framework", PatchState.PENDING),
        ("SQL Server", PatchState.FAILED),
        ("Intel Corporation", PatchState.REJECTED),
        # Somebody denied it after it had failed: nobody will try it again.
        ("Windows 11, version 25H2", PatchState.REJECTED),
        ("Security Intelligence", PatchState.APPROVED),
        ("Removal", PatchState.UNKNOWN),
        ("unheard-of", PatchState.UNKNOWN),
        ("2026-08 Cumulative", PatchState.INSTALLED),
    ],
)
def test_state_is_what_was_tried_and_what_was_approved(words: str, state: PatchState) -> None:
    assert the_patch(words).state is state


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (".NET Framework", PatchClass.CUMULATIVE),
        ("SQL Server", PatchClass.SECURITY),
        ("Intel Corporation", PatchClass.DRIVER),
        ("Windows 11, version 25H2", PatchClass.FEATURE),
        ("Security Intelligence", PatchClass.DEFINITION),
        ("Removal", PatchClass.UPDATE),
        ("unheard-of", PatchClass.UNKNOWN),
    ],
)
def test_class_comes_from_category_and_title(words: str, expected: PatchClass) -> None:
    assert the_patch(words).patch_class is expected


def test_dates_that_are_none_are_left_out() -> None:
    assert the_patch("SQL Server").released is None
    assert the_patch("unheard-of").released is None
    assert the_patch("nobody knows").installed_at is None
    assert the_patch("2026-08 Cumulative").installed_at == datetime(2026, 8, 15, 2, 14, tzinfo=UTC)


def test_patch_without_a_title_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        mapping.patch("cwa", "A", "412", {"Title": " ", "IsInstalled": False})


# History.


def test_history_tells_what_was_tried_oldest_first() -> None:
    tried = history.attempts("cwa", "A", recorded("automate", "patch-history"))
    assert [(item.kb, item.state) for item in tried] == [
        ("KB4990003", PatchState.INSTALLED),
        ("KB5000003", PatchState.FAILED),
        ("KB4990009", PatchState.INSTALLED),
    ]
    assert tried[0].installed_at == datetime(2026, 9, 12, 2, 14, tzinfo=UTC)


def test_history_and_list_call_an_update_the_same() -> None:
    tried = history.attempts("cwa", "A", recorded("automate", "patch-history"))
    listed = {patch.key for patch in patches()}
    assert {item.key for item in tried if item.device_id == "cwa:412"} <= listed


def test_history_is_sorted_by_device() -> None:
    tried = history.attempts("cwa", "A", recorded("automate", "patch-history"))
    found = history.by_device(tried)
    assert {key: len(items) for key, items in found.items()} == {"cwa:412": 2, "cwa:413": 1}


# Signing in.


def test_token_lives_until_its_expiration_date() -> None:
    token = read_sign_in("A", recorded("automate", "apitoken"), NOW)
    assert token.value == "eyJ0eXAi.invented"
    assert timedelta(hours=4) <= token.life < timedelta(hours=4, seconds=1)


@pytest.mark.parametrize("flag", ["IsTwoFactorRequired", "IsInternalTwoFactorRequired"])
def test_user_with_a_second_factor_is_a_refused_credential(flag: str) -> None:
    answer = {"AccessToken": None, "ExpirationDate": "0001-01-01T00:00:00", flag: True}
    with pytest.raises(VendorAuthError) as caught:
        read_sign_in("A", answer, NOW)
    assert "two-factor" in caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [{"AccessToken": ""}, {"AccessToken": 7}, {"ExpirationDate": None}, {"ExpirationDate": "soon"}],
)
def test_sign_in_without_token_or_end_is_malformed(change: dict[str, object]) -> None:
    with pytest.raises(MalformedAnswer):
        read_sign_in("A", {**recorded("automate", "apitoken"), **change}, NOW)


def test_token_that_has_ended_already_points_at_the_clocks() -> None:
    late = NOW + timedelta(hours=5)
    with pytest.raises(MalformedAnswer) as caught:
        read_sign_in("A", recorded("automate", "apitoken"), late)
    assert "clocks" in caught.value.remedy


# Other makers' software.


def test_software_is_told_by_product_and_the_version_it_misses() -> None:
    found = software.patches("cwa", "A", "412", recorded("automate", "third-party-patches"))
    assert [(patch.title, patch.state) for patch in found] == [
        ("Google Chrome (x64) 143.0.2", PatchState.APPROVED),
        ("7-Zip 26.01", PatchState.FAILED),
        ("Zoom Workplace 6.2.0", PatchState.INSTALLED),
        # What is not there at all misses no update.
        ("Java 8 Update 401", PatchState.REJECTED),
        ("VLC 3.0.21", PatchState.UNKNOWN),
    ]
    chrome, _, zoom, *_ = found
    assert (chrome.device_id, chrome.kb, chrome.severity) == ("cwa:412", None, Severity.UNRANKED)
    assert zoom.installed_at == datetime(2026, 9, 20, 2, tzinfo=UTC)


def test_software_without_a_title_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        software.patches("cwa", "A", "412", [{"InstalledVersion": "1.0"}])


@pytest.mark.parametrize(
    ("told", "worth"),
    [
        ({}, False),
        ({"CompliantSoftwareCount": 9, "NonCompliantSoftwareCount": 0}, False),
        ({"NonCompliantSoftwareCount": 1}, True),
        ({"FailedSoftwareCount": 1}, True),
        ({"IncorrectSoftwareCount": 1}, True),
        ({"LastThirdPartyPatchedDate": "2026-09-20T02:00:00Z"}, True),
        ({"LastThirdPartyPatchedDate": "2026-09-18T02:00:00Z"}, False),
        ({"LastThirdPartyPatchedDate": "0001-01-01T00:00:00Z"}, False),
    ],
)
def test_software_is_asked_about_where_there_is_something_to_know(
    told: dict[str, Any], worth: bool
) -> None:
    assert software.is_worth_asking(told, NOW) is worth


@pytest.mark.parametrize(
    ("name", "restarts"),
    [
        ("Reboot Computer", True),
        ("Restart", True),
        ("REBOOT (normal)", True),
        ("Restart Print Spooler", False),
        ("Restart IIS", False),
        ("Reboot to Recovery", False),
        ("Reboot to Safe Mode", False),
        ("Restart Agent Service", False),
        ("Shutdown Computer", False),
        ("Computer", False),
        ("", False),
    ],
)
def test_only_a_command_called_a_restart_and_nothing_else_is_one(name: str, restarts: bool) -> None:
    assert mapping.restarts({"Id": "27", "Name": name}) is restarts
