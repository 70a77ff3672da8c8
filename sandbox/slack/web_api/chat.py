"""chat.*: posting, changing and deleting messages."""

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_USER_ID, TEAM_DOMAIN
from sandbox.slack.messages import TRUNCATED_ABOVE, Content, content_of, metadata_of
from sandbox.slack.model import Channel, Json, Message
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.wire import message_json

UPDATE_TEXT = 4_000
_CONTENT = ("attachments", "blocks", "link_names", "markdown_text", "metadata", "parse", "text")
_LOOKS = ("as_user", "icon_emoji", "icon_url", "username")


def _writable(call: Call, channel: Channel) -> Channel:
    """Refuse a conversation the bot may not post into."""
    if channel.archived:
        raise SlackError("is_archived")
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    _refuse_closed_messages_tab(call, channel)
    return channel


def _refuse_closed_messages_tab(call: Call, channel: Channel) -> None:
    enabled = call.slack.feature("features", "app_home", "messages_tab_enabled", default=True)
    if channel.kind == "im" and not enabled:
        raise SlackError("messages_tab_disabled")


def _destination(call: Call) -> Channel:
    """A user id stands for the direct channel with that person, which is opened by posting."""
    user = call.workspace.users.get(call.text("channel"))
    if user is None:
        return call.channel()
    if user.deleted or user.bot:
        raise SlackError("channel_not_found")
    return call.workspace.open_direct_channel(user.id)


def _thread_of(call: Call, channel: Channel) -> str | None:
    """Replying to a reply lands in its thread."""
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    parent = channel.posted(wanted)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _content(call: Call) -> Content:
    content = content_of(call.arguments)
    if content.empty:
        raise SlackError("no_text")
    return content


def _post_message(call: Call) -> Json:
    channel = _writable(call, _destination(call))
    content = _content(call)
    metadata = metadata_of(call.arguments.get("metadata"))
    thread = _thread_of(call, channel)
    call.slack.rates.spend_post(channel.id, call.slack.now)
    message = call.workspace.post(
        channel,
        BOT_USER_ID,
        content.text[:TRUNCATED_ABOVE],
        blocks=content.blocks or [],
        attachments=content.attachments,
        thread_ts=thread,
        metadata=metadata or None,
        broadcast=call.flag("reply_broadcast"),
    )
    _note(call, "message_posted", channel, message)
    answer: Json = {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(call.slack, message, with_metadata=True),
    }
    if len(content.text) > TRUNCATED_ABOVE:
        answer |= {
            "warning": "message_truncated",
            "response_metadata": {"warnings": ["message_truncated"]},
        }
    return answer


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.channel()
    message = channel.posted(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != BOT_USER_ID:
        raise SlackError(refusal)
    return channel, message


def _update(call: Call) -> Json:
    """Blocks left out while text is given are removed, as the newest documents say."""
    channel, message = _own_message(call, "cant_update_message")
    content = _content(call)
    if len(content.text) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    _refuse_other_kind(message, content)
    metadata = metadata_of(call.arguments.get("metadata"))
    message.text = content.text
    message.blocks = content.blocks or []
    message.attachments = content.attachments
    message.metadata = message.metadata if metadata is None else metadata or None
    message.edited = call.workspace.now_ts()
    call.workspace.tell(channel, message)
    _note(call, "message_updated", channel, message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(call.slack, message, with_metadata=True),
    }


def _refuse_other_kind(message: Message, content: Content) -> None:
    """A message made only of rich_text cannot become one of other blocks."""
    was_rich = bool(message.blocks) and all(b["type"] == "rich_text" for b in message.blocks)
    if was_rich and any(b["type"] != "rich_text" for b in content.blocks or []):
        raise SlackError("block_mismatch")


def _delete(call: Call) -> Json:
    channel, message = _own_message(call, "cant_delete_message")
    call.workspace.remove(channel, message)
    _note(call, "message_deleted", channel, message)
    return {"channel": channel.id, "ts": message.ts}


def _post_ephemeral(call: Call) -> Json:
    channel = _writable(call, call.channel())
    user = call.user("user", "user_not_in_channel")
    if user.id not in channel.members or user.deleted:
        raise SlackError("user_not_in_channel")
    content = _content(call)
    if len(content.text) > TRUNCATED_ABOVE:
        raise SlackError("msg_too_long")
    message = call.workspace.post(
        channel,
        BOT_USER_ID,
        content.text,
        blocks=content.blocks or [],
        attachments=content.attachments,
        thread_ts=_thread_of(call, channel),
        seen_by=user.id,
    )
    return {"message_ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    if channel.posted(call.text("message_ts")) is None:
        raise SlackError("message_not_found")
    point = call.text("message_ts").replace(".", "")
    return {
        "channel": channel.id,
        "permalink": f"https://{TEAM_DOMAIN}.slack.com/archives/{channel.id}/p{point}",
    }


def _note(call: Call, kind: str, channel: Channel, message: Message) -> None:
    call.slack.world.effect("slack", kind, [f"{channel.id}/{message.ts}"], channel=channel.name)


METHODS = (
    Method(
        name="chat.postMessage",
        run=_post_message,
        required=("channel",),
        optional=(
            *_CONTENT,
            *_LOOKS,
            "mrkdwn",
            "reply_broadcast",
            "thread_ts",
            "unfurl_links",
            "unfurl_media",
        ),
        scopes=("chat:write",),
        tier="special",
    ),
    Method(
        name="chat.update",
        run=_update,
        required=("channel", "ts"),
        optional=(*_CONTENT, "as_user", "reply_broadcast", "file_ids"),
        scopes=("chat:write",),
        tier="t3",
    ),
    Method(
        name="chat.delete",
        run=_delete,
        required=("channel", "ts"),
        optional=("as_user",),
        scopes=("chat:write",),
        tier="t3",
    ),
    Method(
        name="chat.postEphemeral",
        run=_post_ephemeral,
        required=("channel", "user"),
        optional=(*_CONTENT, *_LOOKS, "thread_ts"),
        scopes=("chat:write",),
        tier="t4",
    ),
    Method(
        name="chat.getPermalink",
        run=_permalink,
        required=("channel", "message_ts"),
        tier="special",
        takes_json=False,
    ),
)
