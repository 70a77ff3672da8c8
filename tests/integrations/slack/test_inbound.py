"""Slack's payloads in one shape, as the sandbox sends them and as an attacker might."""

from typing import Any

import pytest

from integrations.slack.inbound import once_key, parse
from sandbox.slack.installation import OTHER_TEAM_ID, TEAM_ID
from tests.integrations.slack.rig import CLIENT_CHANNEL, TESS, Rig
from tests.rendering import making as make
from tests.sandbox.slack.bot import Bot, People


def test_a_command_is_told_with_who_where_and_what(rig: Rig, persons: People) -> None:
    with Bot(rig.sandbox) as bot:
        persons.command("tech", "/mfa  gaps acme ", channel=CLIENT_CHANNEL)
        inbound = parse(bot.payload)
    assert (inbound.kind, inbound.command, inbound.text) == ("command", "/mfa", "gaps acme")
    assert (inbound.user_id, inbound.team_id, inbound.channel_id) == (TESS, TEAM_ID, CLIENT_CHANNEL)
    assert inbound.response_url is not None
    assert inbound.trigger_id


def test_a_click_is_told_with_the_stored_value_and_the_message(rig: Rig, persons: People) -> None:
    rig.chat.post_digest(make.digest(channel="acme-dental"))
    [posted] = rig.posted(CLIENT_CHANNEL)
    with Bot(rig.sandbox) as bot:
        persons.click("tech", posted.ts, "patch_form", channel=CLIENT_CHANNEL)
        inbound = parse(bot.payload)
    assert (inbound.kind, inbound.action_id, inbound.value) == (
        "block_actions",
        "patch_form",
        "acme",
    )
    assert (inbound.message_ts, inbound.ephemeral) == (posted.ts, False)


def payload(**changes: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": TESS, "team_id": TEAM_ID},
        "actions": [],
    } | changes


def test_somebody_of_another_team_is_told_by_their_own_team() -> None:
    forged = payload(user={"id": "U9", "team_id": OTHER_TEAM_ID}, team={"id": TEAM_ID})
    assert parse(forged).team_id == OTHER_TEAM_ID


def test_what_was_chosen_and_typed_in_a_form_is_found_by_name() -> None:
    options = [{"value": "ninja:1"}, {"value": "ninja:2"}]
    values = {
        "devices": {"devices": {"type": "multi_external_select", "selected_options": options}},
        "when": {"when": {"type": "radio_buttons", "selected_option": {"value": "window"}}},
        "options": {"options": {"type": "checkboxes", "selected_options": []}},
        "reason": {"reason": {"type": "plain_text_input", "value": "Overdue."}},
        "ticket": {"ticket": {"type": "plain_text_input", "value": None}},
    }
    view = {"id": "V1", "callback_id": "patch_form", "state": {"values": values}}
    inbound = parse(payload(type="view_submission", view=view))
    assert inbound.field_list("devices") == ("ninja:1", "ninja:2")
    assert inbound.field_text("when") == "window"
    assert inbound.field_list("options") == ()
    assert inbound.field_text("reason") == "Overdue."
    assert inbound.field_text("ticket") == ""
    assert inbound.field_list("absent") == ()


def test_a_redelivery_has_the_key_of_the_first_and_a_second_click_another() -> None:
    first = payload(trigger_id="1.2", actions=[{"action_id": "approve", "value": "R1"}])
    again = dict(reversed(first.items()))
    assert once_key(first) == once_key(again)
    assert once_key(first) != once_key(payload(trigger_id="1.3", actions=first["actions"]))


@pytest.mark.parametrize(
    "broken", [{}, {"type": "block_actions"}, {"user": {}}, {"command": "/mfa"}]
)
def test_what_is_no_payload_of_slacks_raises_what_the_door_turns_away(
    broken: dict[str, Any],
) -> None:
    with pytest.raises(KeyError):
        parse(broken)
