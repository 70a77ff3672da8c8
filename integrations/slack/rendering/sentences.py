"""One sentence for one person."""

from integrations.slack.rendering.blocks import message, section
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.mrkdwn import escape

LONGEST = 1_500


def refusal(sentence: str) -> Message:
    """Why something was not done, and what to do next."""
    return message(sentence, [section(f"⚠️ {escape(sentence, LONGEST)}")])


def info(sentence: str) -> Message:
    """Something done or noted."""
    return message(sentence, [section(escape(sentence, LONGEST) or "…")])
