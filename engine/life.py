"""Start in order, wait for a signal, and end in order: stop intake, drain, persist."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType

log = logging.getLogger(__name__)

Stage = Callable[[], object]


def until_stopped(starts: Sequence[Stage], stops: Sequence[Stage]) -> None:
    """Run `starts`, wait for SIGTERM or SIGINT, then run every one of `stops`, whatever fails."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for start in starts:
            start()
        stopped.wait()
    finally:
        for end in stops:
            _safely(end)
        for number, handler in before.items():
            signal.signal(number, handler)


def _safely(end: Stage) -> None:
    try:
        end()
    except Exception:
        log.exception("Stopping did not go smoothly")
