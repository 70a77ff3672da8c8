"""The judging itself: what differs from a description is noticed, and all that is served is described."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from sandbox.entra.graph import OPERATIONS as GRAPH
from sandbox.entra.protocol import Operation
from sandbox.estate.model import RmmVendor
from tests.contracts.vendor_rigs import RIGS
from tests.described import graph, judge
from tests.described.documents import needs_specs
from tests.described.exchange import Exchange
from tests.described.outside import OPERATIONS, PARAMETERS
from tests.described.vendors import DESCRIPTIONS, key_of
from tests.sandbox.rmm_desk import make_world

pytestmark = needs_specs

#: Of NinjaOne all is served under a second prefix, too, as its servers do.
_AGAIN = "/api/v2"


def exchange(target: str, request: str, **facts: Any) -> Exchange:
    """A good one for a request like "GET /v2/devices", with facts changed."""
    method, _, path = request.partition(" ")
    fields: dict[str, Any] = {
        "target": target, "method": method, "path": path, "template": path, "query": {},
        "asked": b"", "asked_type": "application/json", "by_product": True,
        "status": 200, "answered": b"", "made_up": False,
    }  # fmt: skip
    return Exchange(**{**fields, **facts})


def answered(target: str, request: str, answer: Any) -> Exchange:
    return exchange(target, request, answered=json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("target", "asked", "good", "wrong"),
    [
        ("ninjaone", "GET /v2/queries/os-patches", {"results": [{"kbNumber": "KB5"}]}, {"results": [{"kbNumber": 5}]}),
        ("ninjaone", "GET /v2/queries/os-patches", {"results": []}, {"results": [{"invented": "field"}]}),
        ("datto", "GET /api/v2/account/devices", {"devices": [{"uid": "u"}]}, {"devices": [{"kb": "KB5"}]}),
        ("automate", "GET /cwa/api/v1/Clients", [{"Id": "1"}], [{"Id": 1}]),
        ("asio", "GET /api/platform/v1/company/companies", [{"id": "c"}], [{"invented": 1}]),
        ("syncro", "GET /api/v1/customers", {"customers": [{"id": 1}]}, {"customers": [{"invented": 1}]}),
        ("graph", "GET /v1.0/users", {"value": [{"accountEnabled": True}]}, {"value": [{"accountEnabled": "yes"}]}),
        ("graph", "GET /v1.0/users", {"value": []}, {"value": [{"acountEnabled": True}]}),
    ],
)  # fmt: skip
def test_answer_that_differs_from_the_description_is_noticed(
    target: str, asked: str, good: Any, wrong: Any
) -> None:
    judge.check([answered(target, asked, good)])
    with pytest.raises(AssertionError, match=re.escape(asked.split()[1])):
        judge.check([answered(target, asked, wrong)])


@pytest.mark.parametrize(
    ("target", "asked", "facts", "problem"),
    [
        ("ninjaone", "GET /v2/device/{id}/invented", {}, "is not described"),
        ("ninjaone", "GET /v2/devices", {"query": {"dff": "x"}}, "has no parameter dff"),
        ("ninjaone", "GET /v2/activities", {"query": {"pageSize": "2000"}}, "out of range"),
        ("ninjaone", "GET /v2/activities", {"query": {"pageSize": "all"}}, "is not a whole number"),
        ("ninjaone", "POST /v2/device/{id}/patch/os/scan", {"asked": b"{}", "status": 204}, "takes no body"),
        ("datto", "PUT /api/v2/device/{uid}/quickjob", {"asked": b'{"jobname": "x"}'}, "jobname"),
        ("tactical", "GET /agents/", {"query": {"detail": "yes"}}, "detail=yes"),
        ("graph", "GET /v1.0/inventions", {}, "is not described"),
        ("graph", "GET /v1.0/subscribedSkus", {"query": {"$top": "5"}}, "has no option top"),
        ("graph", "PATCH /v1.0/groups/g", {"asked": b'{"displayname": 1}', "status": 204}, "displayname"),
    ],
)  # fmt: skip
def test_request_that_differs_from_the_description_is_noticed(
    target: str, asked: str, facts: dict[str, Any], problem: str
) -> None:
    sent = exchange(target, asked, **({"made_up": True} | facts))
    with pytest.raises(AssertionError, match=problem):
        judge.check([sent])
    if not problem.startswith("is not described"):
        judge.check([replace(sent, by_product=False)])


def test_items_of_a_batch_are_judged_one_by_one() -> None:
    asked = {"requests": [{"id": "1", "method": "GET", "url": "/users/u?$select=id"}]}
    for status, body in ((200, {"id": "u"}), (200, {"id": 5})):
        said = {"responses": [{"id": "1", "status": status, "body": body}]}
        batch = exchange(
            "graph", "POST /v1.0/$batch",
            asked=json.dumps(asked).encode(), answered=json.dumps(said).encode(),
        )  # fmt: skip
        if body["id"] == 5:
            with pytest.raises(AssertionError, match="/users/u"):
                judge.check([batch])
        else:
            judge.check([batch])


# What is served.


@pytest.mark.parametrize("vendor", sorted(DESCRIPTIONS))
def test_every_address_served_is_described_or_known_to_be_outside(vendor: RmmVendor) -> None:
    description = DESCRIPTIONS[vendor]
    served = {key for key in _served(vendor) if f" {_AGAIN}" not in key or vendor == "datto"}
    described = {key for key in served if description.operation(key) is not None}
    assert served - described == set(OPERATIONS[vendor])


@pytest.mark.parametrize("key", [(v, key) for v, keys in PARAMETERS.items() for key in keys])
def test_parameter_said_to_be_outside_is_not_described(key: tuple[str, str]) -> None:
    vendor, (operation, _, name) = key[0], key[1].partition("?")
    found = DESCRIPTIONS[vendor].operation(operation)
    assert found is not None
    assert name not in {p["name"] for p in found.get("parameters", ())}


def test_every_operation_of_graph_served_is_described_or_known_to_be_outside() -> None:
    missing = {key_of(o.method, o.template) for o in GRAPH if _described(o) is None}
    assert missing == set(OPERATIONS["graph"])


def test_no_operation_of_graph_takes_an_option_that_is_not_described() -> None:
    for operation in GRAPH:
        described = _described(operation)
        if described is not None:
            assert operation.options <= graph.described_options(described), operation.template


def _described(operation: Operation) -> dict[str, Any] | None:
    version = "beta" if operation.beta_only else "v1.0"
    path = re.sub(r"\{\w+\}", "x", operation.template)
    return graph.operation_of(operation.method, version, path)


def _served(vendor: RmmVendor) -> set[str]:
    rig = next(rig for rig in RIGS if rig.key == vendor)
    routes = rig.stand_in.make_app(make_world(vendor, workstations=1)).router.routes()
    return {
        key_of(route.method, route.resource.canonical)
        for route in routes
        if route.resource is not None and route.method != "HEAD"
    }
