"""Cards: urgent ones first, bursts shown once, failures shown later."""

import threading

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
