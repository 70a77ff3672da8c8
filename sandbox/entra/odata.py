"""The OData query options $select and $filter, as far as Graph's lists and real tools go."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sandbox.entra.protocol import Call, GraphError, Json, bad_request

_CLAUSE = re.compile(
    r"(?P<path>[\w/$]+)\s+(?P<word>eq|ne|ge|gt|le|lt)\s+(?P<value>'(?:[^']|'')*'|[^\s()]+)$"
)
_STARTS_WITH = re.compile(
    r"startswith\((?P<path>[\w/]+)\s*,\s*(?P<value>'(?:[^']|'')*')\)$", re.IGNORECASE
)
_ANY = re.compile(r"(?P<path>\w+)/any\((\w+):\2 eq (?P<value>'(?:[^']|'')*')\)$")
_AND = re.compile(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)")

Row = Json
Test = Callable[[Row], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: _folded(left) == _folded(right),
    "ne": lambda left, right: _folded(left) != _folded(right),
    "ge": lambda left, right: left is not None and left >= right,
    "gt": lambda left, right: left is not None and left > right,
    "le": lambda left, right: left is not None and left <= right,
    "lt": lambda left, right: left is not None and left < right,
}


def selected(call: Call) -> list[str] | None:
    """The names in $select; None where there is none."""
    text = call.query.get("$select")
    return [name.strip() for name in text.split(",") if name.strip()] if text else None


def pick(row: Row, names: Sequence[str] | None) -> Row:
    """Keep the selected properties and the type; everything where nothing is selected."""
    if names is None:
        return row
    wanted = {"@odata.type", *names}
    return {key: value for key, value in row.items() if key in wanted}


def check_names(names: Iterable[str], known: Iterable[str], type_name: str) -> None:
    """Raise the error Graph gives for a property the type does not have."""
    known = set(known)
    for name in names:
        if name not in known:
            raise bad_request(
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.{type_name}'.",
                "BadRequest",
            )


def advanced(call: Call) -> bool:
    """Whether the caller asked for advanced query capabilities."""
    eventual = call.headers.get("consistencylevel", "").lower() == "eventual"
    return eventual and call.query.get("$count", "").lower() == "true"


def filter_test(call: Call, allowed: Iterable[str]) -> Test | None:
    """Compile $filter; only comparisons over `allowed` paths joined by `and` are understood."""
    text = call.query.get("$filter")
    if text is None:
        return None
    tests = [_clause(call, clause.strip(), frozenset(allowed)) for clause in _AND.split(text)]
    return lambda row: all(test(row) for test in tests)


def _clause(call: Call, text: str, allowed: frozenset[str]) -> Test:
    if match := _STARTS_WITH.match(text):
        path, value = match["path"], str(_literal(match["value"])).lower()
        _supported(path, allowed)
        return lambda row: str(_at(row, path) or "").lower().startswith(value)
    if match := _ANY.match(text):
        path, wanted = match["path"], _literal(match["value"])
        _supported(path, allowed)
        return lambda row: wanted in (_at(row, path) or ())
    match = _CLAUSE.match(text)
    if match is None:
        raise bad_request(f"Invalid filter clause: '{text}'.", "BadRequest")
    path, word, literal = match["path"], match["word"], _literal(match["value"])
    _supported(path, allowed)
    if (word == "ne" or path.endswith("$count")) and not advanced(call):
        raise unsupported_query()
    return lambda row: _COMPARE[word](_at(row, path), literal)


def unsupported_query() -> GraphError:
    return bad_request(
        "The specified query is not supported without the ConsistencyLevel header set to eventual "
        "and $count=true.",
        "Request_UnsupportedQuery",
    )


def _supported(path: str, allowed: frozenset[str]) -> None:
    if path not in allowed:
        raise bad_request(
            f"Unsupported or invalid query filter clause specified for property '{path}'.",
            "Request_UnsupportedQuery",
        )


def _literal(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    return int(text) if text.isdigit() else text


def _at(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("/"):
        if name == "$count":
            value = len(value or ())
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
