"""The Slack app's manifest, made from what the code really uses."""

from typing import Any

from integrations.slack.rendering.ids import Command

#: Scope -> why Gatehouse needs it.
SCOPES: dict[str, str] = {
    "commands": "the slash commands",
    "chat:write": "digests, cards and answers",
    "im:write": "direct messages to requesters and approvers",
    "im:history": "finding out whether a direct message arrived",
    "groups:history": "finding out whether a card arrived in a private approval channel",
    "users:read": "who is asking: guests, bots and deactivated accounts may do nothing",
    "users:read.email": "matching an account to a configured person",
    "channels:read": "finding channels by name, and whether they are shared with another company",
    "groups:read": "the same for private channels",
    "files:write": "lists as CSV files",
}

COMMANDS: dict[Command, tuple[str, str]] = {
    Command.MFA: (
        "Who is not protected by MFA, and closing it",
        "gaps [client] | why user@domain | enforce client",
    ),
    Command.PATCH: (
        "Which devices are overdue, and patching them",
        "overdue [client] | run client",
    ),
    Command.GATEHOUSE: (
        "Help, status, decisions and the freeze switch",
        "help | status | clients | approve ID | deny ID reason | cancel ID | freeze [why] | unfreeze",
    ),
}


def manifest() -> dict[str, Any]:
    """As Slack's app settings take it (manifest schema 2.0.0)."""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Gatehouse",
            "description": "MFA gaps and overdue patches: found, approved and closed in chat",
            "background_color": "#2b4a3f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Gatehouse", "always_online": True},
            "slash_commands": [
                {
                    "command": command.value,
                    "description": description,
                    "usage_hint": hint,
                    "should_escape": False,
                }
                for command, (description, hint) in COMMANDS.items()
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": ["app_home_opened"]},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
