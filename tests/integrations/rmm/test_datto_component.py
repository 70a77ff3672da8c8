"""The Datto component's contract: what it prints is taken as agreed, or not at all."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceId, DeviceKind, PatchCounts
from core.domain.remediation import JobKind, StepState
from integrations.rmm.datto import verdicts
from integrations.rmm.datto.component import missing_variables, read_output
from integrations.rmm.update_script import (
    MAX_OUTPUT,
    NoOutputError,
    Output,
    OutputError,
    variables,
)
from tests.integrations.rmm.recorded import recorded

UID = "5b8f0c1e-7a44-4a0e-9a53-3c2d6d0f9e21"
ENDED = datetime(2026, 11, 23, 12, 6, 40, tzinfo=UTC)


def read(rows: list[dict[str, Any]], kind: JobKind = JobKind.INSTALL) -> Output:
    return read_output(rows, UID, kind=kind, job_id="R4K7Q-1")


def printed() -> dict[str, Any]:
    """What the recorded install printed."""
    rows = recorded("datto", "install-stdout")
    told = json.loads(rows[1]["stdData"])
    assert isinstance(told, dict)
    return told


def lines(told: object) -> list[dict[str, Any]]:
    return [{"componentUid": UID, "stdData": told if isinstance(told, str) else json.dumps(told)}]


def test_recorded_install_is_read() -> None:
    output = read(recorded("datto", "install-stdout"))
    assert output == Output(
        kind=JobKind.INSTALL,
        job_id="R4K7Q-1",
        finished_at=ENDED,
        installed=1,
        failed=("Dell, Inc. - Firmware - 1.22.77",),
        missing=0,
        remaining=1,
        reboot_required=True,
    )


def test_recorded_scan_is_read() -> None:
    output = read(recorded("datto", "scan-stdout"), JobKind.SCAN)
    assert (output.missing, output.installed, output.failed) == (1, 0, ())


def test_runs_are_told_what_the_contract_names_and_never_to_restart() -> None:
    told = variables(JobKind.INSTALL, "R4K7Q-1")
    assert told == {"mode": "install", "requestId": "R4K7Q-1", "reboot": "never"}
    declared = [{"name": name} for name in told]
    assert missing_variables({"variables": declared}) == frozenset()
    assert missing_variables({"variables": declared[:1]}) == {"requestId", "reboot"}
    assert missing_variables({"variables": None}) == {"mode", "requestId", "reboot"}


@pytest.mark.parametrize("rows", [[], [{"componentUid": "other", "stdData": "{}"}], lines(" ")])
def test_no_output_is_not_wrong_output(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(NoOutputError):
        read(rows)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "2.0.0"},
        {"version": "1.0.1"},
        {"component": "something-else"},
        {"requestId": "R4K7Q-2"},
        {"mode": "scan"},
        {"mode": "both"},
        {"finishedAt": "soon"},
        {"finishedAt": "2026-11-23T12:06:40"},
        {"finishedAt": 1790000000},
        {"rebootRequired": "true"},
        {"rebootRequired": None},
        {"remaining": {"approved": -1, "notApproved": 0}},
        {"remaining": {"approved": True, "notApproved": 0}},
        {"updates": None},
        {"updates": ["KB5000001"]},
        {"extra": 1},
    ],
)
def test_output_against_the_contract_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(OutputError) as caught:
        read(lines(printed() | changed))
    assert not isinstance(caught.value, NoOutputError)
    assert str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"result": "missing"},
        {"result": "Installed"},
        {"hresult": "ok"},
        {"title": ""},
        {"title": "x" * 501},
        {"kb": "<https://evil.example|KB5000001>"},
        {"kb": 5000001},
    ],
)
def test_update_against_the_contract_is_refused(changed: dict[str, Any]) -> None:
    told = printed()
    told["updates"][0] |= changed
    with pytest.raises(OutputError):
        read(lines(told))


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "null", "[" * 100_000, "x" * (MAX_OUTPUT + 1)],
    ids=["empty", "cut", "list", "null", "deep", "long"],
)
def test_anything_else_on_stdout_is_refused(line: str) -> None:
    with pytest.raises(OutputError):
        read(lines(line))


def test_second_output_of_the_component_is_refused() -> None:
    with pytest.raises(OutputError, match="2 instead of one"):
        read(lines(printed()) * 2)


# Verdicts.


def device(audit: datetime | None, counts: PatchCounts | None, online: Fact = Fact.YES) -> Device:
    return Device(
        id=DeviceId("datto:u"),
        account="datto",
        vendor_id="u",
        organisation="s",
        name="ED-WS-04",
        kind=DeviceKind.WORKSTATION,
        os="Windows 11",
        online=online,
        last_scan=audit,
        counts=counts,
    )


def output(**changed: Any) -> Output:
    told: dict[str, Any] = {"installed": 2, "failed": (), "missing": 0, "remaining": 0}
    told |= {"kind": JobKind.INSTALL, "job_id": "R4K7Q-1", "reboot_required": False}
    return Output(finished_at=ENDED, **(told | changed))


CLEAN = PatchCounts(status=CountStatus.FULLY_PATCHED, approved=0)
LATER = ENDED + timedelta(minutes=1)
EARLIER = ENDED - timedelta(minutes=1)


def judge(
    result: Output | OutputError | None, seen: Device, since: datetime | None = EARLIER
) -> tuple[StepState, str]:
    verdict = verdicts.of_install("t", result, seen, since=since)
    assert verdict.target == "t"
    return verdict.state, verdict.reason


def test_install_is_verified_by_output_and_later_counts() -> None:
    assert judge(output(), device(LATER, CLEAN)) == (StepState.VERIFIED, "2 installed")


def test_counts_of_an_older_audit_say_nothing() -> None:
    assert judge(output(), device(EARLIER, CLEAN))[0] is StepState.DONE
    assert judge(output(), device(None, CLEAN))[0] is StepState.DONE
    assert judge(None, device(LATER, CLEAN), since=None)[0] is StepState.DONE


def test_lost_job_is_verified_by_counts_alone() -> None:
    assert judge(None, device(LATER, CLEAN)) == (
        StepState.VERIFIED,
        "nothing approved is missing any more",
    )


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (PatchCounts(status=CountStatus.MISSING, approved=2), StepState.NOT_VERIFIED),
        (PatchCounts(status=CountStatus.INSTALL_ERROR, approved=0), StepState.NOT_VERIFIED),
        (PatchCounts(status=CountStatus.REBOOT_NEEDED, approved=0), StepState.NOT_VERIFIED),
        (PatchCounts(status=CountStatus.NO_DATA), StepState.DONE),
        (None, StepState.DONE),
    ],
)
def test_later_counts_that_are_not_clean_verify_nothing(
    counts: PatchCounts | None, state: StepState
) -> None:
    assert judge(output(), device(LATER, counts))[0] is state


def test_failures_and_owed_restarts_are_told_at_once() -> None:
    failed = output(failed=("KB1", "KB2", "KB3", "KB4"))
    assert judge(failed, device(LATER, CLEAN)) == (
        StepState.NOT_VERIFIED,
        "failed: KB1, KB2, KB3 and 1 more",
    )
    owed = output(reboot_required=True)
    assert judge(owed, device(LATER, CLEAN)) == (StepState.NOT_VERIFIED, "restart owed")


def test_output_against_the_contract_is_never_success() -> None:
    state, reason = judge(OutputError("version: wrong"), device(LATER, CLEAN))
    assert state is StepState.UNKNOWN
    assert "version: wrong" in reason


def test_missing_output_is_waited_for() -> None:
    assert judge(NoOutputError("there is none"), device(LATER, CLEAN))[0] is StepState.DONE


def test_offline_device_is_waited_for() -> None:
    assert judge(output(), device(LATER, CLEAN, online=Fact.NO))[0] is StepState.DONE


def test_scan_is_verified_by_its_own_result() -> None:
    assert verdicts.of_scan("t", output(missing=3)).reason == "scanned: 3 missing"
    assert verdicts.of_scan("t", None).state is StepState.DONE
    assert verdicts.of_scan("t", OutputError("x")).state is StepState.UNKNOWN
