"""The part of a request that says whose devices are meant: a kind of resource and at most four of them.

Which words name a kind changed over time and differs from call to call. They are sets here, so that a test can
play an older or a newer platform.
"""

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from sandbox.rmm.asio.errors import RefusalError, bad_request
from sandbox.rmm.asio.state import State
from sandbox.rmm.fleet import Node

#: What lists in a body take, and what the heartbeat's query takes, for a company.
BODY_WORDS = {"company"}
HEARTBEAT_WORDS = {"companies"}
#: Kinds there are, and that this key may not use with the heartbeat.
_FORBIDDEN = frozenset({"endpoints"})
_MOST = 4


async def in_body(request: web.Request, state: State) -> list[Node]:
    """The devices that {"resourceType", "resources"} means. Raises RefusalError."""
    body = await _body(request)
    given = body.get("resources")
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise bad_request("ErrResourcesNotProvided")
    return _devices(state, body.get("resourceType"), BODY_WORDS, given)


async def endpoints_in_body(request: web.Request, state: State) -> list[Node]:
    """The same where the resources are endpoints. Raises RefusalError."""
    body = await _body(request)
    given = body.get("resources")
    if body.get("resourceType") != "endpoint" or not isinstance(given, list):
        raise bad_request("Invalid Resource Type")
    return [node for node in state.nodes.values() if node.device.uid in given]


def in_query(request: web.Request, state: State) -> list[Node]:
    """The devices that ?resourceType=&resources=a,b means. Raises RefusalError."""
    word = request.query.get("resourceType")
    if word in _FORBIDDEN:
        raise RefusalError(403, "forbidden", "access is forbidden")
    given = [item for item in request.query.get("resources", "").split(",") if item]
    return _devices(state, word, HEARTBEAT_WORDS, given)


def _devices(state: State, word: Any, words: set[str], given: list[str]) -> list[Node]:
    if word not in words:
        raise bad_request("Invalid Resource Type")
    if not 0 < len(given) <= _MOST:
        raise bad_request("Invalid number of resources")
    return list(_of_companies(state, given))


def _of_companies(state: State, given: list[str]) -> Iterator[Node]:
    for node in state.nodes.values():
        if node.company.rmm_uid in given:
            yield node


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise bad_request("invalid JSON") from None
    return body if isinstance(body, dict) else {}
