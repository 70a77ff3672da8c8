"""What is due at a time is claimed once, whoever asks."""

from collections.abc import Mapping
from datetime import date, timedelta

from core.domain.clients import ClientKey
from core.domain.digest import Numbers
from core.ports import SlotState
from tests.contracts.stores.house import TODAY, House, at_once
from tests.storage.making import ACME

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
