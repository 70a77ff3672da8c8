"""What came in is worked off once, survives a restart, and failures are told to its sender."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import pytest

from core.errors import GatehouseError, NotAllowed, StorageFailed
from core.ports import Received
from engine.executor import Executor
from engine.intake import Intake
from tests.fakes.memory_store import MemoryStore
from tests.patience import PATIENCE_S
from tests.usecases.requests_made import HandClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def an_item(key: str = "k1", kind: str = "command:/mfa") -> Received:
    return Received(key=key, kind=kind, payload={"text": "gaps"}, at=NOW)


def an_intake(
    store: MemoryStore, work: Callable[[Received], None], told: list[str]
) -> tuple[Intake, Executor]:
    executor = Executor(2)

    def apologise(_item: Received, error: GatehouseError) -> None:
        told.append(error.sentence)

    intake = Intake(
        inbox=store.inbox,
        executor=executor,
        handlers={"command:/mfa": work},
        apologise=apologise,
    )
    return intake, executor


def test_a_redelivered_item_is_worked_off_once() -> None:
    worked: list[str] = []
    intake, executor = an_intake(MemoryStore(HandClock()), lambda item: worked.append(item.key), [])

    assert intake.take(an_item())
    assert not intake.take(an_item())
    executor.drain(PATIENCE_S)

    assert worked == ["k1"]


def test_what_was_taken_in_before_a_crash_is_worked_off_after_it() -> None:
    store = MemoryStore(HandClock())
    store.inbox.append(an_item())

    worked: list[str] = []
    intake, executor = an_intake(store.restarted(), lambda item: worked.append(item.key), [])
    assert intake.resume() == 1
    executor.drain(PATIENCE_S)

    assert worked == ["k1"]
    assert store.restarted().inbox.pending() == ()


def test_nothing_is_taken_in_that_cannot_be_kept() -> None:
    store = MemoryStore(HandClock())
    store.kept.full = True
    worked: list[str] = []
    intake, executor = an_intake(store, lambda item: worked.append(item.key), [])

    with pytest.raises(StorageFailed):
        intake.take(an_item())
    executor.drain(PATIENCE_S)

    assert worked == []


def test_a_refusal_is_told_in_its_own_sentence_and_the_item_is_done() -> None:
    store, told = MemoryStore(HandClock()), list[str]()

    def refuse(_item: Received) -> None:
        raise NotAllowed("You may not.")

    intake, executor = an_intake(store, refuse, told)
    intake.take(an_item())
    executor.drain(PATIENCE_S)

    assert told == ["You may not."]
    assert store.inbox.pending() == ()


def test_an_unexpected_failure_gives_a_reference_and_no_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []

    def break_down(_item: Received) -> None:
        raise ValueError("secret details")

    intake, executor = an_intake(MemoryStore(HandClock()), break_down, told)
    intake.take(an_item())
    executor.drain(PATIENCE_S)

    assert "reference" in told[0]
    assert "secret" not in told[0]
    assert told[0].split()[-1].rstrip(".") in caplog.text


def test_an_apology_that_fails_does_not_bring_the_item_back_after_a_restart() -> None:
    store, executor = MemoryStore(HandClock()), Executor(2)

    def refuse(_item: Received) -> None:
        raise NotAllowed

    def fail(_item: Received, _error: GatehouseError) -> None:
        raise KeyError("channel")

    handlers = {"command:/mfa": refuse}
    intake = Intake(inbox=store.inbox, executor=executor, handlers=handlers, apologise=fail)
    intake.take(an_item())
    executor.drain(PATIENCE_S)

    assert store.restarted().inbox.pending() == ()


def test_many_slow_items_of_one_kind_hold_up_no_other_kind() -> None:
    store, executor, gate, frozen = MemoryStore(HandClock()), Executor(2), Event(), Event()

    def work(item: Received) -> None:
        if item.kind == "action:refresh":
            gate.wait(PATIENCE_S)
        else:
            frozen.set()

    intake = Intake(
        inbox=store.inbox,
        executor=executor,
        handlers=dict.fromkeys(("action:refresh", "command:/gatehouse"), work),
        apologise=lambda *_: None,
    )
    for number in range(20):
        intake.take(an_item(f"r{number}", "action:refresh"))

    intake.take(an_item("freeze", "command:/gatehouse"))

    assert frozen.wait(PATIENCE_S)
    gate.set()
    assert executor.drain(PATIENCE_S)
