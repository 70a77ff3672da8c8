"""What every feature needs to answer: whose estate, who is asking, and how to reply."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.domain.clients import Client, ClientKey
from core.domain.findings import Snapshot
from core.domain.people import ChatIdentity, People, Person, PersonKey, Role
from core.errors import GatehouseError, NotAllowed, NotFound, Refused
from core.ports import Clock, Received, Requests, ShownSnapshots
from core.rules.approval_policy import check_identity, must_hold
from core.rules.client_names import the_client
from handlers.metadata import metadata
from handlers.refusals import Refusals
from integrations.slack.chat import SlackChat
from integrations.slack.inbound import Inbound, parse
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.sentences import refusal

#: How long an identity may be reused for reading. Decisions always read it anew.
READING_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Asker:
    """The person behind a command or click, and the account they used."""

    person: Person
    identity: ChatIdentity


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Shared by all features."""

    clients: Sequence[Client]
    people: People
    chat: SlackChat
    snapshots: ShownSnapshots
    requests: Requests
    clock: Clock
    scan: Callable[[Sequence[Client]], object]
    refusals: Refusals
    _known: dict[str, tuple[float, ChatIdentity]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # Who.

    def reader(self, inbound: Inbound) -> Asker:
        """Whoever may read something. Raises NotAllowed."""
        self._refuse_shared(inbound)
        return self._asker(self._recent(inbound.user_id))

    def decider(self, inbound: Inbound) -> Asker:
        """Whoever wants to change something, as Slack describes them at this moment."""
        return self._asker(self.chat.who(inbound.user_id))

    def menu_of(self, inbound: Inbound) -> Client:
        """The client whose names a form's menu may offer to whoever types in it. Raises NotAllowed.

        From memory, because Bolt's threads wait for no call: the account is as it was when it opened the
        form, the role as it is now. Whoever is not remembered, after a restart, opens the form anew.
        """
        client = self.client(metadata(inbound).get("client"))
        with self._lock:
            known = self._known.get(inbound.user_id)
        if known is None:
            raise NotAllowed
        check_technician(self._asker(known[1]), client)
        return client

    def deciders(self, client: Client, *, besides: PersonKey) -> list[Person]:
        """Approvers of a client who have an active account, without the one who asks."""
        return [
            person
            for person in self.people.who_may(Role.APPROVER, client.key)
            if person.key != besides and self.chat.workspace.account_of(person) is not None
        ]

    def _asker(self, identity: ChatIdentity) -> Asker:
        check_identity(identity)
        person = self.people.behind(identity)
        if person is None:
            raise NotAllowed
        return Asker(person=person, identity=identity)

    def _recent(self, user_id: str) -> ChatIdentity:
        with self._lock:
            known = self._known.get(user_id)
        if known is not None and time.monotonic() - known[0] < READING_SECONDS:
            return known[1]
        identity = self.chat.who(user_id)
        with self._lock:
            self._known[user_id] = (time.monotonic(), identity)
        return identity

    def _refuse_shared(self, inbound: Inbound) -> None:
        """Clients' data does not appear where another company's people sit."""
        channel = inbound.channel_id
        in_channel = channel is not None and channel.startswith(("C", "G"))
        if in_channel and self.chat.workspace.surely_shared(str(channel)):
            raise Refused(
                "This channel is shared with another company, so Gatehouse answers nothing here. "
                "Ask again in one of your own channels or in a direct message."
            )

    # Whose.

    def client(self, key: str | None) -> Client:
        """Raise NotFound where the configuration has no such client (any more)."""
        found = next((c for c in self.clients if c.key == key), None)
        if found is None:
            raise NotFound("That client is no longer in the configuration.")
        return found

    def visible(self, person: Person) -> list[Client]:
        """The clients a person may read about."""
        return [c for c in self.clients if person.may(Role.VIEWER, c.key)]

    def named(self, words: str, person: Person) -> Client:
        """The client a person means. Raises NotFound with suggestions."""
        return the_client(words, self.visible(person))

    def readable(self, key: str | None, person: Person) -> Client:
        """A client by key, if the person may read about it."""
        client = self.client(key)
        if not person.may(Role.VIEWER, client.key):
            raise NotAllowed(
                f"You have no role for {client.name}. Ask Gatehouse's owner to add you."
            )
        return client

    def snapshot(self, client: Client) -> Snapshot:
        return self.snapshots.get(client.key) or Snapshot(client=ClientKey(client.key))

    # How.

    def answer(self, inbound: Inbound, message: Message) -> None:
        """Answer in place of the private message that was clicked in, else as a new private one."""
        self.chat.answer(inbound, message, replace=inbound.ephemeral)

    def apologise(self, item: Received, error: GatehouseError) -> None:
        """Tell whoever asked why it was not done."""
        inbound = parse(item.payload)
        self.refusals.note(inbound, item.kind, error)
        self.chat.answer(inbound, refusal(error.advice))


def check_technician(asker: Asker, client: Client) -> None:
    """Raise NotAllowed for whoever may not ask for changes at this client."""
    purpose = f"ask for changes at {client.name}"
    must_hold(asker.person, asker.identity, Role.TECHNICIAN, client.key, purpose)
