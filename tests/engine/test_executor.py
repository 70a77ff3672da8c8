"""Work by key: never side by side with itself, never more than once waiting, drained in the end."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.executor import Executor
from tests.patience import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]


def waits_for(event: threading.Event) -> Callable[[], None]:
    def work() -> None:
        assert event.wait(PATIENCE_S)

    return work


def test_work_of_one_key_never_overlaps() -> None:
    executor, inside, most = Executor(8), threading.Semaphore(1), []

    def work() -> None:
        most.append(inside.acquire(blocking=False))
        time.sleep(0.01)
        inside.release()

    for _ in range(20):
        executor.submit("one", work)
        time.sleep(0.002)

    assert executor.drain(PATIENCE_S)
    assert all(most)


def test_asking_often_while_it_runs_runs_it_once_more() -> None:
    executor, gate, runs = Executor(4), threading.Event(), list[int]()

    def work() -> None:
        runs.append(1)
        assert gate.wait(PATIENCE_S)

    executor.submit("one", work)
    eventually(lambda: runs)
    for _ in range(50):
        executor.submit("one", work)
    gate.set()
    eventually(lambda: len(runs) == 2)
    eventually(lambda: not executor._running)

    assert executor.drain(PATIENCE_S)
    assert len(runs) == 2


def test_different_keys_run_side_by_side() -> None:
    executor, both = Executor(4), threading.Barrier(2, timeout=PATIENCE_S)

    for key in ("one", "other"):
        executor.submit(key, lambda: both.wait() and None)

    assert executor.drain(PATIENCE_S)
    assert not both.broken


def test_work_that_fails_does_not_stop_its_key() -> None:
    executor, done = Executor(2), threading.Event()

    def fails() -> None:
        raise ValueError("on purpose")

    executor.submit("one", fails)
    eventually(lambda: not executor._running)
    executor.submit("one", done.set)

    assert done.wait(PATIENCE_S)
    executor.drain(PATIENCE_S)


def test_draining_waits_for_what_runs_and_takes_nothing_more() -> None:
    executor, gate = Executor(2), threading.Event()
    executor.submit("one", waits_for(gate))
    threading.Timer(0.1, gate.set).start()

    assert executor.drain(PATIENCE_S)
    assert not executor.submit("two", lambda: None)


def test_draining_says_so_when_work_does_not_end() -> None:
    executor, gate = Executor(2), threading.Event()
    executor.submit("one", waits_for(gate))

    assert not executor.drain(0.1)
    gate.set()


def test_slow_work_of_one_lane_keeps_no_other_lane_waiting() -> None:
    executor, gate, done = Executor(2), threading.Event(), threading.Event()
    for number in range(20):
        executor.submit(f"scan:{number}", waits_for(gate))

    executor.submit("click:freeze", done.set)

    assert done.wait(PATIENCE_S)
    gate.set()
    assert executor.drain(PATIENCE_S)


def test_a_lane_has_only_so_many_threads_and_loses_nothing() -> None:
    executor, lock, inside, most, done = Executor(3), threading.Lock(), [0], [0], []

    def work() -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.005)
        with lock:
            inside[0] -= 1
            done.append(1)

    for number in range(60):
        executor.submit(f"scan:{number}", work)
    assert executor.drain(PATIENCE_S)

    assert len(done) == 60
    assert most[0] <= 3


def test_what_has_not_begun_when_draining_ends_is_not_begun_any_more() -> None:
    executor, gate, begun = Executor(1), threading.Event(), list[int]()
    executor.submit("click:1", waits_for(gate))
    executor.submit("click:2", lambda: begun.append(2))

    assert not executor.drain(0.1)
    gate.set()
    eventually(lambda: not executor._running)

    assert begun == []


def test_work_that_does_not_end_does_not_keep_the_process() -> None:
    program = (
        "import time; from engine.executor import Executor\n"
        "executor = Executor(); executor.submit('one', lambda: time.sleep(60))\n"
        "executor.drain(0.1)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], timeout=PATIENCE_S, cwd=ROOT, check=False
    )

    assert ended.returncode == 0
