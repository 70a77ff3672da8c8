"""Which servers are never changed in one night, because one has to stand while the other is down."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import Client, GroupKind, MaintenanceWindow, ServerGroup
from core.domain.findings import DeviceVerdict
from core.domain.patching import DeviceKind, ServerRole
from core.domain.remediation import Target

#: A night is an opening of the maintenance window, and never shorter than this.
NIGHT = timedelta(hours=12)

_TAGS: Mapping[str, ServerRole] = {
    "domain-controller": ServerRole.DOMAIN_CONTROLLER,
    "hyper-v-host": ServerRole.HOST,
    "vm-host": ServerRole.HOST,
    "hyper-v-guest": ServerRole.GUEST,
    "vm-guest": ServerRole.GUEST,
    "cluster-node": ServerRole.CLUSTER_NODE,
    "independent": ServerRole.INDEPENDENT,
}
#: By what may keep servers apart: roles of which a holder of the first may not go with one of the second.
_APART: Mapping[GroupKind, tuple[tuple[ServerRole, ServerRole], ...]] = {
    GroupKind.DOMAIN_CONTROLLERS: ((ServerRole.DOMAIN_CONTROLLER, ServerRole.DOMAIN_CONTROLLER),),
    GroupKind.CLUSTER: ((ServerRole.CLUSTER_NODE, ServerRole.CLUSTER_NODE),),
    GroupKind.HOST_AND_GUESTS: (
        (ServerRole.HOST, ServerRole.GUEST),
        (ServerRole.GUEST, ServerRole.HOST),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A change that was sent to a device. `open`: its end is not known yet."""

    target: Target
    at: datetime
    open: bool


def roles_of(tags: Iterable[str]) -> frozenset[ServerRole]:
    """What the RMM's tags say of a server."""
    return frozenset(_TAGS[tag.casefold()] for tag in tags if tag.casefold() in _TAGS)


def acts_as_server(device: DeviceVerdict, client: Client) -> bool:
    """Whether its RMM does not call it a workstation, or a tag or the configuration knows a server by its name."""
    if device.kind is not DeviceKind.WORKSTATION or device.roles:
        return True
    names = _names(device.device_id, device.name)
    return any(not group.members.isdisjoint(names) for group in client.server_groups)


def is_critical(target: Target, client: Client) -> bool:
    """Whether it is a server of which nobody has said what it does."""
    return target.is_server and not _roles(target, client)


def apart(one: Target, other: Target, client: Client) -> bool:
    """Whether two devices may not be changed in one night.

    Where the configuration says of both what they belong to, that is what counts, and else their roles. A
    server of unknown role may be any of them, so it goes with no other but those said to be independent.
    """
    if one.id == other.id or not (one.is_server and other.is_server):
        return False
    some, more = _roles(one, client), _roles(other, client)
    if not some or not more:
        return (some or more) != {ServerRole.INDEPENDENT}
    return any(_kept_apart(kind, one, other, client) for kind in _APART)


def _kept_apart(kind: GroupKind, one: Target, other: Target, client: Client) -> bool:
    ours, theirs = _groups(one, client, kind), _groups(other, client, kind)
    if ours and theirs:
        return any(group in theirs and _parts(group, one, other) for group in ours)
    some, more = _roles(one, client), _roles(other, client)
    return any(first in some and second in more for first, second in _APART[kind])


def in_the_way(
    target: Target, sent: Iterable[Sent], client: Client, now: datetime
) -> tuple[Target, ...]:
    """What was changed this night, or is not known to have ended, and has to stand while the target is down."""
    since = night_began(client.maintenance_window, now)
    return tuple(
        item.target
        for item in sent
        if (item.open or item.at >= since) and apart(target, item.target, client)
    )


def night_began(window: MaintenanceWindow | None, now: datetime) -> datetime:
    """When the night began that `now` lies in."""
    opening = window.opening_on(now) if window is not None else None
    return min(now - NIGHT, opening[0]) if opening is not None else now - NIGHT


def nights_of(targets: Sequence[Target], client: Client) -> Mapping[str, int]:
    """The first night (from 0) in which each target can have its turn, those before it having had theirs."""
    nights: list[list[Target]] = []
    found: dict[str, int] = {}
    for target in targets:
        free = (n for n, night in enumerate(nights) if not _meets(target, night, client))
        night = next(free, len(nights))
        if night == len(nights):
            nights.append([])
        nights[night].append(target)
        found[target.id] = night
    return found


def _meets(target: Target, night: Collection[Target], client: Client) -> bool:
    return any(apart(target, other, client) for other in night)


def _groups(
    target: Target, client: Client, kind: GroupKind | None = None
) -> tuple[ServerGroup, ...]:
    names = _names(target.id, target.name)
    return tuple(
        group
        for group in client.server_groups
        if kind in (None, group.kind) and not group.members.isdisjoint(names)
    )


def _roles(target: Target, client: Client) -> frozenset[ServerRole]:
    """What the configuration and the tags say it does; empty where neither says anything."""
    return target.roles | {_role_in(group, target) for group in _groups(target, client)}


def _role_in(group: ServerGroup, target: Target) -> ServerRole:
    match group.kind:
        case GroupKind.DOMAIN_CONTROLLERS:
            return ServerRole.DOMAIN_CONTROLLER
        case GroupKind.CLUSTER:
            return ServerRole.CLUSTER_NODE
        case GroupKind.HOST_AND_GUESTS:
            return ServerRole.HOST if _is_host(group, target) else ServerRole.GUEST
        case GroupKind.INDEPENDENT:
            return ServerRole.INDEPENDENT


def _parts(group: ServerGroup, one: Target, other: Target) -> bool:
    """Whether a group that holds both keeps them apart: guests of one host may go together."""
    hosting = group.kind is GroupKind.HOST_AND_GUESTS
    return not hosting or _is_host(group, one) or _is_host(group, other)


def _is_host(group: ServerGroup, target: Target) -> bool:
    return group.host in _names(target.id, target.name)


def _names(device_id: str, name: str) -> frozenset[str]:
    """By any of which the configuration may name it."""
    return frozenset(
        {device_id.casefold(), name.casefold(), device_id.partition(":")[2].casefold()}
    )
