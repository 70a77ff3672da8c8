"""Holds requests to RMMs and their answers against the vendors' descriptions."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema

from tests.described import documents
from tests.described.closed import Json, closed, like, without_nulls, words_of
from tests.described.exchange import Exchange
from tests.described.novelty import Novelty
from tests.described.outside import OPERATIONS, PARAMETERS

_NO_CONTENT = 204
_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Description:
    """One vendor's. `prefix` is what our addresses have before the described paths."""

    target: str
    load: Callable[[], Json]
    prefix: str = ""

    @cached_property
    def document(self) -> Json:
        return self.load()

    @cached_property
    def novelty(self) -> Novelty:
        return Novelty(words_of(self.document))

    @cached_property
    def _operations(self) -> dict[str, Json]:
        return {
            key_of(method, f"{self.prefix}{path}").lower(): operation
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }

    def operation(self, key: str) -> Json | None:
        return self._operations.get(key.lower())

    # Requests.

    def wrong_in_request(self, exchange: Exchange) -> Iterator[str]:
        key = key_of(exchange.method, exchange.template)
        operation = self.operation(key)
        if operation is None:
            if key not in OPERATIONS[self.target]:
                yield "is not described"
            return
        yield from self._wrong_in_query(key, operation, exchange)
        yield from self._wrong_in_body(operation, exchange)

    def _wrong_in_query(self, key: str, operation: Json, exchange: Exchange) -> Iterator[str]:
        described = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"}
        for name, value in exchange.query.items():
            if name in described:
                yield from _wrong_in_value(described[name]["schema"], value, name)
            elif f"{key}?{name}" not in PARAMETERS.get(self.target, {}):
                yield f"has no parameter {name}"
        needed = {name for name, parameter in described.items() if parameter.get("required")}
        yield from (f"lacks the parameter {name}" for name in needed - set(exchange.query))

    def _wrong_in_body(self, operation: Json, exchange: Exchange) -> Iterator[str]:
        if "requestBody" not in operation:
            if exchange.asked:
                yield "takes no body"
            return
        if exchange.asked_type != "application/json":
            yield f"takes no {exchange.asked_type}"
            return
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        for error in _validator(self, schema).iter_errors(json.loads(exchange.asked)):
            yield f"{error.json_path}: {error.message[:300]}"

    # Answers.

    def wrong_in_answer(self, exchange: Exchange) -> Iterator[str]:
        operation = self.operation(key_of(exchange.method, exchange.template))
        if operation is None:
            return
        schema = _answer_schema(operation, exchange.status)
        if schema is None:
            yield from self._wrong_without_schema(operation, exchange)
            return
        place = (exchange.method, exchange.template, exchange.status)
        answer = without_nulls(json.loads(exchange.answered))
        thin, new = self.novelty.new_in(place, answer)
        if new:
            for error in _validator(self, schema).iter_errors(thin):
                yield f"{error.json_path}: {error.message[:300]}"

    def _wrong_without_schema(self, operation: Json, exchange: Exchange) -> Iterator[str]:
        if exchange.status == _NO_CONTENT and exchange.answered:
            yield "answers 204 with content"
        successes = [code for code in operation["responses"] if code.startswith("2")]
        if exchange.status < 300 and successes and str(exchange.status) not in successes:
            yield f"answers {exchange.status}, described are {successes}"


DESCRIPTIONS = {
    item.target: item
    for item in (
        Description("ninjaone", documents.ninjaone),
        Description("datto", documents.datto, "/api"),
        Description("automate", documents.automate, "/cwa"),
        Description("tactical", documents.tactical),
        Description("asio", documents.asio),
        Description("syncro", documents.syncro, "/api/v1"),
    )
}


def key_of(method: str, template: str) -> str:
    """Method and path, whatever the places in it are called."""
    return f"{method.upper()} {_PLACE.sub('{}', template)}"


def wrong(exchange: Exchange) -> Iterator[str]:
    """What an exchange has that its vendor's description does not know."""
    description = DESCRIPTIONS[exchange.target]
    if exchange.by_product:
        yield from description.wrong_in_request(exchange)
    if not exchange.made_up:
        yield from description.wrong_in_answer(exchange)


def _answer_schema(operation: Json, status: int) -> Json | None:
    """What is described for a status; a successful one may stand under `default`."""
    responses = operation["responses"]
    answer = responses.get(str(status)) or (responses.get("default") if status < 300 else None)
    content = (answer or {}).get("content", {}).get("application/json", {})
    if "schema" in content:
        schema: Json = content["schema"]
        return schema
    return like(content["example"]) if "example" in content else None


def _validator(description: Description, schema: Json) -> Any:
    return _validators(description, json.dumps(schema, sort_keys=True))


@cache
def _validators(description: Description, schema: str) -> Any:
    return jsonschema.Draft202012Validator(closed(description.document, json.loads(schema)))


def _wrong_in_value(schema: Json, value: str, name: str) -> Iterator[str]:
    if schema.get("type") == "integer":
        if not value.isdecimal():
            yield f"{name}={value} is not a whole number"
        elif not schema.get("minimum", 0) <= int(value) <= schema.get("maximum", int(value)):
            yield f"{name}={value} is out of range"
    known = schema.get("items", schema).get("enum")
    if known is not None and not set(value.split(",")) <= set(known):
        yield f"{name}={value} is none of {known}"
