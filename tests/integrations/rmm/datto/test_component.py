"""The Datto component's contract: what it prints is taken as agreed, or not at all."""

import json
from datetime import datetime, timedelta
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
from tests.integrations.rmm.printed import ENDED, output
from tests.integrations.rmm.recorded import recorded

UID = "5b8f0c1e-7a44-4a0e-9a53-3c2d6d0f9e21"


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
    assert (output.kind, output.job_id) == (JobKind.INSTALL, "R4K7Q-1")
    assert (output.finished_at, output.reboot_required) == (ENDED, True)
    assert (output.installed, output.remaining) == (1, 1)
    assert output.failures == (
        "failed: KB5000002; not attempted: KB5000003; not offered any more: KB4999999"
    )


def test_recorded_scan_is_read() -> None:
    output = read(recorded("datto", "scan-stdout"), JobKind.SCAN)
    assert (output.remaining, output.installed, output.failures) == (3, 0, "")


def test_runs_are_told_what_the_contract_names() -> None:
    told = variables(JobKind.INSTALL, "R4K7Q-1", {"KB5000002", "KB5000001"})
    assert told == {"mode": "install", "requestId": "R4K7Q-1", "kbs": "KB5000001,KB5000002"}
    assert variables(JobKind.SCAN, "R4K7Q-1")["kbs"] == ""
    declared = [{"name": name} for name in told]
    assert missing_variables({"variables": declared}) == frozenset()
    assert missing_variables({"variables": declared[:1]}) == {"requestId", "kbs"}
    assert missing_variables({"variables": None}) == {"mode", "requestId", "kbs"}


@pytest.mark.parametrize("rows", [[], [{"componentUid": "other", "stdData": "{}"}], lines(" ")])
def test_no_output_is_not_wrong_output(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(NoOutputError):
        read(rows)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "1.0.0"},
        {"version": "2.0.1"},
        {"component": "something-else"},
        {"requestId": "R4K7Q-2"},
        {"mode": "scan"},
        {"mode": "both"},
        {"finishedAt": "soon"},
        {"finishedAt": "2026-11-23T12:06:40"},
        {"finishedAt": 1790000000},
        {"rebootRequired": "true"},
        {"rebootRequired": None},
        {"attempted": None},
        {"attempted": ["KB5000001"]},
        {"missing": None},
        {"missing": [{"kb": "KB5000001"}]},
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
def test_attempt_against_the_contract_is_refused(changed: dict[str, Any]) -> None:
    told = printed()
    told["attempted"][0] |= changed
    with pytest.raises(OutputError):
        read(lines(told))


@pytest.mark.parametrize(
    "changed",
    [
        {"severity": "urgent"},
        {"severity": None},
        {"released": "10.11.2026"},
        {"released": 1790000000},
        {"cves": ["CVE-2026-1", "x"]},
        {"cves": None},
        {"approved": "true"},
        {"classification": "Security Updates"},
        {"restartPending": None},
        {"kb": "5000001"},
        {"more": 1},
    ],
)
def test_missing_update_against_the_contract_is_refused(changed: dict[str, Any]) -> None:
    told = printed()
    told["missing"][0] |= changed
    with pytest.raises(OutputError):
        read(lines(told))


def test_scan_that_says_it_attempted_something_is_refused() -> None:
    told = printed() | {"mode": "scan"}
    with pytest.raises(OutputError, match="attempted"):
        read(lines(told), JobKind.SCAN)


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


def test_what_the_script_leaves_alone_does_not_keep_an_install_from_being_verified() -> None:
    """Datto counts a driver as approved; the script installs none that is not named."""
    counted = device(LATER, PatchCounts(status=CountStatus.MISSING, approved=1))
    assert judge(output(missing=1), counted) == (
        StepState.VERIFIED,
        "2 installed; 1 left that are not approved",
    )
    assert judge(output(), counted)[0] is StepState.NOT_VERIFIED


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
