"""One sentence for one person."""

from integrations.slack.rendering.blocks import message, section
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.mrkdwn import escape

LONGEST = 1_500


def refusal(sentence: str) -> Message:
    """Why something was not done, and what to do next."""
    return _said(f"⚠️ {escape(sentence, LONGEST)}", sentence)


def info(sentence: str) -> Message:
    """Something done or noted."""
    return _said(escape(sentence, LONGEST), sentence)


def _said(shown: str, sentence: str) -> Message:
    return message(sentence, [section(shown)])
