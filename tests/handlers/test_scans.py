"""One scan at a time, enough for everybody who asked meanwhile; a fault at one client hides no other."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Coverage
from core.domain.findings import Snapshot
from core.domain.identity import DirectoryReading
from core.domain.patching import RmmReading
from core.domain.policy import Policy
from core.usecases.scan import Scanner
from engine.parallel import ThreadParallel
from handlers.clock.scans import Scans
from tests.fakes.memory_store import MemoryStore
from tests.patience import PATIENCE_S, eventually
from tests.usecases.requests_made import START, HandClock, a_client

ACME = a_client(
    tenant_id="t1", rmm=(RmmBinding(account="ninja", vendor="ninjaone", organisation="1"),)
)
BETA = a_client(
    key=ClientKey("beta"),
    tenant_id="t2",
    rmm=(RmmBinding(account="datto", vendor="datto", organisation="2"),),
)


#: How often a scan that has got as far as reading has looked at its watch.
ASKED_AND_BEGUN = 2


class FakeRmm:
    """An empty fleet; `fault` is raised instead of being read."""

    def __init__(self) -> None:
        self.reads = 0
        self.fault: Exception | None = None
        self.began, self.go_on = Event(), Event()
        self.go_on.set()

    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        self.reads += 1
        self.began.set()
        assert self.go_on.wait(PATIENCE_S)
        if self.fault is not None:
            raise self.fault
        return {
            b.organisation: RmmReading(
                account=b.account,
                organisation=b.organisation,
                coverage=Coverage(),
                observed_at=START,
            )
            for b in bindings
        }


class FakeDirectory:
    def __init__(self) -> None:
        self.fault: Exception | None = None

    def read(self, client: Client) -> DirectoryReading:
        if self.fault is not None:
            raise self.fault
        return DirectoryReading(tenant_id="t", coverage=Coverage(), observed_at=START)


class Post:
    """What scans, with everything around it."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.store = MemoryStore(self.clock)
        self.ninja, self.datto, self.directory = FakeRmm(), FakeRmm(), FakeDirectory()
        scanner = Scanner(
            clients=(ACME, BETA),
            directory=self.directory,  # type: ignore[arg-type]
            rmms={"ninja": self.ninja, "datto": self.datto},  # type: ignore[dict-item]
            snapshots=self.store.snapshots,
            policy=Policy(),
            clock=self.clock,
            parallel=ThreadParallel(4),
        )
        self.scans = Scans(
            clients=(ACME, BETA),
            scanner=scanner,
            snapshots=self.store.snapshots,
            clock=self.clock,
            every=timedelta(hours=1),
            monotonic=self.look,
        )
        #: When a scan was asked for, begun or over.
        self.looks: list[float] = []

    def look(self) -> float:
        now = time.monotonic()
        self.looks.append(now)
        return now

    def snapshot(self, client: Client) -> Snapshot:
        found = self.store.snapshots.get(client.key)
        assert found is not None
        return found


@pytest.fixture
def post() -> Post:
    return Post()


def test_many_who_ask_while_a_scan_runs_share_the_next_one(post: Post) -> None:
    post.ninja.go_on.clear()
    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(post.scans.scan, [ACME])
        assert post.ninja.began.wait(PATIENCE_S)
        others = [pool.submit(post.scans.scan, [ACME]) for _ in range(10)]
        eventually(lambda: len(post.looks) == ASKED_AND_BEGUN + len(others))
        post.ninja.go_on.set()
        answers = [scan.result() for scan in (first, *others)]

    assert post.ninja.reads == 2
    assert all(len(answer) == 1 for answer in answers)


def test_whoever_asks_after_a_scan_began_gets_newer_data_than_it(post: Post) -> None:
    post.ninja.go_on.clear()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(post.scans.scan, [ACME])
        assert post.ninja.began.wait(PATIENCE_S)
        second = pool.submit(post.scans.scan, [ACME])
        eventually(lambda: len(post.looks) == ASKED_AND_BEGUN + 1)
        post.ninja.go_on.set()
        second.result()

    assert post.ninja.reads == 2


def test_what_is_not_due_is_not_scanned(post: Post) -> None:
    post.scans.scan_if_due()
    post.clock.move(minutes=59)
    post.scans.scan_if_due()
    assert post.ninja.reads == 1

    post.clock.move(minutes=1)
    post.scans.scan_if_due()
    assert post.ninja.reads == 2


def test_of_two_who_find_a_scan_due_at_one_time_one_scans(post: Post) -> None:
    post.ninja.go_on.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post.scans.scan_if_due)
        assert post.ninja.began.wait(30)
        second = pool.submit(post.scans.scan_if_due)
        while not second.running():
            time.sleep(0.01)
        post.ninja.go_on.set()
        first.result()
        second.result()
    assert post.ninja.reads == 1


def test_newer_data_is_expected_of_what_is_due_and_of_what_is_being_scanned(post: Post) -> None:
    assert post.scans.is_expected(ACME)
    post.scans.scan_if_due()
    assert not post.scans.is_expected(ACME)
    post.clock.move(hours=1)
    assert post.scans.is_expected(ACME)
    post.scans.scan_if_due()

    post.ninja.go_on.clear()
    post.ninja.began.clear()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post.scans.scan, [ACME])
        assert post.ninja.began.wait(PATIENCE_S)
        assert post.scans.is_expected(ACME)
        assert not post.scans.is_expected(BETA)
        post.ninja.go_on.set()
        asked.result()
    assert not post.scans.is_expected(ACME)


def test_a_fault_of_ours_at_one_account_is_shown_there_and_hides_no_other_client(
    post: Post,
) -> None:
    post.ninja.fault = KeyError("deviceId")

    post.scans.scan_if_due()

    (lost,) = post.snapshot(ACME).failing.unread
    assert lost.what == "patches: devices"
    assert "could not make sense" in lost.reason
    assert post.snapshot(ACME).patches is None
    assert post.snapshot(ACME).mfa is not None
    assert post.snapshot(BETA).failing.complete
    assert post.snapshot(BETA).patches is not None


def test_a_fault_of_ours_at_a_tenant_keeps_its_devices_and_says_since_when(post: Post) -> None:
    post.directory.fault = TypeError("None is not iterable")

    post.scans.scan_if_due()
    post.clock.move(hours=2)
    post.scans.scan_if_due()

    snapshot = post.snapshot(ACME)
    (lost,) = snapshot.failing.unread
    assert lost.since == START
    assert snapshot.patches is not None
    assert snapshot.tried_at == post.clock.now()


def test_a_fault_that_is_mended_is_shown_no_longer(post: Post) -> None:
    post.directory.fault = TypeError("None is not iterable")
    post.scans.scan_if_due()
    post.directory.fault = None
    post.clock.move(hours=2)
    post.scans.scan_if_due()

    assert post.snapshot(ACME).failing.complete
