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
