"""Modals: the stack, hashes, what the client refuses to send, and what the app answers to a submission."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from tests.sandbox.slack.bot import NEVER, Bot, People, refusal
from tests.sandbox.slack.samples import (
    actions,
    button,
    home,
    input_block,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    select,
    text_input,
)

Json = dict[str, Any]


@pytest.fixture
def opened(web: WebClient, bot: Bot, people: People) -> Callable[[Json], Json]:
    """Open a modal for tech through a command; gives the view as Slack answers it."""

    def open_view(view: Json) -> Json:
        people.command("tech", "/mfa")
        answer = web.views_open(trigger_id=bot.payload["trigger_id"], view=view)
        opened_view: Json = answer["view"]
        return opened_view

    return open_view


def test_an_opened_modal_is_what_the_person_sees(opened: Any, people: People) -> None:
    view = opened(modal(section("Pick one"), callback_id="pick", private_metadata="m"))
    assert view["id"].startswith("V")
    assert (view["root_view_id"], view["previous_view_id"]) == (view["id"], None)
    seen = people.view("tech")
    assert (seen["callback_id"], seen["private_metadata"]) == ("pick", "m")
    assert people.view("manager") is None


def test_an_update_needs_the_newest_hash_if_it_gives_one(
    web: WebClient, opened: Any, people: People
) -> None:
    view = opened(modal(section("Loading")))
    newer = web.views_update(view_id=view["id"], view=modal(section("Ready")), hash=view["hash"])
    assert newer["view"]["hash"] != view["hash"]
    stale = view["hash"]
    body = refusal(lambda: web.views_update(view_id=view["id"], view=modal(), hash=stale))
    assert body["error"] == "hash_conflict"
    assert web.views_update(view_id=view["id"], view=modal(section("Again")))["ok"]
    assert people.view("tech")["blocks"][0]["text"]["text"] == "Again"


def test_a_closed_view_cannot_be_updated(web: WebClient, opened: Any, people: People) -> None:
    view = opened(modal())
    people.done(people.post("/person/view/close", as_="tech", view_id=view["id"]))
    assert people.view("tech") is None
    body = refusal(lambda: web.views_update(view_id=view["id"], view=modal()))
    assert body["error"] == "not_found"


def test_external_ids_name_one_view(web: WebClient, opened: Any, bot: Bot, people: People) -> None:
    opened(modal(external_id="request-1"))
    assert web.views_update(external_id="request-1", view=modal(external_id="request-1"))["ok"]
    people.command("tech", "/mfa")
    trigger = bot.payload["trigger_id"]
    body = refusal(lambda: web.views_open(trigger_id=trigger, view=modal(external_id="request-1")))
    assert body["error"] == "duplicate_external_id"
    either = {"view_id": "V1", "external_id": "request-1", "view": modal()}
    both = refusal(lambda: web.api_call("views.update", json=either))
    assert both["error"] == "invalid_arguments"


def test_two_pushes_fill_the_stack(web: WebClient, opened: Any, bot: Bot, people: People) -> None:
    root = opened(modal(actions(button())))

    def push() -> Json:
        top = people.view("tech")["id"]
        people.done(people.post("/person/view/action", as_="tech", view_id=top, action_id="press"))
        answer = web.views_push(trigger_id=bot.payload["trigger_id"], view=modal(actions(button())))
        view: Json = answer["view"]
        return view

    second, third = push(), push()
    assert (second["previous_view_id"], third["previous_view_id"]) == (root["id"], second["id"])
    assert third["root_view_id"] == root["id"]
    assert refusal(push)["error"] == "push_limit_reached"
    people.post("/person/view/close", as_="tech", view_id=third["id"])
    assert people.view("tech")["id"] == second["id"]


def test_only_an_interaction_inside_the_modal_may_push(
    web: WebClient, opened: Any, bot: Bot, people: People
) -> None:
    opened(modal())
    people.command("tech", "/mfa")
    trigger = bot.payload["trigger_id"]
    body = refusal(lambda: web.views_push(trigger_id=trigger, view=modal()))
    assert body["error"] == "not_found"


def test_a_submission_carries_every_value_in_slacks_shape(
    opened: Any, bot: Bot, people: People
) -> None:
    two = [option("One", "1"), option("Two", "2")]
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": two}
    radio = {
        "type": "radio_buttons",
        "action_id": "radio",
        "options": two,
        "initial_option": two[0],
    }
    many = {"type": "multi_static_select", "action_id": "many", "options": two}
    date = {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-22"}
    clock = {"type": "timepicker", "action_id": "time"}
    person = {"type": "users_select", "action_id": "person"}
    room = {"type": "conversations_select", "action_id": "room"}
    elements = [text_input(), select(), boxes, radio, many, date, clock, person, room]
    view = opened(
        modal(*[input_block(element, block_id=f"b{n}") for n, element in enumerate(elements)])
    )
    answer = people.submit(
        "tech",
        view["id"],
        reason="because",
        choose="1",
        boxes=["1", "2"],
        many="2",
        time="22:30",
        person="maya",
        room="#acme-dental",
    )
    assert (answer["acked"], answer["status"]) == (True, "closed")
    payload = bot.payload
    values = payload["view"]["state"]["values"]
    assert (payload["type"], payload["view"]["id"]) == ("view_submission", view["id"])
    assert values == {
        "b0": {"reason": {"type": "plain_text_input", "value": "because"}},
        "b1": {"choose": {"type": "static_select", "selected_option": option()}},
        "b2": {"boxes": {"type": "checkboxes", "selected_options": two}},
        "b3": {"radio": {"type": "radio_buttons", "selected_option": two[0]}},
        "b4": {"many": {"type": "multi_static_select", "selected_options": [two[1]]}},
        "b5": {"day": {"type": "datepicker", "selected_date": "2026-11-22"}},
        "b6": {"time": {"type": "timepicker", "selected_time": "22:30"}},
        "b7": {"person": {"type": "users_select", "selected_user": "U0MANAGER1"}},
        "b8": {"room": {"type": "conversations_select", "selected_conversation": "C0CLIENT002"}},
    }
    assert people.view("tech") is None


def test_the_client_refuses_empty_required_inputs_before_sending(
    opened: Any, bot: Bot, people: People
) -> None:
    view = opened(
        modal(
            input_block(text_input(), block_id="why"),
            input_block(text_input("note"), block_id="more", optional=True),
        )
    )
    sent = len(bot.seen)
    answer = people.submit("tech", view["id"], reason="")
    assert (answer["acked"], answer["status"]) == (None, "incomplete")
    assert answer["errors"] == {"why": "Please complete this required field."}
    assert len(bot.seen) == sent
    assert people.submit("tech", view["id"], reason="now")["acked"]
    assert bot.payload["view"]["state"]["values"]["more"]["note"]["value"] is None


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        (text_input("x", max_length=3), "four", "Must be at most 3 characters."),
        (text_input("x", min_length=3), "no", "Must be at least 3 characters."),
        ({"type": "number_input", "action_id": "x", "is_decimal_allowed": False}, "1.5", "Enter a number."),
        ({"type": "number_input", "action_id": "x", "is_decimal_allowed": True, "max_value": "2"}, "3", "Must be at most 2."),
        ({"type": "email_text_input", "action_id": "x"}, "maya", "Enter a valid e-mail address."),
        ({"type": "url_text_input", "action_id": "x"}, "maya", "Enter a valid URL."),
        ({"type": "datepicker", "action_id": "x"}, "22.11.2026", "Enter a date as YYYY-MM-DD."),
        ({"type": "timepicker", "action_id": "x"}, "25:00", "Enter a time as HH:MM."),
        ({"type": "users_select", "action_id": "x"}, "nobody", "There is no person 'nobody'."),
        (select(action_id="x"), "9", "'9' is not one of the options."),
        (select("multi_static_select", action_id="x", max_selected_items=1, options=[option(), option("2", "2")]), ["1", "2"], "Select at most 1."),
    ],
)  # fmt: skip
def test_the_client_refuses_values_that_do_not_fit(
    opened: Any, people: People, element: Json, value: Any, complaint: str
) -> None:
    view = opened(modal(input_block({**element, "action_id": "x"}, block_id="b")))
    answer = people.submit("tech", view["id"], x=value)
    assert (answer["acked"], answer["errors"]) == (None, {"b": complaint})


def test_unknown_and_doubled_action_ids_are_the_callers_mistake(
    opened: Any, bot: Bot, people: People
) -> None:
    fields = [input_block(text_input("same"), block_id=name) for name in ("one", "two")]
    view = opened(modal(*fields))
    body = {"as_": "tech", "view_id": view["id"]}
    unknown = people.post("/person/view/submit", **body, values={"other": "x"})
    assert (unknown.status_code, unknown.json()["error"]) == (404, "action_not_found")
    doubled = people.post("/person/view/submit", **body, values={"same": "x"})
    assert (doubled.status_code, doubled.json()["error"]) == (400, "action_ambiguous")
    both = {"one/same": "1", "two/same": "2"}
    people.done(people.post("/person/view/submit", **body, values=both))
    assert bot.payload["view"]["state"]["values"]["two"]["same"]["value"] == "2"


def test_errors_keep_the_modal_open(opened: Any, bot: Bot, people: People) -> None:
    view = opened(modal(input_block(text_input(), block_id="why"), section("x", block_id="plain")))
    wrong = {"response_action": "errors", "errors": {"why": "Say more."}}
    bot.answer = lambda envelope: wrong
    answer = people.submit("tech", view["id"], reason="x")
    assert (answer["acked"], answer["status"], answer["errors"]) == (
        True,
        "errors",
        {"why": "Say more."},
    )
    assert people.view("tech")["state"]["values"]["why"]["reason"]["value"] == "x"
    bot.answer = lambda envelope: {"response_action": "errors", "errors": {"plain": "No input."}}
    assert people.submit("tech", view["id"])["status"] == "invalid_response"


def test_an_update_replaces_the_view_and_keeps_what_still_fits(
    opened: Any, bot: Bot, people: People
) -> None:
    view = opened(modal(input_block(text_input(), block_id="why")))
    after = modal(
        input_block(text_input(), block_id="why"),
        input_block(text_input("ticket"), block_id="number"),
        title=plain("Preview"),
    )
    bot.answer = lambda envelope: {"response_action": "update", "view": after}
    assert people.submit("tech", view["id"], reason="kept")["status"] == "update"
    seen = people.view("tech")
    assert (seen["id"], seen["title"]["text"]) == (view["id"], "Preview")
    assert seen["state"]["values"]["why"]["reason"]["value"] == "kept"
    assert seen["state"]["values"]["number"]["ticket"]["value"] is None


def test_push_and_clear_move_through_the_stack(opened: Any, bot: Bot, people: People) -> None:
    root = opened(modal())
    bot.answer = lambda envelope: {"response_action": "push", "view": modal(section("second"))}
    assert people.submit("tech", root["id"])["status"] == "push"
    second = people.view("tech")
    assert second["previous_view_id"] == root["id"]
    bot.answer = lambda envelope: None
    assert people.submit("tech", second["id"])["status"] == "closed"
    assert people.view("tech")["id"] == root["id"], "an empty answer closes the top view only"
    bot.answer = lambda envelope: {"response_action": "clear"}
    assert people.submit("tech", root["id"])["status"] == "clear"
    assert people.view("tech") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
        {"response_action": "update", "view": home()},
        {"response_action": "explode"},
        {"text": "hello"},
    ],
)
def test_an_answer_slack_cannot_use_shows_as_trouble(
    opened: Any, bot: Bot, people: People, answer: Json
) -> None:
    view = opened(modal())
    bot.answer = lambda envelope: answer
    outcome = people.submit("tech", view["id"])
    assert outcome["status"] == "invalid_response"
    assert outcome["shown"] == "We had some trouble connecting. Try again?"
    assert people.view("tech")["id"] == view["id"]


@pytest.mark.usefixtures("impatient")
def test_an_unacked_submission_leaves_the_modal_open(opened: Any, bot: Bot, people: People) -> None:
    view = opened(modal())
    bot.answer = lambda envelope: NEVER
    outcome = people.submit("tech", view["id"])
    assert (outcome["acked"], outcome["status"]) == (False, "operation_timeout")
    assert people.view("tech")["id"] == view["id"]


def test_actions_in_a_modal_carry_what_was_typed_so_far(
    opened: Any, bot: Bot, people: People
) -> None:
    view = opened(
        modal(
            input_block(text_input(), block_id="why"),
            input_block(select(), block_id="kind", dispatch_action=True),
        )
    )
    body = {"as_": "tech", "view_id": view["id"]}
    people.done(
        people.post(
            "/person/view/action", **body, action_id="choose", selected="1", values={"reason": "so"}
        )
    )
    payload = bot.payload
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["state"]["values"]["why"]["reason"]["value"] == "so"
    assert payload["actions"][0]["selected_option"]["value"] == "1"
    assert "response_url" not in payload
    quiet = people.done(
        people.post("/person/view/action", **body, action_id="reason", selected="y")
    )
    assert quiet["status"] == "not_dispatched"


def test_suggestions_in_a_modal(opened: Any, bot: Bot, people: People) -> None:
    element = {"type": "multi_external_select", "action_id": "devices", "min_query_length": 0}
    view = opened(modal(input_block(element, block_id="targets")))
    bot.answer = lambda envelope: (
        {"options": [option("SRV-01", "d-1")]}
        if envelope["payload"]["type"] == "block_suggestion"
        else None
    )
    where = {"as_": "tech", "view_id": view["id"], "action_id": "devices", "value": ""}
    assert people.done(people.post("/person/suggest", **where))["options"][0]["value"] == "d-1"
    assert people.submit("tech", view["id"], devices=["d-1"])["acked"]
    values = bot.payload["view"]["state"]["values"]
    assert values["targets"]["devices"]["selected_options"] == [option("SRV-01", "d-1")]


def test_closing_tells_the_app_only_where_it_asked(opened: Any, bot: Bot, people: People) -> None:
    silent = opened(modal())
    before = len(bot.seen)
    people.done(people.post("/person/view/close", as_="tech", view_id=silent["id"]))
    assert len(bot.seen) == before
    loud = opened(modal(notify_on_close=True))
    people.done(people.post("/person/view/close", as_="tech", view_id=loud["id"], clear=True))
    assert (bot.payload["type"], bot.payload["is_cleared"]) == ("view_closed", True)


def test_only_the_owner_submits_and_only_what_is_on_top(opened: Any, people: People) -> None:
    view = opened(modal())
    stranger = people.post("/person/view/submit", as_="manager", view_id=view["id"], values={})
    assert (stranger.status_code, stranger.json()["error"]) == (404, "view_not_found")


def test_a_view_without_submit_cannot_be_submitted(opened: Any, people: People) -> None:
    view = opened(modal(submit=None))
    refused = people.post("/person/view/submit", as_="tech", view_id=view["id"], values={})
    assert (refused.status_code, refused.json()["error"]) == (400, "no_submit")


def test_opening_home_tells_the_app_and_shows_what_it_publishes(
    web: WebClient, bot: Bot, people: People
) -> None:
    def publish(envelope: Json) -> None:
        event = envelope["payload"].get("event")
        if event:
            view = home(section(f"Hello <@{event['user']}>"), actions(button()))
            web.views_publish(user_id=event["user"], view=view)

    bot.answer = publish
    opened_home = people.done(people.get("/person/home", as_="viewer"))
    assert opened_home["acked"] is True
    assert opened_home["view"]["blocks"][0]["text"]["text"] == "Hello <@U0VIEWER01>"
    event = bot.payload["event"]
    assert (event["type"], event["tab"], event["user"]) == ("app_home_opened", "home", "U0VIEWER01")
    sent = len(bot.seen)
    assert people.done(people.get("/person/home", as_="viewer", peek=1))["view"]
    assert len(bot.seen) == sent
    view_id = opened_home["view"]["id"]
    people.done(
        people.post("/person/view/action", as_="viewer", view_id=view_id, action_id="press")
    )
    assert bot.payload["view"]["type"] == "home"
    trigger = bot.payload["trigger_id"]
    pushed = refusal(lambda: web.views_push(trigger_id=trigger, view=modal()))
    assert pushed["errors"][0].startswith("must match the `type` of the root view")


def test_an_alert_shows_in_a_modal(opened: Any) -> None:
    assert opened(modal({"type": "alert", "text": mrkdwn("Careful"), "level": "warning"}))["id"]
