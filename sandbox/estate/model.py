"""The shapes of the fictional estate: companies, their directories and their devices.

The estate is what *is*; each stand-in turns it into its vendor's words. Objects are mutable, because
work done through the stand-ins changes them. Times are aware UTC datetimes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sandbox.estate.licences import SKUS

RmmVendor = Literal[
    "ninjaone",
    "datto",
    "automate",
    "tactical",
    "vsax",
    "action1",
    "asio",
    "vsa9",
    "syncro",
    "ncentral",
    "atera",
]
PerUserMfa = Literal["disabled", "enabled", "enforced"]


@dataclass(kw_only=True)
class User:
    """One account of a tenant's directory."""

    id: str
    name: str
    upn: str
    enabled: bool = True
    guest: bool = False
    #: Homed in another directory: its sign-in name contains #EXT#. A guest need not be external, nor the reverse.
    external: bool = False
    synced: bool = False
    #: Part number of the assigned licence; None: unlicensed.
    sku: str | None = None
    #: Names of the licence's service plans that are switched off for this account.
    disabled_plans: list[str] = field(default_factory=list)
    created: datetime
    last_sign_in: datetime | None = None
    #: A sign-in that failed counts as an attempt; None: none since the last success.
    last_attempt: datetime | None = None
    #: Words of the registration report: mobilePhone, microsoftAuthenticatorPush, fido2, ...
    methods: list[str] = field(default_factory=list)
    #: Registered, but the methods policy does not allow what is registered.
    method_disallowed: bool = False
    #: False: the registration report has no row for this enabled account.
    in_report: bool = True
    per_user_mfa: PerUserMfa = "disabled"
    #: "person", "break_glass", "sync", "service", "room", "shared"
    purpose: str = "person"
    job_title: str | None = None
    department: str | None = None
    #: First working day; future hires have their account before it.
    hired: date | None = None
    #: Built-in role template ids held actively at tenant scope / eligible through PIM.
    roles: list[str] = field(default_factory=list)
    eligible_roles: list[str] = field(default_factory=list)
    #: Role template id -> the scope narrower than the tenant it is held at ("/administrativeUnits/...").
    scoped_roles: dict[str, str] = field(default_factory=dict)
    #: The same of what PIM lets it activate.
    scoped_eligible_roles: dict[str, str] = field(default_factory=dict)
    sessions_valid_from: datetime

    @property
    def licensed(self) -> bool:
        return self.sku is not None


@dataclass(kw_only=True)
class Group:
    """One group; `members` holds user ids and group ids (nesting)."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    security_enabled: bool = True
    mail_enabled: bool = False
    membership_rule: str | None = None
    synced: bool = False
    role_assignable: bool = False
    #: Role template ids assigned to the group (role-assignable groups only).
    roles: list[str] = field(default_factory=list)
    #: SKU ids the group hands out; app roles assigned to it.
    licences: list[str] = field(default_factory=list)
    app_roles: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class RegisteredDevice:
    """One computer or phone as Entra knows it. `trust` is Graph's trustType."""

    id: str
    name: str
    system: str
    trust: str
    enabled: bool
    last_sign_in: datetime


@dataclass(kw_only=True)
class Tenant:
    """One Entra directory. `policies` are Graph's own conditionalAccessPolicy objects (JSON)."""

    id: str
    default_domain: str
    #: The domain the tenant was born with; break-glass accounts live there.
    initial_domain: str
    display_name: str
    #: Domains whose sign-ins another identity provider handles.
    federated_domains: list[str] = field(default_factory=list)
    #: Licence part number -> units bought; a lapsed subscription stays listed with 0.
    skus: dict[str, int] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    devices: list[RegisteredDevice] = field(default_factory=list)
    policies: list[dict[str, Any]] = field(default_factory=list)
    named_locations: list[dict[str, Any]] = field(default_factory=list)
    #: Graph's own authenticationMethodsPolicy object.
    methods_policy: dict[str, Any] = field(default_factory=dict)
    security_defaults: bool = False
    #: Until when people's habits have been played out; None: until the estate was grown.
    lived_until: datetime | None = None
    break_glass_ids: list[str] = field(default_factory=list)
    mfa_group_id: str | None = None
    #: Graph application roles granted to the bot's read / write app; empty list = consented, nothing granted;
    #: None = the app is not installed in this tenant (AADSTS7000229).
    read_roles: list[str] | None = None
    write_roles: list[str] | None = None

    @property
    def plans(self) -> set[str]:
        """Service plans of what is still paid for: "AAD_PREMIUM" is P1, "AAD_PREMIUM_P2" is P2."""
        paid = (sku for sku, units in self.skus.items() if units > 0)
        return {plan for sku in paid for plan in SKUS[sku].plans}


PatchState = Literal["approved", "pending", "rejected", "failed", "installed", "superseded"]


@dataclass(kw_only=True)
class Update:
    """One update as it concerns one device."""

    id: str
    title: str
    kb: str | None
    severity: Literal["critical", "important", "moderate", "low", "optional", "none"]
    #: "cumulative", "security", "dotnet", "definition", "driver", "feature", "firmware", "third_party"
    kind: str
    released: date
    state: PatchState
    #: Installs of this update on this device end as failed.
    fails: bool = False
    needs_reboot: bool = False
    installed_at: datetime | None = None
    failed_at: datetime | None = None
    #: When the RMM first collected the row.
    seen_at: datetime


@dataclass(kw_only=True)
class Device:
    """One managed machine."""

    number: int
    uid: str
    name: str
    server: bool = False
    laptop: bool = False
    os_name: str
    os_build: str
    online: bool = True
    last_seen: datetime
    last_boot: datetime
    last_scan: datetime | None
    reboot_needed: bool = False
    patch_policy: bool = True
    end_of_life: bool = False
    dns_domain: str
    #: Tags an MSP would set in the RMM: "domain-controller", "hyper-v-host", "protected" ...
    tags: list[str] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    #: The reboot of a running install has to wait for a person (Datto component: reboot owed).
    user: str | None = None


@dataclass(kw_only=True)
class Company:
    """One client of the MSP (or the MSP itself) with its directory, its devices and its habits."""

    key: str
    name: str
    domain: str
    channel: str
    time_zone: str
    digest_at: str
    tenant: Tenant
    rmm: RmmVendor
    #: The organisation's / site's number and name in the RMM.
    rmm_number: int
    rmm_uid: str
    rmm_name: str
    is_msp: bool = False
    devices: list[Device] = field(default_factory=list)


@dataclass(kw_only=True)
class Estate:
    """Everything, and the number it was grown from."""

    seed: int
    made_at: datetime
    companies: list[Company]

    def tenant(self, tenant_id: str) -> Tenant | None:
        return next((c.tenant for c in self.companies if c.tenant.id == tenant_id), None)

    def company(self, key: str) -> Company:
        return next(c for c in self.companies if c.key == key)

    def of_rmm(self, vendor: RmmVendor) -> list[Company]:
        return [c for c in self.companies if c.rmm == vendor]
