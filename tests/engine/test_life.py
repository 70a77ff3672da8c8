"""Starting, ticking and ending: in order, whatever fails, and never longer than it must."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.executor import Executor
from engine.life import until_stopped
from engine.ticker import Ticker
from tests.patience import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]

STUCK = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from engine.life import leave
ThreadPoolExecutor().submit(time.sleep, 60)
print("all on the disk")
leave(7)
"""


def test_stages_run_in_order_and_every_stop_runs_whatever_fails() -> None:
    ran: list[str] = []

    def fail() -> None:
        ran.append("fails")
        raise ValueError("on purpose")

    def asked_to_stop() -> None:
        ran.append("start")
        os.kill(os.getpid(), signal.SIGTERM)

    until_stopped(starts=(asked_to_stop,), stops=(fail, lambda: ran.append("stop")))

    assert ran == ["start", "fails", "stop"]


def test_a_start_that_fails_stops_what_was_started() -> None:
    ran: list[str] = []

    def fail() -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        until_stopped(
            starts=(fail, lambda: ran.append("next")), stops=(lambda: ran.append("stop"),)
        )

    assert ran == ["stop"]


def test_a_process_leaves_although_a_pool_still_works() -> None:
    program = [sys.executable, "-c", STUCK]
    ended = subprocess.run(program, timeout=PATIENCE_S, cwd=ROOT, capture_output=True, check=False)

    assert ended.returncode == 7
    assert ended.stdout == b"all on the disk\n"


def test_a_question_that_takes_long_is_not_asked_beside_itself_and_is_drained() -> None:
    executor, inside, most, ended = Executor(4), threading.Lock(), [], list[int]()

    def question() -> None:
        most.append(inside.acquire(blocking=False))
        time.sleep(0.15)
        ended.append(1)
        inside.release()

    ticker = Ticker(executor)
    ticker.every(0.02, "scans", question)
    ticker.start()
    eventually(lambda: len(most) == 2)
    ticker.stop()

    assert executor.drain(PATIENCE_S)
    assert all(most)
    assert len(ended) == len(most) >= 2


def test_a_question_that_fails_is_asked_again() -> None:
    executor, asked, enough = Executor(4), list[int](), threading.Event()

    def question() -> None:
        asked.append(1)
        if len(asked) == 3:
            enough.set()
        raise ValueError("on purpose")

    ticker = Ticker(executor)
    ticker.every(0.02, "digests", question)
    ticker.start()

    assert enough.wait(PATIENCE_S)
    ticker.stop()
    executor.drain(PATIENCE_S)
