"""N-central's JSON as devices with one word on their updates, and as tasks, from recorded answers and their odd cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceKind, PatchCounts
from core.domain.remediation import JobKind, JobState, StepState
from core.errors import MalformedAnswer
from integrations.rmm.ncentral import mapping, tasks, verdicts
from integrations.rmm.update_script import NoOutputError, Output, OutputError
from tests.integrations.rmm.recorded import recorded

NOW = datetime(2026, 9, 20, 8, 10, tzinfo=UTC)
Row = dict[str, Any]


def services(**states: str) -> list[Row]:
    """The recorded services, with other states by number ("s3")."""
    rows: list[Row] = recorded("ncentral", "services")["data"]
    return [
        row | {"stateStatus": states.get(f"s{row['taskId']}", row["stateStatus"])} for row in rows
    ]


def device(place: int, found: list[Row] | None = None, *, trust: bool = False) -> Device:
    row = recorded("ncentral", "devices")["data"][place]
    return mapping.device("n", "N", row, found, NOW, trust_normal=trust)


def status(word: str, *, trust: bool = False) -> CountStatus:
    counts = device(0, services(s3=word), trust=trust).counts
    assert counts is not None
    return counts.status


# Devices.


def test_device_is_mapped_whole() -> None:
    server = device(0, services())
    assert (server.id, server.vendor_id, server.organisation) == ("n:987654321", "987654321", "237")
    assert (server.name, server.kind) == ("SRV-DC01", DeviceKind.SERVER)
    assert server.os == "Microsoft Windows Server 2019 Standard x64 Edition"
    assert server.online is Fact.YES
    assert server.last_seen == datetime(2026, 9, 20, 8, 5, 26, 278000, tzinfo=UTC)
    assert server.last_scan == datetime(2026, 9, 20, 6, tzinfo=UTC)
    assert server.counts == PatchCounts(status=CountStatus.MISSING)
    assert (server.has_policy, server.reboot_needed) == (Fact.YES, Fact.UNKNOWN)


def test_device_is_named_and_dated_in_every_form() -> None:
    laptop = device(1, services())
    assert (laptop.name, laptop.kind) == ("LAP-02", DeviceKind.WORKSTATION)
    assert laptop.last_seen == datetime(2026, 9, 20, 7, 40, 9, tzinfo=UTC)
    assert (device(2).last_seen, device(2).kind) == (None, DeviceKind.SERVER)
    assert (device(3).os, device(3).kind) == ("Windows 10", DeviceKind.UNKNOWN)


def test_printer_is_no_computer() -> None:
    rows = recorded("ncentral", "devices")["data"]
    assert [mapping.is_computer(row) for row in rows] == [True, True, True, True, False]


@pytest.mark.parametrize("lost", ["deviceId", "customerId"])
def test_device_without_identity_is_malformed(lost: str) -> None:
    row = {"deviceId": 1, "customerId": 2, lost: None}
    with pytest.raises(MalformedAnswer):
        mapping.device("n", "N", row, [], NOW)


# One word on the updates.


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Failed", CountStatus.MISSING),
        ("WARNING", CountStatus.MISSING),
        ("Misconfigured", CountStatus.NO_DATA),
        ("No Data", CountStatus.NO_DATA),
        ("NO_DATA", CountStatus.NO_DATA),
        ("Disconnected", CountStatus.NO_DATA),
        ("Rejoicing", CountStatus.UNKNOWN),
        ("", CountStatus.UNKNOWN),
    ],
)
def test_word_on_the_updates_is_believed_as_far_as_it_goes(
    word: str, expected: CountStatus
) -> None:
    assert status(word) is expected


def test_normal_is_fine_only_where_the_thresholds_are_trusted() -> None:
    assert status("Normal") is CountStatus.UNKNOWN
    assert status("Normal", trust=True) is CountStatus.FULLY_PATCHED


def test_device_without_the_service_has_no_policy_and_an_unread_one_no_data() -> None:
    without = device(0, services()[:2])
    assert without.counts == PatchCounts(status=CountStatus.NO_POLICY)
    assert (without.has_policy, without.last_scan) == (Fact.NO, None)
    assert device(0, None).counts == PatchCounts(status=CountStatus.NO_DATA)
    assert device(0, None).has_policy is Fact.UNKNOWN


@pytest.mark.parametrize(
    ("word", "ago", "expected"),
    [
        ("Failed", timedelta(0), Fact.NO),
        ("Normal", timedelta(days=9), Fact.YES),
        ("Rejoicing", timedelta(minutes=15), Fact.YES),
        ("Rejoicing", timedelta(minutes=16), Fact.UNKNOWN),
        ("Rejoicing", timedelta(hours=25), Fact.NO),
    ],
)
def test_agents_own_word_comes_before_its_heartbeat(
    word: str, ago: timedelta, expected: Fact
) -> None:
    assert mapping.online(services(s2=word), NOW - ago, NOW) is expected
    assert mapping.online([], None, NOW) is Fact.UNKNOWN


# Tasks.


def course(**more: Any) -> tasks.Course:
    (row,) = recorded("ncentral", "task-details")["data"]
    found = tasks.course([row | more], "987654321")
    assert found is not None
    return found


def output(**more: Any) -> Output | OutputError:
    return course(**more).output()


def test_output_is_found_among_n_centrals_own_lines() -> None:
    printed = output()
    assert isinstance(printed, Output)
    assert (printed.kind, printed.job_id, printed.installed) == (JobKind.INSTALL, "R4K7Q-1", 1)


def test_other_devices_details_are_not_ours() -> None:
    assert tasks.course(recorded("ncentral", "task-details")["data"], "1") is None


@pytest.mark.parametrize("printed", ["", None, "Script: gatehouse-updates\n", 7])
def test_task_that_printed_nothing_has_no_output(printed: object) -> None:
    assert isinstance(output(output=printed), NoOutputError)


def test_two_objects_are_one_too_many() -> None:
    assert "2 instead of one" in str(output(output='{"a": 1}\n{"b": 2}'))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Scheduled", JobState.DISPATCHED),
        ("In_Progress", JobState.RUNNING),
        ("Completed with Warnings", JobState.DONE),
        ("Expired", JobState.FAILED),
        ("Rejoicing", None),
    ],
)
def test_task_is_followed_by_words_we_know(word: str, state: JobState | None) -> None:
    assert course(status=word).state is state


def test_task_is_found_by_its_whole_name() -> None:
    listed: list[Row] = [
        {"taskId": 1, "taskName": tasks.name_of("R4K7Q-12")},
        {"taskId": None, "taskName": tasks.name_of("R4K7Q-1")},
        {"taskId": 2, "taskName": tasks.name_of("R4K7Q-1")},
    ]
    assert (tasks.named(listed, "R4K7Q-1"), tasks.named(listed, "R4K7Q-3")) == ("2", None)


# Verdicts.


def judged(found: Output | OutputError, online: Fact = Fact.YES) -> tuple[StepState, str]:
    verdict = verdicts.of_install("n:1", found, online=online)
    return verdict.state, verdict.reason


def changed(old: str, new: str) -> Output | OutputError:
    (row,) = recorded("ncentral", "task-details")["data"]
    assert old in row["output"]
    return output(output=row["output"].replace(old, new))


def test_what_the_script_still_finds_missing_is_not_verified() -> None:
    assert judged(output()) == (StepState.NOT_VERIFIED, "still missing: KB5000002")


def test_of_named_updates_only_those_matter() -> None:
    other = verdicts.of_install("n:1", output(), online=Fact.YES, named=["KB5000001"])
    same = verdicts.of_install("n:1", output(), online=Fact.YES, named=["KB5000002"])
    assert (other.state, same.state) == (StepState.VERIFIED, StepState.NOT_VERIFIED)


def test_what_is_left_and_not_approved_does_not_matter() -> None:
    unapproved = changed('"approved":true', '"approved":false')
    expected = "1 installed; 1 left that are not approved"
    assert judged(unapproved) == (StepState.VERIFIED, expected)
    assert judged(unapproved, Fact.NO)[0] is StepState.DONE
    assert judged(unapproved, Fact.UNKNOWN)[0] is StepState.VERIFIED


def test_failures_and_an_owed_restart_come_first() -> None:
    assert judged(changed('"installed"', '"failed"')) == (
        StepState.NOT_VERIFIED,
        "failed: KB5000001",
    )
    owed = changed('"rebootRequired":false', '"rebootRequired":true')
    assert judged(owed) == (StepState.NOT_VERIFIED, "restart owed")


def test_output_that_may_come_is_waited_for_and_a_wrong_one_left_to_a_person() -> None:
    assert judged(output(output=""))[0] is StepState.DONE
    assert judged(changed('"2.1.0"', '"9.9.9"'))[0] is StepState.UNKNOWN
    assert verdicts.of_scan("n:1", output(output="")).state is StepState.DONE
    assert verdicts.of_scan("n:1", output()).reason == "scanned: 1 missing"
