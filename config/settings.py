"""The configuration's own tables. Each vendor folder and Entra bring theirs."""

from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.domain.clients import GroupKind
from core.domain.patching import DeviceKind, Severity
from core.domain.people import Role
from integrations.entra.settings import EntraSettings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GUID = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
KEY = r"^[a-z0-9][a-z0-9-]*$"

Guid = Annotated[str, StringConstraints(pattern=GUID, to_lower=True)]
Key = Annotated[str, StringConstraints(pattern=KEY, max_length=60)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("must be an IANA time zone such as Europe/London") from error
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Table(BaseModel):
    """Nothing unknown is accepted: a misspelt key is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockTable(Table):
    """Sandbox only."""

    offset_file: Path


class SlackTable(Table):
    """How to reach Slack, and where approvals are decided."""

    bot_token: SecretStr
    app_token: SecretStr
    approval_channel: str
    base_url: str = "https://slack.com/api/"
    ca_file: Path | None = None

    @field_validator("base_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if urlsplit(value).scheme != "https":
            raise ValueError("must be an https address")
        return value if value.endswith("/") else value + "/"


class WindowTable(Table):
    """One weekly maintenance window, in the client's time zone."""

    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(min_length=1)
    start: time
    minutes: int = Field(ge=15, le=24 * 60)


class BindingTable(Table):
    """Which organisation of which account of [rmm]."""

    account: Key
    organisation: str = Field(min_length=1)


class ServerGroupTable(Table):
    """Servers that are never changed in one night, or that may be (independent)."""

    kind: GroupKind
    #: Names as the RMM shows them, or its ids.
    devices: list[Annotated[str, StringConstraints(min_length=1, to_lower=True)]] = Field(
        min_length=1
    )
    host: Annotated[str, StringConstraints(min_length=1, to_lower=True)] | None = None

    @model_validator(mode="after")
    def _host_where_there_are_guests(self) -> Self:
        if (self.host is None) is (self.kind is GroupKind.HOST_AND_GUESTS):
            raise ValueError("host_and_guests needs a host, and no other kind has one")
        if self.host in self.devices:
            raise ValueError("the host is not one of its own guests: take it out of devices")
        return self


class ClientTable(Table):
    """One client."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    aliases: list[str] = []
    tenant_id: Guid | None = None
    channel: str = Field(min_length=1)
    time_zone: Zone
    digest_at: time
    maintenance_window: WindowTable | None = None
    mfa_group: Guid | None = None
    break_glass: list[Guid] = []
    protected_users: list[str] = []
    service_accounts: list[str] = []
    protected_devices: list[str] = []
    server_groups: list[ServerGroupTable] = []
    needs_ticket: bool = False
    binding_confirmed: bool = False
    rmm: list[BindingTable] = []


class PersonTable(Table):
    """One human being; `role` holds for every client, `roles` for single ones."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    slack_ids: list[Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]+$")]] = []
    emails: list[Annotated[str, StringConstraints(to_lower=True, pattern=r"^\S+@\S+$")]] = []
    role: Role | None = None
    roles: dict[Key, Role] = {}

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.slack_ids and not self.emails:
            raise ValueError("needs at least one of slack_ids and emails")
        if self.role is None and not self.roles:
            raise ValueError("needs a role, for every client or for single ones")
        return self


class OverdueTable(Table):
    """Days a missing update may age, and hours a scan stays recent."""

    name: str = "essential-eight-ml1"
    days: dict[DeviceKind, dict[Severity, Annotated[int, Field(ge=0, le=3650)]]] = {}
    scan_hours: dict[DeviceKind, Annotated[int, Field(ge=1, le=24 * 90)]] = {}
    stuck_days: int = Field(default=14, ge=1, le=365)


class MfaTable(Table):
    """How MFA gaps are judged."""

    include_guests: bool = False
    stale_days: int = Field(default=90, ge=1)
    exemption_days: int = Field(default=90, ge=1, le=400)
    remind_days: int = Field(default=7, ge=1, le=60)
    evidence_days: int = Field(default=14, ge=1, le=30)
    notice_days: int = Field(default=7, ge=1, le=60)
    notice_hour: int = Field(default=10, ge=7, le=12)


class ApprovalTable(Table):
    """Who has to agree and how far a request may reach."""

    approvals_raise: int = Field(default=1, ge=1, le=5)
    approvals_lower: int = Field(default=2, ge=1, le=5)
    approvals_admins: int = Field(default=1, ge=1, le=5)
    pending_minutes: int = Field(default=60, ge=1, le=7 * 24 * 60)
    approved_minutes: int = Field(default=240, ge=1, le=7 * 24 * 60)
    max_weight_per_request: int = Field(default=50, ge=1, le=1000)
    max_weight_per_hour: int = Field(default=150, ge=1, le=10_000)
    server_weight: int = Field(default=5, ge=1)
    admin_weight: int = Field(default=5, ge=1)
    max_pending_per_person: int = Field(default=5, ge=1)
    growth_percent: int = Field(default=25, ge=0, le=1000)
    tenant_weight: int = Field(default=25, ge=1)
    report_only_days: int = Field(default=7, ge=1, le=90)
    job_minutes: int = Field(default=240, ge=1)
    verify_minutes: int = Field(default=60, ge=1)

    @model_validator(mode="after")
    def _lowering_needs_more(self) -> Self:
        if self.approvals_lower < self.approvals_raise:
            raise ValueError("approvals_lower may not be below approvals_raise")
        return self


class RingsTable(Table):
    """How many devices of an install go first, and what of them stops the rest."""

    canary_percent: int = Field(default=5, ge=1, le=50)
    from_devices: int = Field(default=3, ge=2, le=1000)
    failure_percent: int = Field(default=5, ge=1, le=100)
    failure_devices: int = Field(default=2, ge=1, le=1000)
    restart_owed_fails: bool = False
    back_minutes: int = Field(default=30, ge=5, le=24 * 60)
    nights: int = Field(default=3, ge=1, le=14)


class PolicyTable(Table):
    """The MSP's own rules."""

    overdue: OverdueTable = OverdueTable()
    mfa: MfaTable = MfaTable()
    approval: ApprovalTable = ApprovalTable()
    rings: RingsTable = RingsTable()


class EngineTable(Table):
    """How often the bot looks. Seconds and minutes."""

    poll_seconds: float = Field(default=15, ge=0.2, le=600)
    scan_minutes: float = Field(default=60, ge=0.1, le=24 * 60)
    audit_days: int = Field(default=400, ge=183)


class Settings(BaseSettings):
    """The whole file; GATEHOUSE_<KEY> in the environment (nested by __) goes before it."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="GATEHOUSE_", env_nested_delimiter="__"
    )

    data_dir: Path
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    clock: ClockTable | None = None
    slack: SlackTable
    entra: EntraSettings
    #: By account name; each is validated by its vendor's own model.
    rmm: dict[Key, dict[str, Any]] = {}
    clients: list[ClientTable] = Field(min_length=1)
    people: list[PersonTable] = Field(min_length=1)
    policy: PolicyTable = PolicyTable()
    engine: EngineTable = EngineTable()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file; nothing else is read."""
        return env_settings, init_settings
