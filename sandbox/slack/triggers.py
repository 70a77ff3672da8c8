"""trigger_id: permission to open a modal, for three seconds and once."""

import re
import secrets
from dataclasses import dataclass, field

from sandbox.slack.errors import SlackError

VALID_S = 3.0
_SHAPE = re.compile(r"\d+\.\d+\.[0-9a-f]+")


@dataclass
class Trigger:
    """`root_view` names the modal the interaction came from; only such triggers may push."""

    user: str
    made_at: float
    channel: str | None = None
    root_view: str | None = None
    from_home: bool = False
    used: bool = False


@dataclass
class Triggers:
    #: How many times Slack's seconds they last.
    leeway: float = 1.0
    _known: dict[str, Trigger] = field(default_factory=dict)

    def make(self, trigger: Trigger) -> str:
        number = secrets.randbelow(10**12)
        trigger_id = f"{number}.{len(self._known) + 1}.{secrets.token_hex(16)}"
        self._known[trigger_id] = trigger
        return trigger_id

    def exchange(self, trigger_id: str, now: float) -> Trigger:
        """Use the trigger up. Raises Slack's three refusals."""
        trigger = self._known.get(trigger_id)
        if trigger is None or not _SHAPE.fullmatch(trigger_id):
            raise SlackError("invalid_trigger_id")
        if now - trigger.made_at > VALID_S * self.leeway:
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        trigger.used = True
        return trigger
