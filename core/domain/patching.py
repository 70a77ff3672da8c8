"""Devices and their missing updates, whatever the vendor can tell about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from core.domain.facts import Coverage, Fact

#: "<account>:<vendor's id>", so that ids of two accounts never meet.
DeviceId = NewType("DeviceId", str)
#: What one cumulative update replaces, such as "Windows 11 24H2 cumulative" or "Microsoft Edge".
ProductLine = NewType("ProductLine", str)


class DeviceKind(StrEnum):
    """Policy differs by kind; an unknown kind is judged as a server."""

    SERVER = "server"
    WORKSTATION = "workstation"
    UNKNOWN = "unknown"


class Ring(StrEnum):
    """When a device's turn comes among those of one plan: a few first, then all the others."""

    CANARY = "canary"
    BROAD = "broad"


class ServerRole(StrEnum):
    """What a server does, as far as it matters to which others may be changed in the same night."""

    DOMAIN_CONTROLLER = "domain_controller"
    HOST = "host"
    GUEST = "guest"
    CLUSTER_NODE = "cluster_node"
    INDEPENDENT = "independent"


class Severity(StrEnum):
    """The vendor's rating in our words, worst first."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    MODERATE = "moderate"
    LOW = "low"
    UNRANKED = "unranked"


class PatchClass(StrEnum):
    """What sort of update it is."""

    CUMULATIVE = "cumulative"
    SECURITY = "security"
    UPDATE = "update"
    DEFINITION = "definition"
    DRIVER = "driver"
    FEATURE = "feature"
    UNKNOWN = "unknown"


class Family(StrEnum):
    """Whose updates an install takes: each family is a call of its own, with a list of its own."""

    SYSTEM = "system"
    #: Updates of other makers' software.
    SOFTWARE = "software"


#: How the keys of other makers' updates begin, at every vendor.
SOFTWARE_KEY = "software "


def family_of(key: str) -> Family:
    """Whose update it is, by its key."""
    return Family.SOFTWARE if key.startswith(SOFTWARE_KEY) else Family.SYSTEM


#: What an install takes unless it is said.
SYSTEM_ALONE = frozenset({Family.SYSTEM})


class PatchState(StrEnum):
    """Where an update stands on one device. Only INSTALLED is fine."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    FAILED = "failed"
    INSTALLED = "installed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """One update on one device. `raw_severity` and `raw_state` keep the vendor's words."""

    key: str
    device_id: DeviceId
    title: str
    kb: str | None
    severity: Severity
    raw_severity: str = ""
    patch_class: PatchClass
    state: PatchState
    raw_state: str = ""
    released: date | None = None
    installed_at: datetime | None = None
    #: The vulnerabilities it closes, such as CVE-2026-12345, where the source names them.
    cves: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.kb or self.title


class CountStatus(StrEnum):
    """The one word a counts-only vendor gives per device."""

    FULLY_PATCHED = "fully_patched"
    MISSING = "missing"
    INSTALL_ERROR = "install_error"
    REBOOT_NEEDED = "reboot_needed"
    NO_POLICY = "no_policy"
    NO_DATA = "no_data"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchCounts:
    """What a counts-only vendor says of a device; None where it says nothing."""

    status: CountStatus
    approved: int | None = None
    not_approved: int | None = None
    installed: int | None = None
    #: All that is missing, where approvals are not told; by severity where that is told too.
    missing: int | None = None
    by_severity: Mapping[Severity, int] = field(default_factory=dict)

    @property
    def at_most(self) -> int | None:
        """The most an install may take: what is approved, else all that is missing."""
        return self.approved if self.approved is not None else self.missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One managed machine. `counts` is set where the vendor gives counts instead of patch rows."""

    id: DeviceId
    account: str
    vendor_id: str
    organisation: str
    name: str
    kind: DeviceKind
    os: str
    online: Fact
    last_seen: datetime | None = None
    last_scan: datetime | None = None
    reboot_needed: Fact = Fact.UNKNOWN
    has_policy: Fact = Fact.UNKNOWN
    domain: str | None = None
    #: What the maker gave it, as the vendor writes it; it may be a filler such as "Default string".
    serial: str | None = None
    tags: frozenset[str] = field(default_factory=frozenset)
    counts: PatchCounts | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RmmReading:
    """What one read of one organisation brought.

    `rows_known_for` names the devices whose patch rows were really read: no row for any other device is
    "unknown", never "clean".
    """

    account: str
    organisation: str
    organisation_name: str | None = None
    devices: tuple[Device, ...] = ()
    #: Missing, rejected and failed updates, and installs of the last half year (state INSTALLED).
    patches: tuple[Patch, ...] = ()
    rows_known_for: frozenset[DeviceId] = field(default_factory=frozenset)
    #: Devices whose list of other makers' software could not be read: none of it listed does not mean none missing.
    software_unread: frozenset[DeviceId] = field(default_factory=frozenset)
    coverage: Coverage
    observed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LineHistory:
    """What we have seen of one product line on one device; survives scans, so that ages grow."""

    #: First sight of anything missing since the line was last clean.
    missing_since: datetime | None = None
    last_clean: datetime | None = None
    #: Release date of the oldest release missed since then, where any was told.
    oldest_release: date | None = None
    #: First sight of each update missing now, by its key: an install clears only what came before it.
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    #: The newest install already taken into account.
    last_install: datetime | None = None
    #: Since when nothing of the line is listed although no install was seen. Not yet "clean".
    quiet_since: datetime | None = None
    #: Days since its last install on which it was approved, and the device online and lately scanned.
    waited_days: int = 0
    #: The newest of them.
    waited_on: date | None = None


#: Device -> product line -> history.
History = Mapping[DeviceId, Mapping[ProductLine, LineHistory]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What the update script found on one device of an RMM that only counts: its updates, one by one."""

    device_id: DeviceId
    listed_at: datetime
    #: Missing and failed updates, and what this very run installed.
    patches: tuple[Patch, ...]
    reboot_needed: bool


class RebootControl(StrEnum):
    """Who decides whether and when a device restarts after an install."""

    OURS = "ours"
    VENDOR_POLICY = "vendor_policy"
    UNKNOWN = "unknown"


class Reconcile(StrEnum):
    """How far a vendor can tell, after a crash, whether a call was carried out."""

    EXACT = "exact"
    EVIDENCE = "evidence"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What an RMM can tell and do. A button that cannot work is never drawn."""

    patch_rows: bool = False
    #: Counts by itself; rows of the devices on which the update script ran lately.
    script_rows: bool = False
    kb_numbers: bool = False
    release_dates: bool = False
    scan: bool = False
    install: bool = False
    #: An install names the updates that were approved, where they were known then, and takes no others.
    install_chosen: bool = False
    #: Restarts a device when told to, by itself and without an install.
    reboot: bool = False
    reboot_control: RebootControl = RebootControl.UNKNOWN
    job_status: bool = False
    reconcile: Reconcile = Reconcile.NONE
    #: What the vendor does with work for an offline device: "queues", "expires", "refuses".
    offline: str = "unknown"
    #: An install that names no updates takes whatever is approved when it runs.
    installs_all_approved: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicePreview:
    """What would meet one device right now; `patch_keys`, what an install would take, is None where unknown."""

    device_id: DeviceId
    name: str
    kind: DeviceKind
    online: Fact
    patch_keys: frozenset[str] | None = None
    #: Keys among them that are drivers or feature updates.
    weighty_keys: frozenset[str] = field(default_factory=frozenset)
    #: Where the vendor can be told which: exactly these updates, by what it is told, with their names.
    chosen: Mapping[str, str] = field(default_factory=dict)
    count: int | None = None
    #: Whose updates are among them.
    families: frozenset[Family] = SYSTEM_ALONE
    #: Whether it waits for a restart; read where a restart is asked for.
    reboot_needed: Fact = Fact.UNKNOWN
