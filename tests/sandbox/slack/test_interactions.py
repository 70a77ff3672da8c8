"""Commands, clicks and choices: payloads as Slack sends them, triggers, response URLs, forgeries."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from sandbox.app import Sandbox
from tests.sandbox.slack.bot import NEVER, Bot, People, refusal
from tests.sandbox.slack.samples import (
    actions,
    button,
    input_block,
    modal,
    option,
    section,
    select,
    text_input,
)

Json = dict[str, Any]


@pytest.fixture
def post(web: WebClient) -> Callable[..., str]:
    """Post blocks into acme-dental as the bot; gives the ts."""

    def send(*blocks: Json) -> str:
        answer = web.chat_postMessage(channel="acme-dental", text="card", blocks=blocks)
        return str(answer["ts"])

    return send


def whispered(web: WebClient, *blocks: Json) -> str:
    """Post an ephemeral message for tech; gives the ts."""
    answer = web.chat_postEphemeral(
        channel="C0CLIENT002", user="U0TECH0001", text="x", blocks=blocks
    )
    return str(answer["message_ts"])


def test_a_command_arrives_as_slack_sends_it(bot: Bot, people: People) -> None:
    people.command("tech", "/mfa gaps  acme ")
    payload = bot.payload
    assert bot.seen[-1]["type"] == "slash_commands"
    assert bot.seen[-1]["accepts_response_payload"] is True
    assert (payload["command"], payload["text"]) == ("/mfa", "gaps  acme")
    assert (payload["user_id"], payload["user_name"]) == ("U0TECH0001", "tess")
    assert (payload["team_id"], payload["channel_name"]) == ("T0HARBOR01", "acme-dental")


def test_private_and_direct_channels_have_generic_names_in_payloads(
    bot: Bot, people: People
) -> None:
    people.command("tech", "/mfa", channel="gatehouse-approvals")
    assert bot.payload["channel_name"] == "privategroup"
    people.command("tech", "/mfa", channel="@gatehouse")
    assert bot.payload["channel_name"] == "directmessage"


def test_mentions_are_escaped_only_where_the_manifest_asks(bot: Bot, people: People) -> None:
    people.command("tech", "/who @maya in #acme-dental and @nobody")
    assert bot.payload["text"] == "<@U0MANAGER1|maya> in <#C0CLIENT002|acme-dental> and @nobody"
    people.command("tech", "/mfa @maya")
    assert bot.payload["text"] == "@maya"


def test_an_unknown_command_never_reaches_the_app(bot: Bot, people: People) -> None:
    sent = people.post("/person/command", as_="tech", channel="acme-dental", text="/deploy now")
    assert (sent.status_code, sent.json()["error"]) == (404, "unknown_command")
    assert sent.json()["message"] == "/deploy is not a valid command."
    assert bot.seen == []


def test_people_of_another_workspace_do_not_have_the_apps_commands(
    bot: Bot, people: People
) -> None:
    sent = people.post("/person/command", as_="external", channel="client-shared", text="/mfa")
    assert (sent.status_code, sent.json()["error"]) == (404, "unknown_command")
    assert bot.seen == []


def test_the_immediate_answer_is_ephemeral_unless_it_says_otherwise(
    bot: Bot, people: People
) -> None:
    bot.answer = lambda envelope: {"text": "for you"}
    people.command("tech", "/mfa gaps")
    assert "for you" not in [m["text"] for m in people.messages("manager", "acme-dental")]
    bot.answer = lambda envelope: {"text": "for all", "response_type": "in_channel"}
    people.command("tech", "/mfa gaps")
    assert people.messages("manager", "acme-dental")[-1]["text"] == "for all"


def test_an_immediate_answer_slack_cannot_show_is_named(bot: Bot, people: People) -> None:
    bot.answer = lambda envelope: {"text": "x", "blocks": [section("x" * 3001)]}
    assert people.command("tech", "/mfa gaps")["status"] == "invalid_blocks"


def test_a_click_carries_the_stored_value_whatever_the_caller_says(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(actions(button(value="request-7", action_id="approve"), block_id="decide"))
    people.click("manager", ts, "approve", selected="request-8", value="request-8")
    payload = bot.payload
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == (
        "approve",
        "decide",
        "request-7",
    )
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0MANAGER1")
    assert payload["team"] == {"id": "T0HARBOR01", "domain": "harborit"}
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    assert payload["container"]["is_ephemeral"] is False


def test_a_click_needs_an_element_the_person_can_see(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(
        actions(button(action_id="a"), block_id="one"),
        actions(button(action_id="a"), block_id="two"),
        actions(button(action_id="private", visible_to_user_ids=["U0MANAGER1"])),
    )

    def refused(who: str, action_id: str, **more: Any) -> tuple[int, str]:
        body = {"as_": who, "channel": "acme-dental", "ts": ts, "action_id": action_id, **more}
        response = people.post("/person/action", **body)
        return response.status_code, response.json()["error"]

    assert refused("tech", "nothing") == (404, "action_not_found")
    assert refused("tech", "a") == (400, "action_ambiguous")
    assert refused("tech", "private") == (404, "action_not_found")
    assert refused("external", "a", block_id="one") == (404, "channel_not_found")
    assert bot.seen == []
    people.click("tech", ts, "a", block_id="two")
    assert bot.payload["actions"][0]["block_id"] == "two"
    people.click("manager", ts, "private")


def test_a_click_on_someone_elses_ephemeral_message_is_impossible(
    web: WebClient, bot: Bot, people: People
) -> None:
    ts = whispered(web, actions(button()))
    body = {"channel": "acme-dental", "ts": ts, "action_id": "press"}
    assert people.post("/person/action", as_="manager", **body).status_code == 404
    people.click("tech", ts, "press")
    assert bot.payload["container"]["is_ephemeral"] is True
    assert "message" not in bot.payload


def test_choices_are_sent_in_slacks_shapes_and_kept_in_the_messages_state(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(
        actions(select(), button(), block_id="row"),
        section(accessory={"type": "overflow", "action_id": "more", "options": [option()]}),
    )
    people.click("tech", ts, "choose", selected="1")
    chosen = bot.payload["actions"][0]["selected_option"]
    assert chosen == option()
    people.click("tech", ts, "more", selected="1")
    assert bot.payload["actions"][0]["selected_option"] == option()
    people.click("tech", ts, "press")
    assert bot.payload["state"]["values"]["row"]["choose"]["selected_option"] == option()
    refused = people.post(
        "/person/action", as_="tech", channel="acme-dental", ts=ts, action_id="choose", selected="9"
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_selection")


def test_an_input_in_a_message_speaks_up_only_with_dispatch_action(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(
        input_block(text_input("quiet"), block_id="one"),
        input_block(text_input("loud"), block_id="two", dispatch_action=True),
    )
    kept = people.click("tech", ts, "quiet", selected="a")
    assert (kept["acked"], kept["status"]) == (None, "not_dispatched")
    people.click("tech", ts, "loud", selected="b")
    assert bot.payload["actions"][0]["value"] == "b"
    assert bot.payload["state"]["values"]["one"]["quiet"]["value"] == "a"


@pytest.mark.usefixtures("impatient")
def test_an_unacked_click_says_so(bot: Bot, people: People, post: Callable[..., str]) -> None:
    ts = post(actions(button()))
    bot.answer = lambda envelope: NEVER
    answer = people.click("tech", ts, "press")
    assert (answer["acked"], answer["status"]) == (False, "operation_timeout")
    assert answer["shown"]


def test_a_trigger_opens_one_modal_within_three_seconds(
    sandbox: Sandbox, web: WebClient, bot: Bot, people: People
) -> None:
    people.command("tech", "/mfa one")
    trigger = bot.payload["trigger_id"]
    web.views_open(trigger_id=trigger, view=modal())
    again = refusal(lambda: web.views_open(trigger_id=trigger, view=modal()))
    assert again["error"] == "exchanged_trigger_id"
    people.command("tech", "/mfa two")
    late = bot.payload["trigger_id"]
    sandbox.world.clock.advance(3.1)
    expired = refusal(lambda: web.views_open(trigger_id=late, view=modal()))
    assert expired["error"] == "expired_trigger_id"
    unknown = refusal(lambda: web.views_open(trigger_id="1.2.abc", view=modal()))
    assert unknown["error"] == "invalid_trigger_id"
    without = refusal(lambda: web.views_open(view=modal()))
    assert without["error"] == "invalid_arguments"


def test_a_view_that_is_refused_does_not_use_the_trigger_up(
    web: WebClient, bot: Bot, people: People
) -> None:
    people.command("tech", "/mfa")
    trigger = bot.payload["trigger_id"]
    bad = refusal(lambda: web.views_open(trigger_id=trigger, view=modal(submit=None) | {"x": 1}))
    assert bad["error"] == "invalid_arguments"
    assert web.views_open(trigger_id=trigger, view=modal())["ok"]


def test_a_response_url_works_five_times(bot: Bot, people: People, https: requests.Session) -> None:
    people.command("tech", "/mfa gaps")
    url = bot.payload["response_url"]
    for number in range(5):
        answer = https.post(url, json={"text": f"answer {number}"}, timeout=30)
        assert (answer.status_code, answer.text) == (200, "ok")
    sixth = https.post(url, json={"text": "answer 5"}, timeout=30)
    assert (sixth.status_code, sixth.json()["error"]) == (404, "used_url")
    rows = people.messages("tech", "acme-dental")[-5:]
    assert [row["ephemeral"] for row in rows] == [True] * 5
    assert people.messages("manager", "acme-dental")[-1]["text"] != "answer 4"


def test_a_response_url_expires_after_thirty_minutes(
    sandbox: Sandbox, bot: Bot, people: People, https: requests.Session
) -> None:
    people.command("tech", "/mfa gaps")
    url = bot.payload["response_url"]
    sandbox.world.clock.advance(30 * 60 + 1)
    late = https.post(url, json={"text": "x"}, timeout=30)
    assert (late.status_code, late.json()["error"]) == (404, "expired_url")


def test_a_response_url_replaces_and_deletes_the_message_it_came_from(
    bot: Bot, people: People, https: requests.Session, post: Callable[..., str]
) -> None:
    ts = post(actions(button()))
    people.click("tech", ts, "press")
    url = bot.payload["response_url"]
    https.post(url, json={"replace_original": True, "text": "replaced"}, timeout=30)
    assert people.messages("manager", "acme-dental")[-1]["text"] == "replaced"
    https.post(url, json={"delete_original": True}, timeout=30)
    assert ts not in [row["ts"] for row in people.messages("manager", "acme-dental")]
    https.post(url, json={"response_type": "in_channel", "text": "open"}, timeout=30)
    assert people.messages("manager", "acme-dental")[-1]["text"] == "open"


def test_an_ephemeral_message_stays_ephemeral_when_replaced(
    web: WebClient, bot: Bot, people: People, https: requests.Session
) -> None:
    ts = whispered(web, actions(button()))
    people.click("tech", ts, "press")
    replacement = {"replace_original": True, "response_type": "in_channel", "text": "still yours"}
    https.post(bot.payload["response_url"], json=replacement, timeout=30)
    assert people.messages("tech", "acme-dental")[-1]["text"] == "still yours"
    assert "still yours" not in [m["text"] for m in people.messages("manager", "acme-dental")]


def test_suggestions_come_from_the_app_and_only_they_can_be_chosen(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(actions({"type": "external_select", "action_id": "device", "min_query_length": 2}))
    where = {"channel": "acme-dental", "ts": ts, "action_id": "device"}
    early = people.post("/person/suggest", as_="tech", value="s", **where)
    assert (early.status_code, early.json()["error"]) == (400, "query_too_short")
    bot.answer = lambda envelope: {"options": [option("SRV-01", "d-1")]}
    offered = people.done(people.post("/person/suggest", as_="tech", value="srv", **where))
    assert offered["options"] == [option("SRV-01", "d-1")]
    assert (bot.payload["type"], bot.payload["value"]) == ("block_suggestion", "srv")
    bot.answer = lambda envelope: None
    people.click("tech", ts, "device", selected="d-1")
    assert bot.payload["actions"][0]["selected_option"]["value"] == "d-1"
    unknown = people.post("/person/action", as_="tech", selected="d-2", **where)
    assert unknown.status_code == 400
    others = people.post("/person/action", as_="manager", selected="d-1", **where)
    assert others.status_code == 400, "what was offered to one person is not offered to another"


def test_more_than_a_hundred_suggestions_are_not_shown(
    bot: Bot, people: People, post: Callable[..., str]
) -> None:
    ts = post(actions({"type": "external_select", "action_id": "device", "min_query_length": 0}))
    bot.answer = lambda envelope: {"options": [option(value=str(n)) for n in range(101)]}
    offered = people.done(
        people.post(
            "/person/suggest",
            as_="tech",
            channel="acme-dental",
            ts=ts,
            action_id="device",
            value="",
        )
    )
    assert (offered["status"], offered["options"]) == ("invalid_response", [])


def test_a_forged_payload_goes_in_as_it_is(bot: Bot, people: People) -> None:
    forged = {"type": "block_actions", "user": {"id": "U0MANAGER1"}, "team": {"id": "T0EVIL"}}
    bot.answer = lambda envelope: {"text": "seen"}
    answer = people.done(people.post("/person/forge", payload=forged))
    assert (answer["acked"], answer["response"]) == (True, {"text": "seen"})
    assert bot.payload == forged
    people.post("/person/forge", payload={"command": "/mfa", "user_id": "U0MANAGER1"})
    assert bot.seen[-1]["type"] == "slash_commands"


def test_a_click_from_elsewhere_shows_the_other_team(
    web: WebClient, bot: Bot, people: People
) -> None:
    ts = web.chat_postMessage(channel="client-shared", text="x", blocks=[actions(button())])["ts"]
    people.click("external", ts, "press", channel="client-shared")
    assert bot.payload["user"]["team_id"] == "T0OTHERMSP"
    assert bot.payload["team"]["id"] == "T0OTHERMSP"
