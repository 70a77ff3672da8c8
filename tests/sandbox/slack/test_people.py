"""Who is there, who sees what, and the plain port's manners."""

import json
import threading
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from sandbox.app import Sandbox
from tests.patience import PATIENCE_S
from tests.sandbox.slack.bot import Bot, People, eventually
from tests.sandbox.slack.samples import actions, button, section


def channels(people: People, who: str) -> list[str]:
    return [c["name"] for c in people.done(people.get("/person/channels", as_=who))["channels"]]


def test_the_cast_is_the_same_everywhere(people: People) -> None:
    rows = {row["role"]: row for row in people.done(people.get("/person/users"))["users"]}
    assert set(rows) == {
        "tech", "tech2", "manager", "manager2", "viewer", "guest", "external", "deactivated",
    }  # fmt: skip
    assert rows["tech2"]["email"] == rows["manager2"]["email"] == "devon@harborit.example"


@pytest.mark.parametrize("name", ["tech", "U0TECH0001", "Tess Morgan", "tess", "@tess"])
def test_a_person_is_named_in_any_way(people: People, name: str) -> None:
    assert people.get("/person/channels", as_=name).status_code == 200


def test_members_see_the_company_channels_and_their_private_ones(people: People) -> None:
    seen = channels(people, "tech")
    assert {"acme-dental", "harbor-internal", "gatehouse-approvals", "general", "client-shared", "@gatehouse"} == set(seen)  # fmt: skip
    assert "old-projects" not in seen


def test_a_guest_sees_one_channel(people: People) -> None:
    assert channels(people, "guest") == ["acme-dental"]
    for channel in ("gatehouse-approvals", "general", "@gatehouse"):
        refused = people.get("/person/messages", as_="guest", channel=channel)
        assert (refused.status_code, refused.json()["error"]) == (404, "channel_not_found")


def test_someone_from_elsewhere_sees_the_shared_channel_only(people: People) -> None:
    assert channels(people, "external") == ["client-shared"]
    assert people.get("/person/messages", as_="external", channel="acme-dental").status_code == 404


def test_a_deactivated_account_can_do_nothing(people: People) -> None:
    refused = people.get("/person/channels", as_="deactivated")
    assert (refused.status_code, refused.json()["error"]) == (403, "account_inactive")
    said = people.post("/person/message", as_="dana", channel="acme-dental", text="x")
    assert said.status_code == 403


@pytest.mark.parametrize("who", ["nobody", "gatehouse", "slackbot"])
def test_nobody_acts_as_a_machine_or_a_stranger(people: People, who: str) -> None:
    refused = people.get("/person/channels", as_=who)
    assert (refused.status_code, refused.json()["error"]) == (404, "user_not_found")


def test_what_people_write_is_escaped_and_mentions_are_resolved(people: People) -> None:
    text = "<script> & @maya"
    said = people.done(people.post("/person/message", as_="tech", channel="acme-dental", text=text))
    assert said["message"]["text"] == "&lt;script&gt; &amp; <@U0MANAGER1>"


def test_people_answer_in_threads(web: WebClient, people: People) -> None:
    ts = web.chat_postMessage(channel="acme-dental", text="parent")["ts"]
    body = {"as_": "tech", "channel": "acme-dental", "text": "reply", "thread": ts}
    people.done(people.post("/person/message", **body))
    assert [m["text"] for m in people.messages("guest", "acme-dental", thread=ts)] == [
        "parent",
        "reply",
    ]


def test_hidden_buttons_are_not_shown_to_others(web: WebClient, people: People) -> None:
    hidden = button(visible_to_user_ids=["U0MANAGER1"])
    web.chat_postMessage(channel="acme-dental", text="x", blocks=[actions(hidden)])
    assert people.messages("tech", "acme-dental")[-1]["blocks"][0]["elements"] == []
    assert len(people.messages("manager", "acme-dental")[-1]["blocks"][0]["elements"]) == 1


def test_commands_are_listed_for_completion(people: People) -> None:
    listed = people.done(people.get("/person/commands"))["commands"]
    assert listed[0] == {"name": "/mfa", "description": "MFA gaps", "usage_hint": "gaps [client]"}


def test_refusals_of_the_plain_port_are_an_error_and_a_sentence(people: People) -> None:
    for response in (
        people.get("/person/nothing"),
        people.get("/person/messages", as_="tech"),
        people.get("/person/messages", as_="tech", channel="general", after="soon"),
        people.post("/person/users"),
        people.post("/person/forge", payload="x"),
        people.post("/person/view/submit", as_="tech", view_id="V1", values=[]),
        people.get("/files/F0NOTHING"),
    ):
        assert 400 <= response.status_code < 500
        assert set(response.json()) == {"error", "message"}


def test_changes_are_streamed_to_whoever_may_see_them(
    sandbox: Sandbox, web: WebClient, people: People
) -> None:
    news: dict[str, list[Any]] = {"tech": [], "guest": []}
    ready = threading.Barrier(3)

    def listen(who: str) -> None:
        with requests.get(
            f"{sandbox.url}/person/events", params={"as": who}, stream=True, timeout=30
        ) as stream:
            for line in stream.iter_lines():
                if line == b": connected":
                    ready.wait(PATIENCE_S)
                if line.startswith(b"data: "):
                    news[who].append(json.loads(line.removeprefix(b"data: ")))
                    if news[who][-1]["kind"] == "home":
                        return

    threads = [threading.Thread(target=listen, args=(who,), daemon=True) for who in news]
    for thread in threads:
        thread.start()
    ready.wait(PATIENCE_S)
    secret = web.chat_postMessage(channel="gatehouse-approvals", text="secret")
    public = web.chat_postMessage(channel="acme-dental", text="public")
    for user_id in ("U0TECH0001", "U0GUEST001"):
        web.views_publish(user_id=user_id, view={"type": "home", "blocks": [section()]})
    eventually(lambda: not any(thread.is_alive() for thread in threads))
    assert {"kind": "message", "channel": secret["channel"], "ts": secret["ts"]} in news["tech"]
    assert [change.get("ts") for change in news["guest"]] == [public["ts"], None]


def test_the_page_and_the_docs_are_served(people: People) -> None:
    page = people.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert people.get("/page/app.js").status_code == 200
    assert "/person/command" in people.get("/docs").text


def test_a_post_by_the_bot_is_an_effect(web: WebClient, bot: Bot, people: People) -> None:
    posted = web.chat_postMessage(channel="acme-dental", text="x")
    effects = people.done(people.get("/effects", target="slack"))["effects"]
    assert effects[-1]["kind"] == "message_posted"
    assert effects[-1]["target_ids"] == [f"{posted['channel']}/{posted['ts']}"]
