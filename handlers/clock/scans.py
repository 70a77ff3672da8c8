"""Scan every client at start and every so often."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.findings import Snapshot
from core.ports import Clock, Snapshots
from core.usecases.scan import Scanner

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scans:
    """One scan at a time; whoever asks for another waits for it and then has fresh data."""

    clients: Sequence[Client]
    scanner: Scanner
    snapshots: Snapshots
    clock: Clock
    every: timedelta
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def scan(self, clients: Sequence[Client]) -> tuple[Snapshot, ...]:
        """Scan some clients now."""
        with self._lock:
            started = self.clock.now()
            snapshots = self.scanner.scan(clients)
            took = (self.clock.now() - started).total_seconds()
            log.info("Scanned %d clients in %.1f s", len(clients), took)
            return snapshots

    def scan_if_due(self) -> None:
        """Scan the clients whose newest data is older than `every`."""
        now = self.clock.now()
        due = [client for client in self.clients if self._is_due(client, now)]
        if due:
            self.scan(due)

    def _is_due(self, client: Client, now: datetime) -> bool:
        snapshot = self.snapshots.get(client.key)
        return (
            snapshot is None or snapshot.tried_at is None or now - snapshot.tried_at >= self.every
        )
