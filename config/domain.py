"""From validated tables to the domain's own objects."""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from config.settings import DAYS, ClientTable, PersonTable, Settings, WindowTable
from core.domain.clients import Client, ClientKey, MaintenanceWindow, RmmBinding, ServerGroup
from core.domain.people import EVERY_CLIENT, People, Person, PersonKey
from core.domain.policy import ApprovalPolicy, MfaPolicy, OverduePolicy, Policy, RingPolicy


def clients_of(settings: Settings, vendors: Mapping[str, str]) -> tuple[Client, ...]:
    """`vendors` maps the names of RMM accounts to vendor keys."""
    own = _small(settings.entra.own_accounts)
    return tuple(_client(table, vendors, own) for table in settings.clients)


def people_of(settings: Settings) -> People:
    return People(tuple(_person(table) for table in settings.people))


def policy_of(settings: Settings) -> Policy:
    """The defaults, with what the file says otherwise."""
    table = settings.policy.overdue
    default = OverduePolicy()
    overdue = OverduePolicy(
        name=table.name,
        days={kind: {**days, **table.days.get(kind, {})} for kind, days in default.days.items()},
        scan_hours={**default.scan_hours, **table.scan_hours},
        stuck_days=table.stuck_days,
    )
    approval, rings = settings.policy.approval, settings.policy.rings
    return Policy(
        overdue=overdue,
        mfa=MfaPolicy(
            include_guests=settings.policy.mfa.include_guests,
            stale_days=settings.policy.mfa.stale_days,
            exemption_days=settings.policy.mfa.exemption_days,
            remind_days=settings.policy.mfa.remind_days,
            evidence_days=settings.policy.mfa.evidence_days,
            notice_days=settings.policy.mfa.notice_days,
            notice_hour=settings.policy.mfa.notice_hour,
        ),
        approval=ApprovalPolicy(
            **{field.name: getattr(approval, field.name) for field in fields(ApprovalPolicy)}
        ),
        rings=RingPolicy(
            **{field.name: getattr(rings, field.name) for field in fields(RingPolicy)}
        ),
    )


def _small(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _client(table: ClientTable, vendors: Mapping[str, str], own: frozenset[str]) -> Client:
    return Client(
        key=ClientKey(table.key),
        name=table.name,
        aliases=tuple(table.aliases),
        tenant_id=table.tenant_id,
        rmm=tuple(
            RmmBinding(
                account=binding.account,
                vendor=vendors[binding.account],
                organisation=binding.organisation,
            )
            for binding in table.rmm
        ),
        channel=table.channel.removeprefix("#"),
        time_zone=table.time_zone,
        digest_at=table.digest_at,
        maintenance_window=_window(table.maintenance_window, table.time_zone),
        break_glass=tuple(table.break_glass),
        mfa_group=table.mfa_group,
        protected_users=_small(table.protected_users),
        service_accounts=_small(table.service_accounts),
        own_accounts=own,
        protected_devices=frozenset(table.protected_devices),
        server_groups=tuple(
            ServerGroup(kind=group.kind, devices=frozenset(group.devices), host=group.host)
            for group in table.server_groups
        ),
        needs_ticket=table.needs_ticket,
        binding_confirmed=table.binding_confirmed,
    )


def _window(table: WindowTable | None, time_zone: str) -> MaintenanceWindow | None:
    if table is None:
        return None
    return MaintenanceWindow(
        days=frozenset(DAYS.index(day) for day in table.days),
        start=table.start,
        minutes=table.minutes,
        time_zone=time_zone,
    )


def _person(table: PersonTable) -> Person:
    roles = {ClientKey(key): role for key, role in table.roles.items()}
    if table.role is not None:
        roles[EVERY_CLIENT] = table.role
    return Person(
        key=PersonKey(table.key),
        name=table.name,
        chat_ids=frozenset(table.slack_ids),
        emails=frozenset(table.emails),
        roles=roles,
    )
