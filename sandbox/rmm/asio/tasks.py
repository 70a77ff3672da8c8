"""Tasks that run a script on devices in simulated time, each device followed by a new assessment of its updates.

At pace 1 a run waits for a second (for a device that is offline, until it is back), then scans in 1.5 s or
installs in 3 to 6 s; the device is assessed 3 s after the end.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm import update_script
from sandbox.rmm.asio.assessments import Assessment, assess
from sandbox.rmm.asio.scripts import Script
from sandbox.rmm.fleet import Fleet, Node, offer_releases, spread
from sandbox.rmm.installs import scan

_FETCH_S = 1.0
_SCAN_S = 1.5
_ASSESS_S = 3.0
_ENDED = frozenset({"Success", "Failed"})


@dataclass
class Run:
    """One task on one device."""

    node: Node
    status: str = "Waiting"
    started: datetime | None = None
    completed: datetime | None = None
    output: str = ""
    complaint: str = ""

    @property
    def device(self) -> Device:
        return self.node.device


@dataclass
class Task:
    """A script to be run once on some devices; it has one instance."""

    name: str
    script: Script
    parameters: dict[str, str]
    created: datetime
    runs: list[Run]
    due: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    instance_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def status(self) -> str:
        """All runs in one word."""
        words = {run.status for run in self.runs}
        if len(words) == 1:
            return words.pop().lower()
        return "partial_success" if words <= _ENDED else "running"


class Tasks:
    """All tasks, what is known of every device's updates, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.all: list[Task] = []
        self.assessments: dict[str, Assessment | None] = {d.uid: assess(d) for d in fleet.devices}

    def start(
        self, name: str, script: Script, nodes: list[Node], parameters: dict[str, str]
    ) -> Task:
        now = self._fleet.world.clock.now()
        task = Task(name, script, parameters, now, [Run(node) for node in nodes])
        self.all.append(task)
        self._fleet.later(now, _FETCH_S, partial(self._fetch, task))
        return task

    def start_waiting(self, now: datetime) -> None:
        """Begin what waits for devices that are online by now; one thing after another on each."""
        for task in self.all:
            for run in task.runs:
                self._begin(task, run, now)

    # What devices do by themselves.

    def scanned(self, device: Device, at: datetime) -> None:
        self._assess(device, at)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """Shows with the next assessment."""

    def rebooted(self, device: Device, at: datetime) -> None:
        self._assess(device, at)

    def came_online(self, device: Device, at: datetime) -> None:
        self.start_waiting(at)

    # One run.

    def _fetch(self, task: Task, at: datetime) -> None:
        task.due = True
        for run in task.runs:
            self._begin(task, run, at)

    def _begin(self, task: Task, run: Run, at: datetime) -> None:
        if not task.due or run.status != "Waiting" or not run.device.online:
            return
        if any(r.status == "Running" and r.node is run.node for t in self.all for r in t.runs):
            return
        run.status, run.started = "Running", at
        script = update_script.Run(run.device, task.parameters, at)
        refusal = script.refusal() if task.script.updates else None
        todo = script.todo() if task.script.updates and refusal is None else []
        whole = 3.0 + spread(run.device, 4) if todo else _SCAN_S
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(script.attempt, update))
        self._fleet.later(at, whole, partial(self._end, task, run, script))

    def _end(self, task: Task, run: Run, script: update_script.Run, at: datetime) -> None:
        """Give the result; the assessment comes later."""
        run.complaint = (script.refusal() or "") if task.script.updates else ""
        if task.script.updates and not run.complaint:
            offer_releases(run.device, at)
            run.output = script.output(at)
        failures = [update for update, installed in script.tried if not installed]
        all_failed = bool(failures) and len(failures) == len(script.tried)
        run.status = "Failed" if run.complaint or all_failed else "Success"
        run.completed = at
        self._fleet.later(at, _ASSESS_S, partial(self._assess, run.device))

    def _assess(self, device: Device, at: datetime) -> None:
        if device.online and device.patch_policy:
            scan(device, at)
            self.assessments[device.uid] = assess(device)
