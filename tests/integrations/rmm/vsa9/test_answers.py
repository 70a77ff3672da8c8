"""What VSA 9 answers against all custom: refusals inside HTTP 200, lists that end early, redirects."""

from typing import Any

import pytest
from aiohttp import web

from core.errors import MalformedAnswer, VendorAuthError, VendorBusy, VendorForbidden, VendorRefused
from tests.integrations.rmm.vsa9.server import (
    AGENTS,
    AUTH,
    BINDING,
    CLIENT,
    REQUEST,
    SCHEDULE,
    Server,
    a_job,
    agent,
    enveloped,
    order,
    refused,
)


def test_user_and_token_are_sent_once_and_then_the_session(server: Server) -> None:
    server.fleet()
    server.account().api.agents()
    sign_in, *calls = server.seen
    assert sign_in.headers["authorization"] == "Basic cmVhZGVyOng="
    assert {item.headers["authorization"] for item in calls} == {"Bearer t"}


def test_session_refused_inside_http_200_is_replaced_once(server: Server) -> None:
    answers = iter([refused(401, "session expired"), enveloped([agent(7)])])
    server.answers["GET", AGENTS] = lambda _: (200, next(answers))
    assert len(server.account().api.agents()) == 1
    assert server.count(AUTH) == 2


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_user_that_is_not_taken_is_an_auth_error(server: Server, status: int) -> None:
    server.says(AUTH, refused(401, "bad token"), status=status)
    with pytest.raises(VendorAuthError) as caught:
        server.account().api.agents()
    assert "access_token" in caught.value.remedy


@pytest.mark.parametrize(
    ("code", "error"),
    [(403, VendorForbidden), (404, VendorRefused), (429, VendorBusy), (4, VendorRefused), ("403", VendorForbidden)],
)  # fmt: skip
def test_code_in_the_body_counts_more_than_http_200(
    server: Server, code: Any, error: type[Exception]
) -> None:
    server.says(AGENTS, refused(code, "not for you"))
    with pytest.raises(error, match="not for you"):
        server.account().api.agents()


def test_trouble_told_inside_http_200_is_tried_again(server: Server) -> None:
    answers = iter([refused(503), enveloped([agent(7)])])
    server.answers["GET", AGENTS] = lambda _: (200, next(answers))
    assert len(server.account().api.agents()) == 1


@pytest.mark.parametrize("code", [0, 200, 201, "0", "200"])
def test_codes_of_success(server: Server, code: Any) -> None:
    server.says(AGENTS, enveloped([agent(7)], ResponseCode=code))
    assert len(server.account().api.agents()) == 1


@pytest.mark.parametrize("body", [[], [{"AgentId": "7"}], {"ResponseCode": 0}, "OK", {"Result": 7}])
def test_answer_that_is_no_envelope_is_not_an_empty_fleet(server: Server, body: Any) -> None:
    server.says(AGENTS, body)
    with pytest.raises(MalformedAnswer):
        server.account().api.agents()


def test_list_that_gives_nothing_by_pages_is_asked_for_whole(server: Server) -> None:
    whole = enveloped([agent(7), agent(8)])
    server.answers["GET", AGENTS] = lambda request: (
        200,
        enveloped([], TotalRecords=2) if "$top" in request.query else whole,
    )
    assert len(server.account().api.agents()) == 2


def test_list_that_gives_less_than_it_says_is_not_whole(server: Server) -> None:
    server.answers["GET", AGENTS] = lambda request: (
        200,
        enveloped([agent(7)] if request.query.get("$skip") == "0" else [], TotalRecords=3),
    )
    with pytest.raises(MalformedAnswer, match="1 of 3"):
        server.account().api.agents()


def test_list_that_does_not_say_how_long_it_is_ends_with_a_short_page(server: Server) -> None:
    pages = {"0": [agent(n) for n in range(100)], "100": [agent(100)]}
    server.answers["GET", AGENTS] = lambda request: (
        200,
        {**enveloped(pages[request.query["$skip"]]), "TotalRecords": None},
    )
    assert len(server.account().api.agents()) == 101


def redirect(_: web.Request) -> Any:
    return 301, {}


def test_redirect_is_not_followed_and_names_its_setting(server: Server) -> None:
    server.fleet()
    server.answers["GET", AGENTS] = redirect
    problem = server.account().prove([BINDING])
    assert problem.problem is not None
    assert "301" in problem.problem
    assert "trailing_slash" in problem.remedy


def test_order_that_is_sent_elsewhere_was_not_carried_out(server: Server) -> None:
    server.answers["PUT", SCHEDULE] = redirect
    with pytest.raises(VendorRefused, match="301"):
        order(server)
    assert server.count(SCHEDULE) == 1


def test_slash_is_put_behind_every_path_where_the_server_wants_it(server: Server) -> None:
    session = {"Token": "t", "SessionExpiration": None}
    server.says(f"{AUTH}/", enveloped(session))
    server.lists("assetmgmt/agents/", [agent(7)])
    server.says(f"{SCHEDULE}/", refused(0), method="PUT")
    account = server.account(trailing_slash=True)
    assert len(account.api.agents()) == 1
    account.dispatch(CLIENT, a_job(patches="299"), REQUEST)
    assert all(item.path.endswith("/") for item in server.seen)
