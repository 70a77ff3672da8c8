"""What an app may do with a response_url: answer, replace or delete."""

from typing import Any

from sandbox.slack.errors import SlackError
from sandbox.slack.hooks import Hook
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.messages import content_of
from sandbox.slack.model import Channel, Json, Message
from sandbox.slack.service import Slack


def respond(slack: Slack, path: str, body: Any) -> None:
    """Raise Slack's refusal; an ephemeral message stays ephemeral whatever is asked for."""
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    hook = slack.hooks.use(path, slack.now)
    channel = slack.workspace.channels[hook.channel]
    original = channel.messages.get(hook.message_ts or "")
    if body.get("delete_original"):
        _delete(slack, channel, original)
    elif body.get("replace_original") and original is not None:
        _replace(slack, channel, original, body)
    else:
        _answer(slack, hook, channel, body)


def _delete(slack: Slack, channel: Channel, original: Message | None) -> None:
    if original is None:
        raise SlackError("message_not_found")
    slack.workspace.remove(channel, original)


def _replace(slack: Slack, channel: Channel, original: Message, body: Json) -> None:
    content = content_of(body)
    if content.empty:
        raise SlackError("no_text")
    original.text, original.blocks = content.text, content.blocks or []
    original.edited = None if original.ephemeral else slack.workspace.now_ts()
    slack.workspace.tell(channel, original)


def _answer(slack: Slack, hook: Hook, channel: Channel, body: Json) -> None:
    content = content_of(body)
    if content.empty:
        raise SlackError("no_text")
    everyone = body.get("response_type") == "in_channel"
    slack.workspace.post(
        channel,
        BOT_USER_ID,
        content.text,
        blocks=content.blocks or [],
        thread_ts=body.get("thread_ts") or hook.thread_ts,
        seen_by=None if everyone else hook.user,
    )
