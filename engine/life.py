"""Start in order, wait for a signal, and end in order: stop intake, drain, persist."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

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


def leave(code: int) -> NoReturn:
    """End the process at once; all that matters is on the disk by now.

    The interpreter would first wait for every thread of a pool, and one of them may be waiting for minutes
    for a vendor that does not answer.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _safely(end: Stage) -> None:
    try:
        end()
    except Exception:
        log.exception("Stopping did not go smoothly")
