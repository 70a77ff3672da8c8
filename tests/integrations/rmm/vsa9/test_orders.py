"""How updates are ordered, what proves that an order took, and the course of a job."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.patching import DeviceId
from core.domain.remediation import (
    Action,
    Direction,
    JobKind,
    JobState,
    Options,
    Plan,
    StepState,
    Target,
)
from core.errors import OutcomeUnknown, VendorBusy, VendorForbidden, VendorRefused
from core.ports import Truth
from integrations.rmm.vsa9.trial import ScheduleTrial
from tests.integrations.rmm.vsa9.server import (
    CLIENT,
    REQUEST,
    SCHEDULE,
    Server,
    a_job,
    agent,
    enveloped,
    lacking,
    order,
    refused,
)
from tests.storage.making import START


def test_order_names_one_agent_and_the_updates_and_wakes_nobody(server: Server) -> None:
    server.says(SCHEDULE, enveloped(None), method="PUT")
    order(server)
    sent = [item.body for item in server.seen if item.method == "PUT"]
    assert sent == [
        {"ServerTimeZone": True, "SkipIfOffLine": True, "PowerUpIfOffLine": False, "PatchIds": [299, 301]}
    ]  # fmt: skip


def test_order_that_is_answered_with_nothing_was_taken(server: Server) -> None:
    server.says(SCHEDULE, None, status=204, method="PUT")
    order(server)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refused(403), VendorForbidden),
        (refused(404), VendorRefused),
        (refused(429), VendorBusy),
        (refused(500), OutcomeUnknown),
        (refused(503), OutcomeUnknown),
        ({"hello": 1}, OutcomeUnknown),
        ([], OutcomeUnknown),
    ],
)
def test_order_is_sent_once_whatever_its_answer_says(
    server: Server, body: Any, error: type[Exception]
) -> None:
    server.says(SCHEDULE, body, method="PUT")
    with pytest.raises(error):
        order(server)
    assert server.count(SCHEDULE) == 1


def test_order_of_nothing_is_done_without_being_sent(server: Server) -> None:
    report = server.account().dispatch(CLIENT, a_job(patches=""), REQUEST)
    assert report.state is JobState.DONE
    unnamed = replace(a_job(patches="299"), chosen=())
    for job in (a_job(), unnamed):
        with pytest.raises(VendorRefused, match="names no updates"):
            server.account().dispatch(CLIENT, job, REQUEST)
    assert server.seen == []


def test_what_was_in_already_is_verified_without_a_scan(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    scanned = f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S.%f}"
    job = a_job(**{"patches": "", "last patch scan": scanned})
    (result,) = server.account().verify(CLIENT, job, a_plan("299"))
    assert result.state is StepState.VERIFIED
    ordered = a_job(**{"patches": "299", "last patch scan": scanned})
    (result,) = server.account().verify(CLIENT, ordered, a_plan("299"))
    assert (result.state, result.reason) == (
        StepState.DONE,
        "the device's next patch scan is awaited",
    )


def test_where_due_is_not_ordered_the_list_and_the_scan_alone_tell(server: Server) -> None:
    server.patching(7, lacking(299, SchedTogether=1))
    account = server.account(sched_together="due")
    assert account.mark(CLIENT, a_job())["patches"] == "299"
    job = a_job(**{"patches": "299", "last patch scan": f"{START:%Y-%m-%dT%H:%M:%S.%f}"})
    assert account.follow(CLIENT, job).state is JobState.DISPATCHED
    job = a_job(**{"patches": "299", "last patch scan": ""})
    assert account.follow(CLIENT, job).state is JobState.DONE


@pytest.mark.parametrize(
    ("standing", "took"),
    [
        ([], True),
        ([lacking(299)], True),
        ([lacking(299), lacking(301)], False),
        ([lacking(299), lacking(301, SchedTogether=1)], False),
        ([lacking(299), lacking(301, SchedTogether=8)], True),
    ],
)
def test_order_took_where_one_of_its_updates_went_in_or_failed(
    server: Server, standing: list[Any], took: bool
) -> None:
    server.patching(7, *standing)
    assert ScheduleTrial(server.account()).took(a_job(patches="299 301")) is took


def test_traces_are_orders_failures_and_installs_and_not_what_a_scan_finds(server: Server) -> None:
    server.fleet(agent(7), agent(8, OrgId="11"), agent(9, OSType="Mac OS X"))
    for number in (7, 8):
        server.patching(number, lacking(299))
    trial = ScheduleTrial(server.account())
    before = trial.traces()
    assert set(before) == {"k:7", "k:8"}
    server.patching(7, lacking(299), lacking(300), LastPatchScan=f"{START:%Y-%m-%dT%H:%M:%S}Z")
    assert trial.traces() == before
    server.patching(8, lacking(299, SchedTogether=1))
    assert trial.traces()[DeviceId("k:8")] != before[DeviceId("k:8")]
    server.patching(8)
    server.lists("assetmgmt/patch/8/history", [{"InstallDate": "2026-11-23T05:00:00"}])
    assert trial.traces()[DeviceId("k:8")] != before[DeviceId("k:8")]


def test_traces_of_half_a_fleet_are_none(server: Server) -> None:
    server.fleet(agent(7), agent(8))
    server.patching(7)
    with pytest.raises(VendorRefused):
        ScheduleTrial(server.account()).traces()


def test_scan_is_refused_and_scannow_never_called(server: Server) -> None:
    job = replace(a_job(), kind=JobKind.SCAN)
    with pytest.raises(VendorRefused, match="recurring"):
        server.account().dispatch(CLIENT, job, REQUEST)
    assert not server.account().capabilities.scan
    assert server.seen == []


@pytest.mark.parametrize("target", ["k:", "k:x", "k:7/scannow?", "other:7", "7", "k:²"])
def test_target_that_is_no_number_of_ours_is_refused_unsent(server: Server, target: str) -> None:
    with pytest.raises(VendorRefused):
        server.account().dispatch(CLIENT, replace(a_job(patches="1"), targets=(target,)), REQUEST)
    assert server.seen == []


def test_mark_names_of_the_jobs_updates_those_missing_and_approved_still(server: Server) -> None:
    asked = replace(a_job(), chosen=("5", "6", "298", "299", "300", "301"))
    definition = lacking(5, Description="Security Intelligence Update for Defender")
    failed = lacking(6, SchedTogether=8)
    since = lacking(302)
    server.patching(7, lacking(301), lacking(299), definition, failed, since, denied=[lacking(300)])
    assert server.account().mark(CLIENT, asked)["patches"] == "299 301"
    assert server.account().mark(CLIENT, replace(asked, chosen=()))["patches"] == ""


def test_agent_with_somebodys_schedule_is_left_alone(server: Server) -> None:
    server.patching(7, lacking(299), lacking(300, SchedTogether=1))
    with pytest.raises(VendorBusy, match="may replace it"):
        server.account().mark(CLIENT, a_job())


def a_plan(*basis: str) -> Plan:
    target = Target(id="k:7", name="PC-7", basis=frozenset(basis))
    return Plan(
        client=CLIENT.key, client_name="Copper", account="k", action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES, options=Options(), targets=(target,), made_at=START,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "scanned", "state"),
    [
        ([lacking(299)], False, JobState.DISPATCHED),
        ([lacking(299, SchedTogether=1)], False, JobState.RUNNING),
        ([lacking(299, SchedTogether=1)], True, JobState.RUNNING),
        ([lacking(299)], True, JobState.DONE),
        ([lacking(299, SchedTogether=8)], True, JobState.DONE),
        ([], False, JobState.DONE),
        ([lacking(300, SchedTogether=1)], False, JobState.DONE),
    ],
)
def test_progress_is_told_by_the_list_and_the_scan(
    server: Server, standing: list[Any], scanned: bool, state: JobState
) -> None:
    server.patching(7, *standing)
    before = START - timedelta(hours=3 if scanned else 1)
    job = a_job(**{"patches": "299", "last patch scan": f"{before:%Y-%m-%dT%H:%M:%S.%f}"})
    account = server.account()
    assert account.follow(CLIENT, job).state is state
    assert account.reconcile(CLIENT, job, REQUEST).truth is Truth.UNKNOWN


def test_preview_of_a_scanned_agent_that_lacks_nothing_counts_none(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("k:7")])
    assert previews[DeviceId("k:7")].count == 0
    server.patching(7, LastPatchScan=None)
    previews = server.account().preview(CLIENT, JobKind.INSTALL, [DeviceId("k:7")])
    assert previews[DeviceId("k:7")].count is None
