"""Whether one side (include or exclude) of a conditional-access policy holds an account, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.facts import Fact
from core.domain.identity import AccountKind, Audience, DirectoryReading, DirectoryUser
from core.rules.admin_roles import role_name

#: The type of a guest whose account is this tenant's own: it has a password here and no other home.
INTERNAL_GUEST = "internalGuest"
#: How an Audience writes Entra's older "GuestsOrExternalUsers".
_ANY_EXTERNAL = "*"


class Way(StrEnum):
    """How an audience may hold an account."""

    EVERYONE = "everyone"
    NAMED = "named"
    GROUP = "group"
    ROLE = "role"
    EXTERNAL = "external"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Whether an audience holds an account. `label` is the group's, role's or guest type's name."""

    fact: Fact
    way: Way
    label: str = ""

    @property
    def as_included(self) -> str:
        return _INCLUDED[self.way].format(self.label)

    @property
    def as_excluded(self) -> str:
        return _EXCLUDED[self.way].format(self.label)


_INCLUDED: Mapping[Way, str] = {
    Way.EVERYONE: "Like everyone",
    Way.NAMED: "By name",
    Way.GROUP: "In {}",
    Way.ROLE: "As {}",
    Way.EXTERNAL: "As {}",
    Way.NONE: "",
}
_EXCLUDED: Mapping[Way, str] = {
    Way.EVERYONE: "like everyone",
    Way.NAMED: "by name",
    Way.GROUP: "through {}",
    Way.ROLE: "as {}",
    Way.EXTERNAL: "as {}",
    Way.NONE: "",
}
_EVERYWHERE = Reach(fact=Fact.YES, way=Way.EVERYONE)
_NOWHERE = Reach(fact=Fact.NO, way=Way.NONE)
_EXTERNAL_WORDS: Mapping[str, str] = {
    "b2bCollaborationGuest": "an invited guest",
    "b2bCollaborationMember": "an invited member",
    "b2bDirectConnectUser": "a direct-connect user",
    INTERNAL_GUEST: "an internal guest",
    "serviceProvider": "a service provider's user",
}


def reach(audience: Audience, user: DirectoryUser, reading: DirectoryReading) -> Reach:
    """The surest way in which the audience holds the user; a way that could not be read is UNKNOWN."""
    open_ = _NOWHERE
    for way in _ways(audience, user, reading):
        if way.fact is Fact.YES:
            return way
        if way.fact is Fact.UNKNOWN and open_ is _NOWHERE:
            open_ = way
    return open_


def _ways(audience: Audience, user: DirectoryUser, reading: DirectoryReading) -> Iterator[Reach]:
    if audience.everyone:
        yield _EVERYWHERE
    if user.id in audience.users:
        yield Reach(fact=Fact.YES, way=Way.NAMED)
    for group in sorted(audience.groups):
        yield Reach(
            fact=_in_group(group, user, reading),
            way=Way.GROUP,
            label=_path(group, user, reading),
        )
    if audience.roles:
        yield from _roles(audience, user, reading)
    if audience.external_types:
        label = _EXTERNAL_WORDS.get(user.external_type or "", "a guest")
        yield Reach(fact=_external(audience, user), way=Way.EXTERNAL, label=label)


def _path(group: str, user: DirectoryUser, reading: DirectoryReading) -> str:
    """The group's name, and before it the nested group through which the user is in it."""
    names, nameless = reading.group_names, "a group without a name"
    inner = reading.inner_groups.get(group, {})
    through = sorted(names.get(nested, nameless) for nested in inner if user.id in inner[nested])
    return ", nested in ".join([*through[:1], names.get(group, nameless)])


def _in_group(group: str, user: DirectoryUser, reading: DirectoryReading) -> Fact:
    members = reading.group_members.get(group)
    if members is not None:
        return Fact.of(user.id in members)
    return Fact.NO if group in reading.gone else Fact.UNKNOWN


def _roles(audience: Audience, user: DirectoryUser, reading: DirectoryReading) -> Iterator[Reach]:
    """Only active roles at tenant scope count; one that is merely eligible does not."""
    unlisted = Fact.NO if reading.coverage.covers("roles") else Fact.UNKNOWN
    for role in sorted(audience.roles):
        fact = Fact.YES if user.id in reading.role_holders.get(role, frozenset()) else unlisted
        if fact is not Fact.NO:
            yield Reach(fact=fact, way=Way.ROLE, label=role_name(role))


def _external(audience: Audience, user: DirectoryUser) -> Fact:
    held = _of_type(audience, user)
    return Fact.UNKNOWN if held is Fact.YES and audience.some_tenants_only else held


def _of_type(audience: Audience, user: DirectoryUser) -> Fact:
    if user.external_type is not None:
        wanted = {user.external_type, _ANY_EXTERNAL}
        return Fact.of(not wanted.isdisjoint(audience.external_types))
    if user.kind is AccountKind.MEMBER:
        return Fact.NO
    certain = user.kind is AccountKind.GUEST and _ANY_EXTERNAL in audience.external_types
    return Fact.YES if certain else Fact.UNKNOWN
