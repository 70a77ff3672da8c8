"""users.* and usergroups.list."""

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import BOT_USER_ID
from sandbox.slack.model import Json
from sandbox.slack.web_api.conversations import listed
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.web_api.paging import page
from sandbox.slack.wire import user_json


def _info(call: Call) -> Json:
    return {"user": user_json(call.slack, call.user("user"))}


def _list(call: Call) -> Json:
    own = [user for user in call.workspace.users.values() if not user.external]
    rows, cursor = page(call, own, usual=MOST_WITHOUT_LIMIT)
    return {
        "members": [user_json(call.slack, user) for user in rows],
        "cache_ts": int(call.slack.now),
        "response_metadata": {"next_cursor": cursor},
    }


def _by_email(call: Call) -> Json:
    """The first account with that address; deactivated and foreign ones are not found."""
    wanted = call.text("email").casefold()
    for user in call.workspace.users.values():
        found = (user.email or "").casefold() == wanted
        if found and not user.deleted and not user.external:
            return {"user": user_json(call.slack, user)}
    raise SlackError("users_not_found")


def _conversations(call: Call) -> Json:
    """The conversations the bot (or the named person, where the bot is too) is a member of."""
    member = call.text("user") or BOT_USER_ID
    return listed(
        call, lambda channel: member in channel.members and BOT_USER_ID in channel.members
    )


def _usergroups(call: Call) -> Json:
    return {"usergroups": []}


MOST_WITHOUT_LIMIT = 1000
_LIST = ("cursor", "limit", "team_id")
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
METHODS = (
    Method(
        name="users.info",
        run=_info,
        required=("user",),
        optional=("include_locale",),
        scopes=("users:read",),
        tier="t4",
        takes_json=False,
    ),
    Method(
        name="users.list",
        run=_list,
        optional=(*_LIST, "include_locale"),
        scopes=("users:read",),
        tier="t2",
        takes_json=False,
    ),
    Method(
        name="users.lookupByEmail",
        run=_by_email,
        required=("email",),
        scopes=("users:read.email",),
        tier="t3",
        takes_json=False,
    ),
    Method(
        name="users.conversations",
        run=_conversations,
        optional=(*_LIST, "user", "types", "exclude_archived", "exclude_muted"),
        scopes=_READ,
        tier="t3",
        takes_json=False,
    ),
    Method(
        name="usergroups.list",
        run=_usergroups,
        optional=("include_count", "include_disabled", "include_users", "team_id"),
        scopes=("usergroups:read",),
        tier="t2",
        takes_json=False,
    ),
)
