"""The vendors' descriptions of their APIs, read once, with what is known to be wrong in them put right."""

import json
from functools import cache
from pathlib import Path
from typing import Any

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
    # Of devices it describes what all kinds have in common; computers have more.
    for path, answer in _DEVICES.items():
        described = document["paths"][path]["get"]["responses"][answer]
        words = json.dumps(described["content"]["application/json"]["schema"])
        schema = json.loads(words.replace("schemas/Device", "schemas/AgentDevice"))
        described["content"]["application/json"]["schema"] = schema
    return document


_DEVICES = {"/v2/devices-detailed": "default", "/v2/device/{id}": "200"}


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
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"] = _success_first(operation["responses"])
    return document


def _success_first(responses: Json) -> Json:
    """What a success answers stands under the refusals, whose own words are not described."""
    told = [answer["content"] for answer in responses.values() if "content" in answer]
    return {"200": {"content": told[0]}} if told else {}


@cache
def automate() -> Json:
    document: Json = json.loads((SPECS / "connectwise-automate.json").read_text())
    for operations in document["paths"].values():
        for operation in operations.values():
            _as_clients_send_it(document, operation)
    for path, model in _UPDATES.items():
        rows = {"type": "array", "items": {"$ref": f"#/components/schemas/LabTech.Models.{model}"}}
        answer = document["paths"][f"/api/v1/Computers/{{computerId}}/{path}"]["get"]["responses"]
        answer["200"]["content"]["application/json"]["schema"] = rows
    # What clients, locations and computers may carry of one another never ends.
    for name in ("Client", "Location", "Computer"):
        fields = document["components"]["schemas"][f"LabTech.Models.{name}"]["properties"]
        for field in [f for f in fields if f not in _CARRIED and "$ref" in json.dumps(fields[f])]:
            del fields[field]
    return document


#: Lists that the description calls just an object.
_UPDATES = {
    "MicrosoftUpdates": "ComputerMicrosoftUpdateData",
    "ThirdPartyPatches": "ComputerThirdPartyPatch",
}
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
    # Nor any body.
    anything: Json = {"content": {"application/json": {"schema": {}}}}
    document["paths"]["/automation/patchpolicy/{id}/"]["put"]["requestBody"] = anything
    return document


@cache
def asio() -> Json:
    """Version 1 is described, and of version 2 nothing. A path of it lacks its first slash."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Json = yaml.load((SPECS / "connectwise-asio-rmm.yml").read_text(), Loader=loader)
    document["paths"] = {f"/{path.lstrip('/')}": item for path, item in document["paths"].items()}
    # Of patches, users of version 2 read the same fields.
    first = "/api/platform/v1/patching/{endpointID}/patches"
    document["paths"][first.replace("v1", "v2")] = document["paths"][first]
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
    # One asset has a schema that is none; it is answered as those of the list are.
    listed, one = (document["paths"][path]["get"]["responses"]["200"] for path in _ASSETS)
    sample = listed["content"]["application/json"]["example"]
    (asset,) = sample["assets"]
    # What an agent tells lies among the properties, which everybody names as they please; lists have pages.
    asset["properties"] = {}
    customers = document["paths"]["/customers"]["get"]["responses"]["200"]["content"]
    sample["meta"] = customers["application/json"]["example"]["meta"]
    one["content"] = {"application/json": {"example": {"asset": asset}}}
    return document


_ASSETS = ("/customer_assets", "/customer_assets/{id}")
