"""The snapshots with a mark on everybody whom a request of ours leaves out of a policy until a day."""

from dataclasses import dataclass, replace

from core.domain.clients import ClientKey
from core.domain.findings import Snapshot
from core.ports import Requests, ShownSnapshots
from core.rules.policy_turns import left_out_now, with_notice


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticedSnapshots:
    """For reading; nothing of it is stored, so that a notice's end needs no new scan."""

    snapshots: ShownSnapshots
    requests: Requests

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""
        snapshot = self.snapshots.get(client)
        if snapshot is None or snapshot.mfa is None:
            return snapshot
        left_out = left_out_now(self.requests.open(), client)
        return replace(snapshot, mfa=with_notice(snapshot.mfa, left_out))
