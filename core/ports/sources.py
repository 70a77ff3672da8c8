"""Reading and changing the outside world: the clients' tenants and their RMMs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.domain.clients import Client, RmmBinding
from core.domain.events import StepResult
from core.domain.evidence import SignInEvidence
from core.domain.facts import Fact
from core.domain.identity import DirectoryReading, GroupProof, PerUserState
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.proofs import Trace
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId
from core.domain.tenant_change import ReportOnlyImpact, TenantControls
from core.domain.what_if import WhatIf


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
