"""What a form carries with it from opening to submission."""

import json
from collections.abc import Mapping
from typing import Any

from integrations.slack.inbound import Inbound


def metadata(inbound: Inbound) -> Mapping[str, Any]:
    """What a form carries with it; never anything a decision rests on."""
    try:
        held = json.loads(inbound.private_metadata or "{}")
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}
