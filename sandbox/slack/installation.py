"""The app as it is installed in the fictional workspace: ids, tokens and granted scopes."""

TEAM_ID = "T0HARBOR01"
TEAM_NAME = "Harbor IT Services"
TEAM_DOMAIN = "harborit"
OTHER_TEAM_ID = "T0OTHERMSP"
OTHER_TEAM_DOMAIN = "othermsp"

APP_ID = "A0GATEHOUSE"
BOT_ID = "B0GATEHOUSE"
BOT_USER_ID = "U0GATEHOUSE"
BOT_HANDLE = "gatehouse"
BOT_NAME = "Gatehouse"

BOT_TOKEN = "xoxb-0000000000-sandbox-bot-token"  # noqa: S105 -- fake on purpose, known to all
APP_TOKEN = "xapp-1-A0GATEHOUSE-0-sandbox-app-token"  # noqa: S105 -- fake on purpose, known to all

#: What the workspace's administrator granted the bot token. `groups:history` lets the bot look up a post whose
#: outcome it does not know in the private approvals channel.
BOT_SCOPES: tuple[str, ...] = (
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
)
APP_SCOPES: tuple[str, ...] = ("connections:write",)
