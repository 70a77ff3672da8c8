"""Each token for its own scopes, the word for a company that this list takes, and pages to their end."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.facts import Fact
from core.errors import MalformedAnswer, VendorBusy, VendorForbidden
from integrations.rmm.asio.settings import AsioSettings
from sandbox.rmm.asio import READ_CLIENT_ID, READ_CLIENT_SECRET, resources
from tests.contracts.vendor_bench import Bench
from tests.integrations.rmm.asio.asking import (
    HEARTBEAT,
    LIST,
    SUMMARY,
    V1,
    V2,
    account,
    asked,
    calls,
    read,
    says,
)


def test_each_token_asks_for_its_own_scopes_alone(bench: Bench) -> None:
    made = account(bench)
    made.read(bench.bindings())
    made.api.tasks()
    tokens = [item.body["scope"] for item in bench.wire.sent if item.path == "/v1/token"]
    assert tokens == [
        " ".join(AsioSettings.model_fields["read_scopes"].default),
        "platform.automation.read platform.automation.create",
    ]


def test_key_without_the_scopes_for_scripts_still_reads(bench: Bench) -> None:
    key = {"client_id": READ_CLIENT_ID, "client_secret": SecretStr(READ_CLIENT_SECRET)}
    made = account(bench, **key)
    (reading,) = made.read(bench.bindings()).values()
    assert reading.coverage.complete
    proof = made.prove(bench.bindings())
    assert proof.problem is None
    lacking = {item.name for item in proof.permissions if item.present is Fact.NO}
    assert lacking == {"script", "list of tasks"}
    with pytest.raises(VendorForbidden) as caught:
        made.api.scripts()
    assert "platform.automation.create" in caught.value.reason
    assert "run_scopes" in caught.value.remedy


def test_locked_key_is_busy_and_not_asked_again_at_once(bench: Bench) -> None:
    bench.fault("status", "/v1/token", status=423)
    reading = read(bench)
    assert "locked" in reading.coverage.unread[0].reason
    assert calls(bench, "/v1/token") == 1


def test_lock_on_any_call_is_busy(bench: Bench) -> None:
    made = account(bench)
    bench.fault("status", "*/scripts", status=423)
    with pytest.raises(VendorBusy) as caught:
        made.api.scripts()
    assert caught.value.wait == timedelta(minutes=5)


@pytest.mark.parametrize("word", ["companies", "client", "clients"])
def test_list_that_takes_another_word_is_read_with_it_and_asked_so_from_then_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr(resources, "BODY_WORDS", {word})
    made = account(bench)
    assert made.read(bench.bindings())
    bench.wire.sent.clear()
    (company,) = bench.companies
    (reading,) = made.read(bench.bindings()).values()
    assert reading.coverage.complete
    assert len(reading.devices) == len(company.devices)
    assert {i.body["resourceType"] for i in bench.wire.sent if i.path in (LIST, SUMMARY)} == {word}


def test_word_that_is_configured_is_tried_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "BODY_WORDS", {"clients"})
    assert read(bench, resource_type="clients").coverage.complete
    assert {i.body["resourceType"] for i in bench.wire.sent if i.path == LIST} == {"clients"}


def test_heartbeat_of_another_word_is_found_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "HEARTBEAT_WORDS", {"clients"})
    assert Fact.YES in {device.online for device in read(bench).devices}


@pytest.mark.parametrize("how", ["refused", "configured"])
def test_devices_are_read_by_the_first_version_where_the_second_takes_no_word(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    whole = read(bench)
    bench.wire.sent.clear()
    if how == "refused":
        bench.fault("status", LIST, status=400)
    reading = read(bench, **({} if how == "refused" else {"resource_type": "v1"}))
    assert {d.name for d in reading.devices} == {d.name for d in whole.devices}
    assert {(d.id, d.kind, d.os, d.domain) for d in reading.devices} == {
        (d.id, d.kind, d.os, d.domain) for d in whole.devices
    }
    assert reading.rows_known_for == whole.rows_known_for
    version = V1 if how == "configured" else V2
    assert all(path.startswith(version) for path in asked(bench, "/patches"))
    refused = 4 if how == "refused" else 0
    assert calls(bench, f"{V2}/device/categories/{{category}}/endpoints") == 1 + refused


def test_failure_that_is_no_refusal_is_not_tried_with_another_word(bench: Bench) -> None:
    bench.fault("status", LIST, status=403)
    assert not read(bench).coverage.covers("devices")
    assert calls(bench, f"{V2}/device/categories/{{category}}/endpoints") == 1


def rows(*ids: str) -> dict[str, Any]:
    return {"platform": [{"companyID": "c", "endpoints": [{"endpointID": i} for i in ids]}]}


def test_full_page_without_a_link_is_not_taken_for_the_last(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.rmm.asio.api.PAGE_MAX", 2)
    pages = {"0": rows("a", "b"), "2": rows("c", "d")}

    def unlinked(request: web.Request, before: int) -> web.Response | None:
        if request.path != LIST:
            return None
        page = pages.get(request.query["cursor"])
        return web.json_response(page or {"message": "x"}, status=200 if page else 404)

    bench.wire.intercept = unlinked
    found = account(bench).api.endpoints(["c"])
    assert [row["endpointID"] for row in found] == ["a", "b", "c", "d"]
    assert [item.query["cursor"] for item in bench.wire.sent if item.path == LIST] == [
        "0",
        "2",
        "4",
    ]


def test_link_that_leads_nowhere_new_does_not_go_on_for_ever(bench: Bench) -> None:
    link = {"Link": '<https://elsewhere.example/x?cursor=0>; rel="next"'}
    says(bench, LIST, rows("a"), headers=link)
    with pytest.raises(MalformedAnswer, match="does not end"):
        account(bench).api.endpoints(["c"])


def test_page_that_was_told_of_and_is_not_there_makes_no_half_an_estate(bench: Bench) -> None:
    link = {"Link": '<https://elsewhere.example/x?cursor=1>; rel="next"'}

    def halved(request: web.Request, before: int) -> web.Response | None:
        if request.path != LIST:
            return None
        first = request.query["cursor"] == "0"
        return web.json_response(rows("a"), status=200 if first else 404, headers=link)

    bench.wire.intercept = halved
    with pytest.raises(MalformedAnswer, match="not there"):
        account(bench).api.endpoints(["c"])


def test_no_more_than_four_companies_are_named_in_one_call(bench: Bench) -> None:
    account(bench).api.heartbeats([f"c{number}" for number in range(9)])
    named = [
        item.query["resources"].split(",") for item in bench.wire.sent if item.path == HEARTBEAT
    ]
    assert [len(some) for some in named] == [4, 4, 1]


def test_further_companies_are_read_from_where_the_link_leads(bench: Bench) -> None:
    pages = [
        ([{"id": "a"}], '</api/platform/v1/company/companies?page=2>; rel="next"'),
        ([{"id": "b"}], ""),
    ]

    def linked(request: web.Request, before: int) -> web.Response | None:
        if not request.path.endswith("/companies"):
            return None
        found, link = pages[before]
        return web.json_response(found, headers={"Link": link} if link else {})

    bench.wire.intercept = linked
    assert [row["id"] for row in account(bench).api.companies()] == ["a", "b"]
