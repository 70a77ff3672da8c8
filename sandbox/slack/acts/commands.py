"""Slash commands: sent to the app, answered at once or through response_url."""

import re

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.outcome import Outcome
from sandbox.slack.acts.payloads import command_json
from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.messages import content_of
from sandbox.slack.model import Channel, Json, User
from sandbox.slack.service import Slack


def known_commands(slack: Slack) -> list[Json]:
    """The manifest's slash commands, as the composer completes them."""
    listed = slack.feature("features", "slash_commands", default=[])
    return [
        {
            "name": entry["command"],
            "description": entry.get("description", ""),
            "usage_hint": entry.get("usage_hint", ""),
        }
        for entry in listed
    ]


async def run_command(slack: Slack, user: User, channel: Channel, line: str) -> Outcome:
    """Send what was typed; the app's immediate answer appears in the channel."""
    command, _, text = line.strip().partition(" ")
    _refuse_unknown(slack, user, command)
    payload = command_json(slack, user, channel, command, _escaped(slack, command, text.strip()))
    ack = await slack.sockets.deliver("slash_commands", payload, accepts=True)
    outcome = Outcome.of(ack)
    if not ack.acked:
        outcome.shown = f'{command} failed with the error "{ack.status}"'
    elif ack.payload:
        _show_answer(slack, user, channel, ack.payload, outcome)
    return outcome


def _refuse_unknown(slack: Slack, user: User, command: str) -> None:
    """In a shared channel only people of the app's own workspace have its commands."""
    names = [entry["name"] for entry in known_commands(slack)]
    unknown = slack.manifest is not None and command not in names
    if not command.startswith("/") or unknown or user.external:
        raise RefusedError(404, "unknown_command", f"{command} is not a valid command.")


def _show_answer(
    slack: Slack, user: User, channel: Channel, answer: Json, outcome: Outcome
) -> None:
    try:
        content = content_of(answer)
    except SlackError as refusal:
        outcome.status, outcome.shown = refusal.code, "Darn - that slash command didn't work."
        return
    if content.empty:
        return
    everyone = answer.get("response_type") == "in_channel"
    slack.workspace.post(
        channel,
        BOT_USER_ID,
        content.text,
        blocks=content.blocks or [],
        seen_by=None if everyone else user.id,
    )


def _escaped(slack: Slack, command: str, text: str) -> str:
    """Mentions become ids where the manifest asks for it, otherwise they stay as typed."""
    listed = slack.feature("features", "slash_commands", default=[])
    if not any(e["command"] == command and e.get("should_escape") for e in listed):
        return text
    return re.sub(r"([@#])([\w.-]+)", lambda found: _mention(slack, *found.groups()), text)


def _mention(slack: Slack, sign: str, name: str) -> str:
    if sign == "@":
        user = slack.workspace.user(name)
        return f"<@{user.id}|{user.handle}>" if user else sign + name
    channel = slack.workspace.channel(name)
    return f"<#{channel.id}|{channel.name}>" if channel else sign + name
