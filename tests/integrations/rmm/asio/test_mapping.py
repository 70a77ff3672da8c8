"""ConnectWise RMM's JSON as devices, patches and tasks, from recorded answers and their odd cases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import Device, DeviceKind, Patch, PatchClass, PatchState, Severity
from core.domain.remediation import JobKind, JobState
from core.errors import MalformedAnswer
from core.rules.product_lines import line_of
from integrations.rmm.asio import mapping, software, tasks
from integrations.rmm.asio.mapping import Counted
from integrations.rmm.update_script import NoOutputError, Output
from tests.integrations.rmm.recorded import recorded


def endpoint(number: int) -> str:
    return f"e0000000-0000-4000-8000-{number:012}"


def grouped(name: str, field: str) -> list[dict[str, Any]]:
    groups = recorded("asio", name)[field]
    return [{"companyID": g["companyID"], **item} for g in groups for item in g["endpoints"]]


def devices() -> list[Device]:
    source = "V"
    beats = {mapping.endpoint_id(source, b): b for b in grouped("heartbeats", "successfulRecords")}
    counts = {
        mapping.endpoint_id(source, row): mapping.counted(row)
        for row in grouped("compliance", "data")
    }
    return [
        mapping.device(
            "asio",
            source,
            row,
            beat=beats.get(row["endpointID"]),
            counts=counts.get(row["endpointID"]),
        )
        for row in grouped("endpoints", "platform")
    ]


def patches() -> list[Patch]:
    return mapping.patches("asio", "V", endpoint(1), recorded("asio", "patches"))


# Devices.


def test_device_is_mapped_whole() -> None:
    device = devices()[0]
    assert device.id == f"asio:{endpoint(1)}"
    assert device.organisation == "c0000000-0000-4000-8000-000000000001"
    assert device.name == "File server"
    assert device.os == "Microsoft Windows Server 2019 Standard 10.0.17763"
    assert (device.online, device.reboot_needed) == (Fact.YES, Fact.YES)
    assert device.last_seen == datetime(2026, 9, 20, 8, 30, tzinfo=UTC)
    assert device.last_scan == datetime(2026, 9, 20, 1, tzinfo=UTC)
    assert device.domain == "exampledental.example"


def test_system_of_a_server_outweighs_the_word_desktop() -> None:
    assert [device.kind for device in devices()] == [
        DeviceKind.SERVER,
        DeviceKind.WORKSTATION,
        DeviceKind.UNKNOWN,
        DeviceKind.UNKNOWN,
    ]


def test_device_without_a_friendly_name_has_its_own() -> None:
    assert [device.name for device in devices()[1:]] == [
        "ED-LT-02",
        "PLAIN-03",
        f"endpoint {endpoint(4)}",
    ]


def test_heartbeat_of_either_spelling_is_read_and_the_year_one_is_never() -> None:
    device = devices()[1]
    assert (device.online, device.last_seen, device.domain) == (Fact.NO, None, None)
    assert (device.reboot_needed, device.os) == (Fact.NO, "Microsoft Windows 11 Pro 10.0.26200")


def test_device_without_heartbeat_and_counts_is_unknown() -> None:
    for device in devices()[2:]:
        assert (device.online, device.last_seen, device.last_scan) == (Fact.UNKNOWN, None, None)
        assert (device.reboot_needed, device.has_policy) == (Fact.UNKNOWN, Fact.UNKNOWN)


def test_endpoint_of_the_first_version_is_the_same_device() -> None:
    row = {"companyID": "c", **recorded("asio", "endpoint-v1")}
    device = mapping.device("asio", "V", row)
    assert (device.id, device.organisation) == (f"asio:{endpoint(2)}", "c")
    assert (device.name, device.kind) == ("ED-LT-02", DeviceKind.WORKSTATION)
    assert device.domain == "exampledental.example"


@pytest.mark.parametrize("row", [{"companyID": "c"}, {"endpointID": "e"}, {"endpointID": 7}])
def test_device_without_identity_is_malformed(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        mapping.device("asio", "V", row)


def test_counts_are_read_from_either_summary() -> None:
    bulk, single = grouped("compliance", "data")[0], recorded("asio", "patches")
    assert mapping.counted(bulk).missing == 3
    assert mapping.summary(single) == Counted(
        missing=6,
        pending_reboot=0,
        assessed=datetime(2026, 9, 20, 1, tzinfo=UTC),
        has_policy=Fact.YES,
    )


@pytest.mark.parametrize("told", [None, "3", -1, True])
def test_count_that_is_none_is_unknown(told: object) -> None:
    assert mapping.counted({"missingPatchCount": told}).missing is None


@pytest.mark.parametrize("told", ["", "soon", None, 1_790_000_000, "0001-01-01T00:00:00Z"])
def test_time_that_is_none_is_none(told: object) -> None:
    assert mapping.moment(told) is None


# Patches.


def test_missing_patch_is_mapped_whole() -> None:
    patch = patches()[0]
    assert patch.key == "a0000000-0000-4000-8000-000000000001"
    assert (patch.kb, patch.title) == ("KB5000001", "Security Updates (KB5000001)")
    assert (patch.severity, patch.raw_severity) == (Severity.CRITICAL, "Critical")
    assert (patch.patch_class, patch.state) == (PatchClass.SECURITY, PatchState.APPROVED)
    assert (patch.raw_state, patch.released) == ("status 2, Approved", None)


def test_patch_with_a_date_of_its_install_is_installed_whatever_its_status() -> None:
    patch = patches()[1]
    assert (patch.state, patch.kb) == (PatchState.INSTALLED, "KB5000002")
    assert patch.installed_at == datetime(2026, 9, 12, 3, 4, 5, tzinfo=UTC)


def test_states_severities_and_classes_keep_their_words() -> None:
    told = [(p.kb, p.state, p.severity, p.patch_class) for p in patches()[2:]]
    assert told == [
        (None, PatchState.PENDING, Severity.UNRANKED, PatchClass.DRIVER),
        ("KB5000004", PatchState.REJECTED, Severity.UNRANKED, PatchClass.UPDATE),
        # Approved, and outside of the policy that would install it.
        ("KB5000005", PatchState.PENDING, Severity.MODERATE, PatchClass.SECURITY),
        ("KB5000006", PatchState.UNKNOWN, Severity.LOW, PatchClass.UNKNOWN),
        ("KB2267602", PatchState.APPROVED, Severity.UNRANKED, PatchClass.DEFINITION),
    ]


def test_patch_that_names_nothing_is_left_out_and_one_without_an_id_goes_by_its_article() -> None:
    assert len(patches()) == 7
    assert patches()[-1].key == "KB2267602"


def test_date_that_cannot_be_read_is_neither_installed_nor_missing() -> None:
    row = {"updateID": "a", "installedDate": "yesterday", "partnerApprovalStatus": "Approved"}
    (patch,) = mapping.patches("asio", "V", "e", {"patches": [row]})
    assert (patch.state, patch.installed_at) == (PatchState.UNKNOWN, None)


def test_updates_of_one_classification_are_one_line_so_that_ages_outlive_numbers() -> None:
    device = devices()[0]
    october = {"updateID": "x", "kbArticleID": "5000099", "classification": "Security Updates"}
    (newer,) = mapping.patches("asio", "V", endpoint(1), {"patches": [october]})
    assert line_of(newer, device) == line_of(patches()[0], device) == "Security Updates"
    assert line_of(patches()[-1], device) is None


@pytest.mark.parametrize("answer", [{}, {"patches": None}, {"patches": [1]}])
def test_updates_that_are_no_list_are_malformed(answer: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        mapping.patches("asio", "V", "e", answer)


# Tasks.


def test_recorded_run_is_read_with_what_the_script_printed() -> None:
    (instance,) = tasks.instances("V", recorded("asio", "instances"))
    assert (instance.id[-1], instance.state) == ("1", JobState.DONE)
    result = tasks.result_on("V", recorded("asio", "results"), endpoint(2))
    assert result is not None
    output = result.output()
    assert isinstance(output, Output)
    assert (output.kind, output.job_id) == (JobKind.SCAN, "R4K7Q-1")
    assert tasks.result_on("V", recorded("asio", "results"), endpoint(3)) is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("waiting", JobState.DISPATCHED),
        ("Scheduled", JobState.DISPATCHED),
        ("in_progress", JobState.RUNNING),
        ("SUCCESS", JobState.DONE),
        ("partial_success", JobState.DONE),
        ("failed", JobState.FAILED),
        ("timed_out", JobState.FAILED),
        ("suspended", None),
        (2, None),
        (None, None),
    ],
)
def test_words_for_progress(word: object, state: JobState | None) -> None:
    (instance,) = tasks.instances("V", [{"id": "i", "status": word}])
    assert instance.state is state


@pytest.mark.parametrize("answer", [None, {}, {"Results": []}, []])
def test_task_without_a_run_yet_has_none(answer: object) -> None:
    assert tasks.instances("V", answer) == []
    assert tasks.result_on("V", answer, "e") is None


@pytest.mark.parametrize("answer", ["x", {"Results": "x"}, [1]])
def test_runs_that_are_no_list_are_malformed(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        tasks.instances("V", answer)


@pytest.mark.parametrize("field", ["output", "resultDetails", "stdout"])
def test_output_is_found_in_any_field_seen(field: str) -> None:
    result = tasks.result_on("V", {"Result": [{field: "words"}]}, "e")
    assert result is not None
    assert result.printed == "words"


def test_result_without_output_is_said_to_have_none() -> None:
    result = tasks.result_on("V", [{"endpointId": "e", "stderr": "no PowerShell"}], "e")
    assert result is not None
    assert result.complaint == "no PowerShell"
    assert isinstance(result.output(), NoOutputError)


def test_listed_task_is_found_by_its_whole_name() -> None:
    listed = [{"name": "Gatehouse R1 R1-10", "id": "b"}, {"name": "Gatehouse R1 R1-1"}]
    found = tasks.task_named(listed, "Gatehouse R1 R1-1")
    assert found is not None
    assert tasks.task_id(found) is None
    assert tasks.task_id(listed[0]) == "b"
    assert tasks.task_named(listed, "Gatehouse R1") is None


# Other makers' software.


def test_products_that_are_not_up_to_date_are_updates_whose_approval_is_not_told() -> None:
    told: list[dict[str, Any]] = [
        {
            "applications": [
                {
                    "applicationName": "Google Chrome",
                    "latestVersion": "143",
                    "status": "OUT-OF-DATE",
                },
                {"applicationName": "7-Zip", "latestVersion": "26.01", "status": "UP-TO-DATE"},
                {"applicationName": "Zoom", "status": "Deferred"},
                {"applicationName": "", "latestVersion": "1", "status": "OUT-OF-DATE"},
            ]
        },
        {"applications": None},
    ]
    found = software.patches("asio", "V", "e1", told)
    assert [(patch.title, patch.state, patch.raw_state) for patch in found] == [
        ("Google Chrome 143", PatchState.PENDING, "OUT-OF-DATE"),
        ("Zoom", PatchState.UNKNOWN, "Deferred"),
    ]
    assert {patch.device_id for patch in found} == {"asio:e1"}
    with pytest.raises(MalformedAnswer):
        software.patches("asio", "V", "e1", [{"applications": "none"}])
