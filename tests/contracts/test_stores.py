"""One suite of promises for everything that keeps data: the data directory, and the fake used in tests."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from core import ports
from core.domain.clients import ClientKey
from core.domain.events import CancelAsked, Finished, JobMoved, PersonRuled, StepResult, StepsMoved
from core.domain.exemptions import Exemption
from core.domain.facts import Coverage
from core.domain.findings import MfaSection, Numbers, Snapshot
from core.domain.patching import (
    DeviceId,
    LineHistory,
    Listing,
    Patch,
    PatchClass,
    PatchState,
    ProductLine,
    Severity,
)
from core.domain.proofs import Doubt, WriteProof
from core.domain.remediation import (
    Job,
    JobId,
    JobKind,
    JobState,
    RequestId,
    RequestState,
    StepState,
    Verdict,
)
from core.errors import Conflict, ImpossibleTransition, StorageFailed
from core.ports import Freeze, MessageRef, PostState, Received, SlotState
from storage import Data, open_data
from tests.fakes.memory_store import MemoryStore
from tests.storage.making import (
    ACME,
    MANAGER,
    OVER,
    START,
    TECH,
    SetClock,
    decided,
    dispatching,
    plan,
    requested,
    started,
    withdrawn,
)

T = TypeVar("T")
ID = RequestId("R4K7Q")


class Store(Protocol):
    """All keeping ports of one process."""

    @property
    def requests(self) -> ports.Requests: ...
    @property
    def audit(self) -> ports.AuditLog: ...
    @property
    def snapshots(self) -> ports.Snapshots: ...
    @property
    def slots(self) -> ports.Slots: ...
    @property
    def switch(self) -> ports.Switch: ...
    @property
    def exemptions(self) -> ports.Exemptions: ...
    @property
    def proofs(self) -> ports.Proofs: ...
    @property
    def drafts(self) -> ports.Drafts: ...
    @property
    def inbox(self) -> ports.Inbox: ...
    @property
    def outbox(self) -> ports.Outbox: ...
    @property
    def listings(self) -> ports.Listings: ...
    @property
    def script_runs(self) -> ports.ScriptRuns: ...


class House(Protocol):
    """A store that can be restarted, looked into, and starved of disk space."""

    clock: SetClock

    @property
    def store(self) -> Store: ...
    def restart(self) -> None: ...
    def record(self) -> list[tuple[str, str, ClientKey | None]]: ...
    def disk_full(self) -> Any: ...
    def close(self) -> None: ...


class MemoryHouse:
    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemoryStore(self.clock)

    def restart(self) -> None:
        self.store = self.store.restarted()

    def record(self) -> list[tuple[str, str, ClientKey | None]]:
        return [(entry.kind, entry.actor, entry.client) for entry in self.store.audit.entries]

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        self.store.kept.full = True
        yield
        self.store.kept.full = False

    def close(self) -> None: ...


class DiskHouse:
    def __init__(self, path: Path) -> None:
        self.clock = SetClock()
        self._path = path
        self.store: Data = open_data(path, clock=self.clock)

    def restart(self) -> None:
        self.store.close()
        self.store = open_data(self._path, clock=self.clock)

    def record(self) -> list[tuple[str, str, ClientKey | None]]:
        return [(entry.kind, entry.actor, entry.client) for entry in self.store.audit.entries()]

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        def no_space(descriptor: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", no_space)
            yield

    def close(self) -> None:
        self.store.close()


@pytest.fixture(params=["memory", "disk"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made: House = MemoryHouse() if request.param == "memory" else DiskHouse(tmp_path / "data")
    yield made
    made.close()


def at_once(times: int, do: Callable[[int], T]) -> list[T | Exception]:
    """Call from many threads together; each outcome, exceptions included."""

    def attempt(number: int) -> T | Exception:
        try:
            return do(number)
        except Exception as error:  # noqa: BLE001 - the outcome is what is looked at
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))


def running(store: Store) -> None:
    """Bring the request to where its one job is at the vendor."""
    store.requests.commit(ID, requested(), expected=0)
    store.requests.commit(ID, decided(), expected=1)
    store.requests.commit(ID, started(), expected=2)
    store.requests.commit(ID, dispatching(store.requests.worker()), expected=3)


# Requests.


def test_a_request_is_found_as_it_was_made(house: House) -> None:
    made = house.store.requests.commit(ID, requested(), expected=0)
    assert made.version == 1
    assert made.plan == plan()
    assert house.store.requests.get(ID) == made
    assert house.store.requests.get(RequestId("other")) is None


def test_a_request_survives_a_restart_unchanged(house: House) -> None:
    running(house.store)
    before = house.store.requests.get(ID)
    house.restart()
    assert before is not None
    assert before.version == 4
    assert house.store.requests.get(ID) == before
    assert house.store.requests.open() == (before,)


def test_a_commit_at_an_old_version_changes_nothing(house: House) -> None:
    house.store.requests.commit(ID, requested(), expected=0)
    decided_once = house.store.requests.commit(ID, decided(), expected=1)
    head = house.store.audit.head()
    with pytest.raises(Conflict):
        house.store.requests.commit(ID, withdrawn(), expected=1)
    assert house.store.requests.get(ID) == decided_once
    assert house.store.audit.head() == head


def test_a_request_is_not_made_twice(house: House) -> None:
    house.store.requests.commit(ID, requested(), expected=0)
    with pytest.raises(Conflict):
        house.store.requests.commit(ID, requested(), expected=0)


def test_an_impossible_event_leaves_no_trace(house: House) -> None:
    made = house.store.requests.commit(ID, requested(), expected=0)
    head = house.store.audit.head()
    with pytest.raises(ImpossibleTransition):
        house.store.requests.commit(ID, started(), expected=1)
    with pytest.raises(ImpossibleTransition):
        house.store.requests.commit(RequestId("none"), started(), expected=0)
    assert house.store.requests.get(ID) == made
    assert house.store.audit.head() == head


def test_a_request_is_not_kept_under_another_id(house: House) -> None:
    with pytest.raises(ImpossibleTransition):
        house.store.requests.commit(RequestId("other"), requested(), expected=0)
    assert house.store.requests.open() == ()


def test_of_eight_simultaneous_decisions_exactly_one_wins(house: House) -> None:
    house.store.requests.commit(ID, requested(), expected=0)
    outcomes = at_once(8, lambda _: house.store.requests.commit(ID, decided(), expected=1))
    conflicts = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(conflicts) == 7
    kept = house.store.requests.get(ID)
    assert kept is not None
    assert (kept.version, len(kept.decisions)) == (2, 1)


def test_every_event_is_on_the_record_with_its_actor(house: House) -> None:
    running(house.store)
    assert house.record() == [
        ("request.requested", "tech", ACME),
        ("request.decided", "manager", ACME),
        ("request.started", "gatehouse", ACME),
        ("request.job_dispatching", "gatehouse", ACME),
    ]


def test_open_requests_come_oldest_first_and_ended_ones_not_at_all(house: House) -> None:
    for name, minutes in (("young", 9), ("old", 1), ("gone", 5)):
        event = requested(name, at=START + timedelta(minutes=minutes))
        house.store.requests.commit(RequestId(name), event, expected=0)
    house.store.requests.commit(RequestId("gone"), withdrawn(), expected=1)
    assert [request.id for request in house.store.requests.open()] == ["old", "young"]
    house.restart()
    assert [request.id for request in house.store.requests.open()] == ["old", "young"]


def test_ended_requests_come_newest_first_from_a_given_time_on(house: House) -> None:
    for name, hours in (("first", 1), ("third", 3), ("second", 2)):
        end = withdrawn(at=START + timedelta(hours=hours))
        house.store.requests.commit(RequestId(name), requested(name), expected=0)
        house.store.requests.commit(RequestId(name), end, expected=1)
    house.restart()
    since = house.store.requests.finished_since(START + timedelta(hours=2))
    assert [request.id for request in since] == ["third", "second"]
    first = house.store.requests.get(RequestId("first"))
    assert first is not None
    assert first.state is RequestState.WITHDRAWN


def test_a_person_can_rule_on_a_request_that_has_ended(house: House) -> None:
    running(house.store)
    unknown = tuple(
        StepResult(target=f"ninja:{n}", state=StepState.UNKNOWN, changed=None) for n in range(3)
    )
    moved = JobMoved(
        at=START, job_id=JobId("job-1"), state=JobState.UNKNOWN, detail="cut off", results=unknown
    )
    house.store.requests.commit(ID, moved, expected=4)
    house.store.requests.commit(
        ID, Finished(at=START, state=RequestState.FAILED, note="nobody knows"), expected=5
    )
    ruled = PersonRuled(
        at=START,
        by=MANAGER,
        results=(StepResult(target="ninja:0", state=StepState.VERIFIED, changed=True),),
        note="I looked at it",
    )
    after = house.store.requests.commit(ID, ruled, expected=6)
    house.restart()
    assert house.store.requests.get(ID) == after
    assert after.step("ninja:0").state is StepState.VERIFIED
    assert house.store.requests.open() == ()


def test_nothing_changes_where_the_disk_is_full(house: House) -> None:
    made = house.store.requests.commit(ID, requested(), expected=0)
    head = house.store.audit.head()
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.requests.commit(ID, decided(), expected=1)
    assert house.store.requests.get(ID) == made
    assert house.store.audit.head() == head
    house.restart()
    assert house.store.requests.get(ID) == made
    assert house.store.requests.commit(ID, decided(), expected=1).version == 2


def test_a_process_is_told_from_the_one_before_it(house: House) -> None:
    first = house.store.requests.worker()
    assert not house.store.requests.is_dead(first)
    house.restart()
    assert house.store.requests.worker() != first
    assert house.store.requests.is_dead(first)


def test_a_handed_out_request_cannot_change_what_is_kept(house: House) -> None:
    running(house.store)
    with pytest.raises(AttributeError):
        house.store.requests.open()[0].version = 9  # type: ignore[misc]  # that is the point
    denied = CancelAsked(at=START, by=TECH, note="stop")
    assert house.store.requests.commit(ID, denied, expected=4).state is RequestState.CANCELLING


def test_a_skipped_step_stays_skipped_after_a_restart(house: House) -> None:
    running(house.store)
    skipped = StepResult(target="ninja:2", state=StepState.SKIPPED, reason="it is off")
    house.store.requests.commit(ID, StepsMoved(at=START, results=(skipped,)), expected=4)
    house.restart()
    request = house.store.requests.get(ID)
    assert request is not None
    assert request.step("ninja:2").reason == "it is off"


def test_a_denied_request_has_ended(house: House) -> None:
    house.store.requests.commit(ID, requested(), expected=0)
    house.store.requests.commit(ID, decided(Verdict.DENY), expected=1)
    assert house.store.requests.open() == ()
    assert [request.id for request in house.store.requests.finished_since(START)] == [ID]


# The audit log.


def test_the_head_moves_with_every_entry_and_survives_a_restart(house: House) -> None:
    audit = house.store.audit
    heads = [audit.head()]
    heads += [
        audit.append("decision.refused", actor="U1", client=ACME, reason=reason)
        for reason in ("not on the list", "same person")
    ]
    assert [head.seq for head in heads] == [0, 1, 2]
    assert len({head.hash for head in heads}) == 3
    house.restart()
    assert house.store.audit.head() == heads[-1]
    assert house.record() == [("decision.refused", "U1", ACME)] * 2


def test_entries_of_many_threads_are_all_kept(house: House) -> None:
    heads = at_once(8, lambda n: house.store.audit.append("note", actor=f"U{n}"))
    assert {head.seq for head in heads if isinstance(head, ports.AuditHead)} == set(range(1, 9))


def test_a_full_disk_refuses_an_entry_and_the_next_one_follows_on(house: House) -> None:
    first = house.store.audit.append("note", actor="U1")
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.audit.append("note", actor="U2")
    assert house.store.audit.head() == first
    assert house.store.audit.append("note", actor="U3").seq == 2
    assert [actor for _, actor, _ in house.record()] == ["U1", "U3"]


# Snapshots.


def snapshot(client: str = "acme", *, name: str = "Acme") -> Snapshot:
    section = MfaSection(observed_at=START, verdicts=(), coverage=Coverage(), tenant_name=name)
    history = {DeviceId("ninja:1"): {ProductLine("Edge"): LineHistory(missing_since=START)}}
    return Snapshot(client=ClientKey(client), mfa=section, history=history)


def test_there_is_no_snapshot_before_the_first(house: House) -> None:
    assert house.store.snapshots.get(ACME) is None


def test_the_newest_snapshot_replaces_the_older_one(house: House) -> None:
    house.store.snapshots.put(snapshot(name="old"))
    house.store.snapshots.put(snapshot(name="new"))
    assert house.store.snapshots.get(ACME) == snapshot(name="new")
    house.restart()
    assert house.store.snapshots.get(ACME) == snapshot(name="new")


@pytest.mark.parametrize("client", ["..", "a/b", "ä ö", "con", "*"])
def test_a_client_may_have_any_key(house: House, client: str) -> None:
    house.store.snapshots.put(snapshot())
    house.store.snapshots.put(snapshot(client))
    assert house.store.snapshots.get(ClientKey(client)) == snapshot(client)
    assert house.store.snapshots.get(ACME) == snapshot()


def test_a_full_disk_keeps_the_older_snapshot(house: House) -> None:
    house.store.snapshots.put(snapshot(name="old"))
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.snapshots.put(snapshot(name="new"))
    assert house.store.snapshots.get(ACME) == snapshot(name="old")


# Listings.


def listing(device: str = "datto:1", *, hours: int = 0) -> Listing:
    patch = Patch(
        key="KB5000001",
        device_id=DeviceId(device),
        title="2026-11 Cumulative Update",
        kb="KB5000001",
        severity=Severity.CRITICAL,
        patch_class=PatchClass.CUMULATIVE,
        state=PatchState.APPROVED,
        released=START.date(),
        cves=("CVE-2026-12345",),
    )
    return Listing(
        device_id=DeviceId(device),
        listed_at=START + timedelta(hours=hours),
        patches=(patch,),
        reboot_needed=False,
    )


def test_the_newest_listing_of_a_device_survives_a_restart(house: House) -> None:
    for hours in (1, 3, 2):
        house.store.listings.put(listing(hours=hours))
    house.store.listings.put(listing("datto:2"))
    house.restart()
    assert house.store.listings.get(DeviceId("datto:1")) == listing(hours=3)
    assert house.store.listings.get(DeviceId("datto:2")) == listing("datto:2")
    assert house.store.listings.get(DeviceId("datto:3")) is None


def test_a_full_disk_keeps_the_older_listing(house: House) -> None:
    house.store.listings.put(listing())
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.listings.put(listing(hours=1))
    assert house.store.listings.get(DeviceId("datto:1")) == listing()


# Runs of update scripts.


def run(device: str = "datto:1", **changed: Any) -> Job:
    job = Job(
        id=JobId("listing-1-1"),
        kind=JobKind.SCAN,
        account="datto",
        client=ACME,
        targets=(device,),
        dispatched_at=START,
    )
    return replace(job, **changed)


def test_the_last_run_of_a_device_survives_a_restart(house: House) -> None:
    house.store.script_runs.put(run(state=JobState.DISPATCHING))
    house.store.script_runs.put(run(state=JobState.DISPATCHED, reference="uid"))
    house.store.script_runs.put(run("datto:2"))
    house.restart()
    kept = {job.targets[0]: job for job in house.store.script_runs.all()}
    assert kept == {
        "datto:1": run(state=JobState.DISPATCHED, reference="uid"),
        "datto:2": run("datto:2"),
    }


def test_a_full_disk_keeps_the_run_before(house: House) -> None:
    house.store.script_runs.put(run())
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.script_runs.put(run(state=JobState.DONE))
    assert house.store.script_runs.all() == (run(),)


# Slots.

TODAY = START.date()
NUMBERS: Mapping[ClientKey, Numbers] = {ACME: Numbers(mfa_gaps=3, devices=40)}


def test_a_slot_is_claimed_once(house: House) -> None:
    assert house.store.slots.claim("C1", TODAY)
    assert not house.store.slots.claim("C1", TODAY)
    assert house.store.slots.claim("C2", TODAY)
    assert house.store.slots.claim("C1", TODAY + timedelta(days=1))
    house.restart()
    assert not house.store.slots.claim("C1", TODAY)


def test_of_eight_claims_at_once_exactly_one_is_granted(house: House) -> None:
    assert at_once(8, lambda _: house.store.slots.claim("C1", TODAY)).count(True) == 1


def test_a_slot_that_was_settled_unclaimed_is_not_claimed_later(house: House) -> None:
    house.store.slots.settle("C1", TODAY, SlotState.MISSED, {})
    assert not house.store.slots.claim("C1", TODAY)


def test_the_last_posted_numbers_are_found_and_missed_days_passed_over(house: House) -> None:
    slots = house.store.slots
    assert slots.last_numbers("C1", TODAY) is None
    for days, state in ((3, SlotState.POSTED), (2, SlotState.POSTED), (1, SlotState.MISSED)):
        slots.claim("C1", TODAY - timedelta(days=days))
        slots.settle("C1", TODAY - timedelta(days=days), state, NUMBERS)
    house.restart()
    two_days_ago = TODAY - timedelta(days=2)
    assert house.store.slots.last_numbers("C1", TODAY) == (two_days_ago, NUMBERS)
    assert house.store.slots.last_numbers("C1", two_days_ago - timedelta(days=1)) is None
    assert house.store.slots.last_numbers("C2", TODAY) is None


def test_a_slot_is_cut_off_only_when_its_process_has_died(house: House) -> None:
    house.store.slots.claim("C1", TODAY)
    house.store.slots.claim("C2", TODAY)
    house.store.slots.settle("C2", TODAY, SlotState.POSTED, NUMBERS)
    assert house.store.slots.unsettled() == ()
    house.restart()
    assert house.store.slots.unsettled() == (("C1", TODAY),)
    house.store.slots.settle("C1", TODAY, SlotState.MISSED, {})
    assert house.store.slots.unsettled() == ()


def test_a_slot_long_past_cannot_be_claimed(house: House) -> None:
    assert not house.store.slots.claim("C1", TODAY - timedelta(days=60))


def test_a_channels_last_numbers_outlive_its_old_slots(house: House) -> None:
    posted: list[date] = []
    for _ in range(3):
        posted.append(house.clock.now().date())
        house.store.slots.claim("C1", posted[-1])
        house.store.slots.settle("C1", posted[-1], SlotState.POSTED, NUMBERS)
        house.clock.move(days=60)
    house.store.slots.claim("C2", house.clock.now().date())
    found = house.store.slots.last_numbers("C1", house.clock.now().date())
    assert found == (posted[-1], NUMBERS)
    assert not house.store.slots.claim("C1", posted[0])


# The switch.


def freeze(why: str = "odd clicks") -> Freeze:
    return Freeze(at=START, by=TECH, by_name="Tess Tech", why=why)


def test_frozen_stays_frozen_across_a_restart_until_it_is_lifted(house: House) -> None:
    assert house.store.switch.frozen() is None
    house.store.switch.set(freeze(), actor="tech")
    house.restart()
    assert house.store.switch.frozen() == freeze()
    house.store.switch.set(OVER, actor="manager")
    house.restart()
    assert house.store.switch.frozen() is None
    assert house.store.switch.last() == OVER


def test_every_turn_of_the_switch_is_on_the_record(house: House) -> None:
    asked = Freeze(
        at=START,
        by=TECH,
        by_name="Tess Tech",
        why="odd clicks",
        unfreeze_by=MANAGER,
        unfreeze_name="Max Manager",
    )
    house.store.switch.set(freeze(), actor="tech")
    house.store.switch.set(asked, actor="manager")
    assert house.store.switch.frozen() == asked
    house.store.switch.set(OVER, actor="tech")
    assert house.record() == [
        ("switch.frozen", "tech", None),
        ("switch.unfreeze_asked", "manager", None),
        ("switch.unfrozen", "tech", None),
    ]


def test_what_cannot_be_recorded_does_not_turn_the_switch(house: House) -> None:
    house.store.switch.set(freeze(), actor="tech")
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.switch.set(OVER, actor="manager")
    assert house.store.switch.frozen() == freeze()


# Drafts.

DRAFT = RequestId("D1")


def test_a_draft_is_shown_to_its_owner_only(house: House) -> None:
    house.store.drafts.put(DRAFT, plan(), owner=TECH, until=START + timedelta(hours=1))
    assert house.store.drafts.get(DRAFT, owner=MANAGER, now=START) is None
    assert house.store.drafts.get(RequestId("D2"), owner=TECH, now=START) is None
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) == plan()


def test_a_draft_survives_a_restart_and_expires(house: House) -> None:
    until = START + timedelta(hours=1)
    house.store.drafts.put(DRAFT, plan(), owner=TECH, until=until)
    house.restart()
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) == plan()
    assert house.store.drafts.get(DRAFT, owner=TECH, now=until) is None


def test_a_later_draft_of_the_same_id_counts(house: House) -> None:
    until = START + timedelta(hours=1)
    house.store.drafts.put(DRAFT, plan(1), owner=TECH, until=until)
    house.store.drafts.put(DRAFT, plan(2), owner=MANAGER, until=until)
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) is None
    assert house.store.drafts.get(DRAFT, owner=MANAGER, now=START) == plan(2)


# Exemptions.


def test_an_exemption_is_found_as_it_was_granted_and_survives_a_restart(house: House) -> None:
    granted = exemption()
    house.store.exemptions.grant([granted], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == (granted,)
    assert house.store.exemptions.of(ClientKey("beta")) == ()
    assert ("exemption.granted", "tech", ACME) in house.record()


def test_a_later_exemption_takes_the_place_of_the_earlier_one(house: House) -> None:
    later = exemption(request="R2", until=TODAY + timedelta(days=60))
    house.store.exemptions.grant([exemption(), exemption("ben")], actor="tech")
    house.store.exemptions.grant([later], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == (later, exemption("ben"))


def test_only_what_the_named_request_granted_is_ended(house: House) -> None:
    house.store.exemptions.grant([exemption(), exemption("ben")], actor="tech")
    house.store.exemptions.grant([exemption(request="R2")], actor="tech")
    house.store.exemptions.end(ACME, ["ada", "ben"], granted_by=RequestId("R1"), actor="tech2")
    house.restart()
    assert house.store.exemptions.of(ACME) == (exemption(request="R2"),)
    assert ("exemption.ended", "tech2", ACME) in house.record()


def test_an_exemption_that_cannot_be_recorded_is_not_granted(house: House) -> None:
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.exemptions.grant([exemption()], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == ()


def test_an_exemption_over_for_weeks_is_forgotten_when_another_is_granted(house: House) -> None:
    house.store.exemptions.grant([exemption(until=TODAY)], actor="tech")
    for user, days in (("ben", 35), ("cleo", 36)):
        house.store.exemptions.grant(
            [exemption(user, since=START + timedelta(days=days), until=TODAY + timedelta(days=99))],
            actor="tech",
        )
        names = [item.user_id for item in house.store.exemptions.of(ACME)]
        assert ("ada" in names) is (days == 35)


# Proofs.


def test_a_proof_holds_for_its_server_and_reading_alone_and_survives_a_restart(
    house: House,
) -> None:
    given = proof()
    house.store.proofs.put(given, actor="console")
    house.restart()
    doubt = given.doubt
    assert house.store.proofs.find(doubt) == given
    for other in ({"server": "https://b.example"}, {"reading": "EntityType 2"}, {"vendor": "x"}):
        assert house.store.proofs.find(replace(doubt, **other)) is None
    assert ("proof.given", "console", ACME) in house.record()


def test_a_proof_that_cannot_be_recorded_opens_nothing(house: House) -> None:
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.proofs.put(proof(), actor="console")
    house.restart()
    assert house.store.proofs.find(proof().doubt) is None


# The inbox.


def proof() -> WriteProof:
    doubt = Doubt(
        vendor="automate",
        server="https://a.example",
        reading="EntityType 1",
        risk="It hits others.",
    )
    return WriteProof(
        doubt=doubt, client=ACME, device_id="cwa:412", device_name="PC-412", seen="seen there", by="tess",
        at=START,
    )  # fmt: skip


def exemption(
    user: str = "ada",
    *,
    request: str = "R1",
    since: datetime = START,
    until: date = TODAY + timedelta(days=14),
) -> Exemption:
    return Exemption(
        client=ACME,
        user_id=user,
        name=f"{user.title()} ({user}@acme.example)",
        reason="New phone on Monday",
        until=until,
        since=since,
        request=RequestId(request),
        asked_by=TECH,
        asked_by_name="Tess Tech",
        approved_by=(MANAGER,),
        approved_by_names=("Maya Manager",),
    )


def item(key: str, minute: int = 0) -> Received:
    payload = {"user": {"id": "U1"}, "actions": [{"value": key}], "text": "naïve \u2028 line"}
    at = START + timedelta(minutes=minute)
    return Received(key=key, kind="block_actions", payload=payload, at=at)


def test_what_came_in_is_pending_in_order_until_it_is_done(house: House) -> None:
    for number, key in enumerate(("b", "a", "c")):
        assert house.store.inbox.append(item(key, number))
    house.store.inbox.done("a")
    assert house.store.inbox.pending() == (item("b", 0), item("c", 2))
    house.restart()
    assert house.store.inbox.pending() == (item("b", 0), item("c", 2))


def test_the_same_payload_is_taken_in_once_even_after_it_was_done(house: House) -> None:
    assert house.store.inbox.append(item("a"))
    assert not house.store.inbox.append(item("a"))
    house.store.inbox.done("a")
    assert not house.store.inbox.append(item("a"))
    house.restart()
    assert not house.store.inbox.append(item("a"))
    assert house.store.inbox.pending() == ()


def test_of_eight_deliveries_at_once_one_is_taken_in(house: House) -> None:
    assert at_once(8, lambda _: house.store.inbox.append(item("a"))).count(True) == 1


def test_a_payload_that_could_not_be_kept_is_welcome_again(house: House) -> None:
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.inbox.append(item("a"))
    assert house.store.inbox.pending() == ()
    assert house.store.inbox.append(item("a"))
    house.restart()
    assert house.store.inbox.pending() == (item("a"),)


def test_finishing_twice_or_something_unheard_of_does_no_harm(house: House) -> None:
    house.store.inbox.append(item("a"))
    house.store.inbox.done("a")
    house.store.inbox.done("a")
    house.store.inbox.done("never seen")
    assert house.store.inbox.pending() == ()


# The outbox.

PLACE = MessageRef(channel="C1", ts="1732266000.000100")


def test_a_post_is_begun_by_one_caller(house: House) -> None:
    states = [
        outcome.state
        for outcome in at_once(8, lambda _: house.store.outbox.begin("R:card", "C1", START))
        if isinstance(outcome, ports.Post)
    ]
    assert sorted(states) == [PostState.NEW] + [PostState.SENDING] * 7


def test_a_sent_post_is_found_with_its_place_after_a_restart(house: House) -> None:
    house.store.outbox.begin("R:card", "C1", START)
    house.store.outbox.settle("R:card", PostState.SENT, PLACE, face="abc")
    house.restart()
    found = house.store.outbox.find("R:card")
    assert found is not None
    assert (found.state, found.ref, found.face) == (PostState.SENT, PLACE, "abc")
    assert house.store.outbox.begin("R:card", "C1", START) == found
    assert house.store.outbox.find("R:card") == found
    assert house.store.outbox.cut_off() == ()


def test_what_a_post_shows_is_remembered_over_a_restart(house: House) -> None:
    house.store.outbox.begin("R:card", "C1", START)
    house.store.outbox.settle("R:card", PostState.SENT, PLACE, face="first")
    house.store.outbox.settle("R:card", PostState.SENT, PLACE, face="second")
    house.restart()
    found = house.store.outbox.find("R:card")
    assert found is not None
    assert (found.ref, found.face) == (PLACE, "second")


def test_a_post_that_surely_did_not_go_out_may_be_begun_again(house: House) -> None:
    house.store.outbox.begin("R:card", "C1", START)
    house.store.outbox.settle("R:card", PostState.NEW)
    assert house.store.outbox.begin("R:card", "C1", START).state is PostState.NEW
    assert house.store.outbox.begin("R:card", "C1", START).state is PostState.SENDING


def test_a_post_of_unknown_outcome_is_not_begun_again(house: House) -> None:
    house.store.outbox.begin("R:card", "C1", START)
    house.store.outbox.settle("R:card", PostState.UNKNOWN)
    house.restart()
    for _ in range(2):
        assert house.store.outbox.begin("R:card", "C1", START).state is PostState.UNKNOWN
    assert house.store.outbox.cut_off() == ()


def test_a_post_is_cut_off_only_when_its_process_has_died(house: House) -> None:
    house.store.outbox.begin("R:card", "C1", START)
    assert house.store.outbox.cut_off() == ()
    house.restart()
    assert [post.key for post in house.store.outbox.cut_off()] == ["R:card"]
    assert house.store.outbox.begin("R:card", "C1", START).state is PostState.SENDING
    house.store.outbox.settle("R:card", PostState.SENT, PLACE)
    assert house.store.outbox.cut_off() == ()
    house.restart()
    assert house.store.outbox.cut_off() == ()


def test_nothing_is_known_of_a_post_never_begun(house: House) -> None:
    assert house.store.outbox.find("R:card") is None
