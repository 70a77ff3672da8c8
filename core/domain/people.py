"""Who works here, what they may do for whom, and who stands behind a chat account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from core.domain.clients import ClientKey

PersonKey = NewType("PersonKey", str)
EVERY_CLIENT = ClientKey("*")


class Role(StrEnum):
    """What a person may do; each role may do all that the earlier ones may."""

    VIEWER = "viewer"
    TECHNICIAN = "technician"
    APPROVER = "approver"
    OWNER = "owner"

    def covers(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One human being with all their chat accounts and e-mail addresses."""

    key: PersonKey
    name: str
    chat_ids: frozenset[str] = field(default_factory=frozenset)
    #: Lower case. An account that shows one of these is this person, whatever its id.
    emails: frozenset[str] = field(default_factory=frozenset)
    #: Role per client; EVERY_CLIENT holds what applies where nothing else is said.
    roles: Mapping[ClientKey, Role] = field(default_factory=dict)

    def role_for(self, client: ClientKey | None) -> Role | None:
        """The role for one client; for None (no client in particular) the highest one held."""
        if client is None:
            return max(self.roles.values(), key=list(Role).index, default=None)
        return self.roles.get(client, self.roles.get(EVERY_CLIENT))

    def may(self, role: Role, client: ClientKey | None) -> bool:
        held = self.role_for(client)
        return held is not None and held.covers(role)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatIdentity:
    """A chat account as the chat service itself describes it just now."""

    user_id: str
    team_id: str
    name: str
    email: str | None = None
    deactivated: bool = False
    bot: bool = False
    guest: bool = False
    external: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Everybody configured, found by chat account."""

    everyone: tuple[Person, ...]

    def __iter__(self) -> Iterator[Person]:
        return iter(self.everyone)

    def get(self, key: PersonKey) -> Person | None:
        return next((person for person in self.everyone if person.key == key), None)

    def behind(self, identity: ChatIdentity) -> Person | None:
        """The one person who lists the account's id or its e-mail address.

        None where nobody does, and None where two do: one of them could then approve as the other.
        """
        email = (identity.email or "").lower()
        matches = [
            person
            for person in self.everyone
            if identity.user_id in person.chat_ids or (email and email in person.emails)
        ]
        return matches[0] if len(matches) == 1 else None

    def who_may(self, role: Role, client: ClientKey | None) -> tuple[Person, ...]:
        return tuple(person for person in self.everyone if person.may(role, client))
