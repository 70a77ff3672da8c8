"""Users are taken out by reference, once, and verified to be out."""

import pytest

from core.domain.remediation import StepState
from core.ports import Truth
from sandbox.estate.model import Group
from tests.described.exchange import Exchange
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import REQUEST, House
from tests.integrations.entra.user_jobs import REMOVE, UNDO, dispatch, of, verify


def test_users_are_taken_out_one_by_one_and_always_by_reference(
    house: House, heard: list[Exchange]
) -> None:
    users = [house.tenant().users[member] for member in house.members()[:2]]
    job = house.job(REMOVE, *users)
    report = dispatch(house, job)
    assert all(r.state is StepState.DONE and r.changed for r in report.results)
    assert house.effects("remove_member") == [[users[0].id], [users[1].id]]
    assert house.effects("delete_user") == []
    assert all(user.id in house.tenant().users for user in users)
    deletes = [sent for sent in heard if sent.method == "DELETE"]
    assert [sent.path.endswith("/$ref") for sent in deletes] == [True, True]
    assert all(r.state is StepState.VERIFIED for r in verify(house, job, UNDO).values())


def test_whoever_is_out_already_is_not_ours(house: House) -> None:
    inside, outside = house.tenant().users[house.members()[0]], house.outside(1)[0]
    report = dispatch(house, house.job(REMOVE, inside, outside))
    assert of(report, inside).changed is True
    assert of(report, outside).changed is False
    assert house.calls(method="DELETE") == 1


def test_whoever_stays_in_through_another_group_is_not_verified(house: House) -> None:
    user = house.tenant().users[house.members()[0]]
    inner = Group(id="0d000000-0000-4000-8000-000000000001", name="Inner", members=[user.id])
    house.tenant().groups[inner.id] = inner
    house.members().append(inner.id)
    job = house.job(REMOVE, user)
    dispatch(house, job)
    # So soon it may as well be a replica that lags behind.
    assert verify(house, job, UNDO)[user.id].state is StepState.DONE
    house.world.clock.advance(600)
    result = verify(house, job, UNDO)[user.id]
    assert result.state is StepState.NOT_VERIFIED
    assert "through another group" in result.reason


@pytest.mark.parametrize("lag_share", [0.0, 1.0])
def test_a_lost_removal_is_looked_up(open_house: Open, lag_share: float) -> None:
    house = open_house(lag_share=lag_share)
    user = house.tenant().users[house.members()[0]]
    job = house.job(REMOVE, user)
    house.fault("drop_after", method="DELETE")
    report = dispatch(house, job)
    assert of(report, user).changed is True
    assert house.calls(method="DELETE") == 1
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT


def test_a_removal_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    user = house.tenant().users[house.members()[0]]
    job = house.job(REMOVE, user)
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert of(house.directory.follow(house.client(), job), user).changed is True
