"""What the rules noticed, how old it is, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from core.domain.clients import ClientKey
from core.domain.evidence import SingleFactor
from core.domain.exemptions import Exemption
from core.domain.facts import Coverage, Fact
from core.domain.identity import AccountKind, DirectoryDevice, Strength, UserId
from core.domain.mfa_history import MfaMark, PolicyMark
from core.domain.notice import OnNotice
from core.domain.patching import (
    DeviceId,
    DeviceKind,
    LineHistory,
    PatchCounts,
    PatchState,
    ProductLine,
    ServerRole,
    Severity,
)


class Requirement(StrEnum):
    """What the tenant's policies demand of a user at an ordinary sign-in."""

    ENFORCED = "enforced"
    PARTIAL = "partial"
    REPORT_ONLY = "report_only"
    SECURITY_DEFAULTS = "security_defaults"
    PER_USER = "per_user"
    EXCLUDED = "excluded"
    UNCOVERED = "uncovered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaVerdict:
    """Registered, capable and enforced as three facts for one enabled account, with the reasons.

    `gap` is the answer to "is this account a gap": YES, NO, or UNKNOWN where a fact that decides is.
    `held_out` names why an account is listed but never acted on ("break-glass", "sync", "service" ...).
    """

    user_id: UserId
    name: str
    upn: str
    kind: AccountKind
    requirement: Requirement
    registered: Fact
    capable: Fact
    enforced: Fact
    gap: Fact
    #: Whether the account may sign in; NO for break-glass accounts and those in MfaSection.blocked.
    enabled: Fact = Fact.YES
    admin: bool = False
    #: An administrator over a part of the tenant only (an administrative unit, one app), now or once activated.
    part_admin: bool = False
    #: Holds Global Administrator at this moment, for the whole tenant.
    global_admin: bool = False
    stale: bool = False
    held_out: str | None = None
    methods: tuple[str, ...] = ()
    strength: Strength = Strength.UNKNOWN
    #: Whether the account's own licences hold Entra ID P1, without which conditional access is not for it.
    premium: Fact = Fact.UNKNOWN
    #: A policy lets a method be registered from trusted places or devices only.
    registration_limited: Fact = Fact.UNKNOWN
    #: What holds for it today; `gap` is NO then, whatever the facts say.
    exempt: Exemption | None = None
    #: Gatehouse itself leaves it out of a policy in force, until a day that was announced.
    notice: OnNotice | None = None
    #: That it really signed in with one factor lately; None where the log shows none or was not read.
    single_factor: SingleFactor | None = None
    #: The reason chain, one sentence each.
    why: tuple[str, ...] = ()

    @property
    def beyond_licence(self) -> bool:
        """Conditional access demands MFA of it, in full or in part, and no licence covers that."""
        demanded = self.requirement in (Requirement.ENFORCED, Requirement.PARTIAL)
        return demanded and self.premium is Fact.NO

    @property
    def rank(self) -> int:
        """Administrators of the whole tenant first, then those of a part of it, then everybody else."""
        if not self.admin:
            return 2
        return 1 if self.part_admin else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaSection:
    """The MFA half of a snapshot. `observed_at` is when the data was read, not when it was shown."""

    observed_at: datetime
    verdicts: tuple[MfaVerdict, ...]
    coverage: Coverage
    tenant_name: str | None = None
    default_domain: str | None = None
    domains: tuple[str, ...] = ()
    #: By policy id; None where the policies were not read.
    policies: Mapping[str, PolicyMark] | None = None
    #: Whether conditional access comes with what the tenant has bought.
    licensed: Fact = Fact.UNKNOWN
    #: Sentences about the tenant's policies themselves.
    remarks: tuple[str, ...] = ()
    #: Accounts that may not sign in: no gaps, in no count, and still to be seen.
    blocked: tuple[MfaVerdict, ...] = ()

    def gaps(self) -> tuple[MfaVerdict, ...]:
        return tuple(v for v in self.verdicts if v.gap is Fact.YES)

    def unknown(self) -> tuple[MfaVerdict, ...]:
        return tuple(v for v in self.verdicts if v.gap is Fact.UNKNOWN)

    def exempted(self) -> tuple[MfaVerdict, ...]:
        return tuple(v for v in self.verdicts if v.exempt is not None)


class AgeBasis(StrEnum):
    """From when an age is counted."""

    RELEASED = "released"
    LAST_CLEAN = "last_clean"
    WATCHING = "watching"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineVerdict:
    """One product line missing on one device: how old, how old it may be.

    `overdue` is UNKNOWN where the age is only the least it can be and still within the allowed days: we
    are the only ones who watched, or nothing shows that no earlier release was missed.
    """

    line: ProductLine
    title: str
    kb: str | None
    severity: Severity
    state: PatchState
    since: date
    basis: AgeBasis
    age_days: int
    allowed_days: int
    overdue: Fact
    #: What is approved of it was replaced by a release that is not.
    superseded: bool = False
    #: On so many days it was approved and could have been installed; 0 while policy allows that many.
    stuck_days: int = 0
    #: The vulnerabilities that what is missing of it closes, newest first, where the RMM names any.
    cves: tuple[str, ...] = ()


class DeviceTrouble(StrEnum):
    """States of a device that are not "fine", whatever its list of updates says."""

    NO_POLICY = "no_policy"
    NO_RECENT_SCAN = "no_recent_scan"
    END_OF_LIFE = "end_of_life"
    WAITING_FOR_REBOOT = "waiting_for_reboot"
    INSTALL_FAILED = "install_failed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    STUCK = "stuck"
    COUNTS_ONLY = "counts_only"
    NOT_READ = "not_read"

    @property
    def about_knowing(self) -> bool:
        """It says how much is known of a device, not what is wrong with it."""
        return self in (DeviceTrouble.COUNTS_ONLY, DeviceTrouble.NOT_READ)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceVerdict:
    """One device judged. `overdue` is UNKNOWN where its updates could not be read or dated."""

    device_id: DeviceId
    account: str
    name: str
    kind: DeviceKind
    os: str
    online: Fact
    last_seen: datetime | None
    last_scan: datetime | None
    overdue: Fact
    #: When its account was read that tells all this.
    read_at: datetime | None = None
    lines: tuple[LineVerdict, ...] = ()
    troubles: frozenset[DeviceTrouble] = field(default_factory=frozenset)
    counts: PatchCounts | None = None
    protected: bool = False
    #: What the RMM's tags say of a server.
    roles: frozenset[ServerRole] = field(default_factory=frozenset)
    domain: str | None = None
    serial: str | None = None
    #: Other accounts that see this machine too.
    also_in: tuple[str, ...] = ()
    #: Other clients whose organisations list this machine too; the one it is shown under comes first.
    also_under: tuple[ClientKey, ...] = ()

    @property
    def joined(self) -> bool:
        """What is shown of it comes from more than one listing."""
        return bool(self.also_in or self.also_under)

    @property
    def worst(self) -> LineVerdict | None:
        order = list(Severity)
        overdue = [line for line in self.lines if line.overdue is Fact.YES]
        return min(overdue, key=lambda v: (order.index(v.severity), -v.age_days), default=None)

    @property
    def problems(self) -> frozenset[DeviceTrouble]:
        """What is wrong with it besides being overdue."""
        return frozenset(trouble for trouble in self.troubles if not trouble.about_knowing)

    @property
    def fine(self) -> bool:
        return self.overdue is Fact.NO and not self.troubles


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchSection:
    """The patch half of a snapshot."""

    observed_at: datetime
    devices: tuple[DeviceVerdict, ...]
    coverage: Coverage
    organisation_names: tuple[str, ...] = ()
    #: The domain most of the client's devices belong to.
    main_domain: str | None = None
    #: What each account says of the devices that more than one of them sees.
    apart: tuple[DeviceVerdict, ...] = ()
    #: Listed in this client's organisations, and shown under another client.
    elsewhere: tuple[DeviceVerdict, ...] = ()

    def overdue(self) -> tuple[DeviceVerdict, ...]:
        return tuple(d for d in self.devices if d.overdue is Fact.YES)

    def unknown(self) -> tuple[DeviceVerdict, ...]:
        return tuple(d for d in self.devices if d.overdue is Fact.UNKNOWN)

    def by_account(self) -> tuple[DeviceVerdict, ...]:
        """Every device as each single account sees it, wherever it is shown."""
        return (*self.shown_by_account(), *(replace(d, also_under=()) for d in self.elsewhere))

    def shown_by_account(self) -> tuple[DeviceVerdict, ...]:
        """Those of them that are shown here."""
        return (*(d for d in self.devices if not d.joined), *self.apart)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceRegister:
    """The computers and phones a tenant knows; `observed_at` is None while it was never read."""

    observed_at: datetime | None = None
    devices: tuple[DirectoryDevice, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The newest known state of one client, and the memory that ages are counted from."""

    client: ClientKey
    mfa: MfaSection | None = None
    patches: PatchSection | None = None
    register: DeviceRegister | None = None
    history: Mapping[DeviceId, Mapping[ProductLine, LineHistory]] = field(default_factory=dict)
    #: The tenant's earlier readings in short, oldest first, each as long as nothing differed from it.
    marks: tuple[MfaMark, ...] = ()
    #: When a scan last tried, whether or not it could read anything.
    tried_at: datetime | None = None
    #: Since when nothing could be read at all, by section ("mfa", "patches").
    failing: Coverage = field(default_factory=Coverage)
