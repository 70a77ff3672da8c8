"""conversations.*: what there is, who is in it, what was said."""

import re
from collections.abc import Callable

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.model import Channel, Json, Message
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.web_api.paging import page
from sandbox.slack.wire import channel_json, message_json

#: Slack's word for a kind of conversation, in types= and in scopes.
_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_SCOPE = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
MOST_IN_A_GROUP_MESSAGE = 8


def _readable(call: Call, what: str) -> Channel:
    """`what` is "read" or "history": the scope family the kind of conversation asks for."""
    channel = call.channel()
    call.need_scope(f"{_SCOPE[channel.kind]}:{what}")
    return channel


def _info(call: Call) -> Json:
    channel = _readable(call, "read")
    return {"channel": channel_json(channel, with_count=call.flag("include_num_members"))}


def listed(call: Call, belongs: Callable[[Channel], bool] | None = None) -> Json:
    """A page of the conversations the caller may know of, those `belongs` picks if it is given."""
    types = (call.text("types") or "public_channel").split(",")
    kinds = {_TYPES.get(word.strip(), "") for word in types}
    if "" in kinds:
        raise SlackError("invalid_types")
    for kind in sorted(kinds):
        call.need_scope(f"{_SCOPE[kind]}:read")
    rows = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or BOT_USER_ID in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
        and (belongs is None or belongs(channel))
    ]
    shown, cursor = page(call, rows)
    return {
        "channels": [channel_json(channel, with_count=True) for channel in shown],
        "response_metadata": {"next_cursor": cursor},
    }


def _list(call: Call) -> Json:
    return listed(call)


def _members(call: Call) -> Json:
    channel = _readable(call, "read")
    members, cursor = page(call, channel.members)
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _open(call: Call) -> Json:
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    named = [user_id for user_id in call.text("users").split(",") if user_id]
    if not named:
        raise SlackError("users_list_not_supplied")
    if len(named) > MOST_IN_A_GROUP_MESSAGE:
        raise SlackError("too_many_users")
    if len(named) > 1:
        call.need_scope("mpim:write")
        raise SlackError("method_not_supported_for_channel_type")
    return _open_direct(call, named[0])


def _open_direct(call: Call, user_id: str) -> Json:
    call.need_scope("im:write")
    user = call.workspace.users.get(user_id)
    if user is None or user.bot:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    existing = call.workspace.direct_channel(user.id)
    if existing is None and call.flag("prevent_creation"):
        raise SlackError("channel_not_found")
    channel = call.workspace.open_direct_channel(user.id)
    whole = channel_json(channel) if call.flag("return_im") else {"id": channel.id}
    already = {"no_op": True, "already_open": True} if existing else {}
    return {"channel": whole, **already}


def _said(call: Call) -> Channel:
    channel = _readable(call, "history")
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """`oldest` and `latest` are left out themselves unless `inclusive` is set."""
    oldest, latest = call.text("oldest"), call.text("latest")
    for value, refusal in ((oldest, "invalid_ts_oldest"), (latest, "invalid_ts_latest")):
        if value and not re.fullmatch(r"\d+(\.\d+)?", value):
            raise SlackError(refusal)
    low, high = float(oldest or 0), float(latest or "inf")
    if call.flag("inclusive"):
        return [m for m in messages if low <= float(m.ts) <= high]
    return [m for m in messages if low < float(m.ts) < high]


def _shown(call: Call, messages: list[Message]) -> Json:
    shown, cursor = page(call, messages)
    metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [message_json(call.slack, m, with_metadata=metadata) for m in shown],
        "has_more": bool(cursor),
    }
    return {**answer, "response_metadata": {"next_cursor": cursor}} if cursor else answer


def _history(call: Call) -> Json:
    """Newest first, replies left out."""
    messages = _said(call).messages.values()
    top = [m for m in messages if m.top_level and not m.ephemeral]
    return _shown(call, _within(call, top)[::-1])


def _replies(call: Call) -> Json:
    """Oldest first, the parent always at the head."""
    channel = _said(call)
    parent = channel.posted(call.text("ts"))
    if parent is None:
        raise SlackError("thread_not_found")
    root = channel.posted(parent.thread_ts or parent.ts) or parent
    return _shown(call, [root, *_within(call, channel.replies(root.ts))])


_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_SPAN = ("cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest")
METHODS = (
    Method(
        name="conversations.info",
        run=_info,
        required=("channel",),
        optional=("include_locale", "include_num_members"),
        scopes=_READ,
        tier="t3",
        takes_json=False,
    ),
    Method(
        name="conversations.list",
        run=_list,
        optional=("cursor", "exclude_archived", "limit", "team_id", "types"),
        scopes=_READ,
        tier="t2",
        takes_json=False,
    ),
    Method(
        name="conversations.members",
        run=_members,
        required=("channel",),
        optional=("cursor", "limit"),
        scopes=_READ,
        tier="t4",
        takes_json=False,
    ),
    Method(
        name="conversations.open",
        run=_open,
        optional=("channel", "users", "return_im", "prevent_creation"),
        scopes=("channels:manage", "groups:write", "im:write", "mpim:write"),
        tier="t3",
    ),
    Method(
        name="conversations.history",
        run=_history,
        required=("channel",),
        optional=_SPAN,
        scopes=_HISTORY,
        tier="t3",
        takes_json=False,
    ),
    Method(
        name="conversations.replies",
        run=_replies,
        required=("channel", "ts"),
        optional=_SPAN,
        scopes=_HISTORY,
        tier="t3",
        takes_json=False,
    ),
)
