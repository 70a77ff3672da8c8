"""Scan every client at start and every so often."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.clients import Client, ClientKey
from core.domain.findings import Snapshot
from core.ports import Clock, ShownSnapshots
from core.usecases.scan import Scanner

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scans:
    """One scan at a time; whoever asks for another waits for it and then has fresh data.

    Of many who ask meanwhile, the first one's scan is enough for all: it began after each of them asked.
    """

    clients: Sequence[Client]
    scanner: Scanner
    snapshots: ShownSnapshots
    clock: Clock
    every: timedelta
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    #: When each client's last scan began, by `monotonic`.
    _began: dict[ClientKey, float] = field(default_factory=dict)
    _under_way: set[ClientKey] = field(default_factory=set)

    def is_scanning(self) -> bool:
        return self._lock.locked()

    def is_expected(self, client: Client) -> bool:
        """Whether newer data of a client is being read, or is due to be."""
        return client.key in self._under_way or self._is_due(client, self.clock.now())

    def scan(self, clients: Sequence[Client]) -> tuple[Snapshot, ...]:
        """Snapshots that were read after this was called."""
        asked = self.monotonic()
        with self._lock:
            self._scan([c for c in clients if self._began.get(c.key, -1.0) <= asked])
            found = (self.snapshots.get(client.key) for client in clients)
            return tuple(snapshot for snapshot in found if snapshot is not None)

    def _scan(self, clients: Sequence[Client]) -> None:
        if not clients:
            return
        began, keys = self.monotonic(), [client.key for client in clients]
        self._under_way.update(keys)
        try:
            self.scanner.scan(clients)
        finally:
            self._under_way.clear()
        self._began.update(dict.fromkeys(keys, began))
        log.info("Scanned %d clients in %.1f s", len(clients), self.monotonic() - began)

    def scan_if_due(self) -> None:
        """Scan the clients whose newest data is older than `every`, once for all who say so at one time."""
        with self._lock:
            now = self.clock.now()
            self._scan([client for client in self.clients if self._is_due(client, now)])

    def _is_due(self, client: Client, now: datetime) -> bool:
        snapshot = self.snapshots.get(client.key)
        return (
            snapshot is None or snapshot.tried_at is None or now - snapshot.tried_at >= self.every
        )
