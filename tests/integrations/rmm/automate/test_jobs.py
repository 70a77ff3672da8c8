"""The course of a deployment, what is read back of it, and what it may take more than was approved."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.patching import DeviceId
from core.domain.remediation import JobKind, JobState, StepState
from core.errors import VendorBusy, VendorForbidden
from core.ports import Truth
from tests.integrations.rmm.automate.server import (
    BASE,
    CLIENT,
    HISTORY,
    REQUEST,
    Server,
    a_job,
    a_plan,
    attempt,
    computer,
    iso,
    key,
    stats,
    update,
)
from tests.storage.making import START, SetClock


def test_computer_with_a_running_patch_job_is_left_alone(server: Server) -> None:
    server.patching(412, stats(PatchJobRunning=True))
    with pytest.raises(VendorBusy):
        server.account().mark(CLIENT, a_job())


def test_mark_is_the_last_inventory_and_the_newest_attempt(server: Server) -> None:
    server.patching(412, stats())
    server.lists("PatchHistory", [attempt(500002, -3), attempt(500001, -9)])
    mark = server.account().mark(CLIENT, a_job())
    assert mark["last inventory"] < f"{START:%Y-%m-%dT%H}"
    assert mark["last attempt"].startswith((START - timedelta(hours=3)).strftime("%Y-%m-%dT%H"))
    asked = next(item for item in server.seen if item.path == HISTORY)
    assert asked.query["condition"] == f"ComputerId = 412 and ActionDate >= {iso(-24)}"


@pytest.mark.parametrize(
    ("before", "running", "tried", "after"),
    [
        (JobState.DISPATCHED, False, [], JobState.DISPATCHED),
        (JobState.DISPATCHED, None, [], JobState.DISPATCHED),
        (JobState.DISPATCHED, True, [], JobState.RUNNING),
        (JobState.RUNNING, True, [attempt(500001, 0.1)], JobState.RUNNING),
        (JobState.RUNNING, False, [], JobState.DONE),
        # It came and went between two looks.
        (JobState.DISPATCHED, False, [attempt(500001, 0.1)], JobState.DONE),
        (JobState.DISPATCHED, False, [attempt(500001, 0.1, result=4)], JobState.DONE),
        # Older than the mark, or still under way: no sign of our job.
        (JobState.DISPATCHED, False, [attempt(500001, -3)], JobState.DISPATCHED),
        (JobState.DISPATCHED, False, [attempt(500001, 0.1, result=1)], JobState.DISPATCHED),
        (JobState.DISPATCHED, False, [attempt(2267602, 0.1)], JobState.DONE),
    ],
)
def test_course_of_a_job(
    server: Server, before: JobState, running: bool | None, tried: list[Any], after: JobState
) -> None:
    server.patching(412, stats(PatchJobRunning=running))
    server.lists("PatchHistory", tried)
    job = a_job(
        state=before, mark={"last attempt": f"{START - timedelta(hours=3):%Y-%m-%dT%H:%M:%S.%f}"}
    )
    assert server.account().follow(CLIENT, job).state is after


def test_definitions_are_nobodys_patch_job(server: Server) -> None:
    server.patching(412, stats())
    definition = attempt(2267602, 0.1)
    definition["PatchHistoryTitle"]["Title"] = "Security Intelligence Update (KB2267602)"
    server.lists("PatchHistory", [definition])
    assert server.account().follow(CLIENT, a_job()).state is JobState.DISPATCHED


@pytest.mark.parametrize(
    ("running", "words"), [(True, "a scheduled one"), (False, "may still wait")]
)
def test_cut_off_call_is_never_said_to_be_sent(server: Server, running: bool, words: str) -> None:
    server.patching(412, stats(PatchJobRunning=running))
    evidence = server.account().reconcile(CLIENT, a_job(), REQUEST)
    assert evidence.truth is Truth.UNKNOWN
    assert words in evidence.detail


MARK = {"last inventory": f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S.%f}"}


@pytest.mark.parametrize(
    ("updates", "told", "more", "state", "words"),
    [
        ([update(500001, installed=True)], stats(), {}, StepState.VERIFIED, "1 installed"),
        ([update(500001)], stats(), {}, StepState.DONE, "still missing: KB500001"),
        ([update(500001, IsFailed=True)], stats(), {}, StepState.NOT_VERIFIED, "failed: KB500001"),
        (
            [update(500001, approval="Deny")], stats(), {},
            StepState.NOT_VERIFIED, "no longer approved: KB500001",
        ),
        # It was replaced: only a newer inventory can say that it is not missing any more.
        ([update(500009, installed=True)], stats(), {}, StepState.DONE, "inventory is awaited"),
        (
            [update(500009, installed=True)], stats(LastPatchInventory=iso(0.2)), {},
            StepState.VERIFIED, "nothing of it is missing",
        ),
        (
            [update(500009, installed=True)], stats(LastPatchInventory=iso(0.2), PatchJobRunning=True), {},
            StepState.DONE, "inventory is awaited",
        ),
        (
            [update(500001, installed=True)], stats(), {"IsRebootNeeded": True},
            StepState.NOT_VERIFIED, "restart owed",
        ),
        ([update(500001, installed=True)], stats(), {"Status": "?"}, StepState.DONE, "offline since"),
        (
            [update(500001, installed=True)], stats(), {"Client": {"Id": "13"}},
            StepState.NOT_VERIFIED, "no longer in Automate",
        ),
    ],
)  # fmt: skip
def test_read_back(
    server: Server,
    *,
    updates: list[Any],
    told: dict[str, Any],
    more: dict[str, Any],
    state: StepState,
    words: str,
) -> None:
    server.fleet(computer(412, **more))
    server.patching(412, told, updates)
    plan = a_plan(412, basis=frozenset({key(500001)}))
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), plan)
    assert (result.target, result.state) == ("cwa:412", state)
    assert words in result.reason


def test_failure_from_before_the_plan_is_not_held_against_the_run(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(), [update(500001, installed=True), update(500002, IsFailed=True)])
    plan = a_plan(412, basis=frozenset({key(500001)}))
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), plan)
    assert result.state is StepState.VERIFIED


def test_plan_that_knew_nothing_is_judged_by_the_history(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(LastPatchInventory=iso(0.2)), [update(500001, IsFailed=True)])
    server.lists("PatchHistory", [attempt(500001, 0.1, result=4)])
    (result,) = server.account().verify(CLIENT, a_job(mark=MARK), a_plan(412, basis=None))
    assert (result.state, result.reason) == (StepState.NOT_VERIFIED, "failed: KB500001")


def test_growth_is_measured_over_the_plan_with_one_fresh_look_per_call(server: Server) -> None:
    server.fleet(computer(412), computer(413), computer(414))
    for number in (412, 413, 414):
        server.patching(number, stats(), [update(500001)])
    account = server.account()
    plan = a_plan(412, 413, 414, basis=frozenset({key(500001)}))

    def looks(number: int) -> int:
        path = f"{BASE}/Computers/{number}/MicrosoftUpdates"
        return sum(item.path == path and item.query["page"] == "1" for item in server.seen)

    assert account.recheck(CLIENT, plan, ["cwa:412", "cwa:413", "cwa:414"]).wider is None
    server.patching(413, stats(), [update(500001), update(500002)])
    assert account.recheck(CLIENT, plan, ["cwa:412"]).wider is None
    assert (looks(412), looks(413), looks(414)) == (2, 1, 1)
    wider = account.recheck(CLIENT, plan, ["cwa:413"]).wider
    assert wider is not None
    assert "1 updates were approved" in wider
    assert isinstance(account.clock, SetClock)
    account.clock.move(minutes=11)
    account.recheck(CLIENT, plan, ["cwa:412"])
    assert looks(414) == 2


def test_computer_that_is_gone_keeps_nobody_from_going_on(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(), [update(500001)])
    plan = a_plan(412, 413, basis=frozenset({key(500001)}))
    recheck = server.account().recheck(CLIENT, plan, ["cwa:412", "cwa:413"])
    assert dict(recheck.gone) == {"cwa:413": "no longer in Automate"}
    assert recheck.wider is None


def test_preview_knows_nothing_of_a_computer_deleted_in_the_meantime(server: Server) -> None:
    server.fleet(computer(412))
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("cwa:412")])
    assert previews[DeviceId("cwa:412")].count is None
    server.says(f"{BASE}/Computers/412/MicrosoftUpdates", {"Message": "No rights"}, status=403)
    with pytest.raises(VendorForbidden, match="No rights"):
        server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("cwa:412")])


def test_preview_of_a_computer_that_was_never_inventoried_knows_nothing(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats(), [update(500001, installed=True)])
    server.patching(413, stats(), [])
    ids = [DeviceId("cwa:412"), DeviceId("cwa:413")]
    previews = server.account().preview(CLIENT, JobKind.INSTALL, ids)
    assert (previews[ids[0]].count, previews[ids[0]].patch_keys) == (0, frozenset())
    assert (previews[ids[1]].count, previews[ids[1]].patch_keys) == (None, None)
