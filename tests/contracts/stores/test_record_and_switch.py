"""Every audit entry and every turn of the switch is on the record, or it did not happen."""

from dataclasses import replace

import pytest

from core import ports
from core.errors import Conflict, StorageFailed
from core.ports import Freeze
from tests.contracts.stores.house import House, at_once
from tests.storage.making import ACME, MANAGER, OVER, START, TECH


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


def test_a_freeze_at_the_moment_of_the_last_agreement_stands(house: House) -> None:
    asked = replace(freeze(), unfreeze_by=MANAGER, unfreeze_name="Maya")
    house.store.switch.set(freeze(), actor="tech")
    house.store.switch.set(asked, actor="manager", over=freeze())
    house.store.switch.set(freeze(), actor="tech")

    with pytest.raises(Conflict):
        house.store.switch.set(OVER, actor="manager", over=asked)

    assert house.store.switch.frozen() == freeze()
