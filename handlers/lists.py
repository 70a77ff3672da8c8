"""/mfa gaps and /patch overdue: answers from the newest snapshot, never a wait for a scan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.findings import Snapshot
from core.domain.people import Person, Role
from handlers.desk import Desk
from handlers.door import Door
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import csv_files, mfa_lists, patch_lists
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import ListView, Message
from integrations.slack.rendering.sentences import info


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Shows, filters, pages, refreshes and exports the two lists."""

    desk: Desk
    vendor_names: Mapping[str, str]
    may_enforce: bool

    def register(self, door: Door) -> None:
        door.action(Act.MFA_LIST, self._on(self.mfa))
        door.action(Act.MFA_BACK, self._on(self.mfa))
        door.action(Act.MFA_FILTER, self._on(self.mfa))
        door.action(Act.PATCH_LIST, self._on(self.patches))
        door.action(Act.PATCH_BACK, self._on(self.patches))
        door.action(Act.PATCH_FILTER, self._on(self.patches))
        door.action(Act.MFA_CSV, self.mfa_csv)
        door.action(Act.PATCH_CSV, self.patch_csv)
        door.action(Act.REFRESH, self.refresh)

    # Commands.

    def mfa_named(self, inbound: Inbound, words: str) -> None:
        self._named(inbound, words, self.mfa)

    def patches_named(self, inbound: Inbound, words: str) -> None:
        self._named(inbound, words, self.patches)

    def _named(
        self, inbound: Inbound, words: str, render: Callable[[Person, ListView], Message]
    ) -> None:
        asker = self.desk.reader(inbound)
        client = self.desk.named(words, asker.person).key if words else None
        self.desk.answer(inbound, render(asker.person, ListView(client=client)))

    # Buttons.

    def _on(self, render: Callable[[Person, ListView], Message]) -> Callable[[Inbound], None]:
        def work(inbound: Inbound) -> None:
            asker = self.desk.reader(inbound)
            self.desk.answer(inbound, render(asker.person, _view(inbound)))

        return work

    def mfa(self, person: Person, view: ListView) -> Message:
        now = self.desk.clock.now()
        if view.client is None:
            return mfa_lists.overview(self._rows(person), now=now)
        client = self.desk.readable(view.client, person)
        may_ask = person.may(Role.TECHNICIAN, client.key)
        return mfa_lists.gaps(
            client,
            self.desk.snapshot(client),
            view,
            now=now,
            may_enforce=self.may_enforce and may_ask,
            may_exempt=may_ask,
        )

    def patches(self, person: Person, view: ListView) -> Message:
        now = self.desk.clock.now()
        if view.client is None:
            return patch_lists.overview(self._rows(person), now=now)
        client = self.desk.readable(view.client, person)
        return patch_lists.overdue(
            client,
            self.desk.snapshot(client),
            view,
            now=now,
            may_request=person.may(Role.TECHNICIAN, client.key),
            vendor_names=self.vendor_names,
            client_names={c.key: c.name for c in self.desk.visible(person)},
        )

    def _rows(self, person: Person) -> list[tuple[Client, Snapshot | None]]:
        return [(c, self.desk.snapshots.get(c.key)) for c in self.desk.visible(person)]

    # Files and fresh reads.

    def mfa_csv(self, inbound: Inbound) -> None:
        client = self._readable(inbound)
        content = csv_files.mfa_csv(client, self.desk.snapshot(client))
        self._send(inbound, f"mfa-{client.key}.csv", content, client)

    def patch_csv(self, inbound: Inbound) -> None:
        client = self._readable(inbound)
        content = csv_files.patch_csv(client, self.desk.snapshot(client))
        self._send(inbound, f"patches-{client.key}.csv", content, client)

    def _readable(self, inbound: Inbound) -> Client:
        person = self.desk.reader(inbound).person
        return self.desk.readable(_view(inbound).client, person)

    def _send(self, inbound: Inbound, name: str, content: bytes, client: Client) -> None:
        comment = f"{client.name}, as of the newest scan"
        self.desk.chat.send_file(inbound.user_id, name, content, comment=comment)
        sent = info("The file is in your direct messages with Gatehouse.")
        self.desk.chat.answer(inbound, sent)

    def refresh(self, inbound: Inbound) -> None:
        """Read the source again, then show the same list anew. The value says which list."""
        asker = self.desk.reader(inbound)
        which, _, encoded = inbound.value.partition(" ")
        view = ListView.decode(encoded)
        render = self.mfa if which == "mfa" else self.patches
        clients = (
            [self.desk.readable(view.client, asker.person)]
            if view.client
            else self.desk.visible(asker.person)
        )
        self.desk.scan(clients)
        self.desk.answer(inbound, render(asker.person, view))


def _view(inbound: Inbound) -> ListView:
    chosen = inbound.selected[0] if inbound.selected else inbound.value
    return ListView.decode(chosen)
