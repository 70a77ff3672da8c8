"""The script library: which scripts there are, and how the parameters of a run are read."""

from dataclasses import dataclass
from typing import Final

from sandbox.rmm.ninjaone.rows import Row

#: The update script.
UPDATE_SCRIPT_ID: Final = 77

_VARIABLES = {"-Mode": "mode", "-RequestId": "requestId", "-Kbs": "kbs"}


@dataclass(frozen=True)
class Script:
    """One script; `updates`: it is the update script."""

    id: int
    name: str
    updates: bool = False


LIBRARY = (
    Script(UPDATE_SCRIPT_ID, "gatehouse-updates", updates=True),
    Script(78, "Restart the print spooler"),
)


def find(number: object) -> Script | None:
    return next((script for script in LIBRARY if script.id == number), None)


def read_parameters(line: str) -> dict[str, str] | None:
    """The update script's variables: split on spaces, as NinjaOne does; None for what it would not take."""
    words = line.split()
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not pairs.keys() <= _VARIABLES.keys():
        return None
    return {_VARIABLES[name]: value.strip('"') for name, value in pairs.items()}


def script_row(script: Script) -> Row:
    return {
        "id": script.id,
        "name": script.name,
        "description": "",
        "active": True,
        "language": "powershell",
        "architecture": ["64"],
        "operatingSystems": ["Windows"],
        "scriptParameters": [],
        "scriptVariables": [],
    }
