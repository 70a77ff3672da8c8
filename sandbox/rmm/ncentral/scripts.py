"""The script repository: which items there are, and which of them the API may run."""

import re
from dataclasses import dataclass
from typing import Final

#: The update script.
SCRIPT_ITEM_ID: Final = 1001

_PARAMETER = re.compile(r'-(Mode|RequestId|Kbs) "?([^\s"]+)"?')
_VARIABLES = {"Mode": "mode", "RequestId": "requestId", "Kbs": "kbs"}


@dataclass(frozen=True)
class Item:
    """One item; `updates`: it is the update script."""

    id: int
    name: str
    api_enabled: bool = True
    updates: bool = False


_ITEMS = (
    Item(SCRIPT_ITEM_ID, "gatehouse-updates", updates=True),
    Item(1002, "Restart the print spooler"),
    Item(1003, "Wipe the disk", api_enabled=False),
)


def find(number: object) -> Item | None:
    return next((item for item in _ITEMS if item.id == number), None)


def read_command_line(line: str) -> dict[str, str] | None:
    """The update script's variables; None for what PowerShell would not take as its parameters."""
    told = {_VARIABLES[name]: value for name, value in _PARAMETER.findall(line)}
    return told if _PARAMETER.sub("", line).strip() == "" else None
