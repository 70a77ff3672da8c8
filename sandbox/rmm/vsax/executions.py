"""Executions of workflows: one per device, run there in simulated time, followed by a new count of its updates.

At pace 1 an execution is Pending for a second (for a device that is offline, until it is back), then scans
in 1.5 s or installs in 3 to 6 s; the device's counts are renewed 3 s after the end. A restart follows its
execution by 5 s and takes 6 s.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.fleet import Fleet, Node, offer_releases, spread
from sandbox.rmm.installs import reboot, scan
from sandbox.rmm.update_script import WARNING, Run
from sandbox.rmm.vsax.inventory import Counts, updates
from sandbox.rmm.vsax.workflows import Workflow

_FETCH_S = 1.0
_SCAN_S = 1.5
_INVENTORY_S = 3.0
_RESTART_S = 6.0
#: Here a minute of warning takes a second, as installs take seconds.
_HASTE = 1 / 60
_OPEN = frozenset({"Pending", "Running"})


@dataclass
class Execution:
    """One run of a workflow on one device."""

    workflow: Workflow
    node: Node
    variables: dict[str, str]
    created: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    completed: datetime | None = None
    outcome: str | None = None
    output: str | None = None

    @property
    def device(self) -> Device:
        return self.node.device

    @property
    def open(self) -> bool:
        return self.status in _OPEN


class Executions:
    """All executions, what is known of every device's updates, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.all: list[Execution] = []
        self._due: set[str] = set()
        self.counts: dict[str, Counts | None] = {d.uid: updates(d) for d in fleet.devices}

    def start(
        self, workflow: Workflow, node: Node, variables: dict[str, str]
    ) -> tuple[Execution, bool]:
        """A new execution, and True; or the one that already runs this workflow there, and False."""
        for execution in self.all:
            if execution.open and (execution.workflow, execution.node) == (workflow, node):
                return execution, False
        now = self._fleet.world.clock.now()
        execution = Execution(workflow, node, variables, now)
        self.all.append(execution)
        self._fleet.later(now, _FETCH_S, partial(self._fetch, execution))
        return execution, True

    def start_waiting(self, now: datetime) -> None:
        """Begin what waits for devices that are online by now; one thing after another on each."""
        for execution in self.all:
            self._begin(execution, now)

    # What devices do by themselves.

    def scanned(self, device: Device, at: datetime) -> None:
        self._count(device, at)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """The API shows nothing of single updates."""

    def rebooted(self, device: Device, at: datetime) -> None:
        self._count(device, at)

    def came_online(self, device: Device, at: datetime) -> None:
        self.start_waiting(at)

    # One execution.

    def _fetch(self, execution: Execution, at: datetime) -> None:
        self._due.add(execution.id)
        self._begin(execution, at)

    def _begin(self, execution: Execution, at: datetime) -> None:
        busy = any(e.status == "Running" and e.node is execution.node for e in self.all)
        waits = execution.id in self._due and execution.status == "Pending"
        if not waits or busy or not execution.device.online:
            return
        execution.status = "Running"
        run = Run(execution.device, execution.variables, at)
        execution.outcome = run.refusal() if execution.workflow.updates else None
        todo = run.todo() if execution.workflow.updates and execution.outcome is None else []
        whole = 3.0 + spread(execution.device, 4) if todo else _SCAN_S
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(run.attempt, update))
        self._fleet.later(at, whole, partial(self._end, execution, run))

    def _end(self, execution: Execution, run: Run, at: datetime) -> None:
        """Give the result; the counts come later."""
        failures = [update for update, installed in run.tried if not installed]
        if execution.workflow.updates and execution.outcome is None:
            offer_releases(execution.device, at)
            execution.output = run.output(at)
            if run.restarts:
                warning = WARNING.total_seconds() * _HASTE
                self._fleet.later(at, warning, partial(self._go_down, execution.device))
        all_failed = bool(failures) and len(failures) == len(run.tried)
        execution.status = "Failed" if execution.outcome or all_failed else "Success"
        execution.completed = at
        self._fleet.later(at, _INVENTORY_S, partial(self._count, execution.device))

    def _go_down(self, device: Device, at: datetime) -> None:
        device.online = False
        device.last_seen = at
        self._fleet.later(at, _RESTART_S, partial(self._come_up, device))

    def _come_up(self, device: Device, at: datetime) -> None:
        reboot(device, at)
        self._count(device, at)
        self.start_waiting(at)

    def _count(self, device: Device, at: datetime) -> None:
        if device.online:
            scan(device, at)
            self.counts[device.uid] = updates(device)
