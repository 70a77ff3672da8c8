"""How people, conversations and messages look to the page and to scripts."""

import mimetypes
from typing import Any

from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.model import Channel, File, Json, Message, User
from sandbox.slack.service import Slack


def user_row(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "handle": user.handle,
        "guest": user.guest,
        "external": user.external,
        "deactivated": user.deleted,
    }


def channel_row(user: User, channel: Channel) -> Json:
    """`latest` is the ts of the newest message this person can see."""
    seen = [m.ts for m in channel.messages.values() if m.seen_by in (None, user.id)]
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.kind != "channel",
        "is_im": channel.kind == "im",
        "is_ext_shared": bool(channel.shared_with),
        "is_member": user.id in channel.members,
        "has_app": BOT_USER_ID in channel.members,
        "latest": seen[-1] if seen else None,
    }


def message_row(slack: Slack, reader: User, message: Message) -> Json:
    channel = slack.workspace.channels[message.channel]
    replies = channel.replies(message.ts)
    return {
        "ts": message.ts,
        "channel": channel.id,
        "user": message.user,
        "user_name": slack.workspace.users[message.user].name,
        "app": message.user == BOT_USER_ID,
        "text": message.text,
        "blocks": [_as_seen(reader, block) for block in message.blocks],
        "ephemeral": message.ephemeral,
        "files": [file_row(file) for file in message.files],
        "thread_ts": message.thread_ts,
        "reply_count": len(replies),
        "latest_reply": replies[-1].ts if replies else None,
        "edited": message.edited,
        "reactions": message.reactions,
    }


def file_row(file: File) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "size": file.length,
        "alt_txt": file.alt_text,
        "url": f"/files/{file.id}",
    }


def _as_seen(reader: User, value: Any) -> Any:
    """Without the buttons that are shown to others only."""
    if isinstance(value, list):
        return [_as_seen(reader, entry) for entry in value if _shown_to(reader, entry)]
    if isinstance(value, dict):
        return {
            key: _as_seen(reader, entry) for key, entry in value.items() if _shown_to(reader, entry)
        }
    return value


def _shown_to(reader: User, value: Any) -> bool:
    return not isinstance(value, dict) or reader.id in value.get("visible_to_user_ids", [reader.id])
