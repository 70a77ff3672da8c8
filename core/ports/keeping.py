"""What outlives a restart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from core.domain.clients import ClientKey
from core.domain.digest import Numbers
from core.domain.events import Event
from core.domain.exemptions import Exemption
from core.domain.findings import Snapshot
from core.domain.patching import DeviceId, Listing
from core.domain.people import PersonKey
from core.domain.proofs import Doubt, WriteProof
from core.domain.remediation import Job, Plan, Request, RequestId


@dataclass(frozen=True, kw_only=True, slots=True)
class Freeze:
    """Gatehouse is frozen: since when, by whom and why; who asked to unfreeze, and who agreed and when."""

    at: datetime
    by: PersonKey | None
    by_name: str
    why: str
    unfreeze_by: PersonKey | None = None
    unfreeze_name: str | None = None
    ended_name: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditHead:
    """The audit log's last entry: its number and hash."""

    seq: int
    hash: str


class AuditLog(Protocol):
    """The append-only record. An append that returns is on the disk."""

    def append(
        self, kind: str, *, actor: str, client: ClientKey | None = None, **detail: object
    ) -> AuditHead:
        """Record something that is not a request's event (a refusal, a freeze). Raises StorageFailed."""

    def head(self) -> AuditHead:
        """The newest entry."""


class Requests(Protocol):
    """Requests: audit entry first, then the store, both durable before this returns."""

    def commit(self, request_id: RequestId, event: Event, *, expected: int) -> Request:
        """Apply an event to the request at version `expected` (0: it does not exist yet).

        Raises Conflict where the version differs, ImpossibleTransition, StorageFailed.
        """

    def get(self, request_id: RequestId) -> Request | None:
        """One request, open or finished."""

    def open(self) -> tuple[Request, ...]:
        """All requests that have not ended, oldest first."""

    def finished_since(self, since: datetime) -> tuple[Request, ...]:
        """Requests that ended at or after `since`, newest first."""

    def worker(self) -> str:
        """The name of this process; differs after every start."""

    def is_dead(self, worker: str) -> bool:
        """Whether the process of that name surely runs no more."""


class ShownSnapshots(Protocol):
    """The newest snapshot per client, for reading."""

    def get(self, client: ClientKey) -> Snapshot | None:
        """The newest snapshot, None before the first scan."""


class Snapshots(ShownSnapshots, Protocol):
    """The newest snapshot per client, as it was judged."""

    def put(self, snapshot: Snapshot) -> None:
        """Replace the client's snapshot, atomically."""


class Exemptions(Protocol):
    """Recorded exceptions, at most one per client and user; audited first."""

    def of(self, client: ClientKey) -> tuple[Exemption, ...]:
        """A client's exemptions, those over for a while included, by name."""

    def grant(self, granted: Sequence[Exemption], *, actor: str) -> None:
        """Record them, each in place of its user's earlier one. Raises StorageFailed."""

    def end(
        self, client: ClientKey, user_ids: Collection[str], *, granted_by: RequestId, actor: str
    ) -> None:
        """End early what a request granted to these users. Raises StorageFailed."""


class Listings(Protocol):
    """What update scripts found last, by device; survives a restart, so that it need not be asked for again."""

    def get(self, device_id: DeviceId) -> Listing | None:
        """The newest listing of a device."""

    def put(self, listing: Listing) -> None:
        """Keep it, unless a newer one is there. Raises StorageFailed."""


class ScriptRuns(Protocol):
    """Runs of update scripts that no person asked for: the last one of every device; survives a restart."""

    def all(self) -> tuple[Job, ...]:
        """The last run of every device, whether or not it has ended."""

    def put(self, run: Job) -> None:
        """Keep it in place of its device's last one, on the disk before this returns. Raises StorageFailed."""


class Proofs(Protocol):
    """Proofs of unsure writes; audited first."""

    def find(self, doubt: Doubt) -> WriteProof | None:
        """The newest proof of this very reading on this very server."""

    def put(self, proof: WriteProof, *, actor: str) -> None:
        """Record a proof and open the lock. Raises StorageFailed, and then the lock stays shut."""


class SlotState(StrEnum):
    """How far the digest of one channel and date has come."""

    CLAIMED = "claimed"
    POSTED = "posted"
    MISSED = "missed"


class Slots(Protocol):
    """Which digests were due, claimed and posted: one row per (channel, local date)."""

    def claim(self, channel: str, day: date) -> bool:
        """True for exactly one caller ever."""

    def settle(
        self, channel: str, day: date, state: SlotState, numbers: Mapping[ClientKey, Numbers]
    ) -> None:
        """Record what became of a claimed slot and the numbers it showed."""

    def last_numbers(
        self, channel: str, before: date
    ) -> tuple[date, Mapping[ClientKey, Numbers]] | None:
        """The numbers of the last digest posted before a date."""

    def unsettled(self) -> tuple[tuple[str, date], ...]:
        """Slots claimed and never settled (the process died between)."""


class Switch(Protocol):
    """The one switch that stops everything."""

    def frozen(self) -> Freeze | None:
        """None while Gatehouse may act."""

    def last(self) -> Freeze | None:
        """The newest freeze, whether it stands or has ended; None where there was none."""

    def set(self, freeze: Freeze, *, actor: str, over: Freeze | None = None) -> None:
        """Freeze, note a first ask to unfreeze, or keep that it has ended. Audited first.

        Raises Conflict where `over` is given and is not the newest freeze any more.
        """


class Drafts(Protocol):
    """Plans shown in a preview and not yet asked for; they expire by themselves."""

    def put(self, draft_id: RequestId, plan: Plan, *, owner: PersonKey, until: datetime) -> None:
        """Keep a plan for its owner, under the id its request will have."""

    def get(self, draft_id: RequestId, *, owner: PersonKey, now: datetime) -> Plan | None:
        """The plan; None where it expired or is someone else's."""
