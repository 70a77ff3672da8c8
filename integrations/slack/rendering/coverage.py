"""What could not be read, said in the same words everywhere."""

from collections.abc import Iterable
from datetime import datetime

from core.domain.facts import Unread
from core.domain.findings import Snapshot
from integrations.slack.rendering.blocks import context
from integrations.slack.rendering.message import Block
from integrations.slack.rendering.mrkdwn import ago, escape, listed, moment

SHOWN = 4


def unread_lines(unread: Iterable[Unread]) -> list[str]:
    """One line per thing that could not be read, with the remedy."""
    return [
        f"❔ *Not read: {escape(item.what)}* ({escape(item.source)}) since {moment(item.since)}: "
        f"{escape(item.reason, 250)}" + (f" _{escape(item.remedy, 200)}_" if item.remedy else "")
        for item in unread
    ]


def unread_blocks(unread: Iterable[Unread]) -> list[Block]:
    lines = unread_lines(unread)
    return [context(listed(lines, SHOWN, what="more not read"))] if lines else []


def freshness(observed_at: datetime | None, now: datetime) -> str:
    """How old shown data is."""
    return "never read" if observed_at is None else f"as of {ago(observed_at, now)}"


def failing(snapshot: Snapshot, section: str) -> tuple[Unread, ...]:
    """What keeps a whole section ("mfa" or "patches") from being read."""
    return tuple(i for i in snapshot.failing.unread if i.what.startswith(f"{section}: "))
