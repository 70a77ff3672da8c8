"""Cards: urgent ones first, bursts shown once, failures shown later."""

import threading
import time
from itertools import pairwise

import pytest

from core.errors import VendorDown
from engine.cards import CardPump


def test_a_burst_of_changes_is_shown_once_and_the_urgent_one_first() -> None:
    shown: list[str] = []
    pump = CardPump(shown.append)
    for _ in range(10):
        pump.touch("progress", urgent=False)
    pump.touch("decision", urgent=True)
    pump.touch("progress", urgent=False)

    pump.start()
    pump.stop(5)

    assert shown == ["decision", "progress"]


def test_a_card_that_could_not_be_shown_is_shown_later() -> None:
    shown = threading.Event()
    tries: list[str] = []

    def show(request_id: str) -> None:
        tries.append(request_id)
        if len(tries) == 1:
            raise VendorDown("Slack")
        shown.set()

    pump = CardPump(show, retry_seconds=0.05)
    pump.start()
    pump.touch("one", urgent=True)

    assert shown.wait(5)
    pump.stop(5)


def test_an_urgent_card_that_failed_still_goes_before_progress() -> None:
    shown: list[str] = []
    ended = threading.Event()

    def show(request_id: str) -> None:
        shown.append(request_id)
        if shown == ["decision"]:
            pump.touch("slow", urgent=True)
            raise VendorDown("Slack")
        if request_id == "slow":
            pump.touch("progress", urgent=False)
            time.sleep(0.2)  # meanwhile the decision is due again
        if request_id == "progress":
            ended.set()

    pump = CardPump(show, retry_seconds=0.05)
    pump.touch("decision", urgent=True)
    pump.start()
    assert ended.wait(5)
    pump.stop(5)
    assert shown == ["decision", "slow", "decision", "progress"]


@pytest.mark.parametrize("error", [VendorDown("Slack"), KeyError("a fault of ours")])
def test_a_card_that_cannot_be_shown_is_tried_less_and_less_often(error: Exception) -> None:
    tries: list[float] = []
    enough = threading.Event()

    def show(_request_id: str) -> None:
        tries.append(time.monotonic())
        if len(tries) == 5:
            enough.set()
        raise error

    pump = CardPump(show, retry_seconds=0.02)
    pump.start()
    pump.touch("one", urgent=True)
    assert enough.wait(10)
    pump.stop(5)

    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[0] >= 0.02
    assert waits[3] >= 0.16
