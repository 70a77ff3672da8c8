"""$batch: up to twenty requests in one, each answered with a status of its own."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.entra.protocol import Answer, Call, Json, bad_request

_AT_MOST = 20
_WRITES = ("PATCH", "POST", "PUT")
Execute = Callable[[Call], Answer]


def answer_batch(call: Call, execute: Execute, rng: Random) -> Answer:
    """Answer all items, in no particular order. `execute` never raises: a refusal is an answer."""
    items = _items(call.body)
    done: dict[str, Json] = {}
    for item in items:
        done[item["id"].lower()] = _answer_item(call, item, execute, done)
    responses = list(done.values())
    rng.shuffle(responses)
    return Answer(body={"responses": responses})


def _items(body: Any) -> list[Json]:
    """The items of a well-formed batch; raise GraphError 400 for any other."""
    items = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise bad_request("Invalid batch payload format.", "BadRequest")
    if len(items) > _AT_MOST:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {_AT_MOST}.", "BadRequest"
        )
    seen: set[str] = set()
    for item in items:
        _check_item(item, seen)
        seen.add(item["id"].lower())
    return items


def _check_item(item: Any, seen: set[str]) -> None:
    if not isinstance(item, dict) or not all(
        isinstance(item.get(name), str) and item[name] for name in ("id", "method", "url")
    ):
        raise bad_request("Every request needs an id, a method and a url.", "BadRequest")
    if item["id"].lower() in seen:
        raise bad_request(f"Request Id {item['id']} has to be unique in a batch.", "BadRequest")
    if "://" in item["url"].split("?")[0]:
        raise bad_request("Request urls have to be relative.", "BadRequest")
    headers = {name.lower() for name in item.get("headers") or ()}
    if item["method"].upper() in _WRITES and not ("content-type" in headers and "body" in item):
        raise bad_request(
            f"Write request id : {item['id']} does not contain Content-Type header or body.",
            "BadRequest",
        )
    if any(other.lower() not in seen for other in item.get("dependsOn") or ()):
        raise bad_request("A request can only depend on an earlier one.", "BadRequest")


def _answer_item(call: Call, item: Json, execute: Execute, done: dict[str, Json]) -> Json:
    if any(done[other.lower()]["status"] >= 400 for other in item.get("dependsOn") or ()):
        return _response(item, Answer(status=424, body=_failed_dependency()))
    url = urlsplit(item["url"] if item["url"].startswith("/") else f"/{item['url']}")
    headers = {name.lower(): str(value) for name, value in (item.get("headers") or {}).items()}
    single = replace(
        call,
        method=item["method"].upper(),
        path=unquote(url.path),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers=headers,
        body=item.get("body"),
    )
    return _response(item, execute(single))


def _response(item: Json, answer: Answer) -> Json:
    headers = dict(answer.headers)
    response: Json = {"id": item["id"], "status": answer.status, "headers": headers}
    if answer.body is not None:
        headers["Content-Type"] = "application/json"
        response["body"] = answer.body
    return response


def _failed_dependency() -> Json:
    return {"error": {"code": "FailedDependency", "message": "A request this depends on failed."}}
