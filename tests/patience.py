"""How long tests wait for what has to happen, and how: for the thing itself, never for a while."""

import time
from collections.abc import Callable

#: Far longer than anything takes; only a test that fails waits so long.
PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.005


def eventually(happened: Callable[[], object], what: str = "it") -> None:
    """Wait until it has happened."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE_S:.0f} s"
        time.sleep(_LOOK_EVERY_S)
