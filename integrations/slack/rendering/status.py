"""/gatehouse status: is it frozen, what is open, how fresh is the data."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.findings import Snapshot
from core.domain.remediation import Request
from core.ports import Freeze
from integrations.slack.rendering.blocks import context, message, section
from integrations.slack.rendering.coverage import freshness, unread_names
from integrations.slack.rendering.freezes import frozen_blocks
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.mrkdwn import (
    INDENT,
    bold,
    escape,
    in_a_row,
    listed,
    plural,
)
from integrations.slack.rendering.request_words import STATE_WORDS, headline

SHOWN_REQUESTS, SHOWN_CLIENTS = 15, 40
ROOM_FOR_NAMES = 1_200


def status(
    *,
    frozen: Freeze | None,
    open_requests: Sequence[Request],
    rows: Sequence[tuple[Client, Snapshot | None]],
    sockets: int | None,
    now: datetime,
) -> Message:
    """`sockets` is how many connections Slack says this app has; None where it did not say."""
    blocks = frozen_blocks(frozen)
    blocks.append(section(_requests(open_requests)))
    blocks.append(section(_data(rows, now)))
    if sockets is not None:
        blocks.append(context(_connections(sockets)))
    count = plural(len(open_requests), "open request")
    return message(f"Gatehouse is frozen, {count}" if frozen else count, blocks)


def request_line(request: Request) -> str:
    """One request in two short lines."""
    who = escape(request.requester_name)
    return (
        f"*{request.id}* {escape(headline(request), 150)}\n"
        f"{INDENT}{STATE_WORDS[request.state]} · asked by {who}"
    )


def _requests(open_requests: Sequence[Request]) -> str:
    if not open_requests:
        return "*No open requests*"
    lines = [request_line(r) for r in open_requests]
    count = plural(len(open_requests), "open request")
    return f"*{count}*\n{listed(lines, SHOWN_REQUESTS)}"


def _data(rows: Sequence[tuple[Client, Snapshot | None]], now: datetime) -> str:
    """Clients of which the same is known share a line, the most of them last."""
    alike: dict[str, list[str]] = {}
    for client, snapshot in rows:
        alike.setdefault(_known(client, snapshot, now), []).append(client.name)
    groups = sorted(alike.items(), key=lambda group: len(group[1]))
    lines = [_group(names, known) for known, names in groups]
    return "\n".join(["*Data*", listed(lines, SHOWN_CLIENTS) or "You see no client."])


def _group(names: Sequence[str], known: str) -> str:
    if len(names) == 1:
        return f"{bold(names[0])}: {known}"
    row = in_a_row([escape(name) for name in names], SHOWN_CLIENTS, room=ROOM_FOR_NAMES)
    return f"*{len(names)} clients*: {known}\n{row}"


def _known(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    if snapshot is None or snapshot.tried_at is None:
        return "❔ not scanned yet"
    sections = (snapshot.mfa, snapshot.patches)
    items = [item for s in sections if s for item in s.coverage.unread] + [*snapshot.failing.unread]
    lacks = f" · ❔ not read: {in_a_row(unread_names(items), 3)}" if items else ""
    return f"{_ages(client, snapshot, now)}{lacks}"


def _ages(client: Client, snapshot: Snapshot, now: datetime) -> str:
    mfa = freshness(snapshot.mfa.observed_at if snapshot.mfa else None, now)
    patches = freshness(snapshot.patches.observed_at if snapshot.patches else None, now)
    said = [
        f"MFA {mfa}" if client.tenant_id is not None else "no tenant",
        f"patches {patches}" if client.rmm else "no RMM",
    ]
    return ", ".join(said)


def _connections(sockets: int) -> str:
    if sockets <= 1:
        return plural(sockets, "connection") + " to Slack"
    return (
        f"⚠️ {sockets} connections to Slack. More than one for long means that another copy of "
        "Gatehouse runs with this app and takes some of the clicks."
    )
