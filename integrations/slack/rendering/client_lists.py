"""What the lists of MFA gaps and of overdue patches share: the overview of all clients, and a client never read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.facts import Unread
from core.domain.findings import Snapshot
from integrations.slack.rendering.blocks import actions, button, context, header, message, section
from integrations.slack.rendering.coverage import unread_blocks
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import plural

SHOWN_CLIENTS = 25


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What one feature's overview counts, and how it says it."""

    #: What is counted, in the singular.
    noun: str
    opens: Act
    #: The command that lists one client, without its name.
    command: str
    #: What Refresh asks for, before the view.
    refresh: str
    count: Callable[[Snapshot | None], int]
    icon: Callable[[Client, Snapshot | None], str]

    def message(
        self,
        rows: Sequence[tuple[Client, Snapshot | None]],
        line: Callable[[Client, Snapshot | None], str],
    ) -> Message:
        """One line per client, most found first, then what is not known, each with a button to its list."""
        ordered = sorted(rows, key=lambda row: (-self.count(row[1]), self.icon(*row) == "🟢"))
        total = sum(self.count(snapshot) for _, snapshot in rows)
        found = f"{plural(total, self.noun)} at {plural(len(rows), 'client')}"
        blocks: list[Block] = [header(found)]
        for client, snapshot in ordered[:SHOWN_CLIENTS]:
            view = ListView(client=client.key).encode()
            label = f"Show the {self.noun}s of {client.name}"
            opens = button("Show", self.opens, view, label=label)
            blocks.append(section(line(client, snapshot), accessory=opens))
        if len(rows) > SHOWN_CLIENTS:
            more = len(rows) - SHOWN_CLIENTS
            blocks.append(context(f"and {more} more clients: `{self.command} NAME`"))
        blocks.append(
            actions(button("Refresh", Act.REFRESH, f"{self.refresh} {ListView().encode()}"))
        )
        unsure = sum(self.icon(client, snapshot) == "❔" for client, snapshot in rows)
        known = f", {plural(unsure, 'client')} not read in full" if unsure else ""
        return message(f"{found}{known}", blocks)


def never_read(
    client: Client, words: str, unread: Sequence[Unread], *, title: str, refresh: str, what: str
) -> Message:
    """`words` say why there is nothing to show under `title`; `what` is what would be at the client."""
    view = ListView(client=client.key).encode()
    blocks = [
        header(f"{title} · {client.name}"),
        section(words),
        *unread_blocks(unread),
        actions(button("Refresh", Act.REFRESH, f"{refresh} {view}", label="Read the source again")),
    ]
    return message(f"{what} at {client.name}: never read", blocks)
