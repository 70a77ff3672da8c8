"""Text for Slack: foreign strings made harmless, and times, counts and lists in words."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

#: Longest foreign string shown anywhere.
LONGEST_NAME = 80
#: Before the second line of an item.
INDENT = " " * 6
#: Room for one list of lines within a section's 3,000 characters.
LIST_CHARACTERS = 2_600
#: Invisible or direction-changing characters by Unicode category: control, format, surrogate, unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn"})
#: What formats text, taken out.
_MARKS = str.maketrans("", "", "*_~`")
#: Slack's three control characters; without them nothing can ping or link.
_CONTROL: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain(text: str, limit: int = LONGEST_NAME) -> str:
    """Foreign text for a plain_text field: one line, nothing hidden, not too long."""
    visible = "".join(
        " " if char in "\n\r\t" else "" if unicodedata.category(char) in _HIDDEN else char
        for char in text
    )
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = LONGEST_NAME) -> str:
    """Foreign text for mrkdwn, without power over Slack; at most `limit` characters as Slack counts them."""
    line = plain(text, limit)
    harmless = [_CONTROL.get(char, char) for char in line]
    if sum(map(len, harmless)) <= limit:
        return "".join(harmless)
    room, kept = limit - 1, []
    for part in harmless:
        room -= len(part)
        if room < 0:
            break
        kept.append(part)
    return "".join(kept) + "…"


def code(text: str, limit: int = LONGEST_NAME) -> str:
    """A foreign name as code, so that nothing in it is read as formatting."""
    return f"`{escape(text.replace('`', chr(39)), limit) or '(no name)'}`"


def bold(text: str, limit: int = LONGEST_NAME) -> str:
    """Foreign text in bold."""
    return f"*{escape(text.replace('*', ''), limit) or '(no name)'}*"


def unmarked(text: str) -> str:
    """Foreign text amid our own words, without what would format it."""
    return escape(text.translate(_MARKS), LONGEST_NAME) or "(no name)"


def plural(count: int, one: str, many: str | None = None) -> str:
    """One device, 3 devices: the count and the fitting word."""
    return f"{count} {one if count == 1 else many or one + 's'}"


# Times.


def moment(when: datetime) -> str:
    """A time that Slack shows in the reader's own zone."""
    return _token(when, "{date_short_pretty} at {time}", f"{_utc(when):%d %b %H:%M} UTC")


def clock_time(when: datetime) -> str:
    """The time of day alone, in the reader's own zone."""
    return _token(when, "{time}", f"{_utc(when):%H:%M} UTC")


def calendar_day(day: date) -> str:
    """A date, in the reader's own way of writing dates; noon keeps it the same day everywhere."""
    noon = datetime.combine(day, time(12), UTC)
    return _token(noon, "{date_short}", f"{day:%d %b %Y}")


def _token(when: datetime, form: str, fallback: str) -> str:
    return f"<!date^{int(when.timestamp())}^{form}|{fallback}>"


def _utc(when: datetime) -> datetime:
    return when.astimezone(UTC)


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


# Several things.


def listed(
    lines: Sequence[str], most: int, *, what: str = "more", room: int = LIST_CHARACTERS
) -> str:
    """The first lines, and in words how many were left out."""
    shown: list[str] = []
    for line in lines[:most]:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    if len(lines) > len(shown):
        shown.append(f"_and {len(lines) - len(shown)} {what}_")
    return "\n".join(shown)


def in_a_row(items: Sequence[str], most: int, *, room: int = LIST_CHARACTERS) -> str:
    """Some items and how many more, in one line; they are escaped already."""
    shown: list[str] = []
    for item in items[:most]:
        room -= len(item) + 2
        if room < 0:
            break
        shown.append(item)
    if len(items) > len(shown):
        return f"{', '.join(shown)} and {len(items) - len(shown)} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
