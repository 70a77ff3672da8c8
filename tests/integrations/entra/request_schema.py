"""Checks what we send to Graph against the published schema slice, where that folder lies beside the repository."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler

from tests.sandbox import graph_schema
from tests.sandbox.graph_schema import Json


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
    options = graph_schema.described_options(sent.method, sent.version, sent.path)
    if options is None:
        return
    unknown = {name.removeprefix("$") for name in sent.query} - options - {"skiptoken"}
    assert not unknown, f"{sent.method} {sent.path} has no option {unknown}"
    _check_body(sent)


def _check_body(sent: Sent) -> None:
    document = _document()
    path = next(
        p for p in sorted(document["paths"], key=_places) if _pattern(p).fullmatch(sent.path)
    )
    described = document["paths"][path][sent.method.lower()].get("requestBody")
    if described is None:
        assert sent.body in (None, {}), f"{sent.method} {path} takes no body"
        return
    schema = described["content"]["application/json"]["schema"]
    jsonschema.validate(sent.body, {"allOf": [schema], "components": document["components"]})


def _places(template: str) -> int:
    return template.count("{")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))


@cache
def _document() -> Json:
    """Both versions in one: a path that beta describes for itself is not in v1.0."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    beta, stable = (
        yaml.load((graph_schema.SPECS / name).read_text(), Loader=loader)
        for name in ("graph-slice-beta.yaml", "graph-slice.yaml")
    )
    return {
        "paths": beta["paths"] | stable["paths"],
        "components": {"schemas": beta["components"]["schemas"] | stable["components"]["schemas"]},
    }
