"""A described schema made strict: references resolved, and no room for what it does not name."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def closed(document: Json, schema: Json) -> Json:
    """The schema with references resolved, parents merged in, and no room for other fields."""
    schema = _merged(document, schema)
    if "items" in schema:
        return {**schema, "items": closed(document, schema["items"])}
    if isinstance(schema.get("additionalProperties"), dict):
        values = closed(document, schema["additionalProperties"])
        return {**schema, "additionalProperties": values}
    if "properties" not in schema:
        return schema
    fields = {name: closed(document, field) for name, field in schema["properties"].items()}
    return {
        "type": "object",
        "properties": fields,
        "required": schema.get("required", []),
        "additionalProperties": schema.get("additionalProperties", False),
    }


def like(sample: Any) -> Json:
    """What a sample tells where there is no schema: the names of fields, and what is a list or an object."""
    if isinstance(sample, dict):
        fields = {name: like(value) for name, value in sample.items()}
        return {"type": "object", "properties": fields, "additionalProperties": not fields}
    if isinstance(sample, list):
        return {"type": "array"} | ({"items": like(_united(sample))} if sample else {})
    return {}


def without_nulls(value: Any) -> Any:
    """The descriptions declare nothing nullable, and the services send null nearly everywhere: it counts as absent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def words_of(document: Json) -> frozenset[str]:
    """Every word that some schema tells from other text."""
    return frozenset(_words(document))


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        known = part.get("enum", [])
        told = [part.get("const"), *(known if isinstance(known, list) else [])]
        yield from (word for word in told if isinstance(word, str))
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from _words(inner)


def _united(rows: list[Any]) -> Any:
    """All fields that some row has."""
    if not all(isinstance(row, dict) for row in rows):
        return rows[0]
    return {name: value for row in rows for name, value in row.items()}


def _merged(document: Json, schema: Json) -> Json:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _merged(document, document["components"]["schemas"][name])
    if "allOf" not in schema:
        return schema
    parts = [_merged(document, part) for part in schema["allOf"]]
    return {"properties": {k: v for part in parts for k, v in part.get("properties", {}).items()}}
