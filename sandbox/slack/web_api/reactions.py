"""reactions.add."""

import re

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.model import Json
from sandbox.slack.web_api.method import Call, Method


def _add(call: Call) -> Json:
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    name = call.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    message = channel.posted(call.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    users = message.reactions.setdefault(name, [])
    if BOT_USER_ID in users:
        raise SlackError("already_reacted")
    users.append(BOT_USER_ID)
    call.workspace.tell(channel, message)
    return {}


METHODS = (
    Method(
        name="reactions.add",
        run=_add,
        required=("channel", "name", "timestamp"),
        scopes=("reactions:write",),
        tier="t3",
    ),
)
