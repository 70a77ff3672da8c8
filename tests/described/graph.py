"""Holds requests to Graph and its answers, items of batches among them, against the published schema slice."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import yaml

from tests.described.closed import Json, words_of
from tests.described.documents import SPECS
from tests.described.exchange import Exchange
from tests.described.novelty import Novelty
from tests.described.outside import OPERATIONS

_FILES = {"v1.0": "graph-slice.yaml", "beta": "graph-slice-beta.yaml"}
_REF = "#/components/schemas/"
_DIRECTORY_OBJECT = "microsoft.graph.directoryObject"
_MEMBERS = ("group", "user")
#: Types whose subtypes, and so their properties, the slice leaves out.
_OPEN = ("microsoft.graph.namedLocation",)
#: No unknown properties but OData's own.
_CLOSED: Json = {"patternProperties": {"@odata\\.": {}}, "unevaluatedProperties": False}
#: Query options that every collection has, whatever is told.
_ALWAYS = {"skiptoken"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One request and its answer, or one item of a batch of them."""

    method: str
    version: str
    path: str
    query: dict[str, str]
    #: JSON, None where there is none.
    asked: Any
    status: int
    answered: Any

    @property
    def words(self) -> str:
        return f"[{self.method} {self.path}: {self.status}]"


def wrong(exchange: Exchange) -> Iterator[str]:
    """What an exchange has that the slice does not know."""
    for part in _parts(exchange):
        operation = operation_of(part.method, part.version, part.path)
        if operation is None:
            if not outside(part.method, part.path) and (exchange.by_product or part.status < 300):
                yield f"{part.words} is not described"
            continue
        if exchange.by_product:
            yield from (f"{part.words} {p}" for p in wrong_in_request(operation, part))
        if not exchange.made_up:
            yield from (f"{part.words} {p}" for p in wrong_in_answer(operation, part))


def asked(exchange: Exchange) -> list[tuple[str, str]]:
    """Method and path of a request, and of the items of a batch."""
    return [(part.method, part.path) for part in _parts(exchange)]


def _parts(exchange: Exchange) -> Iterator[Part]:
    _, version, path = exchange.path.split("/", 2)
    whole = Part(
        method=exchange.method,
        version=version,
        path=f"/{path}",
        query=dict(exchange.query),
        asked=_parsed(exchange.asked),
        status=exchange.status,
        answered=_parsed(exchange.answered),
    )
    yield whole
    if whole.path == "/$batch" and whole.status == 200:
        yield from _items(whole)


def _items(batch: Part) -> Iterator[Part]:
    answers = {answer["id"]: answer for answer in batch.answered["responses"]}
    for item in batch.asked["requests"]:
        url, answer = urlsplit(item["url"]), answers[item["id"]]
        yield Part(
            method=item["method"],
            version=batch.version,
            path=url.path,
            query=dict(parse_qsl(url.query)),
            asked=item.get("body"),
            status=answer["status"],
            answered=answer.get("body"),
        )


def _parsed(body: bytes) -> Any:
    """None for what is no JSON: some tests ask so."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def wrong_in_request(operation: Json, part: Part) -> Iterator[str]:
    options = described_options(operation)
    unknown = {name.removeprefix("$") for name in part.query} - options - _ALWAYS
    yield from (f"has no option {name}" for name in unknown)
    described = operation.get("requestBody")
    if described is None:
        if part.asked not in (None, {}):
            yield "takes no body"
        return
    schema = described["content"]["application/json"]["schema"]
    for error in _validator(part.version, json.dumps(schema)).iter_errors(part.asked):
        yield f"{error.json_path}: {error.message[:300]}"


def wrong_in_answer(operation: Json, part: Part) -> Iterator[str]:
    described = operation["responses"]
    answer = described.get(str(part.status)) or described.get(f"{part.status // 100}XX")
    if answer is None:
        yield "has no such answer"
        return
    if "$ref" in answer:
        answer = _slice(part.version)["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    content = answer.get("content")
    if content is None:
        if part.answered is not None:
            yield "answers with content"
        return
    schema = content["application/json"]["schema"]
    place = (operation["operationId"], part.status)
    thin, new = _novelty(part.version).new_in(place, part.answered)
    if new:
        for error in _validator(part.version, json.dumps(schema)).iter_errors(thin):
            yield f"{error.json_path}: {error.message[:300]}"


def described_options(operation: Json) -> set[str]:
    """The query options the slice lists for an operation, without their $."""
    refs = [parameter.get("$ref", "") for parameter in operation.get("parameters", ())]
    return {ref.rsplit("/", 1)[-1] for ref in refs}


def outside(method: str, path: str) -> bool:
    """Whether the slice is known to lack an operation."""
    return any(
        re.fullmatch(re.escape(key).replace(r"\{\}", "[^/]+"), f"{method} {path}")
        for key in OPERATIONS["graph"]
    )


@cache
def _novelty(version: str) -> Novelty:
    return Novelty(words_of(_slice(version)))


@cache
def _validator(version: str, schema: str) -> Any:
    root = _translated(json.loads(schema)) | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": _slice(version)["components"],
    }
    if {"allOf", "properties"} & root.keys():
        root |= _CLOSED
    return jsonschema.Draft202012Validator(root)


@cache
def _slice(version: str) -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Json = yaml.load((SPECS / _FILES[version]).read_text(), Loader=loader)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {
        **{name: _translated(schema) for name, schema in schemas.items()},
        **{f"{name}!": _with_subtypes(name, schema) for name, schema in schemas.items()},
    }
    return document


def _translated(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable`, and values of a type closed to unknown properties."""
    if isinstance(schema, list):
        return [_translated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"{schema['$ref']}!"}
    translated = {
        key: value if key == "enum" else _translated(value)
        for key, value in schema.items()
        if key not in ("nullable", "discriminator", "format")
    }
    if "allOf" in schema:
        # A parent is not closed: the child adds properties.
        translated["allOf"] = [
            item if "$ref" in item else _translated(item) for item in schema["allOf"]
        ]
        if schema.get("nullable"):
            closed = [_translated(item) for item in schema["allOf"]]
            return {"anyOf": [{"type": "null"}, *closed]}
    if schema.get("nullable") and "type" in schema:
        translated["type"] = [schema["type"], "null"]
    return translated


def _with_subtypes(name: str, schema: Json) -> Json:
    """The type where it is used: no unknown properties, and the subtype that `@odata.type` names."""
    subtypes = [
        {
            "if": {"properties": {"@odata.type": {"const": key}}, "required": ["@odata.type"]},
            "then": {"$ref": target},
        }
        for key, target in _mapping(name, schema).items()
    ]
    named: Json = {"$ref": f"{_REF}{name}"}
    if subtypes:
        named = {"allOf": [named, *subtypes]}
    if _is_object(schema) and name not in _OPEN:
        named |= _CLOSED
    return named


def _mapping(name: str, schema: Json) -> dict[str, str]:
    if name == _DIRECTORY_OBJECT:
        # The slice leaves this one's subtypes out.
        return {f"#microsoft.graph.{key}": f"{_REF}microsoft.graph.{key}" for key in _MEMBERS}
    own = schema.get("discriminator", {}).get("mapping", {})
    for part in schema.get("allOf", ()):
        own = {**own, **part.get("discriminator", {}).get("mapping", {})}
    return dict(own)


def _is_object(schema: Json) -> bool:
    return schema.get("type") == "object" or "allOf" in schema


def operation_of(method: str, version: str, path: str) -> Json | None:
    """The slice's operation; beta has everything v1.0 has, described there."""
    for candidate in (version, "v1.0"):
        for pattern, methods in _patterns(candidate):
            if pattern.fullmatch(path) and method.lower() in methods:
                found: Json = methods[method.lower()]
                return found
    return None


@cache
def _patterns(version: str) -> list[tuple[re.Pattern[str], Json]]:
    paths = _slice(version)["paths"]
    ordered = sorted(paths, key=lambda template: str(template).count("{"))
    return [(re.compile(_regex(template), re.IGNORECASE), paths[template]) for template in ordered]


def _regex(template: str) -> str:
    return re.sub(r"\\\{[^}]+\\\}", "[^/]+?", re.escape(template))
