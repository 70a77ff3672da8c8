"""Datto RMM's JSON as devices with counts, from recorded answers and their odd cases."""

from datetime import UTC, datetime

import pytest

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceKind, PatchCounts
from core.errors import MalformedAnswer
from integrations.rmm.datto import mapping
from tests.integrations.rmm.recorded import recorded


def devices() -> dict[str, Device]:
    rows = recorded("datto", "account-devices")["devices"]
    mapped = [mapping.device("datto", "D", row) for row in rows if mapping.is_patched(row)]
    return {device.name: device for device in mapped}


def test_device_is_mapped_whole() -> None:
    device = devices()["ED-WS-04"]
    assert device.id == "datto:6f0c0000-0000-4000-8000-000000000101"
    assert device.organisation == "aa110000-0000-4000-8000-000000000007"
    assert device.kind is DeviceKind.WORKSTATION
    assert device.os == "Microsoft Windows 11 Pro 10.0.26200 25H2"
    assert device.online is Fact.YES
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 20, 123000, tzinfo=UTC)
    assert device.last_scan == datetime(2026, 9, 21, 0, 20, tzinfo=UTC)
    assert (device.reboot_needed, device.has_policy) == (Fact.NO, Fact.YES)
    assert device.domain == "example.local"
    assert device.counts == PatchCounts(
        status=CountStatus.MISSING, approved=4, not_approved=1, installed=212
    )


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        ("domain-controller, protected", {"domain-controller", "protected"}),
        (" vm-guest;\nindependent;; ", {"vm-guest", "independent"}),
        ("", set()),
        (None, set()),
        (7, set()),
    ],
)
def test_tags_are_read_from_the_field_that_holds_them(told: object, tags: set[str]) -> None:
    row = next(r for r in recorded("datto", "account-devices")["devices"] if mapping.is_patched(r))
    told_so = {**row, "udf": {"udf1": "not these", "udf7": told}}
    assert mapping.device("datto", "D", told_so, tags_udf=7).tags == tags
    assert mapping.device("datto", "D", told_so).tags == set()
    assert mapping.device("datto", "D", {**row, "udf": None}, tags_udf=7).tags == set()


def test_times_in_seconds_and_iso_are_understood_beside_milliseconds() -> None:
    device = devices()["ED-DC01"]
    assert device.last_seen == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert device.last_scan == datetime(2026, 9, 20, 6, 40, tzinfo=UTC)
    assert (device.kind, device.domain) == (DeviceKind.SERVER, None)
    assert device.reboot_needed is Fact.YES


def test_never_is_none_and_no_data_is_unknown() -> None:
    device = devices()["EL-WS-01"]
    assert (device.last_seen, device.last_scan) == (None, None)
    assert (device.online, device.reboot_needed) == (Fact.UNKNOWN, Fact.UNKNOWN)
    assert device.has_policy is Fact.UNKNOWN
    assert device.counts == PatchCounts(status=CountStatus.NO_DATA)


def test_device_that_says_nothing_of_patches_is_unknown() -> None:
    device = devices()["device 6f0c0000-0000-4000-8000-000000000104"]
    assert device.kind is DeviceKind.UNKNOWN
    assert device.counts == PatchCounts(status=CountStatus.UNKNOWN)
    assert device.last_seen == datetime(2026, 9, 21, 11, 33, 20, tzinfo=UTC)
    assert device.last_scan is None


def test_unknown_words_and_impossible_counts_are_unknown() -> None:
    device = devices()["EL-WS-02"]
    assert device.counts == PatchCounts(status=CountStatus.UNKNOWN)
    assert device.kind is DeviceKind.UNKNOWN
    assert (device.last_seen, device.last_scan) == (None, None)


def test_no_policy_is_said() -> None:
    assert devices()["EL-WS-03"].has_policy is Fact.NO


def test_printers_and_deleted_devices_are_left_out() -> None:
    assert not {"HP LaserJet M507", "OLD-PC-01"} & set(devices())
    assert len(devices()) == 6


@pytest.mark.parametrize("lost", ["uid", "siteUid"])
def test_device_without_a_uid_or_site_is_malformed(lost: str) -> None:
    row = {"uid": "u", "siteUid": "s", lost: None}
    with pytest.raises(MalformedAnswer):
        mapping.device("datto", "D", row)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("FullyPatched", CountStatus.FULLY_PATCHED),
        ("ApprovedPending", CountStatus.MISSING),
        ("InstallError", CountStatus.INSTALL_ERROR),
        ("RebootRequired", CountStatus.REBOOT_NEEDED),
        ("NoPolicy", CountStatus.NO_POLICY),
        ("NoData", CountStatus.NO_DATA),
        ("", CountStatus.UNKNOWN),
        (None, CountStatus.UNKNOWN),
        (7, CountStatus.UNKNOWN),
    ],
)
def test_every_status_word_has_its_meaning(word: object, status: CountStatus) -> None:
    assert mapping.patch_counts({"patchStatus": word}).status is status


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_790_000_000_000, datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        (1_790_000_000, datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        (1_790_000_000.5, datetime(2026, 9, 21, 14, 13, 20, 500000, tzinfo=UTC)),
        ("2026-09-21T14:13:20", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        ("2026-09-21T14:13:20.000+0000", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        (-62_135_596_800_000, None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (0, None),
        (True, None),
        (None, None),
        (1e300, None),
        (float("nan"), None),
    ],
)
def test_times_come_in_every_form(value: object, expected: datetime | None) -> None:
    assert mapping.moment(value) == expected
