"""Users are added to the group once, whatever becomes of the call."""

from dataclasses import replace

import pytest

from core.domain.events import StepResult
from core.domain.remediation import JobState, StepState
from core.errors import OutcomeUnknown, VendorBusy, VendorForbidden
from core.ports import Truth
from sandbox.estate.model import Group
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import REQUEST, House
from tests.integrations.entra.user_jobs import ADD, dispatch, of, verify


def test_users_are_added_in_one_call_and_read_back(house: House) -> None:
    users = house.outside(5)
    job = house.job(ADD, *users)
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert all(r.state is StepState.DONE and r.changed for r in report.results)
    assert house.effects("add_member") == [[user.id for user in users]]
    assert {user.id for user in users} <= set(house.members())
    assert all(result.state is StepState.VERIFIED for result in verify(house, job).values())


def test_whoever_is_in_already_is_not_sent_and_not_ours_to_undo(house: House) -> None:
    new, old = house.outside(1)[0], house.tenant().users[house.members()[0]]
    job = house.job(ADD, new, old)
    report = dispatch(house, job)
    assert of(report, new).changed is True
    assert of(report, old).changed is False
    assert of(report, old).state is StepState.DONE
    assert house.effects("add_member") == [[new.id]]


def test_nothing_is_sent_where_all_are_in_already(house: House) -> None:
    old = [house.tenant().users[member] for member in house.members()[:3]]
    report = dispatch(house, house.job(ADD, *old))
    assert report.state is JobState.DONE
    assert house.calls(method="PATCH") == 0


def test_a_refused_batch_is_read_again_and_sent_singly(house: House) -> None:
    kept, gone, joined = house.outside(3)
    job = house.job(ADD, kept, gone, joined)
    del house.tenant().users[gone.id]
    house.members().append(joined.id)  # by someone else, after the mark
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert of(report, kept) == StepResult(target=kept.id, state=StepState.DONE, changed=True)
    assert of(report, gone).state is StepState.FAILED
    assert "no longer exists" in of(report, gone).reason
    assert of(report, joined).state is StepState.DONE
    assert of(report, joined).changed is False
    assert house.effects("add_member") == [[kept.id]]


def test_a_refusal_that_a_replica_cannot_explain_yet_is_still_success(open_house: Open) -> None:
    house = open_house(lag_share=1.0)
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    again = replace(job, mark={"members": ""})
    assert of(dispatch(house, job), user).changed is True
    assert of(dispatch(house, again), user).changed is False
    assert house.members().count(user.id) == 1


def test_a_group_that_takes_nobody_fails_for_everyone(house: House) -> None:
    users = house.outside(2)
    job = house.job(ADD, *users)
    house.tenant().groups[job.group or ""].synced = True
    report = dispatch(house, job)
    assert report.state is JobState.FAILED
    assert all(result.state is StepState.FAILED for result in report.results)
    assert all("on-premises" in result.reason for result in report.results)


def test_what_is_not_visible_yet_is_not_called_verified(open_house: Open) -> None:
    house = open_house(lag_share=1.0)
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    dispatch(house, job)
    assert verify(house, job)[user.id].state is StepState.DONE
    house.world.clock.advance(2)
    assert verify(house, job)[user.id].state is StepState.VERIFIED


def test_membership_through_a_nested_group_counts_when_read_back(house: House) -> None:
    user = house.outside(1)[0]
    inner = Group(id="0d000000-0000-4000-8000-000000000001", name="Inner", members=[user.id])
    house.tenant().groups[inner.id] = inner
    house.members().append(inner.id)
    assert verify(house, house.job(ADD, user))[user.id].state is StepState.VERIFIED


def test_a_throttled_call_is_repeated_and_then_surely_not_carried_out(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    house.fault("status", method="PATCH", status=429, retry_after=2, count=1)
    assert of(dispatch(house, job), user).changed is True
    house.fault("status", method="PATCH", status=429)
    with pytest.raises(VendorBusy):
        dispatch(house, house.job(ADD, *house.outside(1)))


def test_a_forbidden_call_was_not_carried_out(house: House) -> None:
    house.tenant().write_roles = ["Directory.Read.All", "Policy.Read.All"]
    with pytest.raises(VendorForbidden):
        dispatch(house, house.job(ADD, *house.outside(1)))


@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "status", "status": 503}])
def test_a_lost_answer_is_unknown_and_sent_once(house: House, fault: dict[str, object]) -> None:
    job = house.job(ADD, *house.outside(2))
    house.world.faults.add({"target": "graph", "method": "PATCH", **fault})
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    assert house.calls(method="PATCH") == 1


@pytest.mark.parametrize("lag_share", [0.0, 1.0])
def test_a_lost_answer_is_reconciled_exactly(open_house: Open, lag_share: float) -> None:
    house = open_house(lag_share=lag_share)
    users = house.outside(3)
    job = house.job(ADD, *users)
    house.fault("drop_after", method="PATCH")
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    house.world.faults.remove()
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.SENT
    assert evidence.detail == "Entra shows all 3 in the group."
    report = house.directory.follow(house.client(), job)
    assert report.state is JobState.DONE
    assert all(result.changed for result in report.results)
    assert house.effects("add_member") == [[user.id for user in users]]


def test_a_call_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    job = house.job(ADD, *house.outside(3))
    house.fault("drop_before", method="PATCH")
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.NOT_SENT
    assert sum(house.sleeps.seconds) >= 15  # replicas were given time to show it
    assert house.effects("add_member") == []


def test_long_after_the_call_one_look_is_enough(house: House) -> None:
    job = house.job(ADD, *house.outside(3))
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert house.sleeps.seconds == []


def test_half_carried_out_was_sent_and_says_how_much(house: House) -> None:
    users = house.outside(3)
    job = house.job(ADD, *users)
    house.members().append(users[0].id)
    house.world.clock.advance(600)
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.SENT
    assert evidence.detail == "Entra shows 1 of the 3 in the group."
    states = [result.state for result in verify(house, job).values()]
    assert sorted(states) == [StepState.DONE, StepState.DONE, StepState.VERIFIED]


def test_whoever_was_in_before_is_no_evidence(house: House) -> None:
    old = house.tenant().users[house.members()[0]]
    new = house.outside(1)[0]
    job = house.job(ADD, old, new)
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    followed = house.directory.follow(house.client(), job)
    assert of(followed, old).changed is False


def test_one_lost_answer_among_singles_is_looked_up(house: House) -> None:
    first, second, third = house.outside(3)
    job = house.job(ADD, first, second, third)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_after", method="POST", path="*/members/$ref", count=1)
    report = dispatch(house, job)
    assert [of(report, user).changed for user in (first, second, third)] == [True, True, True]
    assert [len(row) for row in house.effects("add_member")] == [1, 1, 1]


def test_one_lost_call_among_singles_is_said_not_to_have_arrived(house: House) -> None:
    first, second = house.outside(2)
    job = house.job(ADD, first, second)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_before", method="POST", path="*/members/$ref", count=1)
    report = dispatch(house, job)
    assert of(report, first).state is StepState.FAILED
    assert of(report, second).changed is True


def test_where_looking_fails_too_it_stays_unknown(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(ADD, user, other)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_after", method="POST", path="*/members/$ref", count=1)
    reads = house.calls(method="GET", path="/members")
    assert reads == 1
    original, seen = house.world.faults.take, []

    def break_later_reads(target: str, method: str, path: str) -> list[object]:
        if path.endswith("/members"):
            seen.append(path)
            if len(seen) == 2:
                house.fault("status", path="*/members", status=503)
        return original(target, method, path)  # type: ignore[return-value]

    house.world.faults.take = break_later_reads  # type: ignore[method-assign, assignment]
    report = dispatch(house, job)
    assert of(report, user).state is StepState.UNKNOWN
    assert "looking failed" in of(report, user).reason
    assert of(report, other).changed is True


def test_after_one_was_sent_a_later_failure_hides_nothing(house: House) -> None:
    first, second = house.outside(2)
    job = house.job(ADD, first, second)
    house.fault("status", method="PATCH", status=400)
    house.fault("status", method="POST", path="*/members/$ref", status=429, retry_after=99)
    with pytest.raises(VendorBusy):
        dispatch(house, job)
    house.world.faults.remove()
    house.fault("status", method="PATCH", status=400)
    house.world.faults.take = _fail_second_post(house)  # type: ignore[method-assign]
    report = dispatch(house, job)
    assert of(report, first).changed is True
    assert of(report, second).state is StepState.FAILED
    assert of(report, second).reason.startswith("not sent: HTTP 429")


def _fail_second_post(house: House):  # type: ignore[no-untyped-def] # noqa: ANN202 - one test's own
    original, posts = house.world.faults.take, []

    def take(target: str, method: str, path: str):  # type: ignore[no-untyped-def] # noqa: ANN202
        if path.endswith("/members/$ref"):
            posts.append(path)
            if len(posts) == 2:
                house.fault("status", method="POST", status=429, retry_after=99)
        return original(target, method, path)

    return take
