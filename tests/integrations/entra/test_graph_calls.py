"""Graph's protocol: pages, batches and links, whatever the other side sends."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.errors import MalformedAnswer, OutcomeUnknown, VendorBusy, VendorDown, VendorError
from integrations.entra.api import GraphApi
from integrations.entra.batch import Batches
from integrations.http import Http, Patience, ssl_context
from tests.integrations.entra.house import Serve

Json = dict[str, Any]


@dataclass
class Graph:
    """A Graph that answers what a test says, in order, and remembers what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)
    address: str = ""
    api: GraphApi = field(init=False)

    async def answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.asked.append(request)
        self.bodies.append(json.loads(text) if text else None)
        body = self.answers.pop(0)
        if callable(body):
            body = body(self.bodies[-1])
        return body if isinstance(body, web.Response) else web.json_response(body)


@pytest.fixture
def graph(serve_tls: Serve, ca_file: Path) -> Iterator[Graph]:
    made = Graph()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    made.address = serve_tls(app)
    http = Http(
        source="Entra",
        base_url=made.address,
        context=ssl_context(ca_file),
        authorize=lambda fresh: {"Authorization": "Bearer ours"},
        patience=Patience(tries=3, jitter=lambda: 1.0),
        sleep=made.sleeps.append,
    )
    made.api = GraphApi(http=http, priority="low")
    yield made
    http.sessions.close()


def page(*ids: str, link: str | None = None) -> Json:
    body: Json = {"value": [{"id": item} for item in ids]}
    return body if link is None else {**body, "@odata.nextLink": link}


# Pages.


def test_pages_are_followed_over_an_empty_one_to_the_end(graph: Graph) -> None:
    link = f"{graph.address}/v1.0/users?$skiptoken="
    graph.answers = [page("a", link=f"{link}1"), page(link=f"{link}2"), page("b")]
    assert [row["id"] for row in graph.api.rows("/users", {"$top": 1})] == ["a", "b"]
    assert graph.asked[2].query["$skiptoken"] == "2"
    assert "$top" not in graph.asked[1].query  # the link is used as it came


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.invalid/v1.0/users",
        "http://localhost/v1.0/users",
        "https://localhost:1/x",
    ],
)
def test_a_next_link_to_another_host_is_refused_and_the_page_not_used(
    graph: Graph, link: str
) -> None:
    graph.answers = [page("a", link=link)]
    with pytest.raises(MalformedAnswer, match="another host"):
        graph.api.rows("/users")
    assert len(graph.asked) == 1


def test_pages_that_lead_in_a_circle_end(graph: Graph) -> None:
    link = f"{graph.address}/v1.0/users?$skiptoken=1"
    graph.answers = [page("a", link=link) for _ in range(5)]
    with pytest.raises(MalformedAnswer, match="circle"):
        graph.api.rows("/users")
    assert len(graph.asked) == 2


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, {"value": ["x"]}, [], "x", 7])
def test_a_page_without_rows_is_not_an_empty_one(graph: Graph, body: Any) -> None:
    graph.answers = [body] * 3
    with pytest.raises(MalformedAnswer):
        graph.api.rows("/users")


def test_a_next_link_that_is_no_link_is_not_the_end(graph: Graph) -> None:
    graph.answers = [{"value": [], "@odata.nextLink": 7}]
    with pytest.raises(MalformedAnswer):
        graph.api.rows("/users")


def test_every_page_says_who_asks_and_how_urgently(graph: Graph) -> None:
    graph.answers = [page("a", link=f"{graph.address}/v1.0/users?$skiptoken=1"), page()]
    graph.api.rows("/users")
    for request in graph.asked:
        assert request.headers["x-ms-throttle-priority"] == "low"
        assert request.headers["Authorization"] == "Bearer ours"
    ids = {request.headers["client-request-id"] for request in graph.asked}
    assert len(ids) == 2


# Batches.


def answers(*statuses: int, headers: Json | None = None) -> Callable[[Json], Json]:
    """Answers a batch item by item, in reverse order, as Graph may."""

    def answer(body: Json) -> Json:
        items = [
            {
                "id": item["id"],
                "status": status,
                "headers": headers or {},
                "body": {"url": item["url"]},
            }
            for item, status in zip(body["requests"], statuses, strict=True)
        ]
        return {"responses": items[::-1]}

    return answer


def all_fine(body: Json) -> Json:
    return answers(*[200] * len(body["requests"]))(body)


def urls(count: int) -> dict[str, str]:
    return {f"key{number}": f"/things/{number}" for number in range(count)}


def test_items_are_told_apart_whatever_the_order_of_the_answers(graph: Graph) -> None:
    graph.answers = [all_fine]
    found = Batches(api=graph.api).get(urls(3))
    assert found == {key: {"url": url} for key, url in urls(3).items()}


def test_a_batch_holds_twenty_at_most(graph: Graph) -> None:
    graph.answers = [all_fine] * 3
    assert len(Batches(api=graph.api).get(urls(45))) == 45
    assert [len(body["requests"]) for body in graph.bodies] == [20, 20, 5]


def test_nothing_to_ask_is_not_asked(graph: Graph) -> None:
    assert Batches(api=graph.api).get({}) == {}
    assert graph.asked == []


def test_only_what_failed_is_asked_again_after_the_longest_wait(graph: Graph) -> None:
    graph.answers = [answers(200, 429, 503, headers={"Retry-After": "7.5"}), answers(200, 200)]
    found = Batches(api=graph.api).get(urls(3))
    assert not any(isinstance(end, VendorError) for end in found.values())
    assert [item["url"] for item in graph.bodies[1]["requests"]] == ["/things/1", "/things/2"]
    assert graph.sleeps == [7.5]


def test_what_failed_goes_together_with_what_is_still_to_come(graph: Graph) -> None:
    graph.answers = [answers(429, *[200] * 19), all_fine]
    assert len(Batches(api=graph.api).get(urls(25))) == 25
    assert [item["url"] for item in graph.bodies[1]["requests"]] == [
        "/things/0", *(f"/things/{number}" for number in range(20, 25)),
    ]  # fmt: skip


def test_after_a_throttled_item_batches_go_one_at_a_time(graph: Graph) -> None:
    """Each wait then comes before the next batch, not after all of them."""
    graph.answers = [all_fine, *[answers(429, *[200] * 19)] * 2, all_fine]
    assert len(Batches(api=graph.api).get(urls(70))) == 70
    assert [len(body["requests"]) for body in graph.bodies] == [20, 20, 20, 12]
    assert len(graph.sleeps) == 2


def test_a_batch_that_is_lost_costs_its_items_and_those_still_to_come(graph: Graph) -> None:
    graph.answers = [all_fine, *(web.Response(status=503) for _ in range(3))]
    found = Batches(api=graph.api).get(urls(25))
    lost = [key for key, end in found.items() if isinstance(end, VendorError)]
    assert lost == [f"key{number}" for number in range(20, 25)]


def test_an_item_is_given_up_after_as_many_tries_as_a_call(graph: Graph) -> None:
    graph.answers = [answers(200, 429), answers(429), answers(429)]
    found = Batches(api=graph.api).get(urls(2))
    assert found["key0"] == {"url": "/things/0"}
    assert isinstance(found["key1"], VendorBusy)


def test_an_item_that_asks_for_too_long_a_wait_is_busy_at_once(graph: Graph) -> None:
    graph.answers = [answers(200, 429, headers={"Retry-After": "900"})]
    assert isinstance(Batches(api=graph.api).get(urls(2))["key1"], VendorBusy)
    assert graph.sleeps == []


def test_an_item_missing_from_the_answer_is_asked_again_and_never_taken_for_fine(
    graph: Graph,
) -> None:
    def forgetful(body: Json) -> Json:
        return {"responses": all_fine(body)["responses"][:-1]}

    graph.answers = [forgetful] * 3
    found = Batches(api=graph.api).get(urls(1))
    assert isinstance(found["key0"], VendorDown)
    assert len(graph.asked) == 3


def test_the_pages_of_an_item_are_followed_and_a_cut_one_is_an_error(graph: Graph) -> None:
    batches = Batches(api=graph.api)
    link = f"{graph.address}/v1.0/things?$skiptoken=1"
    graph.answers = [page("b")]
    assert batches.whole(page("a", link=link)) == [{"id": "a"}, {"id": "b"}]
    graph.answers = [web.Response(status=403)]
    assert isinstance(batches.whole(page("a", link=link)), VendorError)
    failure = VendorError("Entra")
    assert batches.whole(failure) is failure


def test_a_written_item_is_never_repeated_but_for_a_throttle(graph: Graph) -> None:
    graph.answers = [answers(204, 429, 500, 404), answers(204)]
    found = Batches(api=graph.api).post(urls(4))
    assert found["key0"] == {"url": "/things/0"}
    assert found["key1"] == {"url": "/things/1"}
    assert isinstance(found["key2"], OutcomeUnknown)
    assert len(graph.bodies[1]["requests"]) == 1
    assert graph.bodies[0]["requests"][0] == {
        "id": "0", "method": "POST", "url": "/things/0",
        "headers": {"Content-Type": "application/json"}, "body": {},
    }  # fmt: skip


def test_what_was_carried_out_is_not_forgotten_when_the_rest_is_lost(graph: Graph) -> None:
    graph.answers = [answers(204, 429), web.Response(status=503)]
    found = Batches(api=graph.api).post(urls(2))
    assert found["key0"] == {"url": "/things/0"}
    assert isinstance(found["key1"], OutcomeUnknown)


def test_a_written_batch_answered_without_items_is_unknown(graph: Graph) -> None:
    graph.answers = [{"fine": True}]
    with pytest.raises(OutcomeUnknown):
        Batches(api=graph.api).post(urls(2))
    assert len(graph.asked) == 1


def test_a_written_item_missing_from_the_answer_is_unknown(graph: Graph) -> None:
    graph.answers = [{"responses": []}]
    found = Batches(api=graph.api).post(urls(1))
    assert isinstance(found["key0"], OutcomeUnknown)
    assert len(graph.asked) == 1
