"""auth.test, apps.connections.open, team.info, bots.info."""

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import (
    BOT_HANDLE,
    BOT_ID,
    BOT_USER_ID,
    TEAM_DOMAIN,
    TEAM_ID,
    TEAM_NAME,
)
from sandbox.slack.model import Json
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.wire import bot_profile


def _auth_test(call: Call) -> Json:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": BOT_HANDLE,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _open_connection(call: Call) -> Json:
    return {"url": call.slack.sockets.issue_url()}


def _team_info(call: Call) -> Json:
    if call.text("team") not in ("", TEAM_ID):
        raise SlackError("team_not_found")
    return {"team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "email_domain": ""}}


def _bot_info(call: Call) -> Json:
    if call.text("bot") not in ("", BOT_ID):
        raise SlackError("bot_not_found")
    profile = bot_profile()
    return {
        "bot": {
            key: profile[key]
            for key in ("id", "app_id", "user_id", "name", "deleted", "updated", "icons")
        }
    }


METHODS = (
    Method(name="auth.test", run=_auth_test, tier="special"),
    Method(name="apps.connections.open", run=_open_connection, tier="t3", caller="app"),
    Method(
        name="team.info",
        run=_team_info,
        optional=("team", "domain"),
        scopes=("team:read",),
        tier="t3",
    ),
    Method(
        name="bots.info",
        run=_bot_info,
        optional=("bot", "team_id"),
        scopes=("users:read",),
        tier="t3",
        takes_json=False,
    ),
)
