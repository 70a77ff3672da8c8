"""The parts that Slack's interaction payloads share."""

from sandbox.slack.hooks import Hook
from sandbox.slack.installation import (
    APP_ID,
    APP_TOKEN,
    OTHER_TEAM_DOMAIN,
    TEAM_DOMAIN,
    TEAM_ID,
)
from sandbox.slack.model import Channel, Json, Message, User
from sandbox.slack.service import Slack
from sandbox.slack.triggers import Trigger

#: The legacy verification token; deprecated by Slack and never to be relied on.
VERIFICATION = APP_TOKEN[-12:]


def actor_json(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.handle,
        "name": user.handle,
        "team_id": user.team_id,
    }


def domain_of(user: User) -> str:
    return OTHER_TEAM_DOMAIN if user.external else TEAM_DOMAIN


def common(slack: Slack, user: User, kind: str, trigger: Trigger | None = None) -> Json:
    """Team is the acting person's own, which for someone from elsewhere is not the app's."""
    payload: Json = {
        "type": kind,
        "team": {"id": user.team_id, "domain": domain_of(user)},
        "user": actor_json(user),
        "api_app_id": APP_ID,
        "token": VERIFICATION,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if trigger is not None:
        payload["trigger_id"] = slack.triggers.make(trigger)
    return payload


def channel_ref(channel: Channel) -> Json:
    """Private channels are called "privategroup" here, direct ones "directmessage"."""
    names = {"group": "privategroup", "im": "directmessage", "channel": channel.name}
    return {"id": channel.id, "name": names[channel.kind]}


def action_hook(slack: Slack, user: User, channel: Channel, message: Message) -> str:
    hook = Hook(
        user=user.id,
        channel=channel.id,
        made_at=slack.now,
        message_ts=message.ts,
        thread_ts=message.thread_ts if message.thread_ts != message.ts else None,
    )
    return slack.hooks.make("actions", hook)


def command_json(slack: Slack, user: User, channel: Channel, command: str, text: str) -> Json:
    """What a slash command sends; the app is installed in TEAM_ID whoever types."""
    hook = Hook(user=user.id, channel=channel.id, made_at=slack.now)
    trigger = Trigger(user=user.id, made_at=slack.now, channel=channel.id)
    return {
        "token": VERIFICATION,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_ref(channel)["name"],
        "user_id": user.id,
        "user_name": user.handle,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": slack.hooks.make("commands", hook),
        "trigger_id": slack.triggers.make(trigger),
    }
