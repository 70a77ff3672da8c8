"""The MSP's clients: whose tenant, whose devices, whose rules."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

ClientKey = NewType("ClientKey", str)


@dataclass(frozen=True, kw_only=True, slots=True)
class MaintenanceWindow:
    """When a client lets us change devices: from `start`, local time, on `days` (Monday is 0)."""

    days: frozenset[int]
    start: time
    minutes: int
    time_zone: str

    def opening_on(self, now: datetime) -> tuple[datetime, datetime] | None:
        """The opening that `now` lies in, as (opens, closes) in `now`'s zone; None when shut."""
        return next((o for o in self._openings(now, -1, 1) if o[0] <= now < o[1]), None)

    def next_openings(self, now: datetime, count: int) -> tuple[tuple[datetime, datetime], ...]:
        """The opening `now` lies in, or else the next one, and those after it: `count` in all."""
        openings = self._openings(now, -1, 7 * count + 2)
        return tuple(opening for opening in openings if now < opening[1])[:count]

    def next_opening(self, now: datetime) -> tuple[datetime, datetime]:
        """The opening `now` lies in, or else the next one."""
        return self.next_openings(now, 1)[0]

    def _openings(self, now: datetime, first: int, last: int) -> list[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.time_zone)
        today = now.astimezone(zone).date()
        dates = (today + timedelta(days=offset) for offset in range(first, last))
        starts = [
            datetime.combine(day, self.start, zone).astimezone(now.tzinfo)
            for day in dates
            if day.weekday() in self.days
        ]
        return [(start, start + timedelta(minutes=self.minutes)) for start in starts]


@dataclass(frozen=True, kw_only=True, slots=True)
class RmmBinding:
    """Which organisation of which RMM account holds a client's devices."""

    account: str
    vendor: str
    #: The vendor's id of the organisation or site, as text.
    organisation: str


class GroupKind(StrEnum):
    """Why servers may not be changed in one night, or that nothing speaks against it."""

    DOMAIN_CONTROLLERS = "domain_controllers"
    HOST_AND_GUESTS = "host_and_guests"
    CLUSTER = "cluster"
    INDEPENDENT = "independent"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerGroup:
    """Servers that belong together, by name or vendor id in lower case; only HOST_AND_GUESTS has a host."""

    kind: GroupKind
    devices: frozenset[str]
    host: str | None = None

    @property
    def members(self) -> frozenset[str]:
        return self.devices if self.host is None else self.devices | {self.host}


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """The MSP's customer, as configured."""

    key: ClientKey
    name: str
    aliases: tuple[str, ...] = ()
    tenant_id: str | None = None
    rmm: tuple[RmmBinding, ...] = ()
    channel: str
    time_zone: str
    digest_at: time
    maintenance_window: MaintenanceWindow | None = None
    #: Object ids of the emergency accounts. Never guessed; an empty list forbids enforcement.
    break_glass: tuple[str, ...] = ()
    #: Object id of the one group that an enabled MFA policy includes.
    mfa_group: str | None = None
    #: These three by object id or sign-in name.
    protected_users: frozenset[str] = field(default_factory=frozenset)
    #: What devices and programs sign in as: scan-to-mail, line-of-business services.
    service_accounts: frozenset[str] = field(default_factory=frozenset)
    #: Accounts that hold or administer Gatehouse's own app registrations.
    own_accounts: frozenset[str] = field(default_factory=frozenset)
    protected_devices: frozenset[str] = field(default_factory=frozenset)
    #: What is known of its servers besides the RMM's tags: which of them never go in one night.
    server_groups: tuple[ServerGroup, ...] = ()
    needs_ticket: bool = False
    #: A person has looked at a binding whose domains differ and says it is right.
    binding_confirmed: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def never_touched(self) -> frozenset[str]:
        """Whom the configuration holds out, by whichever name stands there, in small letters."""
        held = self.protected_users | self.service_accounts | self.own_accounts
        return frozenset(name.casefold() for name in held)
