"""What could not be read, said in the same words everywhere."""

from collections.abc import Iterable
from datetime import datetime

from core.domain.facts import Unread
from core.domain.findings import Snapshot
from integrations.slack.rendering.blocks import context
from integrations.slack.rendering.message import Block
from integrations.slack.rendering.mrkdwn import ago, escape, listed, moment

SHOWN = 4
ROOM = 1_800
#: How the scan marks that a whole section could not be read, and what people call it.
_SECTIONS = {"mfa: ": "MFA", "patches: ": "patches"}


def unread_lines(unread: Iterable[Unread]) -> list[str]:
    """One line per thing that could not be read: what, since when, why, what to do."""
    return [
        f"❔ *Not read: {_what(item)}* ({escape(item.source)}) since {moment(item.since)}. "
        f"{_sentence(item.reason, 250)}" + (f" → {escape(item.remedy, 200)}" if item.remedy else "")
        for item in unread
    ]


def unread_blocks(unread: Iterable[Unread]) -> list[Block]:
    lines = unread_lines(unread)
    return [context(listed(lines, SHOWN, what="more not read", room=ROOM))] if lines else []


def unread_names(unread: Iterable[Unread]) -> list[str]:
    """What could not be read, each in a word or two."""
    return list(dict.fromkeys(_what(item) for item in unread))


def freshness(observed_at: datetime | None, now: datetime) -> str:
    """How old data is, for a message read at once."""
    return "never read" if observed_at is None else f"read {ago(observed_at, now)}"


def read_at(observed_at: datetime | None) -> str:
    """How old data is, for a message that stays."""
    return "never read" if observed_at is None else f"read {moment(observed_at)}"


def failing(snapshot: Snapshot, section: str) -> tuple[Unread, ...]:
    """What keeps a whole section ("mfa" or "patches") from being read."""
    return tuple(i for i in snapshot.failing.unread if i.what.startswith(f"{section}: "))


def register_unread(snapshot: Snapshot) -> tuple[Unread, ...]:
    """What keeps the computers in Entra from being compared with those of the RMM."""
    return snapshot.register.coverage.unread if snapshot.register is not None else ()


def stale_note(unread: Iterable[Unread]) -> str:
    """That the data shown is older than it should be; empty where it is not."""
    since = min((item.since for item in unread), default=None)
    return "" if since is None else f"❔ not read since {moment(since)}; older data is shown"


def _what(item: Unread) -> str:
    for mark, name in _SECTIONS.items():
        if item.what.startswith(mark):
            return f"{name} ({escape(item.what.removeprefix(mark))})"
    return escape(item.what)


def _sentence(text: str, limit: int) -> str:
    words = escape(text, limit)
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
