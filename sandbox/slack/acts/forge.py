"""Payloads nobody's client made: straight into a socket, for attacks."""

from sandbox.slack.acts.outcome import Outcome
from sandbox.slack.model import Json
from sandbox.slack.service import Slack
from sandbox.slack.sockets import EnvelopeType


async def forge(slack: Slack, payload: Json) -> tuple[Outcome, Json | None]:
    """Deliver as it is; the envelope type follows from the payload's shape."""
    ack = await slack.sockets.deliver(_envelope_type(payload), payload, accepts=True)
    return Outcome.of(ack), ack.payload


def _envelope_type(payload: Json) -> EnvelopeType:
    if payload.get("type") == "event_callback":
        return "events_api"
    return "slash_commands" if "command" in payload else "interactive"
