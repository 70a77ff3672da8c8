"""How users, conversations, messages, views and files look in Slack's JSON."""

import mimetypes
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.inputs import fields, state_values
from sandbox.slack.installation import (
    APP_ID,
    BOT_ID,
    BOT_NAME,
    BOT_USER_ID,
    TEAM_ID,
)
from sandbox.slack.model import Channel, File, Json, Message, User, View
from sandbox.slack.service import Slack


def user_json(slack: Slack, user: User) -> Json:
    """`is_stranger` is left out on purpose: Slack does not always say it of people from elsewhere."""
    email = user.email if "users:read.email" in slack.scopes and not user.external else None
    profile: Json = {
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "team": user.team_id,
    }
    if email is not None:
        profile["email"] = email
    row: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.handle,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.bot,
        "is_app_user": False,
        "updated": int(slack.world.estate.made_at.timestamp()),
    }
    if user.deleted:
        return row
    return {**row, **_living(slack, user)}


def _living(slack: Slack, user: User) -> Json:
    """What Slack tells of accounts that are not deactivated."""
    offset = slack.world.clock.now().astimezone(ZoneInfo(user.time_zone)).utcoffset()
    return {
        "real_name": user.name,
        "tz": user.time_zone,
        "tz_label": user.time_zone,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": user.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.guest,
        "is_ultra_restricted": user.guest,
        "is_email_confirmed": user.email is not None,
        "who_can_share_contact_card": "EVERYONE",
    }


def channel_json(channel: Channel, *, with_count: bool = False) -> Json:
    if channel.kind == "im":
        return {
            "id": channel.id,
            "created": channel.made_at,
            "is_archived": channel.archived,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": TEAM_ID,
            "user": channel.im_with,
            "is_user_deleted": False,
        }
    shared = bool(channel.shared_with)
    row: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "group",
        "is_archived": channel.archived,
        "is_general": channel.general,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": [TEAM_ID, *channel.shared_with],
        "context_team_id": TEAM_ID,
        "created": channel.made_at,
        "is_member": BOT_USER_ID in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }
    return {**row, "num_members": len(channel.members)} if with_count else row


def message_json(slack: Slack, message: Message, *, with_metadata: bool = False) -> Json:
    channel = slack.workspace.channels[message.channel]
    sender = slack.workspace.users[message.user]
    row: Json = {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "team": sender.team_id,
        "text": message.text,
    }
    if message.blocks:
        row["blocks"] = message.blocks
    if sender.id == BOT_USER_ID:
        row |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": bot_profile()}
    if message.files:
        row |= {"files": [file_json(slack, file) for file in message.files], "upload": False}
    if message.edited:
        row["edited"] = {"user": message.user, "ts": message.edited}
    if message.attachments:
        row["attachments"] = message.attachments
    if message.reactions:
        row["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if with_metadata and message.metadata:
        row["metadata"] = message.metadata
    return {**row, **_thread_json(channel, message)}


def _thread_json(channel: Channel, message: Message) -> Json:
    if message.thread_ts is None:
        return {}
    if message.thread_ts != message.ts:
        parent = channel.messages.get(message.thread_ts)
        row: Json = {"thread_ts": message.thread_ts}
        if parent is not None:
            row["parent_user_id"] = parent.user
        return {**row, "subtype": "thread_broadcast"} if message.broadcast else row
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    users = sorted({reply.user for reply in replies})
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def bot_profile() -> Json:
    return {
        "id": BOT_ID,
        "app_id": APP_ID,
        "user_id": BOT_USER_ID,
        "name": BOT_NAME,
        "deleted": False,
        "updated": 0,
        "team_id": TEAM_ID,
        "icons": {},
    }


def file_json(slack: Slack, file: File) -> Json:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    row: Json = {
        "id": file.id,
        "created": file.made_at,
        "timestamp": file.made_at,
        "name": file.name,
        "title": file.title,
        "mimetype": kind,
        "filetype": file.name.rsplit(".", 1)[-1],
        "user": BOT_USER_ID,
        "size": file.length,
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(file.shared_in),
        "url_private": f"{slack.hooks.origin}/files-pri/{TEAM_ID}-{file.id}/{file.name}",
        "channels": sorted(file.shared_in),
    }
    if file.alt_text:
        row["alt_txt"] = file.alt_text
    return row


def view_json(slack: Slack, view: View) -> Json:
    """The view as methods answer it and payloads carry it, with what the person has typed."""
    body = view.body
    return {
        "id": view.id,
        "team_id": TEAM_ID,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
        "type": view.kind,
        "title": body.get("title"),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "blocks": body["blocks"],
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": body.get("external_id", ""),
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "state": {"values": view_state(slack, view)},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }


def view_state(slack: Slack, view: View) -> dict[str, Any]:
    return state_values(fields(view.blocks, slack.lookup(view.user)), view.typed)
