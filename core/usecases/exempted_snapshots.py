"""The snapshots as everybody is shown them: exemptions that hold at this moment are counted out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client, ClientKey
from core.domain.findings import Snapshot
from core.ports import Clock, Exemptions, Snapshots
from core.rules.exemptions import counted_out, day_at


@dataclass(frozen=True, kw_only=True, slots=True)
class ExemptedSnapshots:
    """For reading. What is stored stays as it was judged, so that an exemption's end needs no new scan."""

    snapshots: Snapshots
    exemptions: Exemptions
    clients: Sequence[Client]
    clock: Clock

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""
        snapshot = self.snapshots.get(client)
        whose = next((c for c in self.clients if c.key == client), None)
        if snapshot is None or snapshot.mfa is None or whose is None:
            return snapshot
        day = day_at(whose, self.clock.now())
        return replace(snapshot, mfa=counted_out(snapshot.mfa, self.exemptions.of(client), day))
