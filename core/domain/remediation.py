"""A plan, the request for it, the decisions on it, and the jobs that carry it out.

A request is what its events make of it: `core.domain.transitions.evolve` is the only way to change one,
so that the audit log, which holds the events, can always rebuild it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from core.domain.clients import ClientKey
from core.domain.patching import SYSTEM_ALONE, Family, Ring, ServerRole
from core.domain.people import PersonKey
from core.domain.tenant_change import PlannedChange, TenantChange

RequestId = NewType("RequestId", str)
JobId = NewType("JobId", str)


class Action(StrEnum):
    """What a plan does to its targets."""

    ENFORCE_MFA = "enforce_mfa"
    UNDO_ENFORCE_MFA = "undo_enforce_mfa"
    ENABLE_PER_USER = "enable_per_user"
    UNDO_PER_USER = "undo_per_user"
    EXEMPT_MFA = "exempt_mfa"
    END_EXEMPTION = "end_exemption"
    INSTALL_PATCHES = "install_patches"
    SCAN_PATCHES = "scan_patches"
    RESTART_DEVICES = "restart_devices"
    CREATE_POLICY = "create_policy"
    PROMOTE_POLICY = "promote_policy"
    END_NOTICE = "end_notice"
    STEP_BACK_POLICY = "step_back_policy"
    SECURITY_DEFAULTS = "security_defaults"
    START_CAMPAIGN = "start_campaign"
    UNDO_CAMPAIGN = "undo_campaign"

    @property
    def on_tenant(self) -> bool:
        """Its one target is a setting of the whole tenant; what is done to it is the plan's `change`."""
        return self in _ON_TENANT

    @property
    def on_devices(self) -> bool:
        return self in (Action.INSTALL_PATCHES, Action.SCAN_PATCHES, Action.RESTART_DEVICES)

    @property
    def in_house(self) -> bool:
        """It changes what Gatehouse keeps, and nothing at a client."""
        return self in (Action.EXEMPT_MFA, Action.END_EXEMPTION)


_ON_TENANT = frozenset(
    {
        Action.CREATE_POLICY,
        Action.PROMOTE_POLICY,
        Action.END_NOTICE,
        Action.STEP_BACK_POLICY,
        Action.SECURITY_DEFAULTS,
        Action.START_CAMPAIGN,
        Action.UNDO_CAMPAIGN,
    }
)


class Direction(StrEnum):
    """Whether a plan leaves its targets better or worse protected."""

    RAISES = "raises"
    LOWERS = "lowers"
    NEUTRAL = "neutral"


class When(StrEnum):
    """When an approved plan runs."""

    NOW = "now"
    WINDOW = "window"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The choices made in the modal; all of them are part of what is approved."""

    when: When = When.NOW
    #: MFA: sign the targets out afterwards, so that the change is felt at once.
    revoke_sessions: bool = False
    #: MFA: the same for the administrators among them alone.
    revoke_admins: bool = False
    #: MFA: include users who have no usable method ("whoever signs in first registers").
    include_without_method: bool = False
    #: Patches: leave work for devices that are offline, instead of skipping them.
    wait_for_offline: bool = False
    #: Patches: over how many openings of the maintenance window it may go on, the first included.
    nights: int = 1
    #: Exemptions: the last day they hold, by the client's calendar.
    until: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One user or device of a plan. `weight` is what it counts against the caps."""

    id: str
    name: str
    #: Other names by which a configuration may protect it (a user's sign-in name).
    aliases: frozenset[str] = frozenset()
    weight: int = 1
    #: What was true before, as words for people and for undo.
    before: Mapping[str, str] = field(default_factory=dict)
    #: What would be taken today (patch keys); None where the vendor cannot tell.
    basis: frozenset[str] | None = None
    #: How many updates that is; known also where the vendor gives counts and no keys.
    count: int | None = None
    #: Exactly the updates to install, by what the vendor is told (its own ids, article numbers), with their
    #: names; empty: whatever is approved as it runs.
    chosen: Mapping[str, str] = field(default_factory=dict)
    #: Whose updates are installed; `chosen` names the system's own.
    families: frozenset[Family] = SYSTEM_ALONE
    is_server: bool = False
    is_admin: bool = False
    online: bool = True
    capable: bool = True
    ring: Ring = Ring.BROAD
    #: What the RMM's tags say of a server.
    roles: frozenset[ServerRole] = field(default_factory=frozenset)
    #: The end of its notice: it is not touched before. In the client's zone.
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A target left out of a plan, and why in one sentence."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Exact targets and exact change. `account` is "entra", "gatehouse" or the RMM account's name."""

    client: ClientKey
    client_name: str
    account: str
    #: The product's name for people; older plans do not know it.
    vendor_name: str | None = None
    action: Action
    direction: Direction
    options: Options
    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...] = ()
    #: Sentences the approver must have read: reboot control, "whoever signs in first registers" ...
    warnings: tuple[str, ...] = ()
    #: The client's, an IANA name; None in plans that are older than this.
    time_zone: str | None = None
    #: The opening of the maintenance window it would begin in, approved by then; older plans do not know it.
    opening: tuple[datetime, datetime] | None = None
    #: MFA: the group the users are added to or removed from.
    group: str | None = None
    group_name: str | None = None
    #: Tenant-wide actions: the exact change, with its before-value.
    change: PlannedChange | None = None
    undo_of: RequestId | None = None
    made_at: datetime

    @property
    def weight(self) -> int:
        return sum(target.weight for target in self.targets)

    @property
    def canaries(self) -> tuple[Target, ...]:
        """The targets that go first; none where the plan is too small for that."""
        return tuple(target for target in self.targets if target.ring is Ring.CANARY)

    @property
    def on_notice(self) -> tuple[Target, ...]:
        """The targets whose turn comes on a later day."""
        return tuple(target for target in self.targets if target.not_before is not None)

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over the canonical JSON of what is approved: action, options, targets, rings, updates.

        What a plan does without is left out, so that plans made before it existed keep their digest.
        """
        approved: dict[str, object] = {
            "client": self.client,
            "account": self.account,
            "action": self.action,
            "group": self.group,
            "undo_of": self.undo_of,
            "options": {
                "when": self.options.when,
                "revoke_sessions": self.options.revoke_sessions,
                "include_without_method": self.options.include_without_method,
                "wait_for_offline": self.options.wait_for_offline,
            },
            "targets": sorted(target.id for target in self.targets),
        }
        if self.options.revoke_admins:
            approved["revoke_admins"] = True
        if self.options.until is not None:
            approved["until"] = self.options.until.isoformat()
        if self.on_notice:
            ends = ((target.id, target.not_before) for target in self.on_notice)
            approved["not_before"] = {who: end.isoformat() for who, end in ends if end is not None}
        if self.options.nights > 1:
            approved["nights"] = self.options.nights
        if self.canaries:
            approved["canaries"] = sorted(target.id for target in self.canaries)
        chosen = {target.id: sorted(target.chosen) for target in self.targets if target.chosen}
        if chosen:
            approved["chosen"] = chosen
        wider = {t.id: sorted(t.families) for t in self.targets if t.families != SYSTEM_ALONE}
        if wider:
            approved["families"] = wider
        if self.change is not None:  # other plans keep the digest they were asked with
            told = asdict(self.change)
            approved["change"] = {k: v for k, v in told.items() if v or k != "drop_excluded"}
        canonical = json.dumps(approved, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def target(self, target_id: str) -> Target:
        return next(target for target in self.targets if target.id == target_id)


class RequestState(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    CANCELLING = "cancelling"
    NEEDS_PERSON = "needs_person"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"

    @property
    def final(self) -> bool:
        return self not in _OPEN

    @property
    def in_flight(self) -> bool:
        """Work of this request may be at the vendor."""
        return self in (self.RUNNING, self.CANCELLING, self.NEEDS_PERSON)


_OPEN = frozenset(
    {
        RequestState.PENDING,
        RequestState.APPROVED,
        RequestState.SCHEDULED,
        RequestState.RUNNING,
        RequestState.CANCELLING,
        RequestState.NEEDS_PERSON,
    }
)


class StepState(StrEnum):
    """Where one target of a request stands."""

    PLANNED = "planned"
    WAITING = "waiting"
    DISPATCHING = "dispatching"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    DONE = "done"
    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        return self in (
            self.VERIFIED,
            self.NOT_VERIFIED,
            self.FAILED,
            self.SKIPPED,
            self.UNKNOWN,
        )


#: The reason of a step that is not verified where everything is installed and only a restart is missing.
RESTART_OWED = "restart owed"


class JobKind(StrEnum):
    """One kind of outside call."""

    ADD_TO_GROUP = "add_to_group"
    REMOVE_FROM_GROUP = "remove_from_group"
    REVOKE_SESSIONS = "revoke_sessions"
    INSTALL = "install"
    SCAN = "scan"
    RESTART = "restart"
    ENABLE_PER_USER = "enable_per_user"
    DISABLE_PER_USER = "disable_per_user"
    EXEMPT = "exempt"
    END_EXEMPTION = "end_exemption"
    CREATE_POLICY = "create_policy"
    SET_POLICY_STATE = "set_policy_state"
    END_NOTICE = "end_notice"
    SECURITY_DEFAULTS = "security_defaults"
    SET_CAMPAIGN = "set_campaign"


class JobState(StrEnum):
    """Where one outside call stands. DISPATCHING is durable before the call is made."""

    PLANNED = "planned"
    DISPATCHING = "dispatching"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"

    @property
    def at_vendor(self) -> bool:
        return self in (self.DISPATCHING, self.DISPATCHED, self.RUNNING)

    @property
    def final(self) -> bool:
        return self in (self.DONE, self.FAILED, self.SKIPPED, self.UNKNOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One outside call that carries one or more steps (their target ids)."""

    id: JobId
    kind: JobKind
    account: str
    client: ClientKey
    targets: tuple[str, ...]
    group: str | None = None
    #: The updates it may install and no others, by what the vendor is told; empty: whatever is approved as it runs.
    chosen: tuple[str, ...] = ()
    #: Whose updates it may install.
    families: frozenset[Family] = SYSTEM_ALONE
    change: TenantChange | None = None
    #: The end of its targets' notice.
    not_before: datetime | None = None
    state: JobState = JobState.PLANNED
    #: Where the vendor's record stood just before the call ("newest activity id" and the like).
    mark: Mapping[str, str] = field(default_factory=dict)
    #: The vendor's handle, where it gives one.
    reference: str | None = None
    detail: str = ""
    #: Which process made the call, so that a restart knows which calls were cut off.
    worker: str | None = None
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
    cancellable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One target and what became of it. `reason` is one clause for people."""

    target: str
    state: StepState = StepState.PLANNED
    reason: str = ""
    #: True: this request changed it (undo covers only these); False: it was already so; None: not known.
    changed: bool | None = None
    #: A server that was changed: since when it was seen offline; None while it is not.
    away_since: datetime | None = None


class Verdict(StrEnum):
    """An approver's answer."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Approve or deny: by whom, when, why, of which digest."""

    by: PersonKey
    by_name: str
    verdict: Verdict
    reason: str = ""
    at: datetime
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A technician's ask for a plan, and all that became of it."""

    id: RequestId
    version: int
    state: RequestState
    plan: Plan
    digest: str
    requester: PersonKey
    requester_name: str
    reason: str
    ticket: str | None = None
    created_at: datetime
    #: A pending request ends here.
    expires_at: datetime
    #: An approved request must have started by here.
    valid_until: datetime | None = None
    approvals_needed: int
    decisions: tuple[Decision, ...] = ()
    #: The chosen opening of the maintenance window, (opens, closes).
    window: tuple[datetime, datetime] | None = None
    steps: tuple[Step, ...]
    jobs: tuple[Job, ...]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: Why it ended as it did, or what a person has to settle.
    note: str = ""
    #: Why what was not sent by then never will be; empty where nothing speaks against it.
    stopped: str = ""

    def step(self, target_id: str) -> Step:
        return next(step for step in self.steps if step.target == target_id)

    def job(self, job_id: JobId) -> Job:
        return next(job for job in self.jobs if job.id == job_id)

    def jobs_of(self, target_id: str) -> tuple[Job, ...]:
        return tuple(job for job in self.jobs if target_id in job.targets)

    def count(self, *states: StepState) -> int:
        return sum(step.state in states for step in self.steps)

    @property
    def approvals(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.verdict is Verdict.APPROVE)
