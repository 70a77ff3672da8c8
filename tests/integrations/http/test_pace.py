"""No service is asked more often than it allows, and people go before scans."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.errors import VendorBusy
from integrations.http import Pace, in_background
from integrations.rmm.per_device import ask_each
from tests.integrations.http.service import Connect, Service, Sleeps, refusal


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_window_ever_holds_more_calls_than_allowed() -> None:
    fake = FakeTime()
    pace = Pace(5, timedelta(seconds=10), monotonic=fake.monotonic, sleep=fake.sleep)
    starts = []
    for number in range(23):
        pace.wait()
        starts.append(fake.now)
        fake.now += 0.1 * (number % 3)
    for start in starts:
        assert sum(start <= other < start + 10 for other in starts) <= 5
    assert starts[4] < 110


def test_background_work_leaves_every_tenth_place_free() -> None:
    fake = FakeTime()
    pace = Pace(20, timedelta(seconds=60), monotonic=fake.monotonic, sleep=fake.sleep)
    for _ in range(18):
        in_background(pace.wait)()
    assert fake.now == 100
    pace.wait()
    pace.wait()
    assert fake.now == 100
    in_background(pace.wait)()
    assert fake.now == pytest.approx(160, abs=0.01)


def test_no_window_ever_holds_more_calls_whoever_makes_them() -> None:
    fake = FakeTime()
    pace = Pace(10, timedelta(seconds=10), monotonic=fake.monotonic, sleep=fake.sleep)
    starts = []
    for number in range(60):
        (pace.wait if number % 4 == 0 else in_background(pace.wait))()
        starts.append(fake.now)
        fake.now += 0.1 * (number % 3)
    for start in starts:
        assert sum(start <= other < start + 10 for other in starts) <= 10


def test_job_goes_before_scans_that_wait_already() -> None:
    """The scan's call is next in line when a job comes: it wakes, finds its place taken, and waits on."""
    fake = FakeTime()
    order: list[tuple[str, float]] = []

    def job() -> None:
        pace.wait()
        order.append(("job", round(fake.now, 2)))

    def sleep(seconds: float) -> None:
        fake.now += seconds
        if comes:
            comes.pop()()

    pace = Pace(1, timedelta(seconds=1), monotonic=fake.monotonic, sleep=sleep)
    comes: list[Callable[[], None]] = []
    pace.wait()
    comes.append(job)
    in_background(pace.wait)()
    order.append(("scan", round(fake.now, 2)))
    assert order == [("job", 101.0), ("scan", 102.0)]


def test_background_is_over_when_the_work_is_and_reaches_the_threads_it_starts() -> None:
    fake = FakeTime()
    pace = Pace(10, timedelta(seconds=60), monotonic=fake.monotonic, sleep=fake.sleep)

    @in_background
    def read() -> None:
        ask_each(range(9), lambda _: pace.wait(), at_once=3)

    read()
    assert fake.now == 100
    pace.wait()
    assert fake.now == 100
    read_one = in_background(lambda: ask_each([1], lambda _: pace.wait(), at_once=1))
    read_one()
    assert fake.now > 159


def test_threads_share_one_pace() -> None:
    """They come at the same moment, and each is told to sleep a place longer than another."""
    slept: list[float] = []
    pace = Pace(1, timedelta(seconds=1), monotonic=lambda: 100.0, sleep=slept.append)
    threads = [threading.Thread(target=pace.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [1, 2, 3]


def test_service_that_says_no_pause_gets_the_one_it_is_known_to_want(
    connect: Connect, service: Service, sleeps: Sleeps
) -> None:
    """One above what is waited for is told to the caller, and nothing is tried again meanwhile."""
    for asked, tries in ((timedelta(seconds=1), 2), (timedelta(hours=1), 1)):
        service.answers = [refusal(429)]
        service.seen.clear()
        http = connect(unsaid_wait=asked)
        if tries == 1:
            with pytest.raises(VendorBusy) as caught:
                http.get_json("x")
            assert caught.value.wait == asked
        else:
            http.get_json("x")
            assert sum(sleeps.seconds) >= 1
        assert len(service.seen) == tries
    service.answers = [refusal(429, Retry_After="7200")]
    with pytest.raises(VendorBusy) as told:
        connect(unsaid_wait=timedelta(seconds=1)).get_json("x")
    assert told.value.wait == timedelta(hours=1)


def test_a_pause_one_caller_was_asked_for_holds_for_all(connect: Connect, service: Service) -> None:
    fake = FakeTime()
    pace = Pace(100, timedelta(seconds=1), monotonic=fake.monotonic, sleep=fake.sleep)
    service.answers = [refusal(429, Retry_After="7")]
    connect().get_json("x", pace=pace)
    assert fake.now == pytest.approx(107)
