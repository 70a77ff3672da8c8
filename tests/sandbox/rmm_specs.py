"""Checks what the RMM stand-ins answer against the vendors' descriptions, where that folder lies beside the repository."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

SPECS = Path(__file__).parents[3] / "shared" / "specs"
Json = dict[str, Any]

needs_specs = pytest.mark.skipif(
    not (SPECS / "ninjaone.yaml").exists(),
    reason="the vendors' API descriptions are not beside this checkout",
)


@cache
def ninjaone() -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Json = yaml.load((SPECS / "ninjaone.yaml").read_text(), Loader=loader)
    return document


@cache
def datto() -> Json:
    document: Json = json.loads((SPECS / "datto-rmm.json").read_text())
    # Live accounts send numbers for times, and contexts that fit none of the described ones.
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            if field.get("format") == "date-time":
                schema["properties"][name] = {"type": ["integer", "string"]}
    schemas["Alert"]["properties"]["alertContext"] = {
        "type": "object", "required": ["@class"], "additionalProperties": True,
    }  # fmt: skip
    return document


@cache
def automate() -> Json:
    document: Json = json.loads((SPECS / "connectwise-automate.json").read_text())
    for operations in document["paths"].values():
        for operation in operations.values():
            _as_clients_send_it(document, operation)
    # What clients, locations and computers may carry of one another never ends.
    for name in ("Client", "Location", "Computer"):
        fields = document["components"]["schemas"][f"LabTech.Models.{name}"]["properties"]
        for field in [f for f in fields if f not in _CARRIED and "$ref" in json.dumps(fields[f])]:
            del fields[field]
    return document


#: The other models that rows of the stand-in carry.
_CARRIED = ("Client", "Location")


def _as_clients_send_it(document: Json, operation: Json) -> None:
    """Parameters by the bare names every client uses ("page" for "options.page"), bodies resolved."""
    for parameter in operation.get("parameters", []):
        parameter["name"] = parameter["name"].removeprefix("options.").removesuffix(".name")
    body = operation.get("requestBody", {}).get("$ref")
    if body is not None:
        name = body.rpartition("/")[2]
        operation["requestBody"] = document["components"]["requestBodies"][name]


@cache
def tactical() -> Json:
    document: Json = json.loads((SPECS / "tactical-rmm.json").read_text())
    # The generator sees no query that a view reads by hand.
    document["paths"]["/agents/"]["get"]["parameters"] = [
        {"in": "query", "name": "client", "schema": {"type": "integer"}},
        {"in": "query", "name": "detail", "schema": {"type": "string", "enum": ["true", "false"]}},
    ]
    return document


@cache
def asio() -> Json:
    """Version 1 is described, and of version 2 nothing. A path of it lacks its first slash."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Json = yaml.load((SPECS / "connectwise-asio-rmm.yml").read_text(), Loader=loader)
    document["paths"] = {f"/{path.lstrip('/')}": item for path, item in document["paths"].items()}
    shared = document["components"].get("parameters", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            given = operation.get("parameters", [])
            operation["parameters"] = [
                shared[item["$ref"].rpartition("/")[2]] if "$ref" in item else item
                for item in given
            ]
    return document


@cache
def syncro() -> Json:
    document: Json = json.loads((SPECS / "syncro.json").read_text())
    return document


def answer_schema(document: Json, path: str) -> Json:
    """What the description says GET `path` answers."""
    responses = document["paths"][path]["get"]["responses"]
    answer = responses.get("200") or responses["default"]
    schema: Json = answer["content"]["application/json"]["schema"]
    return schema


def named(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def check(document: Json, schema: Json, answer: Any) -> None:
    """Raise ValidationError for a wrong type, an unknown word of an enum or an undescribed field.

    The descriptions declare nothing nullable, and the services send null nearly everywhere: a null
    counts as an absent field.
    """
    jsonschema.validate(_without_nulls(answer), _closed(document, schema))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _closed(document: Json, schema: Json) -> Json:
    """The schema with references resolved, parents merged in, and no room for other fields."""
    schema = _merged(document, schema)
    if "items" in schema:
        return {**schema, "items": _closed(document, schema["items"])}
    if isinstance(schema.get("additionalProperties"), dict):
        values = _closed(document, schema["additionalProperties"])
        return {**schema, "additionalProperties": values}
    if "properties" not in schema:
        return schema
    fields = {name: _closed(document, field) for name, field in schema["properties"].items()}
    return {
        "type": "object",
        "properties": fields,
        "required": schema.get("required", []),
        "additionalProperties": schema.get("additionalProperties", False),
    }


def _merged(document: Json, schema: Json) -> Json:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _merged(document, document["components"]["schemas"][name])
    if "allOf" not in schema:
        return schema
    parts = [_merged(document, part) for part in schema["allOf"]]
    return {"properties": {k: v for part in parts for k, v in part.get("properties", {}).items()}}
