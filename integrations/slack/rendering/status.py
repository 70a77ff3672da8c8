"""/gatehouse status: is it frozen, what is open, how fresh is the data."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.findings import Snapshot
from core.domain.remediation import Request
from core.ports import Freeze
from integrations.slack.rendering.blocks import actions, button, context, message, section
from integrations.slack.rendering.coverage import freshness
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import bold, escape, listed, moment, plural
from integrations.slack.rendering.request_words import STATE_WORDS, title

SHOWN_REQUESTS, SHOWN_CLIENTS = 15, 40


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
    blocks.append(section(listed([_row(c, s, now) for c, s in rows], SHOWN_CLIENTS)))
    if sockets is not None:
        blocks.append(context(f"{plural(sockets, 'connection')} to Slack"))
    text = "Gatehouse is frozen" if frozen else f"{plural(len(open_requests), 'open request')}"
    return message(text, blocks)


def frozen_blocks(frozen: Freeze | None) -> list[Block]:
    """A banner while Gatehouse is frozen, with the way out."""
    if frozen is None:
        return []
    words = (
        f"🧊 *Frozen* by {escape(frozen.by_name)} {moment(frozen.at)}: {escape(frozen.why, 400)}\n"
        "Nothing new is sent to any client."
    )
    if frozen.unfreeze_name is not None:
        words += (
            f" {escape(frozen.unfreeze_name)} has agreed to unfreeze; one more approver is needed."
        )
    unfreeze = button("Agree to unfreeze", Act.UNFREEZE, label="Agree to unfreeze Gatehouse")
    return [section(words), actions(unfreeze)]


def request_line(request: Request) -> str:
    """One request in one line."""
    what = escape(f"{title(request.plan)} at {request.plan.client_name}", 120)
    who = escape(request.requester_name)
    return f"{STATE_WORDS[request.state]} · *{request.id}* {what}, asked by {who}"


def _requests(open_requests: Sequence[Request]) -> str:
    if not open_requests:
        return "No open requests."
    return listed([request_line(r) for r in open_requests], SHOWN_REQUESTS)


def _row(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    if snapshot is None:
        return f"{bold(client.name)}: not scanned yet"
    mfa = freshness(snapshot.mfa.observed_at if snapshot.mfa else None, now)
    patches = freshness(snapshot.patches.observed_at if snapshot.patches else None, now)
    sections = (snapshot.mfa, snapshot.patches)
    unread = sum(len(s.coverage.unread) for s in sections if s) + len(snapshot.failing.unread)
    gap = f" · ❔ {plural(unread, 'thing')} not read" if unread else ""
    return f"{bold(client.name)}: MFA {mfa}, patches {patches}{gap}"
