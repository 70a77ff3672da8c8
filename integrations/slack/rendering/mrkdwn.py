"""Text for Slack: foreign strings made harmless, and times, counts and lists in words."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

#: Longest foreign string shown anywhere.
LONGEST_NAME = 80
#: Invisible or direction-changing characters by Unicode category: control, format, surrogate, unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn"})


def plain(text: str, limit: int = LONGEST_NAME) -> str:
    """Foreign text for a plain_text field: one line, nothing hidden, not too long."""
    visible = "".join(
        " " if char in "\n\r\t" else "" if unicodedata.category(char) in _HIDDEN else char
        for char in text
    )
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = LONGEST_NAME) -> str:
    """Foreign text for mrkdwn. Slack's three control characters lose their power; nothing can ping or link."""
    return plain(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str, limit: int = LONGEST_NAME) -> str:
    """A foreign name as code, so that nothing in it is read as formatting."""
    return f"`{escape(text.replace('`', chr(39)), limit) or '(no name)'}`"


def bold(text: str) -> str:
    """Foreign text in bold."""
    return f"*{escape(text).replace('*', '')}*"


def plural(count: int, one: str, many: str | None = None) -> str:
    """One device, 3 devices: the count and the fitting word."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def moment(when: datetime) -> str:
    """A time that Slack shows in the reader's own zone."""
    fallback = f"{when:%d %b %H:%M} UTC"
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def clock_time(when: datetime) -> str:
    """The time of day alone, in the reader's own zone."""
    return f"<!date^{int(when.timestamp())}^{{time}}|{when:%H:%M} UTC>"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, roughly."""
    passed = now - then
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{int(passed.total_seconds() // 60)} min ago"
    if passed < timedelta(days=2):
        return f"{int(passed.total_seconds() // 3600)} h ago"
    return f"{passed.days} days ago"


def listed(lines: Sequence[str], most: int, *, what: str = "more") -> str:
    """The first lines, and in words how many were left out."""
    shown = list(lines[:most])
    if len(lines) > most:
        shown.append(f"_and {len(lines) - most} {what}_")
    return "\n".join(shown)


def names(items: Sequence[str], most: int = 5) -> str:
    """Some items and how many more; they are escaped already."""
    if len(items) <= most:
        return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""
    return f"{', '.join(items[:most])} and {len(items) - most} more"
