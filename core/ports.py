"""What the use cases need of the world, as Protocols. Adapters on the floor above satisfy them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.events import Event, StepResult
from core.domain.evidence import SignInEvidence
from core.domain.exemptions import Exemption, Reminder
from core.domain.facts import Fact
from core.domain.findings import Digest, Numbers, Snapshot
from core.domain.identity import DirectoryReading, GroupProof, PerUserState
from core.domain.patching import Capabilities, DeviceId, DevicePreview, Listing, RmmReading
from core.domain.people import ChatIdentity, PersonKey
from core.domain.proofs import Doubt, Trace, WriteProof
from core.domain.remediation import Job, JobKind, JobState, Plan, Request, RequestId
from core.domain.tenant_change import ReportOnlyImpact, TenantControls
from core.domain.what_if import WhatIf

T = TypeVar("T")


class Clock(Protocol):
    """The only source of the time."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""


class Parallel(Protocol):
    """Runs independent reads side by side, with at most so many in flight; a job may ask for more."""

    def __call__(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """All results, in the order of the jobs."""


class Lanes(Parallel, Protocol):
    """The same, and single reads that are begun while others go on."""

    def start(self, job: Callable[[], T]) -> Callable[[], T]:
        """Begin as soon as may be; the answer, called once, gives the result and may have to fetch it first."""


# Reading and changing the outside world.


@dataclass(frozen=True, kw_only=True, slots=True)
class Recheck:
    """What changed since a plan was made. `gone` maps target ids to the reason they are skipped.

    `wider` is a sentence when the same call would now do more than was approved: the request is superseded.
    """

    gone: Mapping[str, str] = field(default_factory=dict)
    #: Targets that are offline at this moment.
    offline: frozenset[str] = field(default_factory=frozenset)
    wider: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What the vendor says of a job now. `results` holds what is known per target."""

    state: JobState
    reference: str | None = None
    detail: str = ""
    cancellable: bool = False
    results: tuple[StepResult, ...] = ()


class Truth(StrEnum):
    """What is known about a call that was cut off."""

    NOT_SENT = "not_sent"
    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What the source shows after a call that was cut off; `detail` is a sentence for people."""

    truth: Truth
    reference: str | None = None
    detail: str = ""


class Effector(Protocol):
    """Carries out jobs and tells what became of them. One per account (an RMM's, "entra" or "gatehouse")."""

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the targets again just before a dispatch. Raises VendorError."""

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """Where the vendor's record stands now, so that later events can be told from earlier ones."""

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Make the one outside call.

        Raises VendorBusy, VendorDown or VendorAuthError where it was surely not carried out, VendorRefused
        where the vendor said no, and OutcomeUnknown where nobody can tell. Is never called twice for a job
        that may have been carried out.
        """

    def follow(self, client: Client, job: Job) -> Report:
        """Ask the vendor how far the job is. Raises VendorError."""

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """Read back at the source: VERIFIED, NOT_VERIFIED with a reason, or DONE for "not yet visible".

        The reason is RESTART_OWED where everything is installed and nothing but a restart is missing.
        """

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """Find out, without sending anything, whether a call that was cut off was carried out."""


class Directory(Effector, Protocol):
    """The clients' tenants."""

    def read(self, client: Client) -> DirectoryReading:
        """Read a tenant. Never raises for what could not be read: `coverage` says so."""

    @property
    def can_write(self) -> bool:
        """Whether a write app is configured at all."""

    def prove_group(self, client: Client) -> GroupProof:
        """Prove that the client's MFA group enforces MFA and nothing else. Raises VendorError."""

    def what_if(self, client: Client, user_id: str) -> WhatIf:
        """Which policies would apply if this user signed in now. Raises VendorError."""

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        """Whether each account still exists and is enabled. Raises VendorError."""

    def single_factor_sign_ins(self, client: Client, since: datetime) -> SignInEvidence:
        """Successful sign-ins that took one factor, from the sign-in log. Raises VendorError."""

    def per_user_states(
        self, client: Client, user_ids: Sequence[str]
    ) -> Mapping[str, PerUserState]:
        """The older per-user MFA state of each account that still exists. Raises VendorError."""

    def controls(self, client: Client) -> TenantControls:
        """The tenant's own settings, and which of them may be changed. Raises VendorError."""

    def impact(self, client: Client, policy_id: str, since: datetime) -> ReportOnlyImpact:
        """What a report-only policy would have done to sign-ins since. Raises VendorError."""


class Rmm(Effector, Protocol):
    """One account at one RMM vendor."""

    @property
    def account(self) -> str:
        """The account's name in the configuration."""

    @property
    def vendor_name(self) -> str:
        """The product's name for people."""

    @property
    def capabilities(self) -> Capabilities:
        """What this account can tell and do as configured."""

    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound organisations at once, by organisation id. Never raises: `coverage` says so."""

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device now; a device absent is gone. Raises VendorError."""


class Trial(Protocol):
    """How one account shows whom its unsure write has reached."""

    def unfit(self, device: DeviceId) -> str | None:
        """Why this device can prove nothing, or why a wrong reading would do harm. Raises VendorError."""

    def took(self, job: Job) -> bool:
        """Whether the source shows that the call did on its device what it was to do. Raises VendorError."""

    def traces(self) -> Mapping[DeviceId, Trace]:
        """Every device the account sees, bound or not. Raises VendorError where one could not be read."""


# Keeping.


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

    def set(self, freeze: Freeze, *, actor: str) -> None:
        """Freeze, note a first ask to unfreeze, or keep that it has ended. Audited first."""


class Drafts(Protocol):
    """Plans shown in a preview and not yet asked for; they expire by themselves."""

    def put(self, draft_id: RequestId, plan: Plan, *, owner: PersonKey, until: datetime) -> None:
        """Keep a plan for its owner, under the id its request will have."""

    def get(self, draft_id: RequestId, *, owner: PersonKey, now: datetime) -> Plan | None:
        """The plan; None where it expired or is someone else's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One thing that came in from chat. `key` is the hash of its payload: the once-key."""

    key: str
    kind: str
    payload: Mapping[str, object]
    at: datetime


class Inbox(Protocol):
    """What came in and is not yet worked off; survives a restart."""

    def append(self, item: Received) -> bool:
        """Keep it, on the disk before this returns; False where this key was taken in before."""

    def done(self, key: str) -> None:
        """It was worked off, or refused for good."""

    def pending(self) -> tuple[Received, ...]:
        """What is not done, oldest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRef:
    """Where a message stands in chat."""

    channel: str
    ts: str


class PostState(StrEnum):
    """How far one post has come."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One message that shall exist once; `key` names it ("R4K7Q:card")."""

    key: str
    state: PostState
    channel: str
    ref: MessageRef | None = None
    at: datetime
    #: The hash of what the message shows now, so that it is edited only where that differs.
    face: str = ""


class Outbox(Protocol):
    """Which messages were meant to be posted, and which surely were."""

    def begin(self, key: str, channel: str, at: datetime) -> Post:
        """Record the intent. The state told is the one before this call: NEW means "go and post it"."""

    def settle(
        self, key: str, state: PostState, ref: MessageRef | None = None, *, face: str = ""
    ) -> None:
        """Record the outcome: SENT with its place and face, UNKNOWN, or NEW where it was surely not posted."""

    def find(self, key: str) -> Post | None:
        """What is known of a post."""

    def cut_off(self) -> tuple[Post, ...]:
        """Posts that were being sent when an earlier process died."""


# Speaking.


class Chat(Protocol):
    """The chat service. All posts go through the outbox, so that none is lost or made twice."""

    def who(self, user_id: str) -> ChatIdentity:
        """The account as the chat service describes it now, never from a cache. Raises VendorError."""

    def show_request(self, request: Request) -> None:
        """Make the request's card, its direct messages and its thread show this version."""

    def post_digest(self, digest: Digest) -> bool:
        """Post a digest once; False where it is unknown whether it arrived (the owner is told)."""

    def show_freeze(self, freeze: Freeze) -> None:
        """Announce it, who asked to end it and that it has ended, once each, where requests are decided."""

    def remind(self, reminder: Reminder) -> None:
        """Tell one person, once, that exemptions end soon."""
