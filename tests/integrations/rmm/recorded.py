"""Answers of the vendors as their users have seen them, odd cases included; all values are invented."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "recorded"


def recorded(vendor: str, name: str) -> Any:
    return json.loads((_FOLDER / vendor / f"{name}.json").read_text())
