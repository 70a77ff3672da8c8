"""The one object that every stand-in is given."""

from dataclasses import dataclass, field

from sandbox.estate.model import Estate
from sandbox.frame.clock import SandboxClock
from sandbox.frame.faults import Faults
from sandbox.frame.record import Calls, Effects


@dataclass(kw_only=True)
class World:
    """The fictional estate, the shared clock and what has happened so far.

    `pace` scales how long simulated work takes (patch installs, scans, reboots): 1.0 is the demo's
    speed, where an install takes some seconds; tests use less.
    """

    estate: Estate
    clock: SandboxClock
    pace: float = 1.0
    calls: Calls = field(default_factory=Calls)
    effects: Effects = field(default_factory=Effects)
    faults: Faults = field(default_factory=Faults)

    def effect(self, target: str, kind: str, target_ids: list[str], **detail: object) -> None:
        self.effects.add(target, kind, target_ids, self.clock.now().isoformat(), **detail)
