"""The scripts of the partner's library, and what a run of one may be told."""

from dataclasses import dataclass
from typing import Any

from sandbox.rmm.update_script import VARIABLES

UPDATE_SCRIPT_ID = "7b1c3f90-41d2-4b8e-9a55-0c2e5d7f1a21"


@dataclass(frozen=True)
class Script:
    """One script; `parameters` are the names it knows. `updates`: it is the update script."""

    id: str
    name: str
    parameters: frozenset[str]
    updates: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.name,
            "scriptCategory": "Custom",
            "createdAt": "2026-01-12T09:00:00Z",
            "updatedAt": "2026-01-12T09:00:00Z",
            "hasParameters": bool(self.parameters),
        }


SCRIPTS = (
    Script("2f0a6f1e-8f55-4b61-8f0e-6d1f4f6f9b02", "Clear print queue", frozenset()),
    Script(
        UPDATE_SCRIPT_ID,
        "Gatehouse updates",
        frozenset(VARIABLES),
        updates=True,
    ),
)
