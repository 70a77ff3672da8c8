"""The device filter `df`: terms such as `org = 1`, `id in (4, 5)` or `offline`, joined by AND."""

import re
from collections.abc import Callable

from sandbox.rmm.fleet import Node
from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.words import location_id, node_class

Match = Callable[[Node], bool]

_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
_TERM = re.compile(
    r"(?P<field>\w+)\s*"
    r"(?:(?P<one>!?=)\s*(?P<value>\w+)|(?P<many>not\s?in|in)\s*\((?P<values>[\w\s,]+)\))",
    re.IGNORECASE,
)
_FIELDS: dict[str, Callable[[Node], object]] = {
    "org": lambda node: node.company.rmm_number,
    "organization": lambda node: node.company.rmm_number,
    "loc": lambda node: location_id(node.company),
    "id": lambda node: node.device.number,
    "class": lambda node: node_class(node.device),
}


def everything(_: Node) -> bool:
    return True


def device_filter(text: str | None, *, ignore_class: bool = False) -> Match:
    """Read a `df` value. Reports pass over `class`, as the real ones do; raise RefusalError 400."""
    if not text or not text.strip():
        return everything
    terms = [_term(part, ignore_class=ignore_class) for part in _AND.split(text.strip())]
    return lambda node: all(term(node) for term in terms)


def _term(text: str, *, ignore_class: bool) -> Match:
    if text.lower() in ("offline", "online"):
        wanted = text.lower() == "online"
        return lambda node: node.device.online is wanted
    match = _TERM.fullmatch(text)
    field = match["field"].lower() if match else ""
    if match is None or field not in _FIELDS:
        raise RefusalError(400, f"Invalid device filter: {text}")
    if field == "class" and ignore_class:
        return everything
    values = {value.strip().upper() for value in (match["value"] or match["values"]).split(",")}
    wanted = (match["one"] or match["many"]).lower() in ("=", "in")
    return lambda node: (str(_FIELDS[field](node)).upper() in values) is wanted
