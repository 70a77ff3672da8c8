"""The query language of `condition`: comparisons such as `Client.Id = 5`, joined by and, or and brackets."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.rmm.automate.errors import RefusalError

Row = dict[str, Any]
Match = Callable[[Row], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<sign>>=|<=|!=|=|>|<|\(|\)|,)|\[(?P<date>[^\]]*)\]|(?P<word>[^\s()=<>!,'"\[\]]+))"""
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "eq": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    "contains": lambda one, other: str(other) in str(one),
    "like": lambda one, other: _like(str(other), str(one)),
}


def everything(_: Row) -> bool:
    return True


def condition(text: str | None) -> Match:
    """Read a `condition`. Raise RefusalError 400 for one that cannot be read."""
    if not text or not text.strip():
        return everything
    parser = _Parser(text)
    found = parser.either()
    parser.end()
    return found


def field_of(row: Row, path: str) -> Any:
    """The value at a dotted path, whatever its case; None where there is none."""
    value: Any = row
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = next((v for k, v in value.items() if k.lower() == part.lower()), None)
    return value


class _Parser:
    """Recursive descent over the words of one condition."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = self._split(text)

    def either(self) -> Match:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return lambda row: any(part(row) for part in parts)

    def end(self) -> None:
        if self._words:
            raise self._refusal()

    def _both(self) -> Match:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Match:
        if self._took("("):
            inside = self.either()
            self._must(")")
            return inside
        field, negated = self._next(), self._took("not")
        found = self._test(field, self._next().lower())
        return (lambda row: not found(row)) if negated else found

    def _test(self, field: str, sign: str) -> Match:
        if sign == "in":
            self._must("(")
            values = [_value(self._next())]
            while self._took(","):
                values.append(_value(self._next()))
            self._must(")")
            return lambda row: any(_holds("=", field_of(row, field), value) for value in values)
        if sign not in _COMPARISONS:
            raise self._refusal()
        value = _value(self._next())
        return lambda row: _holds(sign, field_of(row, field), value)

    def _split(self, text: str) -> list[str]:
        words, place = [], 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None:
                raise self._refusal()
            words.append(match["text"] or match["sign"] or match["date"] or match["word"])
            place = match.end()
        return words

    def _next(self) -> str:
        if not self._words:
            raise self._refusal()
        return self._words.pop(0)

    def _took(self, word: str) -> bool:
        if self._words and self._words[0].lower() == word:
            self._words.pop(0)
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._took(word):
            raise self._refusal()

    def _refusal(self) -> RefusalError:
        return RefusalError(400, f"The condition could not be parsed: {self._text}")


def _value(word: str) -> str:
    return word[1:-1] if word[:1] in "'\"" else word


def _holds(sign: str, one: Any, text: str) -> bool:
    """Whether a field compares so with what was written; nothing compares with null."""
    if one is None:
        return False
    if isinstance(one, bool):
        return _COMPARISONS[sign](one, text.lower() == "true")
    left, right = _comparable(str(one)), _comparable(text)
    if type(left) is not type(right):
        left, right = str(one).lower(), text.lower()
    return _COMPARISONS[sign](left, right)


def _comparable(text: str) -> float | datetime | str:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text.lower()
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _like(pattern: str, text: str) -> bool:
    shape = ".*".join(re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(shape, text) is not None
