"""response_url: a way to answer one interaction, five times within thirty minutes."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from sandbox.slack.errors import SlackError
from sandbox.slack.installation import TEAM_ID

MOST_USES = 5
VALID_S = 30 * 60.0


@dataclass(kw_only=True)
class Hook:
    """`message_ts` is the message the interaction came from; a slash command has none."""

    user: str
    channel: str
    made_at: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


@dataclass
class Hooks:
    """Response URLs by path. `origin` is set once the target's port is known."""

    origin: str = ""
    _known: dict[str, Hook] = field(default_factory=dict)

    def make(self, kind: Literal["commands", "actions", "app"], hook: Hook) -> str:
        path = f"/{kind}/{TEAM_ID}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self._known[path] = hook
        return self.origin + path

    def use(self, path: str, now: float) -> Hook:
        """Raise Slack's refusal for an unknown, expired or worn-out URL."""
        hook = self._known.get(path)
        if hook is None:
            raise SlackError("no_service")
        if now - hook.made_at > VALID_S:
            raise SlackError("expired_url")
        if hook.uses >= MOST_USES:
            raise SlackError("used_url")
        hook.uses += 1
        return hook
