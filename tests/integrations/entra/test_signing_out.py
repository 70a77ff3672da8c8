"""Sessions are ended once, and seen to have ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.remediation import JobState, StepState
from core.errors import OutcomeUnknown
from core.ports import Truth
from tests.integrations.entra.house import REQUEST, House
from tests.integrations.entra.user_jobs import REVOKE, dispatch, of, verify


def test_sessions_end_in_one_call_and_the_new_start_is_read_back(house: House) -> None:
    users = house.outside(6)
    job = house.job(REVOKE, *users)
    house.world.clock.advance(5)
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert {result.changed for result in report.results} == {None}
    assert sorted(row[0] for row in house.effects("revoke_sessions")) == sorted(u.id for u in users)
    assert all(result.state is StepState.VERIFIED for result in verify(house, job).values())


def test_sessions_that_did_not_end_are_not_called_ended(house: House) -> None:
    user = house.outside(1)[0]
    assert verify(house, house.job(REVOKE, user))[user.id].state is StepState.DONE


def test_each_sign_out_has_its_own_fate(house: House) -> None:
    fine, gone, slow, guest = *house.outside(3), next(
        user for user in house.tenant().users.values() if user.external and user.enabled
    )  # fmt: skip
    job = house.job(REVOKE, fine, gone, slow, guest)
    house.world.clock.advance(5)
    del house.tenant().users[gone.id]
    house.fault("status", target="graph-batch", path=f"*{slow.id}*", method="POST", status=429,
                retry_after=3, count=1)  # fmt: skip
    report = dispatch(house, job)
    assert of(report, fine).state is StepState.DONE
    assert of(report, slow).state is StepState.DONE
    assert "no longer exists" in of(report, gone).reason
    assert of(report, guest).state is StepState.FAILED
    revoked = [row[0] for row in house.effects("revoke_sessions")]
    assert sorted(revoked) == sorted([fine.id, slow.id])
    assert 3 in house.sleeps.seconds


def test_a_sign_out_that_stays_throttled_was_not_made(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(REVOKE, user, other)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=429)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.FAILED
    assert of(report, other).state is StepState.DONE


def test_a_sign_out_that_fails_at_the_server_is_looked_up(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(REVOKE, user, other)
    house.world.clock.advance(5)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=503)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.FAILED
    assert of(report, other).state is StepState.DONE
    assert house.calls(target="graph-batch", method="POST") == 2


def test_a_sign_out_that_was_made_though_the_server_failed_is_seen(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(REVOKE, user)
    house.world.clock.advance(5)
    user.sessions_valid_from = house.world.clock.now()
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=503)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.DONE
    assert house.calls(target="graph-batch", method="POST") == 1


def test_where_a_sign_out_cannot_be_looked_up_it_stays_unknown(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(REVOKE, user)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", status=503)
    assert of(dispatch(house, job), user).state is StepState.UNKNOWN


def test_a_lost_sign_out_is_reconciled_by_the_start_of_valid_sessions(house: House) -> None:
    users = house.outside(2)
    job = house.job(REVOKE, *users)
    house.world.clock.advance(5)
    house.fault("drop_after", path="/v1.0/$batch", count=1)
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT
    assert house.directory.follow(house.client(), job).state is JobState.DONE
    assert len(house.effects("revoke_sessions")) == 2


def test_a_sign_out_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    job = house.job(REVOKE, *house.outside(2))
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT


def test_without_a_mark_the_time_of_the_call_decides(house: House) -> None:
    user = house.outside(1)[0]
    sent = house.world.clock.now() + timedelta(minutes=10)
    job = replace(house.job(REVOKE, user), mark={}, dispatched_at=sent)
    user.sessions_valid_from = sent - timedelta(minutes=5)
    assert verify(house, job)[user.id].state is StepState.DONE
    user.sessions_valid_from = sent + timedelta(seconds=1)
    assert verify(house, job)[user.id].state is StepState.VERIFIED
