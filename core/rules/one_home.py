"""A machine that the RMM organisations of two clients list is shown under one of them: where it belongs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.domain.clients import ClientKey
from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import DeviceId, DeviceKind
from core.rules.binding import is_common
from core.rules.overdue_patches import urgency
from core.rules.same_device import joined, shown_once
from core.rules.serials import telling

#: A listing that its account showed last so much earlier than another did is a leftover of where it was.
LEFT_AFTER = timedelta(days=7)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One device as one account of one client lists it."""

    client: ClientKey
    device: DeviceVerdict
    #: Its domain is this client's and no other's.
    in_own_domain: bool
    #: It is one client's, this one's or another's, and of a name that not everybody uses.
    in_known_domain: bool

    @property
    def id(self) -> "_Sighted":
        return self.client, self.device.device_id

    @property
    def keys(self) -> Iterator[tuple[str, str]]:
        """What names this machine and no other. A name alone does not: every other client has a DC01."""
        yield "id", self.device.device_id
        serial = telling(self.device.serial)
        if serial is not None:
            yield "serial", serial
        if self.in_known_domain:
            yield "name", f"{self.device.name}.{self.device.domain}".casefold()


_Sighted = tuple[ClientKey, DeviceId]
_Machine = Sequence[Sighting]


def settled(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The same snapshots, every machine under one client only. To do so again changes nothing.

    Both sides keep what their own accounts say of it, so that a machine comes back once the other has it
    no more.
    """
    listed_by: defaultdict[ClientKey, list[_Machine]] = defaultdict(list)
    for machine in _machines(_sightings(snapshots)):
        for client in {sighting.client for sighting in machine}:
            listed_by[client].append(machine)
    return tuple(_settled(snapshot, listed_by[snapshot.client]) for snapshot in snapshots)


def kept_away(section: PatchSection, before: PatchSection | None) -> PatchSection:
    """A client's fresh section, without what is known to be shown under another until that is settled anew."""
    away = {d.device_id: d.also_under for d in before.elsewhere} if before is not None else {}
    moved = (
        replace(d, also_under=away[d.device_id]) for d in section.devices if d.device_id in away
    )
    here = tuple(device for device in section.devices if device.device_id not in away)
    return replace(section, devices=here, elsewhere=tuple(moved))


def _settled(snapshot: Snapshot, machines: Sequence[_Machine]) -> Snapshot:
    """`machines` are those that this client lists, too."""
    section = snapshot.patches
    if section is None or not (machines or section.elsewhere or _is_shared(section)):
        return snapshot
    return replace(snapshot, patches=_placed(section, snapshot.client, machines))


def _is_shared(section: PatchSection) -> bool:
    return any(device.also_under for device in section.devices)


def _placed(section: PatchSection, client: ClientKey, machines: Sequence[_Machine]) -> PatchSection:
    """The client's section, with its share of these machines in their place."""
    away = {s.device.device_id: m for m in machines if _home(m) != client for s in m}
    listed = section.by_account()
    elsewhere = tuple(
        replace(device, also_under=_others(away[device.device_id], client))
        for device in listed
        if device.device_id in away
    )
    here = tuple(device for device in listed if device.device_id not in away)
    section = shown_once(replace(section, devices=here, apart=(), elsewhere=elsewhere))
    for machine in machines:
        if _home(machine) == client:
            section = _with_others(section, client, machine)
    return replace(section, devices=tuple(sorted(section.devices, key=urgency)))


def _with_others(section: PatchSection, client: ClientKey, machine: _Machine) -> PatchSection:
    """The section, its device of this machine told with what the other clients' accounts see."""
    ids = {s.device.device_id for s in machine if s.client == client}
    names = {d.name.casefold() for d in section.apart if d.device_id in ids}
    shown = next(
        d
        for d in section.devices
        if d.device_id in ids or (d.also_in and d.name.casefold() in names)
    )
    theirs = [s.device for s in machine if s.client != client]
    told = replace(_told(shown, theirs), also_under=_others(machine, client))
    return replace(
        section,
        devices=tuple(told if device is shown else device for device in section.devices),
        apart=section.apart if shown.also_in else (*section.apart, shown),
    )


def _told(shown: DeviceVerdict, theirs: Iterable[DeviceVerdict]) -> DeviceVerdict:
    """A leftover names its account and says nothing of the machine as it is."""
    seen = shown.last_seen or _NEVER
    current = [d for d in theirs if d.last_seen is not None and seen - d.last_seen < LEFT_AFTER]
    accounts = dict.fromkeys((*shown.also_in, *(d.account for d in theirs)))
    also_in = tuple(account for account in accounts if account != shown.account)
    return replace(joined(shown, current), also_in=also_in)


def _others(machine: _Machine, client: ClientKey) -> tuple[ClientKey, ...]:
    home = _home(machine)
    keys = {s.client for s in machine} - {client}
    return tuple(sorted(keys, key=lambda key: (key != home, key)))


# Which listings are of one machine.


def _sightings(snapshots: Iterable[Snapshot]) -> list[Sighting]:
    domains = {snapshot.client: _domains(snapshot) for snapshot in snapshots}
    held = Counter(domain for some in domains.values() for domain in some)
    return [
        Sighting(
            client=snapshot.client,
            device=device,
            in_own_domain=held[domain] == 1 and domain in domains[snapshot.client],
            in_known_domain=held[domain] == 1 and not is_common(domain),
        )
        for snapshot in snapshots
        if snapshot.patches is not None
        for device in snapshot.patches.by_account()
        for domain in [(device.domain or "").casefold()]
    ]


def _domains(snapshot: Snapshot) -> frozenset[str]:
    """The domains that are the client's, by its tenant and by most of its devices."""
    tenant = snapshot.mfa.domains if snapshot.mfa is not None else ()
    main = snapshot.patches.main_domain if snapshot.patches is not None else None
    return frozenset(domain.casefold() for domain in (*tenant, main) if domain)


def _machines(sightings: Iterable[Sighting]) -> list[_Machine]:
    """Those that two clients list or more."""
    by_key: defaultdict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        for key in sighting.keys:
            by_key[key].append(sighting)
    several = (group for group in by_key.values() if len(group) > 1)
    return list(filter(_is_one_machine, _merged(filter(_is_one_machine, several))))


def _merged(groups: Iterable[_Machine]) -> list[_Machine]:
    """Groups that share a sighting are one; each in the same order, whatever was found first."""
    whole_of: dict[_Sighted, dict[_Sighted, Sighting]] = {}
    for group in groups:
        whole = {s.id: s for s in group}
        for sighting in group:
            whole |= whole_of.get(sighting.id, {})
        whole_of |= dict.fromkeys(whole, whole)
    each = {id(whole): whole for whole in whole_of.values()}
    return [tuple(whole[key] for key in sorted(whole)) for whole in each.values()]


def _is_one_machine(group: _Machine) -> bool:
    """At several clients, once in each account's organisation, and nothing that speaks against it."""
    clients = {s.client for s in group}
    places = {(s.client, s.device.account) for s in group}
    accounts = {s.device.account for s in group}
    names = {s.device.name.casefold() for s in group}
    serials = {telling(s.device.serial) for s in group} - {None}
    kinds = {s.device.kind for s in group} - {DeviceKind.UNKNOWN}
    plain = len(clients) > 1 and len(places) == len(group)
    told_apart = len(serials) > 1 or len(kinds) > 1
    # One account that lists two names with one serial number shows that the number is a filler.
    return plain and not told_apart and (len(names) == 1 or len(accounts) == len(group))


# Where it belongs.


def _home(machine: _Machine) -> ClientKey:
    """The client that sees it now, in whose domain it is, with more than counts; else always the same one."""
    newest = max(s.device.last_seen or _NEVER for s in machine)
    return min(machine, key=lambda s: (*_evidence(s, newest), s.client)).client


def _evidence(sighting: Sighting, newest: datetime) -> tuple[bool, bool, bool, bool]:
    """A listing that could not be read since is old, and no proof that the machine has left."""
    seen, read = sighting.device.last_seen or _NEVER, sighting.device.read_at or newest
    left, old = (until - seen >= LEFT_AFTER for until in (min(newest, read), newest))
    return left, not sighting.in_own_domain, old, sighting.device.counts is not None
