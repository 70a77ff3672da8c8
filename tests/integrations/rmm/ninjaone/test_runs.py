"""How NinjaOne's activities, install history and missing list are read as the course of a run."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.patching import DeviceId, Patch, PatchClass, PatchState, Severity
from core.domain.remediation import JobKind, JobState, StepState
from integrations.rmm import read_back
from integrations.rmm.ninjaone.activities import course
from tests.integrations.rmm.recorded import recorded


def oldest_first() -> list[dict[str, Any]]:
    rows = recorded("ninjaone", "activities")["activities"]
    return sorted(rows, key=lambda row: int(row["id"]))


def row(code: str, kind: str = "PATCH_MANAGEMENT", **more: object) -> dict[str, object]:
    return {"activityType": kind, "statusCode": code, "activityTime": 1.79e9, **more}


def test_recorded_run_is_done() -> None:
    seen = course(JobKind.INSTALL, oldest_first())
    assert seen.state is JobState.DONE
    assert seen.started_at == datetime(2026, 9, 21, 14, 15, tzinfo=UTC)


def test_run_grows_from_dispatched_to_running_to_done() -> None:
    rows = oldest_first()
    states = [course(JobKind.INSTALL, rows[:count]).state for count in range(len(rows) + 1)]
    assert states == [
        JobState.DISPATCHED,
        JobState.DISPATCHED,
        JobState.RUNNING,
        JobState.RUNNING,
        JobState.RUNNING,
        JobState.DONE,
        JobState.DONE,
    ]


def test_scan_is_not_taken_for_an_install_nor_other_software_for_the_system() -> None:
    other = [row("SOFTWARE_PATCH_MANAGEMENT_APPLY_PATCH_COMPLETED", "SOFTWARE_PATCH_MANAGEMENT")]
    assert course(JobKind.INSTALL, [row("PATCH_MANAGEMENT_SCAN_COMPLETED"), *other]).state is (
        JobState.DISPATCHED
    )
    assert course(JobKind.SCAN, [row("PATCH_MANAGEMENT_SCAN_COMPLETED")]).state is JobState.DONE


def test_codes_are_matched_by_their_parts() -> None:
    rows = [row("PATCH_MANAGEMENT_OS_APPLY_STARTED"), row("patch_management_os_apply_completed")]
    assert course(JobKind.INSTALL, rows[:1]).state is JobState.RUNNING
    assert course(JobKind.INSTALL, rows).state is JobState.DONE


def test_failure_ends_a_run_only_after_it_has_started() -> None:
    failure = row("PATCH_MANAGEMENT_FAILURE", message="Agent error 42")
    assert course(JobKind.INSTALL, [failure]).state is JobState.DISPATCHED
    started = row("PATCH_MANAGEMENT_APPLY_PATCH_STARTED")
    ended = course(JobKind.INSTALL, [started, failure])
    assert (ended.state, ended.words) == (JobState.FAILED, "Agent error 42")


def test_one_failed_update_does_not_end_the_run() -> None:
    rows = [row("PATCH_MANAGEMENT_APPLY_PATCH_STARTED"), row("PATCH_MANAGEMENT_INSTALL_FAILED")]
    assert course(JobKind.INSTALL, rows).state is JobState.RUNNING


def test_rollback_is_not_an_install() -> None:
    rows = [row("PATCH_MANAGEMENT_ROLLBACK_PATCH_COMPLETED"), row("ROLLBACK_APPLY_COMPLETED")]
    assert course(JobKind.INSTALL, rows).state is JobState.DISPATCHED


# Verdicts.


def patch(key: str, state: PatchState, kind: PatchClass = PatchClass.SECURITY) -> Patch:
    return Patch(
        key=key,
        device_id=DeviceId("ninja:42"),
        title=f"Update {key}",
        kb=key,
        severity=Severity.CRITICAL,
        patch_class=kind,
        state=state,
    )


BASIS = frozenset({"KB1", "KB2"})


def test_nothing_missing_and_nothing_failed_is_settled() -> None:
    tried = [patch("KB1", PatchState.INSTALLED), patch("KB2", PatchState.INSTALLED)]
    assert read_back.unsettled(BASIS, [], tried) is None
    assert read_back.installed(tried) == BASIS


def test_failures_come_first_and_are_named() -> None:
    failed = [patch(f"KB{n}", PatchState.FAILED) for n in range(1, 6)]
    result = read_back.unsettled(BASIS, [patch("KB2", PatchState.APPROVED)], failed)
    assert result is not None
    assert result.state is StepState.NOT_VERIFIED
    assert result.reason == "failed: KB1, KB2, KB3 and 2 more"


def test_what_is_still_listed_is_not_yet_visible() -> None:
    result = read_back.unsettled(BASIS, [patch("KB2", PatchState.APPROVED)], [])
    assert result is not None
    assert (result.state, result.reason) == (StepState.DONE, "still missing: KB2")


def test_what_was_rejected_meanwhile_will_not_come_by_itself() -> None:
    result = read_back.unsettled(BASIS, [patch("KB2", PatchState.REJECTED)], [])
    assert result is not None
    assert result.state is StepState.NOT_VERIFIED
    assert "no longer approved: KB2" in result.reason


def test_updates_outside_the_basis_do_not_count() -> None:
    assert read_back.unsettled(BASIS, [patch("KB9", PatchState.APPROVED)], []) is None


def test_without_a_basis_all_that_is_approved_counts() -> None:
    assert read_back.unsettled(None, [patch("KB9", PatchState.PENDING)], []) is None
    result = read_back.unsettled(None, [patch("KB9", PatchState.APPROVED)], [])
    assert result is not None
    assert result.state is StepState.DONE


@pytest.mark.parametrize("state", [PatchState.FAILED, PatchState.INSTALLED, PatchState.APPROVED])
def test_definitions_count_for_nothing(state: PatchState) -> None:
    daily = patch("KB2267602", state, PatchClass.DEFINITION)
    assert read_back.unsettled(None, [daily], [daily]) is None
    assert read_back.installed([daily]) == frozenset()
