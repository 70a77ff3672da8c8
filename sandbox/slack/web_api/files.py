"""files.*: the three-step upload."""

from typing import Any

from sandbox.slack.errors import SlackError, invalid_arguments
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.messages import checked_blocks, parsed
from sandbox.slack.model import Channel, File, Json
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.wire import file_json
from sandbox.slack.workspace import new_id

ALT_TEXT = 1000


def _upload_url(call: Call) -> Json:
    length = call.number("length", "invalid_arguments")
    if not length or length < 0:
        raise SlackError("missing_argument")
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    name = call.text("filename")
    file = File(
        id=new_id("F"),
        name=name,
        title=name,
        length=length,
        made_at=int(call.slack.now),
        alt_text=call.text("alt_txt") or None,
    )
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.slack.hooks.origin}/upload/v1/{file.id}", "file_id": file.id}


def _complete(call: Call) -> Json:
    files = [_uploaded(call, entry) for entry in _entries(call)]
    channels = _targets(call)
    blocks = checked_blocks(call.arguments.get("blocks"))
    if blocks and call.text("initial_comment"):
        raise invalid_arguments("`initial_comment` and `blocks` exclude each other")
    for file in files:
        file.completed = True
        file.shared_in |= {channel.id for channel in channels}
    for channel in channels:
        message = call.workspace.post(
            channel,
            BOT_USER_ID,
            call.text("initial_comment"),
            blocks=blocks or [],
            files=files,
            thread_ts=call.text("thread_ts") or None,
        )
        call.slack.world.effect(
            "slack", "file_shared", [f"{channel.id}/{message.ts}"], channel=channel.name
        )
    return {"files": [file_json(call.slack, file) for file in files]}


def _entries(call: Call) -> list[Any]:
    entries = parsed(call.arguments["files"], "invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise invalid_arguments("must provide at least 1 items [json-pointer:/files]")
    return entries


def _uploaded(call: Call, entry: Any) -> File:
    """A file whose bytes have arrived and which was not completed before."""
    file = call.workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.content is None or file.completed:
        raise SlackError("file_not_found")
    file.title = entry.get("title") or file.title
    return file


def _targets(call: Call) -> list[Channel]:
    named = [call.text("channel_id"), *call.text("channels").split(",")]
    found = []
    for name in filter(None, named):
        channel = call.workspace.channels.get(name)
        if channel is None or (channel.kind != "channel" and BOT_USER_ID not in channel.members):
            raise SlackError("channel_not_found")
        if BOT_USER_ID not in channel.members:
            raise SlackError("not_in_channel")
        found.append(channel)
    return found


def _info(call: Call) -> Json:
    file = call.workspace.files.get(call.text("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(call.slack, file), "comments": []}


METHODS = (
    Method(
        name="files.getUploadURLExternal",
        run=_upload_url,
        required=("filename", "length"),
        optional=("alt_txt", "snippet_type"),
        scopes=("files:write",),
        tier="t4",
        takes_json=False,
    ),
    Method(
        name="files.completeUploadExternal",
        run=_complete,
        required=("files",),
        optional=(
            "blocks",
            "channel_id",
            "channels",
            "icon_emoji",
            "icon_url",
            "initial_comment",
            "thread_ts",
            "username",
        ),
        scopes=("files:write",),
        tier="t4",
    ),
    Method(
        name="files.info",
        run=_info,
        required=("file",),
        optional=("count", "cursor", "limit", "page"),
        scopes=("files:read",),
        tier="t4",
        takes_json=False,
    ),
)
