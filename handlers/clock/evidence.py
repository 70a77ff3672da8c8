"""Read every tenant's sign-in log now and then, one tenant at a time, and only while no scan runs."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from core.domain.clients import Client, ClientKey
from core.domain.evidence import SignInEvidence
from core.ports import Clock, ShownSnapshots
from core.usecases.read_evidence import ReadEvidence

log = logging.getLogger(__name__)

#: The log is hours behind, and what it shows is about days.
EVERY = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class EvidenceReads:
    """Kept in memory: after a restart it is read again."""

    clients: Sequence[Client]
    read: ReadEvidence
    snapshots: ShownSnapshots
    is_scanning: Callable[[], bool]
    clock: Clock
    _known: dict[ClientKey, SignInEvidence] = field(default_factory=dict)

    def of(self, client: ClientKey) -> SignInEvidence | None:
        """What was read last; None before the first time."""
        return self._known.get(client)

    def read_next(self) -> None:
        """Read the one tenant that waits longest, if any is due."""
        due = [client for client in self.clients if self._is_due(client)]
        if not due or self.is_scanning():
            return
        client = min(due, key=self._read_before)
        snapshot = self.snapshots.get(client.key)
        if snapshot is not None and snapshot.mfa is not None:
            self._known[client.key] = self.read(client, snapshot.mfa.licensed)
            log.info("Read the sign-in log of %s", client.key)

    def _is_due(self, client: Client) -> bool:
        """A tenant is read once the first scan knows what it has bought."""
        known = self._known.get(client.key)
        if known is not None:
            return self.clock.now() - known.read_at >= EVERY
        snapshot = self.snapshots.get(client.key)
        return snapshot is not None and snapshot.mfa is not None

    def _read_before(self, client: Client) -> float:
        known = self._known.get(client.key)
        return known.read_at.timestamp() if known is not None else 0.0
