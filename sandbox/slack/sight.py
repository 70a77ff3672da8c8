"""Who may see which conversation, as Slack's own client decides it."""

from collections.abc import Iterable

from sandbox.slack.model import Channel, User


def sees(user: User, channel: Channel) -> bool:
    """Guests and people of other workspaces see only where they are members; so does everyone in private."""
    if user.deleted:
        return False
    if user.id in channel.members:
        return True
    return channel.kind == "channel" and not (user.guest or user.external or user.bot)


def visible_channels(user: User, channels: Iterable[Channel]) -> list[Channel]:
    """What a person's side bar lists, the direct channel last."""
    seen = [c for c in channels if sees(user, c) and not c.archived]
    return sorted(seen, key=lambda c: (c.kind == "im", c.name))
