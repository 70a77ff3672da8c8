"""Waiting that moves the sandbox's clock instead of the wall's."""

from functools import partialmethod

import pytest

from integrations.http import Pace
from sandbox.frame.clock import SandboxClock


def pace_by(clock: SandboxClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pace that is made from now on keeps its limit in simulated time, as the stand-ins do theirs."""
    timed = partialmethod(Pace.__init__, monotonic=clock.timestamp, sleep=clock.advance)
    monkeypatch.setattr(Pace, "__init__", timed)
