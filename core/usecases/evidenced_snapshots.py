"""The snapshots with what the sign-in log showed since; it is read apart from scans."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.clients import ClientKey
from core.domain.evidence import SignInEvidence
from core.domain.findings import Snapshot
from core.ports import ShownSnapshots
from core.rules.evidence import with_evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencedSnapshots:
    """For reading; nothing of it is stored."""

    snapshots: ShownSnapshots
    evidence: Callable[[ClientKey], SignInEvidence | None]

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""
        snapshot = self.snapshots.get(client)
        if snapshot is None or snapshot.mfa is None:
            return snapshot
        return replace(snapshot, mfa=with_evidence(snapshot.mfa, self.evidence(client)))
