"""Kaseya VSA X's JSON as devices with counts and as executions, from recorded answers and their odd cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceKind, PatchCounts, Severity
from core.domain.remediation import JobKind, JobState
from core.errors import MalformedAnswer
from integrations.rmm.update_script import Output
from integrations.rmm.vsax import mapping
from integrations.rmm.vsax.executions import Reference, execution, started
from tests.integrations.rmm.recorded import recorded

NOW = datetime(2026, 9, 20, 8, 10, tzinfo=UTC)


def identifier(number: int) -> str:
    return f"11111111-0000-4000-8000-{number:012}"


def devices() -> dict[str, Device]:
    assets = {row["Identifier"]: row for row in recorded("vsax", "assets")["Data"]}
    rows = [row for row in recorded("vsax", "devices")["Data"] if mapping.has_agent(row)]
    mapped = [mapping.device("vsax", "V", row, assets.get(row["Identifier"]), NOW) for row in rows]
    return {device.name: device for device in mapped}


def test_device_is_mapped_whole() -> None:
    device = devices()["SRV-01"]
    assert device.id == f"vsax:{identifier(1)}"
    assert (device.vendor_id, device.organisation) == (identifier(1), "3")
    assert (device.kind, device.os) == (
        DeviceKind.SERVER,
        "Microsoft Windows Server 2019 Standard",
    )
    assert (device.online, device.last_seen) == (Fact.YES, NOW - timedelta(minutes=10))
    assert device.tags == {"domain-controller", "server"}
    assert device.counts == PatchCounts(
        status=CountStatus.MISSING,
        missing=6,
        by_severity={Severity.CRITICAL: 1, Severity.IMPORTANT: 3, Severity.UNRANKED: 2},
    )
    assert (device.last_scan, device.domain) == (None, None)
    assert (device.reboot_needed, device.has_policy) == (Fact.UNKNOWN, Fact.UNKNOWN)


def test_nothing_missing_is_clean() -> None:
    device = devices()["WS-02"]
    assert device.kind is DeviceKind.WORKSTATION
    assert device.counts == PatchCounts(status=CountStatus.FULLY_PATCHED, missing=0)
    assert device.last_seen == datetime(2026, 9, 20, 7, 20, 0, 123456, tzinfo=UTC)


def test_description_that_is_no_system_leaves_kind_and_system_unknown() -> None:
    device = devices()["WS-03"]
    assert (device.kind, device.os) == (DeviceKind.UNKNOWN, "")
    assert device.tags == frozenset()


def test_severity_nobody_knows_leaves_the_sum_unknown() -> None:
    assert devices()["WS-03"].counts == PatchCounts(status=CountStatus.MISSING)


def test_device_without_counts_is_not_clean() -> None:
    mac = devices()["MAC-04"]
    assert mac.counts == PatchCounts(status=CountStatus.NO_DATA)
    assert (mac.kind, mac.last_seen, mac.online) == (DeviceKind.WORKSTATION, None, Fact.UNKNOWN)


def test_agent_that_has_reported_nothing_is_listed_all_the_same() -> None:
    device = devices()[f"device {identifier(5)}"]
    assert device.counts == PatchCounts(status=CountStatus.NO_DATA)
    assert (device.kind, device.online) == (DeviceKind.UNKNOWN, Fact.UNKNOWN)


def test_phone_without_an_agent_is_left_out() -> None:
    assert "Reception phone" not in devices()
    assert len(devices()) == 5


@pytest.mark.parametrize("lost", ["Identifier", "OrganizationId"])
def test_device_without_identity_is_malformed(lost: str) -> None:
    row = {"Identifier": "i", "OrganizationId": 3, lost: None}
    with pytest.raises(MalformedAnswer):
        mapping.device("vsax", "V", row, None, NOW)


CLEAN = dict.fromkeys(mapping.SEVERITIES, 0)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (CLEAN | {"Low": 1, "Critical": 2}, (CountStatus.MISSING, 3)),
        (CLEAN | {"Emergency": 0}, (CountStatus.FULLY_PATCHED, 0)),
        (CLEAN | {"Emergency": 1}, (CountStatus.UNKNOWN, None)),
        (CLEAN | {"Emergency": None}, (CountStatus.UNKNOWN, None)),
        (CLEAN | {"Low": None}, (CountStatus.UNKNOWN, None)),
        (CLEAN | {"Low": "1"}, (CountStatus.UNKNOWN, None)),
        (CLEAN | {"Low": -1, "Critical": 1}, (CountStatus.MISSING, None)),
        ({"Critical": 1}, (CountStatus.MISSING, None)),
        ({}, (CountStatus.UNKNOWN, None)),
        ([1], (CountStatus.UNKNOWN, None)),
        (None, (CountStatus.NO_DATA, None)),
    ],
)
def test_counts_are_believed_as_far_as_they_go(
    told: object, expected: tuple[CountStatus, int | None]
) -> None:
    counts = mapping.patch_counts(told)
    assert (counts.status, counts.missing) == expected
    assert counts.approved is None


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(0), Fact.YES),
        (timedelta(minutes=15), Fact.YES),
        (timedelta(minutes=16), Fact.UNKNOWN),
        (timedelta(hours=24), Fact.UNKNOWN),
        (timedelta(hours=25), Fact.NO),
    ],
)
def test_heartbeat_tells_only_at_its_ends_who_is_online(ago: timedelta, expected: Fact) -> None:
    assert mapping.online_by_heartbeat(NOW - ago, NOW) is expected


def test_device_read_by_itself_tells_whether_it_is_online() -> None:
    row = {"Identifier": "i", "OrganizationId": 3, "IsOnline": False}
    asset = {"LastSeenOnline": NOW.isoformat()}
    assert mapping.device("vsax", "V", row, asset, NOW).online is Fact.NO


@pytest.mark.parametrize(
    ("group", "tags", "system", "expected"),
    [
        ("Servers", [], "Microsoft Windows 11 Pro", DeviceKind.SERVER),
        (None, ["Server"], "", DeviceKind.SERVER),
        ("Observers", [], "Windows 11 Pro", DeviceKind.WORKSTATION),
        ("Clients", [], "Ubuntu 24.04", DeviceKind.UNKNOWN),
    ],
)
def test_any_word_for_a_server_makes_one(
    group: str | None, tags: list[str], system: str, expected: DeviceKind
) -> None:
    assert mapping.kind({"GroupName": group}, {"Tags": tags, "Description": system}) is expected


@pytest.mark.parametrize("told", ["", "soon", None, 1_790_000_000, "0001-01-01T00:00:00Z"])
def test_time_that_is_none_is_none(told: object) -> None:
    assert mapping.moment(told) is None


# Executions.


def test_recorded_execution_is_read_with_what_the_script_printed() -> None:
    run = execution("V", recorded("vsax", "execution")["Data"])
    assert (run.id, run.workflow) == ("e0000000-0000-4000-8000-000000000002", "12")
    assert (run.state, run.outcome) == (JobState.DONE, "Completed")
    output = run.output()
    assert isinstance(output, Output)
    assert (output.kind, output.job_id) == (JobKind.INSTALL, "R4K7Q-1")
    assert (output.installed, output.remaining) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"ExecutionState": "Pending"}, JobState.DISPATCHED),
        ({"ExecutionStatus": "Running"}, JobState.RUNNING),
        ({"Status": "Success"}, JobState.DONE),
        ({"ExecutionStatus": "failed"}, JobState.FAILED),
        ({"ExecutionStatus": "Success", "ExecutionState": "Success"}, JobState.DONE),
        ({"ExecutionStatus": "Success", "ExecutionState": "Running"}, None),
        ({"ExecutionStatus": "Success", "ExecutionState": "Paused"}, None),
        ({"ExecutionState": "Paused"}, None),
        ({"ExecutionState": 2}, None),
        ({}, None),
    ],
)
def test_state_is_read_from_either_field_and_believed_where_they_agree(
    fields: dict[str, Any], state: JobState | None
) -> None:
    assert execution("V", fields).state is state


def test_new_and_existing_executions_are_told_apart() -> None:
    data = recorded("vsax", "run")["Data"]
    new, existing = started("V", data, identifier(2)), started("V", data, identifier(1))
    assert new == Reference(id="e0000000-0000-4000-8000-000000000002", ours=True)
    assert existing == Reference(id="4711", ours=False)
    assert started("V", data, identifier(9)) is None
    assert started("V", data, identifier(2).upper()) == new


@pytest.mark.parametrize("ours", [True, False])
def test_reference_survives_being_kept(ours: bool) -> None:
    reference = Reference(id="4711", ours=ours)
    assert Reference.read(str(reference)) == reference


@pytest.mark.parametrize("data", [{"NewExecutions": "x"}, {"NewExecutions": ["x"]}])
def test_answer_to_a_run_that_is_no_list_is_malformed(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        started("V", data, identifier(1))
