"""Listings nobody asks for: only where configured, once per device and period, never while frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.domain.clients import Client, RmmBinding
from core.domain.events import StepResult
from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceVerdict, MfaSection, PatchSection, Snapshot
from core.domain.patching import DeviceId, DeviceKind, Listing
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import OutcomeUnknown, StorageFailed, VendorBusy, VendorRefused
from core.ports import Freeze, Report
from core.usecases.list_updates import ListUpdates
from tests.fakes.effector import FakeEffector
from tests.fakes.memory_store import MemoryStore
from tests.usecases.requests_made import ACME, START, HandClock, a_client

DAY = timedelta(hours=24)
BOUND = (RmmBinding(account="datto", vendor="datto", organisation="s"),)


def device(number: int, **changed: object) -> DeviceVerdict:
    made = DeviceVerdict(
        device_id=DeviceId(f"datto:{number}"),
        account="datto",
        name=f"WS-{number}",
        kind=DeviceKind.WORKSTATION,
        os="Microsoft Windows 11 Pro",
        online=Fact.YES,
        last_seen=None,
        last_scan=None,
        overdue=Fact.UNKNOWN,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


@dataclass
class Round:
    """One account with `devices`, and the passes over it."""

    devices: tuple[DeviceVerdict, ...] = (device(1), device(2))
    every: Mapping[str, timedelta] = field(default_factory=lambda: {"datto": DAY})
    client: Client = field(default_factory=lambda: a_client(rmm=BOUND, tenant_id=None))
    at_once: int = 30

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.store = MemoryStore(self.clock)
        self.vendor = Scripted(self.store)
        section = PatchSection(observed_at=START, devices=self.devices, coverage=Coverage())
        self.store.snapshots.put(Snapshot(client=ACME, patches=section))

    def go(self) -> None:
        ListUpdates(
            every=self.every,
            rmms={"datto": self.vendor},  # type: ignore[dict-item]
            clients=(self.client,),
            snapshots=self.store.snapshots,
            listings=self.store.listings,
            runs=self.store.script_runs,
            switch=self.store.switch,
            audit=self.store.audit,
            clock=self.clock,
            at_once=self.at_once,
        )()

    @property
    def sent(self) -> list[str]:
        return [target for targets in self.vendor.sent for target in targets]

    def states(self) -> dict[str, JobState]:
        return {run.targets[0]: run.state for run in self.store.script_runs.all()}


class Scripted(FakeEffector):
    """Keeps a listing where a run is read back, as an account does."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        self.store = store
        self.requests: list[RequestId] = []
        self.jobs: list[Job] = []

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        self.requests.append(request_id)
        self.jobs.append(job)
        return super().dispatch(client, job, request_id)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        results = super().verify(client, job, plan)
        if results[0].state is StepState.VERIFIED and job.dispatched_at is not None:
            listing = Listing(
                device_id=DeviceId(job.targets[0]),
                listed_at=job.dispatched_at,
                patches=(),
                reboot_needed=False,
            )
            self.store.listings.put(listing)
        return results


def test_every_device_is_listed_once_in_a_period() -> None:
    on = Round()
    for _ in range(3):
        on.go()
        on.clock.move(hours=1)
    assert on.sent == ["datto:1", "datto:2"]
    assert set(on.vendor.kinds) == {JobKind.SCAN}
    assert set(on.states().values()) == {JobState.DONE}
    assert on.store.listings.get(DeviceId("datto:1")) is not None
    on.clock.move(hours=24)
    on.go()
    assert on.sent == ["datto:1", "datto:2"] * 2


def test_nothing_is_run_where_it_is_not_configured() -> None:
    on = Round(every={})
    on.go()
    assert (on.sent, on.store.audit.kinds) == ([], [])


def test_runs_are_on_the_record_before_they_are_made() -> None:
    on = Round()
    on.go()
    (entry,) = on.store.audit.entries
    assert (entry.kind, entry.actor, entry.client) == ("listing_begun", "gatehouse", ACME)
    assert entry.detail["devices"] == ["datto:1", "datto:2"]
    assert {entry.detail["round"]} == set(on.vendor.requests)
    assert all(job.id.startswith(f"{entry.detail['round']}-") for job in on.vendor.jobs)
    assert all(len(job.id) <= 64 for job in on.vendor.jobs)


def test_without_a_record_nothing_is_run() -> None:
    on = Round()
    on.store.kept.full = True
    with pytest.raises(StorageFailed):
        on.go()
    assert on.sent == []


def test_frozen_means_no_new_runs_and_the_rest_is_followed() -> None:
    on = Round(at_once=1)
    on.go()
    on.store.switch.set(Freeze(at=START, by=None, by_name="Tess", why="fire"), actor="tess")
    on.go()
    on.go()
    assert on.sent == ["datto:1"]
    assert on.states() == {"datto:1": JobState.DONE}


def test_freezing_in_the_middle_of_a_round_stops_it() -> None:
    on = Round()
    freeze = Freeze(at=START, by=None, by_name="Tess", why="fire")
    on.vendor.while_sending = [lambda: on.store.switch.set(freeze, actor="tess")]
    on.go()
    assert on.sent == ["datto:1"]


@pytest.mark.parametrize(
    "changed",
    [
        {"online": Fact.NO},
        {"online": Fact.UNKNOWN},
        {"protected": True},
        {"os": "macOS Tahoe 26.1"},
        {"account": "other"},
    ],
)
def test_devices_it_cannot_or_must_not_run_on_are_left_alone(changed: dict[str, object]) -> None:
    on = Round(devices=(device(1, **changed),))
    on.go()
    assert on.sent == []


def test_device_listed_by_a_request_is_not_due() -> None:
    on = Round()
    listing = Listing(
        device_id=DeviceId("datto:1"),
        listed_at=START - timedelta(hours=23),
        patches=(),
        reboot_needed=False,
    )
    on.store.listings.put(listing)
    on.go()
    assert on.sent == ["datto:2"]
    on.clock.move(hours=1)
    on.go()
    assert on.sent == ["datto:2", "datto:1"]


def test_no_more_than_so_many_run_at_once() -> None:
    on = Round(devices=tuple(device(n) for n in range(5)), at_once=2)
    on.vendor.reports = [Report(state=JobState.RUNNING)] * 4
    on.go()
    on.go()
    on.go()
    assert len(on.sent) == 2
    on.go()
    assert len(on.sent) == 4


def test_call_nobody_can_tell_about_is_not_made_again_in_the_period() -> None:
    on = Round(devices=(device(1),))
    on.vendor.dispatch_errors = [OutcomeUnknown("Datto", "cut off")]
    on.go()
    on.go()
    assert (on.sent, on.states()) == (["datto:1"], {"datto:1": JobState.UNKNOWN})


def test_process_that_dies_in_the_call_leaves_one_call() -> None:
    on = Round(devices=(device(1),))
    on.vendor.dispatch_errors = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        on.go()
    assert on.states() == {"datto:1": JobState.DISPATCHING}
    on.store = on.store.restarted()
    on.go()
    assert (on.sent, on.states()) == (["datto:1"], {"datto:1": JobState.UNKNOWN})


def test_busy_vendor_is_asked_later_and_only_once_per_pass() -> None:
    on = Round()
    on.vendor.dispatch_errors = [VendorBusy("Datto", "full")]
    on.go()
    assert on.sent == ["datto:1"]
    on.go()
    assert on.sent == ["datto:1", "datto:1", "datto:2"]


def test_refusal_ends_the_pass_and_the_device_waits_its_period() -> None:
    on = Round()
    on.vendor.dispatch_errors = [VendorRefused("Datto", "no such component")]
    on.go()
    on.go()
    assert on.sent == ["datto:1", "datto:2"]
    assert on.states()["datto:1"] is JobState.FAILED


def test_run_without_an_end_is_given_up() -> None:
    on = Round(devices=(device(1),))
    on.vendor.reports = [Report(state=JobState.RUNNING)] * 9
    on.go()
    on.clock.move(hours=3)
    on.go()
    assert on.states() == {"datto:1": JobState.DISPATCHED}
    on.clock.move(hours=2)
    on.go()
    assert on.states() == {"datto:1": JobState.UNKNOWN}


def test_output_that_may_still_come_is_waited_for() -> None:
    on = Round(devices=(device(1),))
    waiting = StepResult(target="datto:1", state=StepState.DONE, reason="there is none")
    on.vendor.verified = {"datto:1": waiting}
    on.go()
    on.go()
    assert on.states() == {"datto:1": JobState.DISPATCHED}
    on.vendor.verified = {}
    on.go()
    assert on.states() == {"datto:1": JobState.DONE}


def test_devices_that_may_belong_to_somebody_else_are_left_alone() -> None:
    on = Round()
    snapshot = on.store.snapshots.get(ACME)
    assert snapshot is not None
    assert snapshot.patches is not None
    strange = replace(snapshot.patches, main_domain="borough.example")
    tenant = MfaSection(
        observed_at=START, verdicts=(), coverage=Coverage(), domains=("acme.example",)
    )
    on.store.snapshots.put(replace(snapshot, mfa=tenant, patches=strange))
    on.go()
    assert on.sent == []
