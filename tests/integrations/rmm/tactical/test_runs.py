"""What changed rows say of a run at Tactical RMM, and what they leave open."""

import pytest

from core.domain.patching import DeviceId, Patch, PatchClass, PatchState, Severity
from core.domain.remediation import JobState, StepState
from integrations.rmm.tactical import runs, verdicts

APPROVED, FAILED, INSTALLED = PatchState.APPROVED, PatchState.FAILED, PatchState.INSTALLED


def a_patch(row_id: int, state: PatchState) -> Patch:
    return Patch(
        key=f"guid-{row_id}", device_id=DeviceId("main:a"), title=f"Update {row_id}",
        kb=f"KB500000{row_id}", severity=Severity.CRITICAL, patch_class=PatchClass.SECURITY,
        state=state,
    )  # fmt: skip


def rows(**states: PatchState) -> dict[int, Patch]:
    """By row number: r1=APPROVED is row 1."""
    return {int(key[1:]): a_patch(int(key[1:]), state) for key, state in states.items()}


MARK = runs.mark_of(rows(r1=APPROVED, r2=APPROVED, r3=FAILED, r4=INSTALLED, r5=PatchState.REJECTED))
BASIS = frozenset({"guid-1", "guid-2", "guid-3"})


def test_mark_holds_what_an_install_takes_and_what_had_failed() -> None:
    assert MARK == {"1": "", "2": "", "3": "failed"}


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (rows(r1=APPROVED, r2=APPROVED, r3=FAILED), JobState.DISPATCHED),
        (rows(r1=INSTALLED, r2=APPROVED, r3=FAILED), JobState.RUNNING),
        # The last one may have been tried again in vain, or not at all: that holds nothing up.
        (rows(r1=INSTALLED, r2=INSTALLED, r3=FAILED), JobState.DONE),
        (rows(r1=INSTALLED, r2=FAILED, r3=INSTALLED), JobState.DONE),
        # Found superseded, and deleted.
        (rows(r2=INSTALLED, r3=INSTALLED), JobState.DONE),
        ({}, JobState.DONE),
    ],
)
def test_state_of_a_run_is_told_by_its_rows(now: dict[int, Patch], state: JobState) -> None:
    assert runs.changes(MARK, now).state is state


def test_run_that_had_nothing_to_take_is_over_and_proves_nothing_where_nothing_was_known() -> None:
    assert runs.changes({}, rows(r4=INSTALLED)).state is JobState.DONE
    unknown = verdicts.of_install(None, {}, {})
    assert unknown is not None
    assert unknown.state is StepState.NOT_VERIFIED
    assert verdicts.of_install(BASIS, {}, rows(r1=INSTALLED)) is None


def test_run_of_which_only_old_failures_are_left_never_shows() -> None:
    assert runs.changes({"3": "failed"}, rows(r3=FAILED)).state is JobState.DISPATCHED


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        (rows(r1=INSTALLED, r2=FAILED, r3=INSTALLED), StepState.NOT_VERIFIED, "failed: KB5000002"),
        (rows(r1=INSTALLED, r2=INSTALLED, r3=FAILED), StepState.DONE, "still missing: KB5000003"),
        (rows(r1=APPROVED, r2=INSTALLED, r3=INSTALLED), StepState.DONE, "still missing: KB5000001"),
        (
            rows(r1=PatchState.REJECTED, r2=INSTALLED, r3=INSTALLED),
            StepState.NOT_VERIFIED,
            "still missing and no longer approved: KB5000001",
        ),
    ],
)
@pytest.mark.parametrize("basis", [BASIS, None])
def test_verdict_names_what_is_not_as_approved(
    basis: frozenset[str] | None, now: dict[int, Patch], state: StepState, words: str
) -> None:
    verdict = verdicts.of_install(basis, MARK, now)
    assert verdict is not None
    assert (verdict.state, verdict.reason) == (state, words)


def test_nothing_speaks_against_what_is_in_or_gone() -> None:
    now = rows(r1=INSTALLED, r3=INSTALLED, r5=PatchState.REJECTED)
    assert verdicts.of_install(BASIS, MARK, now) is None
    assert verdicts.installed(MARK, now) == "2 installed, 1 no longer offered"


def test_scan_shows_by_a_new_row_or_a_changed_one() -> None:
    before = [{"id": 2, "installed": False, "downloaded": False}, {"id": 1, "installed": True}]
    mark = runs.scan_mark("T", before)
    assert runs.scan_mark("T", before[::-1]) == mark
    assert runs.scan_mark("T", [*before, {"id": 3, "installed": False}]) != mark
    assert runs.scan_mark("T", [{**before[0], "downloaded": True}, before[1]]) != mark
    assert runs.scan_mark("T", before[:1]) != mark
