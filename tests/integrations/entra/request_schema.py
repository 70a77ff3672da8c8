"""Checks what we send to Graph against the published schema slice, where that folder lies beside the repository."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
from aiohttp import web
from aiohttp.typedefs import Handler

from tests.sandbox import graph_schema
from tests.sandbox.graph_schema import Json

_CONSISTENCY = "ConsistencyLevel"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request as it arrived, or one item of a batch."""

    method: str
    version: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Wire:
    """Writes down everything that reaches an application."""

    sent: list[Sent] = field(default_factory=list)

    def tap(self, app: web.Application) -> web.Application:
        """Outside of everything else, so that nothing is missed."""

        @web.middleware
        async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
            text = await request.text()
            _, version, path = request.path.split("/", 2)
            self.sent.append(
                Sent(
                    method=request.method,
                    version=version,
                    path=f"/{path}",
                    query=dict(request.query),
                    headers=dict(request.headers),
                    body=json.loads(text) if text else None,
                )
            )
            return await handler(request)

        app.middlewares.insert(0, listen)
        return app

    @property
    def everything(self) -> list[Sent]:
        """The requests and the items of batches."""
        return [part for one in self.sent for part in (one, *_items(one))]


def _items(sent: Sent) -> list[Sent]:
    if sent.path != "/$batch":
        return []
    found = []
    for item in sent.body["requests"]:
        url = urlsplit(item["url"])
        found.append(
            Sent(
                method=item["method"],
                version=sent.version,
                path=url.path,
                query=dict(parse_qsl(url.query)),
                headers=item.get("headers", {}),
                body=item.get("body"),
            )
        )
    return found


def check(sent: Sent) -> None:
    """Raise AssertionError where the slice has no such operation, option or body."""
    operation = graph_schema._operation(sent.method, sent.version, sent.path)
    if operation is None:
        return
    components = graph_schema._slice("v1.0")["components"]
    allowed = {_name(item, components) for item in operation.get("parameters", ())}
    unknown = set(sent.query) - allowed - {"$skiptoken"}
    assert not unknown, f"{sent.method} {sent.path} has no {unknown}"
    described = operation.get("requestBody")
    if described is None:
        assert sent.body in (None, {}), f"{sent.method} {sent.path} takes no body"
        return
    schema = described["content"]["application/json"]["schema"]
    root: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **graph_schema._translated(schema, components["schemas"]),
        "components": components,
    }
    if "members@odata.bind" in (sent.body or {}):
        # The slice adds this annotation to a type it otherwise closes.
        root = {"$ref": "#/bind", "bind": schema["allOf"][1]}
    jsonschema.Draft202012Validator(root).validate(sent.body)


def _name(parameter: Json, components: Json) -> str:
    if "$ref" in parameter:
        parameter = components["parameters"][parameter["$ref"].rsplit("/", 1)[-1]]
    return str(parameter["name"])
