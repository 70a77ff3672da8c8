"""What a person looks at: channels, messages, the open view, Home, files."""

import asyncio
import mimetypes

from aiohttp import web

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.commands import known_commands
from sandbox.slack.acts.events import Events, home_opened
from sandbox.slack.model import Json, Message, User
from sandbox.slack.person.ask import Ask
from sandbox.slack.person.rows import channel_row, message_row, user_row
from sandbox.slack.service import Slack
from sandbox.slack.sight import visible_channels
from sandbox.slack.wire import view_json

#: How long an opened Home waits for the app to publish it anew before the old one is shown.
HOME_WITHIN_S = 2.0


def users(ask: Ask) -> Json:
    people = [u for u in ask.slack.workspace.users.values() if not u.bot and u.role != "slackbot"]
    return {"users": [user_row(user) for user in people]}


def channels(ask: Ask) -> Json:
    """Members of the workspace have the app's direct channel from the start."""
    person = ask.person
    if not (person.guest or person.external):
        ask.slack.workspace.open_direct_channel(person.id)
    seen = visible_channels(person, ask.slack.workspace.channels.values())
    return {"channels": [channel_row(person, channel) for channel in seen]}


def messages(ask: Ask) -> Json:
    """Oldest first; `thread` asks for a parent and its replies, `after` for what is newer."""
    person, channel = ask.person, ask.channel
    thread, after = ask.optional("thread"), ask.moment("after")
    rows = [
        message_row(ask.slack, person, message)
        for message in channel.messages.values()
        if message.seen_by in (None, person.id)
        and _belongs(message, thread)
        and float(message.ts) > after
    ]
    return {"messages": rows}


def _belongs(message: Message, thread: str | None) -> bool:
    return message.top_level if thread is None else thread in (message.ts, message.thread_ts)


def view(ask: Ask) -> Json:
    top = ask.slack.views.top(ask.person.id)
    return {"view": view_json(ask.slack, top) if top else None}


def commands(ask: Ask) -> Json:
    return {"commands": known_commands(ask.slack)}


async def home(ask: Ask, events: Events) -> Json:
    """Open Home, which tells the app; with `peek` only look at what is published."""
    person = ask.person
    if ask.flag("peek"):
        return {"view": _published(ask.slack, person)}
    if person.external:
        raise RefusedError(403, "not_installed", "The app is not installed where this person is.")
    with ask.slack.workspace.changes.listen(person.id) as news:
        ack = await home_opened(ask.slack, events, person)
        if ack is not None and ack.acked:
            await _until_published(news)
    opened = {"acked": ack.acked, "ack_ms": ack.ms, "status": ack.status} if ack else {}
    return {"view": _published(ask.slack, person), **opened}


def _published(slack: Slack, person: User) -> Json | None:
    published = slack.views.homes.get(person.id)
    return view_json(slack, published) if published else None


async def _until_published(news: "asyncio.Queue[Json | None]") -> None:
    try:
        async with asyncio.timeout(HOME_WITHIN_S):
            while (change := await news.get()) and change["kind"] != "home":
                pass
    except TimeoutError:
        return


def file_preview(slack: Slack, file_id: str) -> web.Response:
    file = slack.workspace.files.get(file_id)
    if file is None or file.content is None or not file.completed:
        raise RefusedError(404, "file_not_found", "There is no such file.")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {
        "Content-Disposition": f'inline; filename="{file.id}"',
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=file.content, content_type=kind, headers=headers)
