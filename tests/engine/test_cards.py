"""Cards: urgent ones first, bursts shown once, failures shown later."""

import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from core.errors import VendorDown
from engine.cards import CardPump
from tests.patience import PATIENCE_S


def test_a_burst_of_changes_is_shown_once_and_the_urgent_one_first() -> None:
    shown: list[str] = []
    pump = CardPump(shown.append)
    for _ in range(10):
        pump.touch("progress", urgent=False)
    pump.touch("decision", urgent=True)
    pump.touch("progress", urgent=False)

    pump.start()
    pump.stop(PATIENCE_S)

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

    assert shown.wait(PATIENCE_S)
    pump.stop(PATIENCE_S)


def test_an_urgent_card_that_failed_still_goes_before_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []
    ended, later = threading.Event(), list[Callable[[], None]]()

    class Timer:
        """Goes off when `later` is called."""

        daemon = False

        def __init__(
            self,
            _wait: float,
            work: Callable[..., None],
            args: tuple[str],
            kwargs: dict[str, bool],
        ) -> None:
            self.work = partial(work, *args, **kwargs)

        def start(self) -> None:
            later.append(self.work)

    def show(request_id: str) -> None:
        shown.append(request_id)
        if shown == ["decision"]:
            pump.touch("slow", urgent=True)
            raise VendorDown("Slack")
        if request_id == "slow":
            pump.touch("progress", urgent=False)
            later.pop()()  # the decision is due again
        if request_id == "progress":
            ended.set()

    monkeypatch.setattr("engine.cards.threading.Timer", Timer)
    pump = CardPump(show)
    pump.touch("decision", urgent=True)
    pump.start()
    assert ended.wait(PATIENCE_S)
    pump.stop(PATIENCE_S)
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
    assert enough.wait(PATIENCE_S)
    pump.stop(PATIENCE_S)

    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[0] >= 0.02
    assert waits[3] >= 0.16
