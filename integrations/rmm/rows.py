"""Reading vendors' JSON strictly where identity is at stake, and forgivingly where only a detail is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from core.errors import MalformedAnswer

Row = Mapping[str, Any]


def rows(source: str, value: object, what: str) -> list[Row]:
    """A list of objects. Raises MalformedAnswer."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise MalformedAnswer(source, f"The list of {what} is not a list of objects.")
    return value


def row(source: str, value: object, what: str) -> Row:
    """One object. Raises MalformedAnswer."""
    if not isinstance(value, dict):
        raise MalformedAnswer(source, f"The {what} is not an object.")
    return value


def number(source: str, item: Row, field: str, what: str) -> int:
    """A whole number that names something. Raises MalformedAnswer."""
    value = item.get(field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedAnswer(source, f"A row of the {what} has no {field}.")
    return value


def name(source: str, item: Row, field: str, what: str) -> str:
    """Words that name something. Raises MalformedAnswer."""
    value = text(item.get(field))
    if not value:
        raise MalformedAnswer(source, f"A row of the {what} has no {field}.")
    return value


def text(value: object) -> str:
    """The words, stripped; empty for anything that is no text."""
    return value.strip() if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """A count, or None for anything that is not one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def iso_moment(value: object) -> datetime | None:
    """ISO 8601 in aware UTC; without a zone it is taken as UTC; None for anything else."""
    try:
        told = datetime.fromisoformat(text(value))
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def words(value: object) -> frozenset[str]:
    """The texts in a list; anything else is left out."""
    return (
        frozenset(text(item) for item in value if text(item))
        if isinstance(value, list)
        else frozenset()
    )


def dotted_domain(value: object) -> str | None:
    """A DNS domain in lower case; None for a workgroup or a NetBIOS name, which prove nothing."""
    domain = text(value).lower().strip(".")
    return domain if "." in domain else None


def most_common(values: Iterable[str | None]) -> str | None:
    """The commonest of the values that are known; None where there is none, or a tie."""
    ranked = Counter(value for value in values if value is not None).most_common(2)
    tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return None if tie or not ranked else ranked[0][0]
