"""One call, one answer, every error as ours; nothing that may have been carried out is sent twice."""

import logging
import ssl
from typing import Any

import pytest

from core.errors import OutcomeUnknown, VendorAuthError, VendorBusy, VendorDown
from integrations.slack.manifest import SCOPES
from integrations.slack.web import SlackRefused, SlackWeb
from sandbox.app import Sandbox
from sandbox.slack.hooks import Hook
from sandbox.slack.installation import BOT_TOKEN, TEAM_ID
from tests.integrations.slack.rig import (
    APPROVALS,
    CLIENT_CHANNEL,
    MAYA,
    TESS,
    HandTime,
    Rig,
    a_message,
    web_of,
)

BROKEN = ("drop_after", "drop_before", "truncate", "garbage", "html")


def post(web: SlackWeb, channel: str = CLIENT_CHANNEL) -> Any:
    return web.write("chat.postMessage", channel=channel, text="hello")


def test_our_own_certificate_authority_is_trusted_whatever_the_environment_says(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, foreign_bundle: object
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign_bundle))
    assert rig.web.read("auth.test")["team_id"] == TEAM_ID


def test_a_server_that_nobody_vouches_for_gets_no_call(sandbox: Sandbox) -> None:
    base_url = f"{sandbox.targets['slack']}/api/"
    web = SlackWeb(
        token=BOT_TOKEN,
        base_url=base_url,
        context=ssl.create_default_context(),
        sleep=lambda _s: None,
    )
    with pytest.raises(VendorDown):
        web.read("auth.test")
    with pytest.raises(VendorDown):
        post(web)
    assert sandbox.world.calls.rows("slack") == []


def test_the_tokens_scopes_are_those_of_our_manifest(rig: Rig) -> None:
    assert rig.web.scopes() == set(SCOPES)


def test_a_wrong_token_is_named_as_such(sandbox: Sandbox) -> None:
    with pytest.raises(VendorAuthError, match="invalid_auth"):
        web_of(sandbox, token="xoxb-wrong").read("auth.test")


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("C0GENERAL1", "Gatehouse is not in that channel. Invite it there: /invite @Gatehouse"),
        ("C0OLDTALK1", "that channel is archived"),
        ("CNOSUCH", "that channel does not exist, or it is private"),
    ],
)
def test_a_refusal_is_a_sentence_with_what_to_do(rig: Rig, channel: str, sentence: str) -> None:
    with pytest.raises(SlackRefused, match=sentence):
        post(rig.web, channel)


def test_a_refusal_of_blocks_says_which_block(rig: Rig) -> None:
    with pytest.raises(SlackRefused, match="/blocks/0"):
        rig.web.write(
            "chat.postMessage", channel=CLIENT_CHANNEL, text="x", blocks=[{"type": "section"}]
        )


# Waiting.


@pytest.mark.parametrize("call", ["read", "write"])
def test_a_call_turned_away_is_made_again_after_the_wait_asked_for(rig: Rig, call: str) -> None:
    method, wanted = (
        ("auth.test", rig.web.read) if call == "read" else ("chat.postMessage", rig.web.write)
    )
    rig.fault(method, "status", status=429, retry_after=4, count=2)
    arguments = {} if call == "read" else {"channel": CLIENT_CHANNEL, "text": "hello"}
    assert wanted(method, **arguments)["ok"] is True
    assert rig.time.slept == [4.0, 4.0]


def test_patience_has_an_end(rig: Rig) -> None:
    rig.fault("chat.postMessage", "status", status=429, retry_after=1)
    with pytest.raises(VendorBusy):
        post(rig.web)
    assert rig.calls("chat.postMessage") == 3


def test_a_wait_that_is_no_number_is_not_taken_for_one(rig: Rig) -> None:
    rig.fault("auth.test", "status", status=429, retry_after="soon", count=1)
    assert rig.web.read("auth.test")["ok"] is True
    assert rig.time.slept == [0.5]


# Answers that cannot be understood.


@pytest.mark.parametrize("kind", BROKEN)
def test_a_write_whose_answer_is_lost_is_never_made_twice(rig: Rig, kind: str) -> None:
    rig.fault("chat.postMessage", kind)
    with pytest.raises(OutcomeUnknown):
        post(rig.web)
    assert rig.calls("chat.postMessage") == 1
    assert rig.time.slept == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_write_answered_by_a_failing_server_may_have_been_carried_out(
    rig: Rig, status: int
) -> None:
    rig.fault("chat.postMessage", "status", status=status)
    with pytest.raises(OutcomeUnknown):
        post(rig.web)
    assert rig.calls("chat.postMessage") == 1


@pytest.mark.parametrize("kind", BROKEN)
def test_a_read_whose_answer_is_lost_is_made_again(rig: Rig, kind: str) -> None:
    rig.fault("users.info", kind, count=2)
    assert rig.web.read("users.info", user=TESS)["user"]["id"] == TESS
    rig.fault("users.info", kind)
    with pytest.raises(VendorDown):
        rig.web.read("users.info", user=TESS)


def test_a_write_that_never_left_is_tried_again_and_then_given_back_as_not_done() -> None:
    time = HandTime()
    web = SlackWeb(
        token=BOT_TOKEN,
        base_url="https://localhost:1/api/",
        context=ssl.create_default_context(),
        sleep=time.sleep,
    )
    with pytest.raises(VendorDown, match="could not be reached"):
        post(web)
    assert len(time.slept) == 2


def test_what_was_said_never_reaches_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.fault("chat.postMessage", "drop_after")
    with caplog.at_level(logging.DEBUG), pytest.raises(OutcomeUnknown):
        rig.web.write("chat.postMessage", channel=CLIENT_CHANNEL, text="Ann Archer has no MFA")
    assert "Ann Archer" not in caplog.text
    assert BOT_TOKEN not in caplog.text


# Answers to commands, and files.


def respond_url(rig: Rig) -> str:
    """A response_url as Slack hands one out with a command."""
    hook = Hook(user=TESS, channel=CLIENT_CHANNEL, made_at=rig.sandbox.slack.now)
    return rig.sandbox.slack.hooks.make("commands", hook)


def test_a_response_url_is_good_for_five_answers(rig: Rig) -> None:
    url = respond_url(rig)
    body = {"text": "hello", "response_type": "ephemeral"}
    assert [rig.web.respond(url, body) for _ in range(6)] == [True] * 5 + [False]


def test_a_response_url_is_good_for_half_an_hour(rig: Rig) -> None:
    url = respond_url(rig)
    rig.sandbox.world.clock.advance(31 * 60)
    assert rig.web.respond(url, {"text": "hello"}) is False


def test_a_response_url_whose_server_is_gone_is_no_answer(rig: Rig) -> None:
    assert rig.web.respond("https://localhost:1/commands/T/1/x", {"text": "hello"}) is False


def test_a_file_arrives_whole(rig: Rig) -> None:
    direct = rig.workspace.direct_channel(MAYA)
    content = b"\xef\xbb\xbfclient,name\r\n" + b"x" * 100_000
    rig.web.upload(direct, name="mfa-acme.csv", content=content, comment="Acme")
    [sent] = rig.direct(MAYA)
    assert [(f.name, f.content) for f in sent.files] == [("mfa-acme.csv", content)]
    assert sent.text == "Acme"


def test_a_file_that_cannot_be_shared_there_is_refused(rig: Rig) -> None:
    with pytest.raises(SlackRefused):
        rig.web.upload("C0GENERAL1", name="a.csv", content=b"a", comment="")


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_an_upload_that_broke_off_is_not_called_done(rig: Rig, step: str) -> None:
    rig.fault(step, "drop_before")
    with pytest.raises(OutcomeUnknown):
        rig.web.upload(rig.workspace.direct_channel(MAYA), name="a.csv", content=b"a", comment="")


def test_the_longest_text_that_we_render_is_taken_by_chat_update(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("short"))
    rig.poster.show("R1:card", APPROVALS, a_message("x" * 2_900))
    assert len(rig.posted(APPROVALS)[0].text) == 2_900
