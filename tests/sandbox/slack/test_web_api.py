"""The Web API through the real WebClient: what goes through, and Slack's code for what does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.app import Sandbox
from sandbox.slack.installation import APP_TOKEN, BOT_SCOPES, BOT_TOKEN, BOT_USER_ID
from sandbox.slack.web_api.routes import METHODS
from tests.sandbox.slack.bot import People, refusal, web_client
from tests.sandbox.slack.samples import actions, button, home, modal, section

METHOD_FILES = Path(__file__).parents[4] / "shared" / "specs" / "slack" / "methods"
TECH, GUEST, DEACTIVATED, EXTERNAL = "U0TECH0001", "U0GUEST001", "U0DEACTIV1", "U0EXTERN01"


def error(call: Any) -> str:
    return str(refusal(call)["error"])


@pytest.fixture
def raw(sandbox: Sandbox, https: requests.Session) -> Callable[..., Any]:
    """Send a request by hand; gives the decoded answer."""

    def send(method: str, **request: Any) -> Any:
        url = f"{sandbox.targets['slack']}/api/{method}"
        return https.post(url, timeout=30, **request).json()

    return send


def test_auth_test_names_the_bot_and_the_granted_scopes(web: WebClient) -> None:
    answer = web.auth_test()
    assert (answer["team_id"], answer["user_id"]) == ("T0HARBOR01", BOT_USER_ID)
    granted = {k.lower(): v for k, v in answer.headers.items()}["x-oauth-scopes"]
    assert set(BOT_SCOPES) <= set(granted.split(","))


def test_tokens_are_checked(sandbox: Sandbox, raw: Callable[..., Any]) -> None:
    assert raw("auth.test")["error"] == "not_authed"
    assert error(web_client(sandbox, "xoxb-wrong").auth_test) == "invalid_auth"
    assert error(web_client(sandbox, APP_TOKEN).auth_test) == "not_allowed_token_type"
    opening = web_client(sandbox, BOT_TOKEN)
    assert (
        error(lambda: opening.apps_connections_open(app_token=BOT_TOKEN))
        == "not_allowed_token_type"
    )


def test_an_unknown_method_is_refused(web: WebClient) -> None:
    assert error(lambda: web.api_call("chat.shout")) == "unknown_method"


def test_json_and_form_bodies_are_both_taken(raw: Callable[..., Any]) -> None:
    arguments = {"channel": "acme-dental", "text": "hello"}
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    assert raw("chat.postMessage", json=arguments, headers=headers)["ok"]
    assert raw("chat.postMessage", data=arguments, headers=headers)["ok"]
    in_body = {**arguments, "token": BOT_TOKEN}
    assert raw("chat.postMessage", data=in_body)["ok"]
    broken = {**headers, "Content-Type": "application/json"}
    assert raw("chat.postMessage", data="{", headers=broken)["error"] == "invalid_json"


def test_a_method_that_takes_no_json_does_not_see_it(raw: Callable[..., Any]) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    answer = raw("users.info", json={"user": TECH}, headers=headers)
    assert answer["errors"] == ["missing required field: user"]


def test_missing_and_unknown_arguments_are_refused(web: WebClient) -> None:
    body = refusal(lambda: web.api_call("chat.postMessage", json={"text": "x", "txet": "y"}))
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel",
        "[ERROR] unknown argument: txet",
    ]


def test_a_scope_that_was_not_granted_is_missed(web: WebClient) -> None:
    body = refusal(web.usergroups_list)
    assert (body["error"], body["needed"]) == ("missing_scope", "usergroups:read")
    assert "chat:write" in body["provided"]
    public = refusal(lambda: web.conversations_history(channel="acme-dental"))
    assert (public["error"], public["needed"]) == ("missing_scope", "channels:history")
    direct = refusal(lambda: web.conversations_list(types="im"))
    assert direct["needed"] == "im:read"


def test_a_post_is_kept_with_its_metadata_and_shown_to_people(
    web: WebClient, people: People
) -> None:
    metadata = {"event_type": "gatehouse_post", "event_payload": {"outbox": "o-1"}}
    posted = web.chat_postMessage(
        channel="gatehouse-approvals", text="card", blocks=[section("card")], metadata=metadata
    )
    channel = posted["channel"]
    plain_history = web.conversations_history(channel=channel)["messages"][0]
    history = web.conversations_history(channel=channel, include_all_metadata=True)["messages"][0]
    assert "metadata" not in plain_history
    assert history["metadata"] == metadata
    row = people.messages("manager", "gatehouse-approvals")[-1]
    assert (row["ts"], row["text"], row["user"]) == (posted["ts"], "card", BOT_USER_ID)
    assert row["blocks"][0]["block_id"]


def test_metadata_survives_an_update_that_leaves_it_out(web: WebClient) -> None:
    metadata = {"event_type": "gatehouse_post", "event_payload": {"outbox": "o-2"}}
    posted = web.chat_postMessage(channel="gatehouse-approvals", text="a", metadata=metadata)
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert web.chat_update(**where, text="b")["message"]["metadata"] == metadata
    assert "metadata" not in web.chat_update(**where, text="c", metadata={})["message"]
    assert error(lambda: web.chat_update(**where, text="d", metadata={"event_type": "x"})) == (
        "invalid_metadata_schema"
    )


def test_posting_is_refused_where_the_bot_may_not(web: WebClient) -> None:
    silent = {"channel": "acme-dental", "text": ""}
    assert error(lambda: web.chat_postMessage(channel="general", text="x")) == "not_in_channel"
    assert (
        error(lambda: web.chat_postMessage(channel="C0NOWHERE0", text="x")) == "channel_not_found"
    )
    assert error(lambda: web.chat_postMessage(channel="old-projects", text="x")) == "is_archived"
    assert error(lambda: web.api_call("chat.postMessage", json=silent)) == "no_text"
    assert error(lambda: web.chat_postMessage(channel=DEACTIVATED, text="x")) == "channel_not_found"


def test_posting_to_a_person_opens_the_direct_channel(web: WebClient, people: People) -> None:
    posted = web.chat_postMessage(channel=TECH, text="psst")
    assert posted["channel"].startswith("D")
    assert people.messages("tech", "@gatehouse")[-1]["text"] == "psst"
    assert people.get("/person/messages", as_="tech2", channel=posted["channel"]).status_code == 404


def test_bad_blocks_are_refused_with_every_complaint(web: WebClient) -> None:
    blocks = [section("x" * 3001), {"type": "alert", "text": {"type": "plain_text", "text": "x"}}]
    body = refusal(lambda: web.chat_postMessage(channel="acme-dental", text="t", blocks=blocks))
    assert body["error"] == "invalid_blocks"
    assert body["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        "[ERROR] unsupported type: alert [json-pointer:/blocks/1/type]",
    ]
    unreadable = {"channel": "acme-dental", "text": "t", "blocks": "[{"}
    assert (
        error(lambda: web.api_call("chat.postMessage", json=unreadable)) == "invalid_blocks_format"
    )


def test_text_limits_differ_between_posting_and_updating(web: WebClient) -> None:
    posted = web.chat_postMessage(channel="acme-dental", text="x" * 40_001)
    assert (len(posted["message"]["text"]), posted["warning"]) == (40_000, "message_truncated")
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert web.chat_update(**where, text="y" * 4000)["ok"]
    assert error(lambda: web.chat_update(**where, text="y" * 4001)) == "msg_too_long"
    long = [section("x" * 2401) for _ in range(4)]
    assert error(lambda: web.chat_update(**where, text="t", blocks=long)) == "msg_blocks_too_long"
    assert error(lambda: web.chat_postMessage(channel="acme-dental", text="t", blocks=long)) == (
        "msg_blocks_too_long"
    )


def test_an_update_changes_the_message_in_place(web: WebClient, people: People) -> None:
    posted = web.chat_postMessage(channel="acme-dental", text="a", blocks=[actions(button())])
    web.chat_update(channel=posted["channel"], ts=posted["ts"], text="b", blocks=[section("b")])
    row = people.messages("tech", "acme-dental")[-1]
    assert (row["ts"], row["text"], bool(row["edited"])) == (posted["ts"], "b", True)
    assert [block["type"] for block in row["blocks"]] == ["section"]


def test_only_the_bots_own_messages_change_or_go(web: WebClient, people: People) -> None:
    said = people.post("/person/message", as_="tech", channel="acme-dental", text="mine").json()
    where = {"channel": said["message"]["channel"], "ts": said["message"]["ts"]}
    assert error(lambda: web.chat_update(**where, text="x")) == "cant_update_message"
    assert error(lambda: web.chat_delete(**where)) == "cant_delete_message"
    missing = {**where, "ts": "1.000001"}
    assert error(lambda: web.chat_update(**missing, text="x")) == "message_not_found"
    own = web.chat_postMessage(channel="acme-dental", text="x")
    web.chat_delete(channel=own["channel"], ts=own["ts"])
    assert own["ts"] not in [row["ts"] for row in people.messages("tech", "acme-dental")]


def test_rich_text_cannot_become_other_blocks(web: WebClient) -> None:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}
    rich = {"type": "rich_text", "elements": [part]}
    posted = web.chat_postMessage(channel="acme-dental", text="x", blocks=[rich])
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert error(lambda: web.chat_update(**where, text="x", blocks=[section()])) == "block_mismatch"


def test_an_ephemeral_message_is_for_one_person_and_has_no_address(
    web: WebClient, people: People
) -> None:
    channel = web.chat_postMessage(channel="acme-dental", text="x")["channel"]
    ts = web.chat_postEphemeral(channel=channel, user=TECH, text="only you")["message_ts"]
    assert people.messages("tech", "acme-dental")[-1]["ephemeral"] is True
    assert ts not in [row["ts"] for row in people.messages("manager", "acme-dental")]
    assert error(lambda: web.chat_update(channel=channel, ts=ts, text="x")) == "message_not_found"
    outsider = {"channel": channel, "user": EXTERNAL, "text": "x"}
    assert error(lambda: web.chat_postEphemeral(**outsider)) == "user_not_in_channel"


def test_threads_hold_replies_and_count_them(web: WebClient, people: People) -> None:
    parent = web.chat_postMessage(channel="gatehouse-approvals", text="parent")
    channel, ts = parent["channel"], parent["ts"]
    reply = web.chat_postMessage(channel=channel, thread_ts=ts, text="one")
    web.chat_postMessage(channel=channel, thread_ts=reply["ts"], text="two")
    replies = web.conversations_replies(channel=channel, ts=ts)["messages"]
    assert [m["text"] for m in replies] == ["parent", "one", "two"]
    assert [m["text"] for m in people.messages("tech", channel, thread=ts)] == [
        "parent",
        "one",
        "two",
    ]
    top = next(row for row in people.messages("tech", channel) if row["ts"] == ts)
    assert top["reply_count"] == 2
    assert "one" not in [row["text"] for row in people.messages("tech", channel)]
    later = people.messages("tech", channel, thread=ts, after=reply["ts"])
    assert [row["text"] for row in later] == ["two"]
    assert error(lambda: web.conversations_replies(channel=channel, ts="1.1")) == "thread_not_found"


def test_history_pages_newest_first_within_a_span(web: WebClient) -> None:
    posted = [web.chat_postMessage(channel="gatehouse-approvals", text=str(n)) for n in range(4)]
    channel, first = posted[0]["channel"], posted[0]["ts"]
    page = web.conversations_history(channel=channel, oldest=first, limit=2)
    assert ([m["text"] for m in page["messages"]], page["has_more"]) == (["3", "2"], True)
    cursor = page["response_metadata"]["next_cursor"]
    rest = web.conversations_history(channel=channel, oldest=first, limit=2, cursor=cursor)
    assert [m["text"] for m in rest["messages"]] == ["1"]
    assert error(lambda: web.conversations_history(channel=channel, cursor="?")) == "invalid_cursor"
    assert (
        error(lambda: web.conversations_history(channel=channel, oldest="x")) == "invalid_ts_oldest"
    )


def test_permalinks_point_at_messages(web: WebClient) -> None:
    posted = web.chat_postMessage(channel="acme-dental", text="x")
    where = {"channel": posted["channel"], "message_ts": posted["ts"]}
    assert web.chat_getPermalink(**where)["permalink"].endswith(posted["ts"].replace(".", ""))
    assert error(lambda: web.chat_getPermalink(channel=posted["channel"], message_ts="1.1")) == (
        "message_not_found"
    )


def test_user_objects_show_who_may_be_trusted(web: WebClient) -> None:
    assert web.users_info(user=GUEST)["user"]["is_ultra_restricted"] is True
    assert web.users_info(user=DEACTIVATED)["user"]["deleted"] is True
    external = web.users_info(user=EXTERNAL)["user"]
    assert external["team_id"] == "T0OTHERMSP"
    assert "is_stranger" not in external, "Slack does not always say it"
    assert "email" not in external["profile"]
    assert web.users_info(user=BOT_USER_ID)["user"]["is_bot"] is True
    assert error(lambda: web.users_info(user="U0NOBODY00")) == "user_not_found"
    assert error(lambda: web.users_info(user="tess")) == "user_not_found"


def test_people_are_found_by_e_mail_unless_deactivated_or_foreign(web: WebClient) -> None:
    assert web.users_lookupByEmail(email="MAYA@harborit.example")["user"]["id"] == "U0MANAGER1"
    for address in ("dana@harborit.example", "eli@othermsp.example", "nobody@harborit.example"):
        body = refusal(lambda address=address: web.users_lookupByEmail(email=address))  # type: ignore[misc]
        assert body["error"] == "users_not_found"


def test_the_user_list_pages_through_the_own_workspace(web: WebClient) -> None:
    ids = [u["id"] for page in web.users_list(limit=3) for u in page["members"]]
    assert len(ids) == len(set(ids)) == 9
    assert EXTERNAL not in ids


def test_conversations_are_listed_by_type(web: WebClient) -> None:
    public = {c["name"]: c for c in web.conversations_list()["channels"]}
    assert public["client-shared"]["is_ext_shared"] is True
    assert public["general"]["is_member"] is False
    assert "gatehouse-approvals" not in public
    both = "public_channel,private_channel"
    mine = {c["name"] for c in web.users_conversations(types=both)["channels"]}
    assert "gatehouse-approvals" in mine
    assert "general" not in mine
    living = web.conversations_list(exclude_archived=True)["channels"]
    assert "old-projects" not in [c["name"] for c in living]
    assert error(lambda: web.conversations_list(types="secret")) == "invalid_types"
    assert error(lambda: web.conversations_list(limit=5000)) == "invalid_limit"


def test_members_and_info_of_a_conversation(web: WebClient) -> None:
    shared = "C0SHARED01"
    assert EXTERNAL in web.conversations_members(channel=shared)["members"]
    assert (
        web.conversations_info(channel=shared, include_num_members=True)["channel"]["num_members"]
        == 7
    )
    assert error(lambda: web.conversations_info(channel="C0NOWHERE0")) == "channel_not_found"


def test_direct_channels_open_for_living_people_only(web: WebClient) -> None:
    first = web.conversations_open(users=TECH)
    again = web.conversations_open(users=[TECH], return_im=True)
    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["already_open"] is True
    assert error(lambda: web.conversations_open(users=DEACTIVATED)) == "user_disabled"
    assert error(lambda: web.conversations_open(users="U0NOBODY00")) == "user_not_found"
    body = refusal(lambda: web.conversations_open(users=[TECH, GUEST]))
    assert body["needed"] == "mpim:write"


def test_reactions_are_added_once(web: WebClient, people: People) -> None:
    posted = web.chat_postMessage(channel="acme-dental", text="x")
    where = {"channel": posted["channel"], "timestamp": posted["ts"]}
    web.reactions_add(**where, name="white_check_mark")
    assert people.messages("tech", "acme-dental")[-1]["reactions"] == {
        "white_check_mark": [BOT_USER_ID]
    }
    assert error(lambda: web.reactions_add(**where, name="white_check_mark")) == "already_reacted"
    assert error(lambda: web.reactions_add(**where, name="No Such!")) == "invalid_name"


def test_a_file_takes_three_steps_and_is_shown_in_the_channel(
    web: WebClient, people: People
) -> None:
    content = b"name,mfa\nada,no\n"
    shared = web.files_upload_v2(
        filename="gaps.csv",
        title="MFA gaps",
        content=content,
        channel="C0APPROVAL",
        initial_comment="Here it is",
    )
    row = people.messages("manager", "gatehouse-approvals")[-1]
    assert (row["text"], row["files"][0]["name"]) == ("Here it is", "gaps.csv")
    preview = people.get(row["files"][0]["url"])
    assert (preview.content, preview.headers["Content-Type"]) == (content, "text/csv")
    assert web.files_info(file=shared["file"]["id"])["file"]["title"] == "MFA gaps"


def test_uploads_are_completed_once_and_only_when_the_bytes_are_there(web: WebClient) -> None:
    opened = web.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": opened["file_id"]}]
    assert error(lambda: web.files_completeUploadExternal(files=files)) == "file_not_found"
    assert error(lambda: web.files_getUploadURLExternal(filename="a.txt", length=0)) == (
        "missing_argument"
    )
    shared = web.files_upload_v2(filename="b.txt", content="abc")
    again = [{"id": shared["file"]["id"]}]
    assert error(lambda: web.files_completeUploadExternal(files=again)) == "file_not_found"


def test_files_go_only_where_the_bot_is(web: WebClient) -> None:
    body = refusal(
        lambda: web.files_upload_v2(filename="b.txt", content="abc", channel="C0GENERAL1")
    )
    assert body["error"] == "not_in_channel"


def test_home_is_published_with_a_hash_against_lost_updates(web: WebClient) -> None:
    first = web.views_publish(user_id=TECH, view=home(section("one")))["view"]
    second = web.views_publish(user_id=TECH, view=home(section("two")), hash=first["hash"])["view"]
    assert second["id"] == first["id"]
    stale = first["hash"]
    assert (
        error(lambda: web.views_publish(user_id=TECH, view=home(), hash=stale)) == "hash_conflict"
    )
    assert error(lambda: web.views_publish(user_id=TECH, view=modal())) == "invalid_arguments"


def test_a_tier_allows_its_calls_a_minute_and_then_says_when_to_come_back(
    sandbox: Sandbox, web: WebClient
) -> None:
    for _ in range(20):
        web.users_list()
    with pytest.raises(SlackApiError) as caught:
        web.users_list()
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    wait_s = int(caught.value.response.headers["Retry-After"])
    assert 0 < wait_s <= 60
    web.auth_test()
    sandbox.world.clock.advance(wait_s)
    web.users_list()


def test_posting_too_fast_is_refused_with_the_second_to_wait(
    sandbox: Sandbox, web: WebClient
) -> None:
    def post_many() -> None:
        for number in range(40):
            web.chat_postMessage(channel="acme-dental", text=str(number))

    with pytest.raises(SlackApiError) as caught:
        post_many()
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    sandbox.world.clock.advance(1)
    web.chat_postMessage(channel="acme-dental", text="in time")


def test_faults_strike_calls_and_drop_after_still_does_the_work(
    web: WebClient, people: People
) -> None:
    fault = {"target": "slack", "path": "/api/chat.postMessage", "kind": "drop_after", "count": 1}
    people.done(people.post("/faults", **fault))
    with pytest.raises(Exception, match=r"(?i)remote|closed|reset"):
        web.chat_postMessage(channel="acme-dental", text="lost answer")
    assert people.messages("tech", "acme-dental")[-1]["text"] == "lost answer"


@pytest.mark.skipif(not METHOD_FILES.exists(), reason="the method descriptions are not here")
def test_methods_agree_with_their_published_description() -> None:
    compared = 0
    for method in METHODS:
        file = METHOD_FILES / f"{method.name}.json"
        if not file.exists():
            continue
        published = json.loads(file.read_text())
        known = set(published["args"]["properties"]) - {"token"}
        assert set(method.required) | set(method.optional) <= known, method.name
        assert set(method.required) <= set(published["args"].get("required", known)), method.name
        assert set(method.scopes) == set(published["scope"].get("bot") or []), method.name
        assert method.takes_json == published.get("json_input_supported", False), method.name
        assert method.tier in (published["rate_limits"].replace("t5", "special"), "special"), (
            method.name
        )
        compared += 1
    assert compared >= 20
