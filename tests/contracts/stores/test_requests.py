"""A request is kept as it was made, changes by one event at a time, and survives a restart."""

from datetime import timedelta

import pytest

from core.domain.events import CancelAsked, Finished, JobMoved, PersonRuled, StepResult, StepsMoved
from core.domain.remediation import JobId, JobState, RequestId, RequestState, StepState, Verdict
from core.errors import Conflict, ImpossibleTransition, StorageFailed
from tests.contracts.stores.house import ID, House, at_once, running
from tests.storage.making import (
    ACME,
    MANAGER,
    START,
    TECH,
    decided,
    plan,
    requested,
    started,
    withdrawn,
)


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
