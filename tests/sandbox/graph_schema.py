"""Checks Graph's answers against the published schema slice, where that folder lies beside the repository."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import requests
import yaml

SPECS = Path(__file__).parents[3] / "shared" / "specs"
_FILES = {"v1.0": "graph-slice.yaml", "beta": "graph-slice-beta.yaml"}
#: Served, and documented elsewhere than in the slice.
_OUTSIDE_THE_SLICE = (
    "/devices",
    "/domains",
    "/groups/{}/appRoleAssignments",
    "/groups/{}/transitiveMembers/microsoft.graph.user",
    "/users/{}/mailboxSettings/userPurpose",
)
_REF = "#/components/schemas/"
_DIRECTORY_OBJECT = "microsoft.graph.directoryObject"
_MEMBERS = ("group", "user")
#: Types whose subtypes, and so their properties, the slice leaves out.
_OPEN = ("microsoft.graph.namedLocation",)
Json = dict[str, Any]


def available() -> bool:
    return (SPECS / _FILES["v1.0"]).exists()


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
        named["patternProperties"] = {"@odata\\.": {}}
        named["unevaluatedProperties"] = False
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


def check(method: str, version: str, path: str, response: requests.Response) -> None:
    """Raise AssertionError where the answer is none the slice describes."""
    if not available():
        return
    template = path.split("?", 1)[0]
    operation = _operation(method, version, template)
    if operation is None:
        return
    body = json.loads(response.content) if response.content else None
    check_body(operation, version, response.status_code, body)
    if template == "/$batch" and response.ok:
        assert body is not None
        for item in body["responses"]:
            assert 100 <= item["status"] < 600


def check_item(method: str, version: str, url: str, item: Json) -> None:
    """The same for one answer inside a batch."""
    operation = _operation(method, version, url.split("?", 1)[0]) if available() else None
    if operation is not None:
        check_body(operation, version, item["status"], item.get("body"))


def described_options(method: str, version: str, path: str) -> set[str] | None:
    """The query options the slice lists for an operation; None for one outside the slice."""
    operation = _operation(method, version, path)
    if operation is None:
        return None
    refs = [parameter.get("$ref", "") for parameter in operation.get("parameters", ())]
    return {ref.rsplit("/", 1)[-1] for ref in refs}


def check_body(operation: Json, version: str, status: int, body: Any) -> None:
    described = operation["responses"]
    answer = described.get(str(status)) or described.get(f"{status // 100}XX")
    assert answer is not None, f"{status} is no answer of {operation['summary']}"
    if "$ref" in answer:
        answer = _slice(version)["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    content = answer.get("content")
    if content is None:
        assert body is None, f"{operation['summary']} answers {status} without content"
        return
    schema = content["application/json"]["schema"]
    root = _translated(schema) | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": _slice(version)["components"],
    }
    errors = sorted(
        jsonschema.Draft202012Validator(root).iter_errors(body), key=lambda error: error.json_path
    )
    assert not errors, [f"{error.json_path}: {error.message[:300]}" for error in errors[:5]]


def _operation(method: str, version: str, path: str) -> Json | None:
    """The slice's operation; beta has everything v1.0 has, described there."""
    for candidate in (version, "v1.0"):
        for pattern, methods in _patterns(candidate):
            if pattern.fullmatch(path) and method.lower() in methods:
                found: Json = methods[method.lower()]
                return found
    outside = [template.replace("{}", "[^/]+") for template in _OUTSIDE_THE_SLICE]
    known = any(re.fullmatch(template, path) for template in outside)
    assert known, f"{method} {path} is neither in the slice nor known to be outside it"
    return None


@cache
def _patterns(version: str) -> list[tuple[re.Pattern[str], Json]]:
    paths = _slice(version)["paths"]
    ordered = sorted(paths, key=lambda template: str(template).count("{"))
    return [(re.compile(_regex(template), re.IGNORECASE), paths[template]) for template in ordered]


def _regex(template: str) -> str:
    return re.sub(r"\\\{[^}]+\\\}", "[^/]+?", re.escape(template))
