"""The shapes that rendering makes and the chat adapter sends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from core.errors import BadInput

Block = Mapping[str, Any]
#: A modal or Home tab, as Slack's views.* methods take it.
View = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: blocks, and the same in one line of plain text for notifications and screen readers."""

    text: str
    blocks: Sequence[Block] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListView:
    """Which part of a list is shown: the value of paging buttons. `client` None is the overview."""

    client: str | None = None
    filter: str = "gaps"
    page: int = 0

    def encode(self) -> str:
        """As a value of a button or option (at most 150 characters)."""
        return json.dumps([self.client, self.filter, self.page], separators=(",", ":"))

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raise BadInput on anything `encode` did not make."""
        try:
            client, chosen, page = json.loads(value)
        except (ValueError, TypeError) as error:
            raise BadInput from error
        fits = isinstance(client, str | None) and isinstance(chosen, str) and type(page) is int
        if not fits or page < 0:
            raise BadInput
        return cls(client=client, filter=chosen, page=page)
