"""Finds the operation for a method and a path, for single requests and for the items of a batch."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from sandbox.entra.protocol import GraphError, Operation, Version

_PLACE = re.compile(r"\\\{(\w+)\\\}")


class Match(NamedTuple):
    """An operation and what the places of its template hold."""

    operation: Operation
    ids: Mapping[str, str]


class Router:
    """Literal templates win over templates with places; Graph ignores case in paths."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        #: By the number of their segments.
        self._routes: defaultdict[int, list[tuple[re.Pattern[str], Operation]]] = defaultdict(list)
        for item in sorted(operations, key=lambda item: item.template.count("{")):
            self._routes[item.template.count("/")].append((_pattern(item.template), item))

    def find(self, method: str, path: str, version: Version) -> Match:
        """Raise GraphError for a path Graph does not have, or not with this method."""
        known = False
        for pattern, operation in self._routes.get(path.count("/"), ()):
            match = pattern.fullmatch(path)
            if match is None or (operation.beta_only and version != "beta"):
                continue
            known = True
            if operation.method == method:
                ids = {key: unquote(value) for key, value in match.groupdict().items()}
                return Match(operation, ids)
        if known:
            raise GraphError(
                405,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            )
        last = path.rstrip("/").split("/")[-1]
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{last}'.")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>[^/]+?)", re.escape(template)), re.IGNORECASE)
