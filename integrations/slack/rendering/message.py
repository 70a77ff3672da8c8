"""The shapes that rendering makes and the chat adapter sends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

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
        """Raise ValueError on anything `encode` did not make."""
        client, chosen, page = json.loads(value)
        return cls(client=client, filter=str(chosen), page=int(page))
