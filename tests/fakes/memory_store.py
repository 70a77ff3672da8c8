"""The keeping ports in memory, for tests of what stands above them; tests/contracts holds them to the same promises."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from threading import RLock

from core.domain.clients import ClientKey
from core.domain.digest import Numbers
from core.domain.events import Event
from core.domain.exemptions import Exemption
from core.domain.findings import Snapshot
from core.domain.patching import DeviceId, Listing
from core.domain.people import PersonKey
from core.domain.proofs import Doubt, WriteProof
from core.domain.remediation import Job, Plan, Request, RequestId
from core.domain.transitions import evolve
from core.errors import Conflict, ImpossibleTransition, StorageFailed
from core.ports import (
    AuditHead,
    Clock,
    Freeze,
    MessageRef,
    Post,
    PostState,
    Received,
    SlotState,
)

_SLOT_MEMORY = timedelta(days=35)
_START = count(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """One entry of the audit log in memory."""

    kind: str
    actor: str
    client: ClientKey | None
    detail: Mapping[str, object]


@dataclass
class _Slot:
    state: SlotState
    worker: str
    numbers: Mapping[ClientKey, Numbers] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Kept:
    """What outlives a restart."""

    lock: RLock = field(default_factory=RLock)
    entries: list[Recorded] = field(default_factory=list)
    requests: dict[RequestId, Request] = field(default_factory=dict)
    snapshots: dict[ClientKey, Snapshot] = field(default_factory=dict)
    slots: dict[tuple[str, date], _Slot] = field(default_factory=dict)
    freeze: Freeze | None = None
    exemptions: dict[tuple[ClientKey, str], Exemption] = field(default_factory=dict)
    proofs: dict[str, WriteProof] = field(default_factory=dict)
    drafts: dict[RequestId, tuple[Plan, PersonKey, datetime]] = field(default_factory=dict)
    inbox: dict[str, Received] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    posts: dict[str, Post] = field(default_factory=dict)
    listings: dict[DeviceId, Listing] = field(default_factory=dict)
    script_runs: dict[str, Job] = field(default_factory=dict)
    #: Set it to make every write fail, as on a full disk.
    full: bool = False


class MemoryStore:
    """All stores of one process. `restarted()` is what a new process finds after this one was killed."""

    def __init__(self, clock: Clock, *, kept: _Kept | None = None) -> None:
        self._clock = clock
        self.kept = kept or _Kept()
        worker = f"memory-{next(_START)}"
        self.audit = MemoryAudit(self.kept)
        self.requests = MemoryRequests(self.kept, self.audit, worker)
        self.snapshots = MemorySnapshots(self.kept)
        self.slots = MemorySlots(self.kept, clock, worker)
        self.switch = MemorySwitch(self.kept, self.audit)
        self.exemptions = MemoryExemptions(self.kept, self.audit)
        self.proofs = MemoryProofs(self.kept, self.audit)
        self.drafts = MemoryDrafts(self.kept)
        self.inbox = MemoryInbox(self.kept)
        self.outbox = MemoryOutbox(self.kept)
        self.listings = MemoryListings(self.kept)
        self.script_runs = MemoryScriptRuns(self.kept)

    def restarted(self) -> "MemoryStore":
        return MemoryStore(self._clock, kept=self.kept)

    def close(self) -> None:
        """Nothing is held."""


class _Part:
    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def _must_write(self) -> None:
        if self._kept.full:
            raise StorageFailed


class MemoryAudit(_Part):
    """A chain of entries; `entries` and `kinds` are for tests to look at."""

    def append(
        self, kind: str, *, actor: str, client: ClientKey | None = None, **detail: object
    ) -> AuditHead:
        with self._kept.lock:
            self._must_write()
            entry = Recorded(kind=kind, actor=actor, client=client, detail=detail)
            self._kept.entries.append(entry)
            return self.head()

    def head(self) -> AuditHead:
        digest = "0" * 64
        for entry in self._kept.entries:
            digest = hashlib.sha256(f"{digest}{entry}".encode()).hexdigest()
        return AuditHead(seq=len(self._kept.entries), hash=digest)

    @property
    def entries(self) -> tuple[Recorded, ...]:
        return tuple(self._kept.entries)

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self._kept.entries]


class MemoryRequests(_Part):
    """Requests by id; compare-and-swap on their version."""

    def __init__(self, kept: _Kept, audit: MemoryAudit, worker: str) -> None:
        super().__init__(kept)
        self._audit = audit
        self._worker = worker

    def commit(self, request_id: RequestId, event: Event, *, expected: int) -> Request:
        with self._kept.lock:
            before = self._kept.requests.get(request_id)
            if (before.version if before else 0) != expected:
                raise Conflict
            after = evolve(before, event)
            if after.id != request_id:
                raise ImpossibleTransition(f"{event.type} of {after.id} was given to {request_id}")
            self._audit.append(
                f"request.{event.type}",
                actor=getattr(event, "by", None) or "gatehouse",
                client=after.plan.client,
                **{"request": request_id, "from": expected, "to": after.version, "event": event},
            )
            self._kept.requests[request_id] = after
            return after

    def get(self, request_id: RequestId) -> Request | None:
        return self._kept.requests.get(request_id)

    def open(self) -> tuple[Request, ...]:
        with self._kept.lock:
            found = [r for r in self._kept.requests.values() if not r.state.final]
        return tuple(sorted(found, key=lambda request: (request.created_at, request.id)))

    def finished_since(self, since: datetime) -> tuple[Request, ...]:
        with self._kept.lock:
            requests = list(self._kept.requests.values())
        found = [(r.ended_at, r.id, r) for r in requests if r.ended_at and r.ended_at >= since]
        return tuple(request for *_, request in sorted(found, key=lambda f: f[:2], reverse=True))

    def worker(self) -> str:
        return self._worker

    def is_dead(self, worker: str) -> bool:
        return worker != self._worker


class MemorySnapshots(_Part):
    """The newest snapshot per client."""

    def get(self, client: ClientKey) -> Snapshot | None:
        return self._kept.snapshots.get(client)

    def put(self, snapshot: Snapshot) -> None:
        self._must_write()
        self._kept.snapshots[snapshot.client] = snapshot


class MemorySlots(_Part):
    """One slot per channel and date."""

    def __init__(self, kept: _Kept, clock: Clock, worker: str) -> None:
        super().__init__(kept)
        self._clock = clock
        self._worker = worker

    def claim(self, channel: str, day: date) -> bool:
        with self._kept.lock:
            self._must_write()
            if day < self._clock.now().date() - _SLOT_MEMORY or (channel, day) in self._kept.slots:
                return False
            self._kept.slots[channel, day] = _Slot(SlotState.CLAIMED, self._worker)
            return True

    def settle(
        self, channel: str, day: date, state: SlotState, numbers: Mapping[ClientKey, Numbers]
    ) -> None:
        self._must_write()
        self._kept.slots[channel, day] = _Slot(state, self._worker, dict(numbers))

    def last_numbers(
        self, channel: str, before: date
    ) -> tuple[date, Mapping[ClientKey, Numbers]] | None:
        posted = [
            day
            for (where, day), slot in self._kept.slots.items()
            if where == channel and day < before and slot.state is SlotState.POSTED
        ]
        return (max(posted), self._kept.slots[channel, max(posted)].numbers) if posted else None

    def unsettled(self) -> tuple[tuple[str, date], ...]:
        cut_off = [
            (day, channel)
            for (channel, day), slot in self._kept.slots.items()
            if slot.state is SlotState.CLAIMED and slot.worker != self._worker
        ]
        return tuple((channel, day) for day, channel in sorted(cut_off))


class MemorySwitch(_Part):
    """Frozen or not."""

    def __init__(self, kept: _Kept, audit: MemoryAudit) -> None:
        super().__init__(kept)
        self._audit = audit

    def frozen(self) -> Freeze | None:
        last = self._kept.freeze
        return last if last is not None and last.ended_at is None else None

    def last(self) -> Freeze | None:
        return self._kept.freeze

    def set(self, freeze: Freeze, *, actor: str, over: Freeze | None = None) -> None:
        if over is not None and over != self._kept.freeze:
            raise Conflict
        word = "unfreeze_asked" if freeze.unfreeze_by else "frozen"
        if freeze.ended_at is not None:
            word = "unfrozen"
        self._audit.append(f"switch.{word}", actor=actor, freeze=freeze)
        self._kept.freeze = freeze


class MemoryExemptions(_Part):
    """One exemption per client and user."""

    def __init__(self, kept: _Kept, audit: MemoryAudit) -> None:
        super().__init__(kept)
        self._audit = audit

    def of(self, client: ClientKey) -> tuple[Exemption, ...]:
        with self._kept.lock:
            found = [item for item in self._kept.exemptions.values() if item.client == client]
        return tuple(sorted(found, key=lambda item: (item.name.casefold(), item.user_id)))

    def grant(self, granted: Sequence[Exemption], *, actor: str) -> None:
        with self._kept.lock:
            client = granted[0].client
            self._audit.append("exemption.granted", actor=actor, client=client, of=granted)
            oldest = (granted[0].since - _SLOT_MEMORY).date()
            kept = {key: e for key, e in self._kept.exemptions.items() if e.until >= oldest}
            kept.update({(item.client, item.user_id): item for item in granted})
            self._kept.exemptions = kept

    def end(
        self, client: ClientKey, user_ids: Collection[str], *, granted_by: RequestId, actor: str
    ) -> None:
        with self._kept.lock:
            self._audit.append("exemption.ended", actor=actor, client=client, of=list(user_ids))
            for user_id in user_ids:
                kept = self._kept.exemptions.get((client, user_id))
                if kept is not None and kept.request == granted_by:
                    del self._kept.exemptions[client, user_id]


class MemoryProofs(_Part):
    """The newest proof per vendor, server and reading."""

    def __init__(self, kept: _Kept, audit: MemoryAudit) -> None:
        super().__init__(kept)
        self._audit = audit

    def find(self, doubt: Doubt) -> WriteProof | None:
        return self._kept.proofs.get(doubt.key)

    def put(self, proof: WriteProof, *, actor: str) -> None:
        with self._kept.lock:
            self._audit.append("proof.given", actor=actor, client=proof.client, proof=proof)
            self._kept.proofs[proof.doubt.key] = proof


class MemoryDrafts(_Part):
    """Plans by draft id."""

    def put(self, draft_id: RequestId, plan: Plan, *, owner: PersonKey, until: datetime) -> None:
        self._must_write()
        self._kept.drafts[draft_id] = (plan, owner, until)

    def get(self, draft_id: RequestId, *, owner: PersonKey, now: datetime) -> Plan | None:
        plan, kept_for, until = self._kept.drafts.get(draft_id, (None, None, now))
        return plan if kept_for == owner and now < until else None


class MemoryInbox(_Part):
    """Items by once-key."""

    def append(self, item: Received) -> bool:
        with self._kept.lock:
            self._must_write()
            if item.key in self._kept.seen:
                return False
            self._kept.seen.add(item.key)
            self._kept.inbox[item.key] = item
            return True

    def done(self, key: str) -> None:
        self._must_write()
        self._kept.inbox.pop(key, None)

    def pending(self) -> tuple[Received, ...]:
        return tuple(self._kept.inbox.values())


class MemoryOutbox(_Part):
    """Posts by key."""

    def __init__(self, kept: _Kept) -> None:
        super().__init__(kept)
        self._cut_off = {p.key for p in kept.posts.values() if p.state is PostState.SENDING}

    def begin(self, key: str, channel: str, at: datetime) -> Post:
        with self._kept.lock:
            self._must_write()
            fresh = Post(key=key, state=PostState.NEW, channel=channel, at=at)
            before = self._kept.posts.get(key, fresh)
            if before.state is PostState.NEW:
                self._kept.posts[key] = replace(fresh, state=PostState.SENDING)
            return before

    def settle(
        self, key: str, state: PostState, ref: MessageRef | None = None, *, face: str = ""
    ) -> None:
        with self._kept.lock:
            self._must_write()
            self._kept.posts[key] = replace(self._kept.posts[key], state=state, ref=ref, face=face)
            self._cut_off.discard(key)

    def find(self, key: str) -> Post | None:
        return self._kept.posts.get(key)

    def cut_off(self) -> tuple[Post, ...]:
        return tuple(self._kept.posts[key] for key in sorted(self._cut_off))


class MemoryListings(_Part):
    def get(self, device_id: DeviceId) -> Listing | None:
        return self._kept.listings.get(device_id)

    def put(self, listing: Listing) -> None:
        with self._kept.lock:
            before = self._kept.listings.get(listing.device_id)
            if before is None or before.listed_at < listing.listed_at:
                self._must_write()
                self._kept.listings[listing.device_id] = listing


class MemoryScriptRuns(_Part):
    def all(self) -> tuple[Job, ...]:
        return tuple(self._kept.script_runs.values())

    def put(self, run: Job) -> None:
        with self._kept.lock:
            self._must_write()
            (device,) = run.targets
            self._kept.script_runs[device] = run
