"""Everything that keeps data, with a way to restart it, look into it and starve it of disk space."""

import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from core import ports
from core.domain.clients import ClientKey
from core.domain.remediation import RequestId
from storage import Data, open_data
from tests.fakes.memory_store import MemoryStore
from tests.storage.making import START, SetClock, decided, dispatching, requested, started

T = TypeVar("T")
ID = RequestId("R4K7Q")
TODAY = START.date()


class Store(Protocol):
    """All keeping ports of one process."""

    @property
    def requests(self) -> ports.Requests: ...
    @property
    def audit(self) -> ports.AuditLog: ...
    @property
    def snapshots(self) -> ports.Snapshots: ...
    @property
    def slots(self) -> ports.Slots: ...
    @property
    def switch(self) -> ports.Switch: ...
    @property
    def exemptions(self) -> ports.Exemptions: ...
    @property
    def proofs(self) -> ports.Proofs: ...
    @property
    def drafts(self) -> ports.Drafts: ...
    @property
    def inbox(self) -> ports.Inbox: ...
    @property
    def outbox(self) -> ports.Outbox: ...
    @property
    def listings(self) -> ports.Listings: ...
    @property
    def script_runs(self) -> ports.ScriptRuns: ...


class House(Protocol):
    """A store that can be restarted, looked into, and starved of disk space."""

    clock: SetClock

    @property
    def store(self) -> Store: ...
    def restart(self) -> None: ...
    def record(self) -> list[tuple[str, str, ClientKey | None]]: ...
    def disk_full(self) -> Any: ...
    def close(self) -> None: ...


class MemoryHouse:
    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemoryStore(self.clock)

    def restart(self) -> None:
        self.store = self.store.restarted()

    def record(self) -> list[tuple[str, str, ClientKey | None]]:
        return [(entry.kind, entry.actor, entry.client) for entry in self.store.audit.entries]

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        self.store.kept.full = True
        yield
        self.store.kept.full = False

    def close(self) -> None: ...


class DiskHouse:
    def __init__(self, path: Path) -> None:
        self.clock = SetClock()
        self._path = path
        self.store: Data = open_data(path, clock=self.clock)

    def restart(self) -> None:
        self.store.close()
        self.store = open_data(self._path, clock=self.clock)

    def record(self) -> list[tuple[str, str, ClientKey | None]]:
        return [(entry.kind, entry.actor, entry.client) for entry in self.store.audit.entries()]

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        def no_space(descriptor: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", no_space)
            yield

    def close(self) -> None:
        self.store.close()


def at_once(times: int, do: Callable[[int], T]) -> list[T | Exception]:
    """Call from many threads together; each outcome, exceptions included."""

    def attempt(number: int) -> T | Exception:
        try:
            return do(number)
        except Exception as error:  # noqa: BLE001 - the outcome is what is looked at
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))


def running(store: Store) -> None:
    """Bring the request to where its one job is at the vendor."""
    store.requests.commit(ID, requested(), expected=0)
    store.requests.commit(ID, decided(), expected=1)
    store.requests.commit(ID, started(), expected=2)
    store.requests.commit(ID, dispatching(store.requests.worker()), expected=3)
