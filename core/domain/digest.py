"""What a channel is told of a day: headline numbers, what needs a person first, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.domain.clients import ClientKey
from core.domain.exemptions import Exemption
from core.domain.facts import Coverage
from core.domain.findings import DeviceTrouble
from core.domain.identity import PolicyState
from core.domain.mfa_history import MfaChange
from core.domain.remediation import Action, RequestState


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """The headline numbers of one client on one day; None where nothing was ever read."""

    mfa_gaps: int | None = None
    mfa_unknown: int | None = None
    admins_without_mfa: int | None = None
    accounts: int | None = None
    exempt: int | None = None
    overdue_devices: int | None = None
    unknown_devices: int | None = None
    troubled_devices: int | None = None
    devices: int | None = None
    #: Computers in use that Entra knows and no RMM does.
    unmanaged_devices: int | None = None
    #: Which reading of the tenant a digest was made from.
    mfa_read_at: datetime | None = None


class AttentionKind(StrEnum):
    """What sort of thing needs a person, most urgent first."""

    ADMIN_WITHOUT_MFA = "admin_without_mfa"
    PART_ADMIN_WITHOUT_MFA = "part_admin_without_mfa"
    NEEDS_PERSON = "needs_person"
    SERVER_OVERDUE = "server_overdue"
    WRONG_BINDING = "wrong_binding"
    END_OF_LIFE = "end_of_life"
    BREAK_GLASS = "break_glass"
    USER_UNCOVERED = "user_uncovered"
    DEVICE_OVERDUE = "device_overdue"
    INSTALL_FAILED = "install_failed"
    INSTALL_STUCK = "install_stuck"
    APPROVAL_SUPERSEDED = "approval_superseded"
    LISTED_TWICE = "listed_twice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """One named item that needs a person; `subject` is text from outside."""

    kind: AttentionKind
    client: ClientKey
    subject: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Offers:
    """What may be asked for at a client as things are configured: a button that cannot work is never drawn."""

    enforce_mfa: bool = True
    #: The same for a tenant without conditional access.
    per_user_mfa: bool = True
    patch: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientDigest:
    """One client's part of a digest. `before` is None on the first digest: no comparison yet."""

    client: ClientKey
    client_name: str
    now: Numbers
    before: Numbers | None
    mfa_observed_at: datetime | None
    patches_observed_at: datetime | None
    coverage: Coverage
    offers: Offers = field(default_factory=Offers)
    #: The RMMs its devices are read from, as people call them.
    sources: tuple[str, ...] = ()
    #: How many devices are in each state of its own.
    troubles: Mapping[DeviceTrouble, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestLine:
    """One line about a request in a digest."""

    request_id: str
    action: Action
    targets: int
    client_name: str
    state: RequestState
    #: What became of its targets so far, as words; empty before it started.
    counts: str = ""
    nothing_failed: bool = False
    #: What a policy is set to, where it is about that.
    policy_state: PolicyState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """The day's findings for one channel."""

    channel: str
    day: date
    made_at: datetime
    attention: tuple[Attention, ...]
    clients: tuple[ClientDigest, ...]
    running: tuple[RequestLine, ...] = ()
    finished: tuple[RequestLine, ...] = ()
    pending: tuple[RequestLine, ...] = ()
    #: The date of the digest compared with.
    compared_with: date | None = None
    #: What changed since then, most urgent first.
    changes: tuple[MfaChange, ...] = ()
    #: Exemptions that end soon, and those that ended since then.
    ending: tuple[Exemption, ...] = ()
    ended: tuple[Exemption, ...] = ()
    #: Hash and count of the audit log's last entry, as an anchor outside the host.
    audit_head: str | None = None
    audit_count: int | None = None
    frozen: bool = False
