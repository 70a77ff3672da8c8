"""What our adapters really sent to a stand-in, for checks against the vendors' API descriptions."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from aiohttp import web

from tests.sandbox.rmm_specs import Json, _closed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: Looks at a request (and how many of its path came before); an answer of its own stands in for the real one.
Interceptor = Callable[[web.Request, int], web.StreamResponse | None]


@dataclass(frozen=True)
class Sent:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Wire:
    """Sits before a stand-in: keeps every request, and can answer or rewrite on its own account."""

    sent: list[Sent] = field(default_factory=list)
    intercept: Interceptor = lambda request, before: None
    #: Whose answer is lost on the way, after the stand-in has made it.
    lose: Callable[[web.Request, int], bool] = lambda request, before: False
    #: Words of answers -> other words.
    rewrite: dict[str, str] = field(default_factory=dict)

    def tap(self, app: web.Application) -> web.Application:
        @web.middleware
        async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
            before = sum(item.path == request.path for item in self.sent)
            self.sent.append(await _sent(request))
            answer = self.intercept(request, before) or await handler(request)
            if self.lose(request, before):
                return web.Response(status=502, text="Bad gateway")
            return self._rewritten(answer)

        app.middlewares.append(keep)
        return app

    def _rewritten(self, answer: web.StreamResponse) -> web.StreamResponse:
        if not self.rewrite or not isinstance(answer, web.Response) or not answer.text:
            return answer
        text = answer.text
        for old, new in self.rewrite.items():
            text = text.replace(old, new)
        return web.Response(text=text, status=answer.status, content_type=answer.content_type)


async def _sent(request: web.Request) -> Sent:
    text = await request.text() if request.content_type == "application/json" else ""
    body = json.loads(text) if text else None
    return Sent(request.method, request.path, dict(request.query), body)


def check_described(document: Json, sent: Sent, prefix: str) -> str:
    """Raise AssertionError or ValidationError for a request the description does not know; give its path."""
    path = sent.path.removeprefix(prefix)
    template = next((item for item in document["paths"] if _matches(item, path)), None)
    assert template is not None, f"{path} is not described"
    operation = document["paths"][template].get(sent.method.lower())
    assert operation is not None, f"{sent.method} {template} is not described"
    described = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
    for name, value in sent.query.items():
        assert name in described, f"{template} has no parameter {name}"
        _check_value(described[name]["schema"], value, f"{template}?{name}")
    _check_body(document, operation, sent)
    return str(template)


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) is not None


def _check_value(schema: Json, value: str, where: str) -> None:
    if schema["type"] == "integer":
        assert value.isdecimal(), f"{where}={value} is not a whole number"
        number = int(value)
        assert schema.get("minimum", number) <= number <= schema.get("maximum", number), where
    items = schema.get("items", schema)
    if "enum" in items:
        assert set(value.split(",")) <= set(items["enum"]), f"{where}={value}"


def _check_body(document: Json, operation: Json, sent: Sent) -> None:
    if "requestBody" not in operation:
        assert sent.body is None, f"{sent.path} takes no body"
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(sent.body, _closed(document, schema))
