"""The MSP's own rules, as numbers: what is overdue, who approves, how much at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.patching import DeviceKind, PatchClass, Severity

DAYS_SERVER: Mapping[Severity, int] = {
    Severity.CRITICAL: 14,
    Severity.IMPORTANT: 30,
    Severity.MODERATE: 30,
    Severity.LOW: 60,
    Severity.UNRANKED: 30,
}
DAYS_WORKSTATION: Mapping[Severity, int] = {
    Severity.CRITICAL: 14,
    Severity.IMPORTANT: 30,
    Severity.MODERATE: 30,
    Severity.LOW: 60,
    Severity.UNRANKED: 30,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OverduePolicy:
    """Days a missing update may age, by device kind and severity; hours a scan stays recent."""

    name: str = "essential-eight-ml1"
    days: Mapping[DeviceKind, Mapping[Severity, int]] = field(
        default_factory=lambda: {
            DeviceKind.SERVER: DAYS_SERVER,
            DeviceKind.WORKSTATION: DAYS_WORKSTATION,
            DeviceKind.UNKNOWN: DAYS_SERVER,
        }
    )
    scan_hours: Mapping[DeviceKind, int] = field(
        default_factory=lambda: {
            DeviceKind.SERVER: 48,
            DeviceKind.WORKSTATION: 72,
            DeviceKind.UNKNOWN: 48,
        }
    )
    #: An approved update is stuck once a device was online and scanned on more days without installing it.
    stuck_days: int = 14
    #: Listed, but never overdue: Essential Eight asks for drivers at level 3 only, and a feature update
    #: that is put off shows as the end of life of the release that stays.
    never_overdue: frozenset[PatchClass] = frozenset({PatchClass.DRIVER, PatchClass.FEATURE})


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaPolicy:
    """How MFA gaps are judged."""

    include_guests: bool = False
    stale_days: int = 90
    #: The furthest day an exemption may end on, counted from the day it is asked for.
    exemption_days: int = 90
    #: How long before its end whoever asked for and approved an exemption is reminded.
    remind_days: int = 7
    #: How far back the sign-in log is read for sign-ins with one factor.
    evidence_days: int = 14
    #: So long at least people without a method have before MFA is demanded of them, and at which hour it is.
    notice_days: int = 7
    notice_hour: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalPolicy:
    """Who has to agree, for how long a request waits, and how far it may reach.

    `approvals_lower` is never below `approvals_raise` (the configuration refuses it).
    """

    approvals_raise: int = 1
    approvals_lower: int = 2
    #: At least so many where an administrator is among the targets.
    approvals_admins: int = 1
    pending_minutes: int = 60
    #: How long an approval "now" may wait for its start.
    approved_minutes: int = 240
    max_weight_per_request: int = 50
    max_weight_per_hour: int = 150
    server_weight: int = 5
    admin_weight: int = 5
    max_pending_per_person: int = 5
    #: Growth of what would be installed that still counts as "what was approved", in percent.
    growth_percent: int = 25
    #: What a change to a whole tenant weighs; one that demands nothing of anybody yet weighs 1.
    tenant_weight: int = 25
    #: A policy has to have been report-only for so long before it may be enabled.
    report_only_days: int = 7
    #: A job that has not ended by then is unknown.
    job_minutes: int = 240
    #: How long after its end a change may take to show at the source.
    verify_minutes: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class RingPolicy:
    """How many devices of an install go first, and what of them stops the rest."""

    #: Share of a plan's devices, in percent, rounded up.
    canary_percent: int = 5
    #: A smaller plan has no canary.
    from_devices: int = 3
    #: The rest is stopped by so great a share of failed canaries, or by so many: whichever comes first.
    failure_percent: int = 5
    failure_devices: int = 2
    #: Whether a canary that owes a restart counts as failed. Not where the RMM restarts nothing by itself.
    restart_owed_fails: bool = False
    #: A server that stays offline for so long after its install stops the rest as well.
    back_minutes: int = 30
    #: Over how many openings of the maintenance window a request may go on where its requester chose so.
    nights: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """All of it."""

    overdue: OverduePolicy = field(default_factory=OverduePolicy)
    mfa: MfaPolicy = field(default_factory=MfaPolicy)
    approval: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    rings: RingPolicy = field(default_factory=RingPolicy)
