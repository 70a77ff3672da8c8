"""What comes in is taken in once, and what goes out is begun once."""

from datetime import timedelta

import pytest

from core import ports
from core.errors import StorageFailed
from core.ports import MessageRef, PostState, Received
from tests.contracts.stores.house import House, at_once
from tests.storage.making import START


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
