"""Events: sent to apps that subscribed and hold the scope, redelivered up to three times when not acked."""

import asyncio
import uuid
from dataclasses import dataclass, field

from sandbox.slack.installation import APP_ID, BOT_USER_ID, TEAM_ID
from sandbox.slack.model import Channel, Json, Message, User
from sandbox.slack.service import Slack
from sandbox.slack.sockets import Ack
from sandbox.slack.wire import view_json

#: Seconds after which Slack tries again: at once, after a minute, after five.
RETRY_AFTER_S = (0.0, 60.0, 300.0)
_LOOK_EVERY_S = 0.1
#: What an event needs to be delivered, beside the subscription.
_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
_MESSAGE_EVENTS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
_CHANNEL_TYPES = {"channel": "channel", "group": "group", "im": "im"}


@dataclass
class Events:
    """Sends events; keeps hold of those that still have to be tried again."""

    slack: Slack
    _retries: set["asyncio.Task[None]"] = field(default_factory=set)

    def subscribed(self, name: str) -> bool:
        """An app whose manifest is unknown gets app_home_opened only; Home is useless without it."""
        wanted = self.slack.feature(
            "settings", "event_subscriptions", "bot_events", default=["app_home_opened"]
        )
        scope = _SCOPES.get(name)
        return name in wanted and (scope is None or scope in self.slack.scopes)

    async def send(self, name: str, event: Json) -> Ack | None:
        """The first attempt's ack; None where the app did not subscribe."""
        if not self.subscribed(name):
            return None
        payload = self._payload(event)
        ack = await self._attempt(payload, 0, "")
        if not ack.acked:
            task = asyncio.create_task(self._retry(payload))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return ack

    def stop(self) -> None:
        for task in self._retries:
            task.cancel()

    async def _retry(self, payload: Json) -> None:
        for attempt, wait_s in enumerate(RETRY_AFTER_S, 1):
            await self._wait(wait_s * self.slack.world.pace)
            if (await self._attempt(payload, attempt, "timeout")).acked:
                return

    async def _wait(self, seconds: float) -> None:
        """By the world's clock, so that moving it brings the next attempt nearer."""
        due = self.slack.now + seconds
        while self.slack.now < due:  # noqa: ASYNC110 -- the clock is moved by hand
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _attempt(self, payload: Json, attempt: int, reason: str) -> Ack:
        return await self.slack.sockets.deliver(
            "events_api", payload, retry_attempt=attempt, retry_reason=reason
        )

    def _payload(self, event: Json) -> Json:
        return {
            "team_id": TEAM_ID,
            "context_team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
            "event_time": int(self.slack.now),
            "is_ext_shared_channel": bool(event.get("user_team") not in (None, TEAM_ID)),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }


async def home_opened(slack: Slack, events: Events, user: User) -> Ack | None:
    channel = slack.workspace.open_direct_channel(user.id)
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": channel.id,
        "tab": "home",
        "event_ts": slack.workspace.now_ts(),
    }
    view = slack.views.homes.get(user.id)
    if view is not None:
        event["view"] = view_json(slack, view)
    return await events.send("app_home_opened", event)


async def message_posted(events: Events, user: User, channel: Channel, message: Message) -> None:
    """A person said something where the bot is: a message event, and a mention if it names the bot."""
    if BOT_USER_ID not in channel.members:
        return
    event: Json = {
        "type": "message",
        "user": user.id,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": channel.id,
        "channel_type": _CHANNEL_TYPES[channel.kind],
        "team": user.team_id,
        "user_team": user.team_id,
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    await events.send(_MESSAGE_EVENTS[channel.kind], event)
    if f"<@{BOT_USER_ID}" in message.text and channel.kind != "im":
        await events.send("app_mention", {**event, "type": "app_mention"})
